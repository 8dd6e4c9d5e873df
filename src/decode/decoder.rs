//! Decoder: records in, rows of segments out. Each decoding thread has its own, so locks are taken only for values that
//! this decoder sees for the first time.

use std::ops::Range;
use std::sync::Arc;

use super::batch::{BATCH, Batch};
use super::framer::Framer;
use super::marks::Marks;
use super::memories::Memories;
use super::nuls;
use super::odd::Oddities;
use super::piece::Piece;
use super::scratch::Scratch;
use super::table::Plan;
use super::target::COLUMNS;
use super::time_cache::{Unreadable, log_nanos, untimed};
use crate::index::{ColumnId, GROUPS, Head, Interner, MAX_ROWS, Segment, SegmentBuilder, WIDTH};
use crate::model::time::Nanos;
use crate::model::{Defect, DefectKind, Remark, Remarks};

/// Report on a record that was rejected, or kept with a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub kind: DefectKind,
    /// Position of the record in its source, in bytes.
    pub offset: u64,
    pub reason: String,
    pub sample: String,
}

impl Flaw {
    /// Returns true if a flaw of this kind is kept in addition to `kept`: the first [`MAX_FLAWS`] flaws are, and the
    /// first error response, because it explains the absence of records. All others are only counted.
    pub fn is_kept<'a>(kind: DefectKind, kept: impl ExactSizeIterator<Item = &'a Self>) -> bool {
        let is_answer = kind == DefectKind::Answer;
        kept.len() < MAX_FLAWS || is_answer && !kept.into_iter().any(|flaw| flaw.kind == kind)
    }
}

/// Maximum number of flaws kept until they are taken. Further ones are only counted, so that a source full of flaws
/// needs no memory.
pub const MAX_FLAWS: usize = 2_000;

#[derive(Debug)]
pub struct Decoder {
    pub(super) memories: Memories,
    /// State of the record on the general path: the time from a `__time__` that is not a plain number, and a time that
    /// could not be parsed.
    pub(super) log_time: Option<Nanos>,
    pub(super) unreadable: Option<Unreadable>,
    /// True if a time without a zone was read since the remarks were last taken.
    pub(super) assumes_zone: bool,
    /// Quotes of the current record.
    pub(super) quotes: Marks,
    /// Plan for the rows of the last table.
    pub(super) table: Option<Plan>,
    pub(super) scratch: Scratch,
    pub(super) batch: Batch,
    builder: SegmentBuilder,
    /// Source of the rows, and position of the first row of the unfinished segment.
    source: u32,
    position: u64,
    segments: Vec<Segment>,
    pub(super) flaws: Vec<Flaw>,
    /// Number of flaws that were counted but not kept.
    more_flaws: u64,
    pub(super) remarks: Remarks,
    /// Number of enclosing values or rewritten texts around the current text.
    pub(super) nesting: u8,
    /// Position reported for everything in a text that the source does not contain literally.
    pub(super) pinned: Option<u64>,
    /// True while rows of a table are read: the header has shown that they are events.
    pub(super) is_row: bool,
    pub(super) odd: Oddities,
}

impl Decoder {
    pub fn new(interner: Arc<Interner>) -> Self {
        Self {
            memories: Memories::new(interner),
            log_time: None,
            unreadable: None,
            assumes_zone: false,
            quotes: Marks::default(),
            table: None,
            scratch: Scratch::default(),
            batch: Batch::default(),
            builder: SegmentBuilder::default(),
            source: 0,
            position: 0,
            segments: Vec::new(),
            flaws: Vec::new(),
            more_flaws: 0,
            remarks: Remarks::default(),
            nesting: 0,
            pinned: None,
            is_row: false,
            odd: Oddities::default(),
        }
    }

    /// Sets the source of the records that follow.
    pub fn begin(&mut self, source: u32) {
        self.source = source;
    }

    /// Returns the decoded rows as segments, and the flaws. The writer assigns the segments' numbers and ids.
    pub fn finish(&mut self) -> (Vec<Segment>, Vec<Flaw>) {
        self.seal();
        (
            std::mem::take(&mut self.segments),
            std::mem::take(&mut self.flaws),
        )
    }

    /// Takes the flaws since the last call.
    pub fn take_flaws(&mut self) -> Vec<Flaw> {
        std::mem::take(&mut self.flaws)
    }

    /// Takes the number of flaws beyond [`MAX_FLAWS`] since the last call.
    pub fn take_more_flaws(&mut self) -> u64 {
        std::mem::take(&mut self.more_flaws)
    }

    /// Takes the remarks since the last call.
    pub fn take_remarks(&mut self) -> Remarks {
        if std::mem::take(&mut self.assumes_zone) {
            self.remarks.add(Remark::NoZone);
        }
        std::mem::take(&mut self.remarks)
    }

    /// Takes the oddities of the bytes since the last call.
    pub fn take_oddities(&mut self) -> Oddities {
        std::mem::take(&mut self.odd)
    }

    fn seal(&mut self) {
        if !self.builder.is_empty() {
            let head = Head {
                number: 0,
                first_id: 0,
                source: self.source,
                position: self.position,
            };
            self.segments.push(self.builder.seal(head));
        }
    }

    /// Decodes the records inside JSON text of another form.
    pub(super) fn framed(&mut self, text: &[u8], position: u64) {
        let mut records = Vec::with_capacity(BATCH);
        Framer::default().parts(text, true, |piece| {
            let bad = match piece {
                Piece::Record(range) => {
                    records.push(range);
                    None
                }
                Piece::Bad {
                    range,
                    kind,
                    reason,
                } => Some((range, kind, reason)),
            };
            if records.len() == BATCH || bad.is_some() {
                self.records(text, &records, position);
                records.clear();
            }
            if let Some((range, kind, reason)) = bad {
                let at = position + range.start as u64;
                self.flaw(kind, at, reason.to_owned(), &text[range]);
            }
        });
        self.records(text, &records, position);
    }

    /// Decodes one record, from `{` to `}`, at a position of the source. [`Self::records`] is faster for many.
    pub fn record(&mut self, record: &[u8], position: u64) {
        self.records(record, std::slice::from_ref(&(0..record.len())), position);
    }

    /// Decodes records that are ranges of a block; `position` is that of the block's first byte in the source.
    pub fn records(&mut self, block: &[u8], records: &[Range<usize>], position: u64) {
        let mut batch = std::mem::take(&mut self.batch);
        for some in records.chunks(BATCH) {
            for range in some {
                let record = &block[range.clone()];
                self.quotes.quotes(record);
                batch.draft(batch.records.len(), record, |scan| {
                    let (shapes, end) = scan.record(&mut self.memories, &mut self.quotes, 0)?;
                    (end == record.len()).then_some(shapes)
                });
                let at = position + range.start as u64;
                batch.records.push((range.clone(), at));
            }
            self.complete(&mut batch, block, Self::generally);
        }
        self.batch = batch;
    }

    /// Resolves a batch whose records are ranges of `bytes`, and appends the records. Those that do not fit their
    /// templates are passed to `general`.
    pub(super) fn complete(
        &mut self,
        batch: &mut Batch,
        bytes: &[u8],
        mut general: impl FnMut(&mut Self, &[u8], u64),
    ) {
        batch.look_up(&mut self.memories, bytes);
        for ((range, position), draft) in batch.records.drain(..).zip(&mut batch.drafts) {
            let record = &bytes[range];
            if draft.shapes.is_some() {
                self.append(&mut draft.scratch, record, position);
            } else {
                general(self, record, position);
            }
        }
        self.memories.renew();
    }

    /// Reads a record on the general path, and appends it if it is an event.
    pub(super) fn generally(&mut self, record: &[u8], position: u64) {
        let holes = nuls::count(record);
        self.odd.nuls += holes;
        let clean = (holes > 0).then(|| nuls::cleaned(record));
        let record = clean.as_deref().unwrap_or(record);
        if record.first() == Some(&b'"') {
            return self.string(&String::from_utf8_lossy(record), position);
        }
        self.scratch.begin();
        if self.general(record, position) {
            let mut scratch = std::mem::take(&mut self.scratch);
            self.append(&mut scratch, record, position);
            self.scratch = scratch;
        }
        self.log_time = None;
        self.unreadable = None;
    }

    /// Reads a row of a table, written as a record, on the general path.
    pub(super) fn row(&mut self, record: &[u8], position: u64) {
        self.is_row = true;
        self.generally(record, position);
        self.is_row = false;
    }

    /// Completes the columns of a record and appends it.
    pub(super) fn append(&mut self, scratch: &mut Scratch, record: &[u8], position: u64) {
        let columns = &scratch.cells[COLUMNS..][..ColumnId::PORT.index()];
        scratch.record.columns[..columns.len()].copy_from_slice(columns);
        let (tuples, _) = scratch.cells.as_chunks::<WIDTH>();
        for (group, tuple) in tuples.iter().enumerate().take(GROUPS.len()) {
            scratch.record.columns[group] = self.memories.tuple(group, tuple);
        }
        let (log_time, fraction) = (scratch.record.log_time, scratch.record.log_time_ns);
        if scratch.record.time.is_none() {
            scratch.record.time = log_nanos(log_time, fraction).or(self.log_time);
        }
        let timed = scratch.record.time.is_some();
        if self.builder.is_empty() {
            self.position = self.pinned.unwrap_or(position);
        }
        self.builder.push(&mut scratch.record);
        if self.builder.len() == MAX_ROWS {
            self.seal();
        }
        if !timed {
            let reason = untimed(self.unreadable.as_ref(), log_time);
            self.flaw(DefectKind::Time, position, reason, record);
        }
    }

    /// Returns true if a flaw of this kind would be kept; otherwise its text need not be formatted.
    pub(super) fn keeps(&self, kind: DefectKind) -> bool {
        Flaw::is_kept(kind, self.flaws.iter())
    }

    pub(super) fn flaw(&mut self, kind: DefectKind, offset: u64, reason: String, record: &[u8]) {
        if !self.keeps(kind) {
            self.more_flaws += 1;
            return;
        }
        self.flaws.push(Flaw {
            kind,
            offset: self.pinned.unwrap_or(offset),
            reason,
            sample: Defect::sample_of(record),
        });
    }
}
