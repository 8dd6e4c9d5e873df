//! One decoder: records in, rows of a segment out. Each decoding thread has its own, so nothing is locked
//! but for values that this decoder meets for the first time.

use std::sync::Arc;

use super::cache::{ANY, Memory, Styles, TupleMemory};
use super::clock::{TimeReader, log_nanos};
use super::framer::{Framer, Piece};
use super::runs::{Learning, Meaning};
use super::slots::Target;
use super::templates::Templates;
use crate::index::{
    ColumnId, GROUPS, Head, Interner, MAX_ROWS, MISSING, Ordinal, Record, Segment, SegmentBuilder,
    Tuple, Typed, WIDTH,
};
use crate::model::{Defect, DefectKind, id};

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub kind: DefectKind,
    /// Position of the record in its source, in bytes.
    pub offset: u64,
    pub reason: String,
    pub sample: String,
}

/// Decodes records into rows.
#[derive(Debug)]
pub struct Decoder {
    pub(super) interner: Arc<Interner>,
    pub(super) templates: Templates,
    pub(super) values: Vec<Memory<(Ordinal, Styles)>>,
    pub(super) tuples: [TupleMemory; GROUPS.len()],
    pub(super) time: TimeReader,
    pub(super) learning: Learning,
    /// Positions of the quotes of the record at hand.
    pub(super) quotes: Vec<u32>,
    pub(super) scratch: Scratch,
    builder: SegmentBuilder,
    /// Source of the rows, and position of the first of them.
    source: u16,
    position: u64,
    segments: Vec<Segment>,
    pub(super) flaws: Vec<Flaw>,
}

/// The record being built.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) record: Record,
    pub(super) groups: [Tuple; GROUPS.len()],
    /// Ways of escaping that give all values so far back.
    pub(super) styles: Styles,
    /// Fields set so far, one bit each for the catalogue's.
    pub(super) seen: u64,
    pub(super) text: String,
}

impl Decoder {
    pub fn new(interner: Arc<Interner>) -> Self {
        Self {
            interner,
            templates: Templates::default(),
            values: (0..id::USER.0).map(|_| Memory::new()).collect(),
            tuples: std::array::from_fn(|_| TupleMemory::new()),
            time: TimeReader::default(),
            learning: Learning::default(),
            quotes: Vec::new(),
            scratch: Scratch::default(),
            builder: SegmentBuilder::default(),
            source: 0,
            position: 0,
            segments: Vec::new(),
            flaws: Vec::new(),
        }
    }

    /// Says whose records come next.
    pub fn begin(&mut self, source: u16) {
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

    /// Decodes lines, each a record or JSON text with records in it; the last may lack its end.
    /// `position` is that of the first byte in the source. Returns the number of lines.
    pub fn lines(&mut self, block: &[u8], position: u64) -> u64 {
        let mut lines = 0;
        let mut at = 0;
        while at < block.len() {
            let end = memchr::memchr(b'\n', &block[at..]).map_or(block.len(), |i| at + i);
            self.line(&block[at..end], position + at as u64);
            at = end + 1;
            lines += 1;
        }
        lines
    }

    fn line(&mut self, whole: &[u8], position: u64) {
        let line = whole.trim_ascii_start();
        let line = line
            .strip_prefix(BOM)
            .map_or(line, <[u8]>::trim_ascii_start);
        let position = position + (whole.len() - line.len()) as u64;
        let line = line.trim_ascii_end();
        match line.first() {
            None => {}
            Some(b'{') => self.record(line, position),
            Some(_) => self.framed(line, position),
        }
    }

    /// Records inside some other JSON text.
    pub(super) fn framed(&mut self, text: &[u8], position: u64) {
        let mut pieces = Vec::new();
        Framer::default().push(text, true, &mut pieces);
        for piece in pieces {
            match piece {
                Piece::Record(range) => {
                    self.record(&text[range.clone()], position + range.start as u64);
                }
                Piece::Bad {
                    range,
                    kind,
                    reason,
                } => {
                    self.flaw(
                        kind,
                        position + range.start as u64,
                        reason.to_owned(),
                        &text[range],
                    );
                }
            }
        }
    }

    /// Decodes one record, `{` to `}`, that lies at a position of the source.
    pub fn record(&mut self, record: &[u8], position: u64) {
        self.scratch.begin();
        let shape = self.predicted(record);
        if let Some(shape) = shape {
            self.scratch.record.columns[ColumnId::SHAPE.index()] = shape
        } else {
            self.scratch.begin();
            if !self.general(record, position) {
                return;
            }
        }
        self.append(record, position);
    }

    /// Completes the record being built and appends it.
    fn append(&mut self, record: &[u8], position: u64) {
        let scratch = &mut self.scratch;
        for (group, tuple) in scratch.groups.iter().enumerate() {
            let ordinal = if let Some(ordinal) = self.tuples[group].get(tuple) {
                ordinal
            } else {
                let ordinal = self.interner.tuple(group, tuple);
                self.tuples[group].insert(tuple, ordinal);
                ordinal
            };
            scratch.record.columns[group] = ordinal;
        }
        let (log_time, fraction) = (scratch.record.log_time, scratch.record.log_time_ns);
        if scratch.record.time.is_none() {
            scratch.record.time = log_nanos(log_time, fraction);
        }
        let timed = scratch.record.time.is_some();
        if self.builder.is_empty() {
            self.position = position;
        }
        self.builder.push(&mut scratch.record);
        if self.builder.len() == MAX_ROWS {
            self.seal();
        }
        if !timed {
            let reason = "neither time nor __time__ can be read; the event is kept without a time";
            self.flaw(DefectKind::Time, position, reason.to_owned(), record);
        }
    }

    pub(super) fn flaw(&mut self, kind: DefectKind, offset: u64, reason: String, record: &[u8]) {
        self.flaws.push(Flaw {
            kind,
            offset,
            reason,
            sample: Defect::sample_of(record),
        });
    }
}

impl Scratch {
    #[inline]
    pub(super) fn put(&mut self, target: Target, ordinal: Ordinal) {
        match target {
            Target::Member { group, at, .. } => self.groups[group as usize][at as usize] = ordinal,
            Target::Column { column, .. } => self.record.columns[column.index()] = ordinal,
            _ => {}
        }
    }

    #[inline]
    pub(super) fn apply(&mut self, meaning: &Meaning) {
        for (target, ordinal) in &meaning.values {
            self.put(*target, *ordinal);
        }
        self.styles &= meaning.styles;
    }

    fn begin(&mut self) {
        self.record.time = None;
        self.record.columns = [MISSING; ColumnId::UNKNOWN.0 as usize];
        self.record.unknown.clear();
        self.record.request_id = Typed::Missing;
        self.record.log_time = Typed::Missing;
        self.record.log_time_ns = Typed::Missing;
        self.record.kept = None;
        self.groups = [[MISSING; WIDTH]; GROUPS.len()];
        self.styles = ANY;
        self.seen = 0;
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";
