//! Runs: neighbouring values that depend on each other, taken as one.
//!
//! The fields of an identity follow from the principal, the repository's from its name: a few thousand
//! combinations among millions of events. Where a template has such fields side by side, the bytes from the
//! first value to the end of the last are looked up as a whole, keys and quotes included, and give all the
//! ordinals at once. Equal bytes at the same place of a template mean the same, so nothing is guessed.

use super::cache::{Memory, Styles};
use super::slots::{Kind, Target};
use crate::index::Ordinal;

/// What is remembered at one edge of a template: how many values its runs have, and what the bytes mean.
#[derive(Debug)]
pub(super) struct Run {
    /// Numbers of values, the most recent first.
    lengths: Vec<u8>,
    known: Memory<u32>,
    meanings: Vec<Meaning>,
    misses: u32,
    hits: u32,
}

/// What a run's bytes mean.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub(super) values: Box<[(Target, Ordinal)]>,
    pub(super) styles: Styles,
    /// Node of the template behind the last value.
    pub(super) next: u32,
}

/// A run that was not known, being read value by value.
#[derive(Debug, Default)]
pub(super) struct Learning {
    pub(super) node: u32,
    pub(super) start: usize,
    pub(super) kind: Option<Kind>,
    pub(super) values: Vec<(Target, Ordinal)>,
    pub(super) styles: Styles,
}

/// Lengths tried at one edge.
const MAX_LENGTHS: usize = 3;

/// Values a run has at most.
const MAX_VALUES: usize = 16;

/// Misses after which a run must have paid for itself; else the fields are independent in this log.
const TRIAL: u32 = 1 << 14;

impl Run {
    pub(super) fn new() -> Self {
        Self {
            lengths: Vec::new(),
            known: Memory::new(),
            meanings: Vec::new(),
            misses: 0,
            hits: 0,
        }
    }

    /// Whether looking costs more than it brings.
    pub(super) fn is_hopeless(&self) -> bool {
        self.misses > TRIAL && self.hits < self.misses * 2
    }

    /// The meaning of a run whose first value starts at `start` of a record, and its number of values.
    /// `quotes` are the positions of the record's quotes from the first value's closing one on.
    #[inline]
    pub(super) fn find(
        &mut self,
        record: &[u8],
        start: usize,
        quotes: &[u32],
    ) -> Option<(&Meaning, usize)> {
        for at in 0..self.lengths.len() {
            let length = usize::from(self.lengths[at]);
            // Four quotes a value: two of the key, two of its own.
            let Some(end) = quotes.get((length - 1) * 4) else {
                continue;
            };
            if let Some(meaning) = self.known.get(&record[start..*end as usize]) {
                if at > 0 {
                    self.lengths.swap(0, at);
                }
                self.hits += 1;
                return Some((&self.meanings[meaning as usize], length));
            }
        }
        self.misses += 1;
        None
    }

    /// Remembers what a run's bytes mean.
    pub(super) fn learn(&mut self, bytes: &[u8], meaning: Meaning) {
        let length = meaning.values.len();
        if !(2..=MAX_VALUES).contains(&length) {
            return;
        }
        let length = length as u8;
        if !self.lengths.contains(&length) {
            self.lengths.truncate(MAX_LENGTHS - 1);
            self.lengths.insert(0, length);
        }
        if self.known.len() < self.meanings.len() {
            self.meanings.clear(); // The memory started anew.
        }
        self.known.insert(bytes, self.meanings.len() as u32);
        self.meanings.push(meaning);
    }
}
