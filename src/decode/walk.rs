//! The first step of the fast way: along its template through one record, to where its values are.

use std::ops::Range;

use super::cache::{Hash, Known};
use super::decoder::{Decoder, Scratch};
use super::general::{NULL, canonical_number};
use super::runs::MAX_VALUES;
use super::slots::Target;
use super::templates::{Edge, Shapes};
use crate::index::shape::Slot;
use crate::index::{ColumnId, Ordinal, Typed, parse_uuid};
use crate::model::FieldId;

/// A value: what it is, and where it starts and ends in its record. Two words, which registers hold: what is put
/// together in memory from small parts has to be waited for when it is moved from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    pub(super) what: What,
    at: u64,
}

/// The field of a value, the form it stands in, and its place among the cells of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct What(u64);

impl What {
    pub(super) fn new(target: Target, form: Form) -> Self {
        let memory = target.field().index() * Form::ALL.len() + form as usize;
        Self((memory as u64) << 8 | u64::from(target.cell()))
    }

    /// The same in another form.
    pub(super) fn stands_as(self, form: Form) -> Self {
        let memory = self.memory() - self.form() as usize + form as usize;
        Self((memory as u64) << 8 | self.cell() as u64)
    }

    /// Place of the memory for such values: the same bytes mean something else in another form.
    pub(super) fn memory(self) -> usize {
        (self.0 >> 8) as usize
    }

    /// The place among the cells; [`super::slots::NO_CELL`] where there is none.
    pub(super) fn cell(self) -> usize {
        (self.0 & 0xff) as usize
    }

    pub(super) fn field(self) -> FieldId {
        FieldId((self.memory() / Form::ALL.len()) as u16)
    }

    pub(super) fn form(self) -> Form {
        Form::ALL[self.memory() % Form::ALL.len()]
    }
}

/// How a value stands in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON between quotes, escaped.
    Text,
    /// JSON as it is: a number or a word.
    Literal,
    /// A cell of a table, as it is.
    Cell,
    /// A cell of a table in which each quote stands twice.
    Doubled,
}

impl Form {
    /// In their order.
    const ALL: [Self; 4] = [Self::Text, Self::Literal, Self::Cell, Self::Doubled];
}

/// Something to be looked up: a value, or a run of them.
#[derive(Debug)]
pub(super) struct Lookup {
    /// `None` where the bytes are too many to be remembered.
    pub(super) hash: Option<Hash>,
    pub(super) found: Option<Known>,
    /// Place of the memory among those of values, or of the run.
    pub(super) memory: u32,
    /// The first value, and the number of them; one is no run.
    pub(super) first: u32,
    pub(super) count: u32,
}

impl Raw {
    /// A value at a place of its record.
    pub(super) fn new(what: What, at: Range<usize>) -> Self {
        Self {
            what,
            at: (at.end as u64) << 32 | u64::from(at.start as u32),
        }
    }

    fn start(self) -> usize {
        self.at as u32 as usize
    }

    fn end(self) -> usize {
        (self.at >> 32) as usize
    }

    pub(super) fn of(self, record: &[u8]) -> &[u8] {
        &record[self.start()..self.end()]
    }

    #[inline]
    pub(super) fn put(self, ordinal: Ordinal, scratch: &mut Scratch) {
        match scratch.cells.get_mut(self.what.cell()) {
            Some(cell) => *cell = ordinal,
            None => scratch.put(Target::of(self.what.field()), ordinal),
        }
    }
}

/// One record being looked through.
pub(super) struct Scan<'a> {
    pub(super) record: &'a [u8],
    pub(super) scratch: &'a mut Scratch,
    pub(super) values: &'a mut Vec<Raw>,
    pub(super) lookups: &'a mut Vec<Lookup>,
}

impl Scan<'_> {
    /// Finds the values of the record that the bytes begin with and reads those that need no look-up. `marks` is
    /// where the bytes begin among those whose quotes the decoder has marked. Returns the templates that fit and where
    /// the record ends; `None` where no known template fits.
    pub(super) fn record(
        &mut self,
        decoder: &mut Decoder,
        marks: usize,
    ) -> Option<(Shapes, usize)> {
        let record = self.record;
        let (mut node, mut at) = (0, 0);
        let mut run = None;
        let mut first = self.values.len();
        while let Some((next, edge)) = decoder.templates.step(node, record, at) {
            let &Edge {
                slot,
                what,
                target,
                kind,
                ..
            } = edge;
            let start = at + edge.len as usize;
            let end = match slot {
                Slot::Text => decoder.quotes.next(marks + start)? - marks,
                Slot::Literal => start + literal_end(&record[start..])?,
            };
            let goes_on = kind == run && self.values.len() - first < MAX_VALUES;
            if run.is_some() && !goes_on {
                self.close(decoder, first, 0);
            }
            let value = Raw::new(what, start..end);
            if kind.is_none() {
                self.single(decoder, target, value)?;
            } else {
                if !goes_on {
                    first = self.values.len();
                }
                self.values.push(value);
            }
            run = kind;
            at = end;
            node = next;
        }
        if run.is_some() {
            self.close(decoder, first, 0);
        }
        let (shapes, tail) = decoder.templates.end(node, &record[at..])?;
        Some((shapes, at + tail))
    }

    /// A value that is part of no run.
    #[inline]
    pub(super) fn single(
        &mut self,
        decoder: &mut Decoder,
        target: Target,
        mut value: Raw,
    ) -> Option<()> {
        let raw = value.of(self.record);
        let is_literal = value.what.form() == Form::Literal;
        if is_literal && raw == NULL {
            return Some(());
        }
        let record = &mut self.scratch.record;
        match target {
            Target::RequestId if !is_literal => {
                if let Some(uuid) = parse_uuid(raw) {
                    record.request_id = Typed::Value(uuid);
                    return Some(());
                }
            }
            Target::Address => {
                let start = value.start();
                let end = start + self.scratch.without_port(raw).len();
                value = Raw::new(value.what, start..end);
            }
            Target::LogTime => {
                record.log_time = Typed::Value(canonical_number(raw)?); // It may be a date.
                return Some(());
            }
            Target::LogTimeNs => {
                if let Some(number) = canonical_number(raw) {
                    record.log_time_ns = Typed::Value(number);
                    return Some(());
                }
            }
            Target::Time => {
                let read = decoder.time.read(raw, &decoder.interner);
                let (nanos, spelling) = read.filter(|_| !is_literal)?;
                record.time = Some(nanos);
                self.scratch.column(ColumnId::SPELLING, spelling);
                return Some(());
            }
            _ => {}
        }
        self.values.push(value);
        self.look_up(decoder, self.values.len() - 1);
        Some(())
    }

    /// Ends a run: the values from `first` on are looked up together, or each by itself. `runs` is where those of their
    /// kind begin among the decoder's.
    #[inline]
    pub(super) fn close(&mut self, decoder: &mut Decoder, first: usize, runs: usize) {
        let [head, .., last] = &self.values[first..] else {
            self.look_up(decoder, first);
            return;
        };
        let memory = runs + head.what.field().index();
        let run = &decoder.runs[memory];
        if run.is_hopeless() {
            for at in first..self.values.len() {
                self.look_up(decoder, at);
            }
            return;
        }
        let bytes = &self.record[head.start()..last.end()];
        let hash = decoder.hasher.hash(bytes);
        if let Some(hash) = hash {
            run.prepare(hash);
        }
        self.lookups.push(Lookup {
            hash,
            found: None,
            memory: memory as u32,
            first: first as u32,
            count: (self.values.len() - first) as u32,
        });
    }

    #[inline]
    fn look_up(&mut self, decoder: &mut Decoder, at: usize) {
        let value = self.values[at];
        let memory = value.what.memory();
        let hash = decoder.hasher.hash(value.of(self.record));
        if let Some(hash) = hash {
            decoder.memory(memory).prepare(hash);
        }
        self.lookups.push(Lookup {
            hash,
            found: None,
            memory: memory as u32,
            first: at as u32,
            count: 1,
        });
    }
}

/// End of a number or word; `None` where something nested starts.
#[inline]
fn literal_end(bytes: &[u8]) -> Option<usize> {
    let end = bytes
        .iter()
        .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'))?;
    (end > 0).then_some(end)
}
