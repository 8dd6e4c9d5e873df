//! Values as they stand in a record: what each is, where its bytes lie, and the look-up that tells what they mean.

use std::ops::Range;

use super::scratch::Scratch;
use super::target::Target;
use super::value_cache::{Hash, Known};
use crate::index::Ordinal;
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

    /// The place among the cells; [`super::target::NO_CELL`] where there is none.
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
