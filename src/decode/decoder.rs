//! One decoder: records in, rows of a segment out. Each decoding thread has its own, so nothing is locked
//! but for values that this decoder meets for the first time.

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

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub kind: DefectKind,
    /// Position of the record in its source, in bytes.
    pub offset: u64,
    pub reason: String,
    pub sample: String,
}

impl Flaw {
    /// Whether one of this kind is kept where these are: of many flaws the first [`MAX_FLAWS`], and the first answer in
    /// place of records, which says why there are none. The others are only counted.
    pub fn is_kept<'a>(kind: DefectKind, beside: impl ExactSizeIterator<Item = &'a Self>) -> bool {
        let is_answer = kind == DefectKind::Answer;
        beside.len() < MAX_FLAWS || is_answer && !beside.into_iter().any(|flaw| flaw.kind == kind)
    }
}

/// Flaws kept until they are taken; further ones are only counted, so that bytes of which each is a flaw take no memory.
pub const MAX_FLAWS: usize = 2_000;

/// Decodes records into rows.
#[derive(Debug)]
pub struct Decoder {
    pub(super) memories: Memories,
    /// Of the record that goes the general way: what `__time__` says where it is no plain number, and a time that
    /// cannot be read.
    pub(super) log_time: Option<Nanos>,
    pub(super) unreadable: Option<Unreadable>,
    /// A time without a zone came since the remarks were last taken.
    pub(super) assumes_zone: bool,
    /// The quotes of the record at hand.
    pub(super) quotes: Marks,
    /// How to read the table that was at hand last.
    pub(super) table: Option<Plan>,
    pub(super) scratch: Scratch,
    pub(super) batch: Batch,
    builder: SegmentBuilder,
    /// Source of the rows, and position of the first of them.
    source: u32,
    position: u64,
    segments: Vec<Segment>,
    pub(super) flaws: Vec<Flaw>,
    /// Flaws that were not kept.
    more_flaws: u64,
    pub(super) remarks: Remarks,
    /// How many values the text at hand lies within that are records, or text that was changed.
    pub(super) nesting: u8,
    /// The position of everything in a text that does not stand in the source as it is.
    pub(super) pinned: Option<u64>,
    /// The records at hand are rows of a table: the header says that they are events.
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

    /// Says whose records come next.
    pub fn begin(&mut self, source: u32) {
        self.source = source;
    }

    /// The decoded rows, in segments whose numbers and ids the writer gives, and what could not be read.
    pub fn finish(&mut self) -> (Vec<Segment>, Vec<Flaw>) {
        self.seal();
        (
            std::mem::take(&mut self.segments),
            std::mem::take(&mut self.flaws),
        )
    }

    /// What could not be read since the last call.
    pub fn take_flaws(&mut self) -> Vec<Flaw> {
        std::mem::take(&mut self.flaws)
    }

    /// The number of flaws beyond [`MAX_FLAWS`] since the last call.
    pub fn take_more_flaws(&mut self) -> u64 {
        std::mem::take(&mut self.more_flaws)
    }

    /// What is to be said of the records since the last call.
    pub fn take_remarks(&mut self) -> Remarks {
        if std::mem::take(&mut self.assumes_zone) {
            self.remarks.add(Remark::NoZone);
        }
        std::mem::take(&mut self.remarks)
    }

    /// What was odd about the bytes since the last call.
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

    /// Records inside some other JSON text.
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

    /// Decodes one record, `{` to `}`, that lies at a position of the source. For many [`Self::records`] is faster.
    pub fn record(&mut self, record: &[u8], position: u64) {
        self.records(record, std::slice::from_ref(&(0..record.len())), position);
    }

    /// Decodes records that lie in a block; `position` is that of the block's first byte in the source.
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

    /// Looks up what the drafts of a batch have in them, and appends its records, which lie in `bytes`. Those that are
    /// not as expected are left to `general`.
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

    /// Reads a record the general way, and appends it if it is an event.
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

    /// The same for a row of a table.
    pub(super) fn row(&mut self, record: &[u8], position: u64) {
        self.is_row = true;
        self.generally(record, position);
        self.is_row = false;
    }

    /// Completes a record and appends it.
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

    /// Whether a flaw of this kind would be kept; others need no words.
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
