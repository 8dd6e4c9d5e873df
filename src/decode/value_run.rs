//! Runs: neighbouring values that depend on each other, taken as one.
//!
//! The fields of an identity follow from the principal, the repository's from its name: a few thousand
//! combinations among millions of events. Where a template has such fields side by side, the bytes from the
//! first value to the end of the last are looked up as a whole, keys and quotes included, and give all the
//! ordinals at once. Equal bytes behind the same key mean the same, so nothing is guessed.

use super::simd::prefetch;
use super::value_cache::{Hash, Known, Memory};
use crate::index::Ordinal;

/// What is remembered of the runs that start with one field, whatever template they stand in.
#[derive(Debug)]
pub(super) struct Run {
    known: Memory,
    meanings: Vec<Meaning>,
    misses: u32,
    hits: u32,
}

/// The ordinals of a run's values, in their order.
pub(super) type Meaning = [Ordinal; MAX_VALUES];

/// Values a run has at most; where more stand side by side, another run begins.
pub(super) const MAX_VALUES: usize = 8;

/// Misses after which a run must have paid for itself; else the fields are independent in this log.
const TRIAL: u32 = 1 << 14;

impl Run {
    pub(super) fn new() -> Self {
        Self {
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

    pub(super) fn prepare(&self, hash: Hash) {
        self.known.prepare(hash);
    }

    /// What is known of a run, and its meaning asked for.
    #[inline]
    pub(super) fn find(&mut self, hash: Hash) -> Option<Known> {
        let known = self.known.get(hash);
        match known {
            Some(known) => {
                self.hits = self.hits.saturating_add(1);
                prefetch(self.meaning(known));
            }
            None => self.misses = self.misses.saturating_add(1),
        }
        known
    }

    #[inline]
    pub(super) fn meaning(&self, known: Known) -> &Meaning {
        &self.meanings[known.number() as usize]
    }

    /// The same without a count: whether a record just before had the same run.
    pub(super) fn again(&self, hash: Hash) -> Option<Known> {
        self.known.get(hash)
    }

    /// Remembers what a run's bytes mean.
    pub(super) fn learn(&mut self, hash: Hash, meaning: Meaning, styles: u8) {
        if let Some(known) = Known::new(self.meanings.len() as u32, styles)
            && self.known.insert(hash, known)
        {
            self.meanings.push(meaning);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.known.is_full()
    }
}
