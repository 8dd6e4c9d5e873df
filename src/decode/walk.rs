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

/// A value: where it goes, and where it lies in its record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    pub(super) target: Target,
    pub(super) form: Form,
    /// Its place among the cells, `NO_CELL` where it has none.
    pub(super) cell: u8,
    start: u32,
    end: u32,
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

/// Something to be looked up: a value, or a run of them.
#[derive(Debug)]
pub(super) struct Lookup {
    /// `None` where the bytes are too many to be remembered.
    pub(super) hash: Option<Hash>,
    pub(super) found: Option<Known>,
    /// Place of the memory among those of values, or of the run.
    pub(super) memory: usize,
    /// The first value, and the number of them; one is no run.
    pub(super) first: usize,
    pub(super) count: usize,
}

/// Place of the memory for values of a field: the same bytes mean something else in another form.
pub(super) fn memory_of(field: FieldId, form: Form) -> usize {
    field.index() * 4 + form as usize
}

impl Raw {
    /// A value for a target with its cell, at a place of its record.
    pub(super) fn new((target, cell): (Target, u8), form: Form, at: Range<usize>) -> Self {
        Self {
            target,
            form,
            cell,
            start: at.start as u32,
            end: at.end as u32,
        }
    }

    pub(super) fn of(self, record: &[u8]) -> &[u8] {
        &record[self.start as usize..self.end as usize]
    }

    #[inline]
    pub(super) fn put(self, ordinal: Ordinal, scratch: &mut Scratch) {
        match scratch.cells.get_mut(usize::from(self.cell)) {
            Some(cell) => *cell = ordinal,
            None => scratch.put(self.target, ordinal),
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
    /// Finds the values and reads those that need no look-up. `None` where no known template fits.
    pub(super) fn record(&mut self, decoder: &mut Decoder) -> Option<Shapes> {
        let record = self.record;
        let (mut node, mut at) = (0, 0);
        decoder.quotes.quotes(record);
        let mut run = None;
        let mut first = self.values.len();
        while let Some((next, edge)) = decoder.templates.step(node, record, at) {
            let &Edge {
                slot,
                cell,
                target,
                kind,
                ..
            } = edge;
            let start = at + edge.len as usize;
            let (form, end) = match slot {
                Slot::Text => (Form::Text, decoder.quotes.next(start)?),
                Slot::Literal => (Form::Literal, start + literal_end(&record[start..])?),
            };
            let raw = &record[start..end];
            let goes_on = kind == run && self.values.len() - first < MAX_VALUES;
            if run.is_some() && !goes_on {
                self.close(decoder, first, 0);
            }
            let value = Raw::new((target, cell), form, start..end);
            if kind.is_none() {
                self.single(decoder, value, raw)?;
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
        decoder.templates.end(node, &record[at..])
    }

    /// A value that is part of no run.
    #[inline]
    pub(super) fn single(
        &mut self,
        decoder: &mut Decoder,
        mut value: Raw,
        raw: &[u8],
    ) -> Option<()> {
        if value.form == Form::Literal && raw == NULL {
            return Some(());
        }
        let record = &mut self.scratch.record;
        match value.target {
            Target::RequestId if value.form != Form::Literal => {
                if let Some(uuid) = parse_uuid(raw) {
                    record.request_id = Typed::Value(uuid);
                    return Some(());
                }
            }
            Target::Address => {
                value.end = value.start + self.scratch.without_port(raw).len() as u32;
            }
            Target::LogTime => {
                if let Some(number) = canonical_number(raw) {
                    record.log_time = Typed::Value(number);
                    return Some(());
                }
            }
            Target::LogTimeNs => {
                if let Some(number) = canonical_number(raw) {
                    record.log_time_ns = Typed::Value(number);
                    return Some(());
                }
            }
            Target::Time => {
                let read = decoder.time.read(raw, &decoder.interner);
                let (nanos, spelling) = read.filter(|_| value.form != Form::Literal)?;
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
        let memory = runs + head.target.field().index();
        let run = &decoder.runs[memory];
        if run.is_hopeless() {
            for at in first..self.values.len() {
                self.look_up(decoder, at);
            }
            return;
        }
        let bytes = &self.record[head.start as usize..last.end as usize];
        let hash = decoder.hasher.hash(bytes);
        if let Some(hash) = hash {
            run.prepare(hash);
        }
        self.lookups.push(Lookup {
            hash,
            found: None,
            memory,
            first,
            count: self.values.len() - first,
        });
    }

    #[inline]
    fn look_up(&mut self, decoder: &mut Decoder, at: usize) {
        let value = self.values[at];
        let memory = memory_of(value.target.field(), value.form);
        let hash = decoder.hasher.hash(value.of(self.record));
        if let Some(hash) = hash {
            decoder.memory(memory).prepare(hash);
        }
        self.lookups.push(Lookup {
            hash,
            found: None,
            memory,
            first: at,
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
