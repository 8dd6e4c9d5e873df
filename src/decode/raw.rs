//! Raw values of a record: their fields, their byte ranges, and the lookups of their meanings.

use std::ops::Range;

use super::scratch::Scratch;
use super::target::Target;
use super::value_cache::{Hash, Known};
use crate::index::Ordinal;
use crate::model::FieldId;

/// A value: its field and form, and its range in the record. Two words, which fit registers: a value assembled in
/// memory from smaller parts stalls when it is loaded again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    pub(super) what: What,
    at: u64,
}

/// Field of a value, its form, and its place among the cells of the record, packed into one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct What(u64);

impl What {
    pub(super) fn new(target: Target, form: Form) -> Self {
        let memory = target.field().index() * Form::ALL.len() + form as usize;
        Self((memory as u64) << 8 | u64::from(target.cell()))
    }

    /// Returns a copy with another form.
    pub(super) fn stands_as(self, form: Form) -> Self {
        let memory = self.memory() - self.form() as usize + form as usize;
        Self((memory as u64) << 8 | self.cell() as u64)
    }

    /// Index of the value cache: in another form, equal bytes have another meaning.
    pub(super) fn memory(self) -> usize {
        (self.0 >> 8) as usize
    }

    /// Place among the cells; [`super::target::NO_CELL`] if there is none.
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

/// Notation of a value in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON between quotes, escaped.
    Text,
    /// JSON without quotes: a number or a word.
    Literal,
    /// A cell of a table, taken literally.
    Cell,
    /// A cell of a table in which each quote is doubled.
    Doubled,
}

impl Form {
    /// In order of their discriminants.
    const ALL: [Self; 4] = [Self::Text, Self::Literal, Self::Cell, Self::Doubled];
}

/// Lookup of a value, or of a run of values.
#[derive(Debug)]
pub(super) struct Lookup {
    /// `None` if the bytes are too many to be cached.
    pub(super) hash: Option<Hash>,
    pub(super) found: Option<Known>,
    /// Index of the cache among those of values, or of the run.
    pub(super) memory: u32,
    /// Index of the first value, and number of values: a run has several.
    pub(super) first: u32,
    pub(super) count: u32,
}

impl Raw {
    /// A value at a range of its record.
    pub(super) fn new(what: What, at: Range<usize>) -> Self {
        Self {
            what,
            at: (at.end as u64) << 32 | u64::from(at.start as u32),
        }
    }

    pub(super) fn start(self) -> usize {
        self.at as u32 as usize
    }

    pub(super) fn end(self) -> usize {
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
