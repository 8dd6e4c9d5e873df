//! Runs: neighbouring values that depend on each other, looked up as one.
//!
//! The fields of an identity follow from the principal, those of the repository from its name: a few thousand
//! combinations among millions of events. If a template has such fields next to each other, the bytes from the first
//! value to the end of the last are looked up as a whole, keys and quotes included, which yields all ordinals at once.
//! Equal bytes behind an equal key have an equal meaning, so nothing is guessed.

use super::simd::prefetch;
use super::value_cache::{Hash, Known, Memory};
use crate::index::Ordinal;

/// Cache of the runs that start with one field, over all templates.
#[derive(Debug)]
pub(super) struct Run {
    known: Memory,
    meanings: Vec<Meaning>,
    misses: u32,
    hits: u32,
}

/// Ordinals of a run's values, in their order.
pub(super) type Meaning = [Ordinal; MAX_VALUES];

/// Maximum number of values in a run; with more neighbours, another run begins.
pub(super) const MAX_VALUES: usize = 8;

/// Number of misses after which a run must have paid off; otherwise the fields are independent in this log.
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

    /// Returns true if the lookups cost more than they save.
    pub(super) fn is_hopeless(&self) -> bool {
        self.misses > TRIAL && self.hits < self.misses * 2
    }

    pub(super) fn prepare(&self, hash: Hash) {
        self.known.prepare(hash);
    }

    /// Looks up a run and prefetches its meaning.
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

    /// Looks up a run again without counting it: a record just before may have added it.
    pub(super) fn again(&self, hash: Hash) -> Option<Known> {
        self.known.get(hash)
    }

    /// Caches the meaning of a run's bytes.
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
