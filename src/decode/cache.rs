//! A decoder's memory of raw values: bytes as they stand in the record to the ordinal they mean.
//!
//! Keyed by the bytes before unescaping, so that a value is validated, unescaped and interned once, and
//! every further occurrence costs a hash and a comparison.

use std::fmt;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::index::{Ordinal, Tuple};

/// Which way of escaping gives the bytes back: bit 0 the fewest escapes, bit 1 ASCII only.
pub(super) type Styles = u8;

pub(super) const MINIMAL: Styles = 1;
pub(super) const ASCII: Styles = 2;
pub(super) const ANY: Styles = MINIMAL | ASCII;

#[derive(Clone, Copy)]
struct Entry {
    start: u32,
    len: u16,
    styles: Styles,
    ordinal: Ordinal,
}

/// Raw values of one field.
pub(super) struct ValueCache {
    table: HashTable<Entry>,
    bytes: Vec<u8>,
    hasher: RandomState,
}

/// Longer values are not remembered; they go to the dictionary each time.
const MAX_VALUE: usize = 4096;

/// A cache that outgrows this starts anew: the field's values hardly repeat.
const MAX_ENTRIES: usize = 1 << 19;

impl ValueCache {
    pub(super) fn new() -> Self {
        Self {
            table: HashTable::new(),
            bytes: Vec::new(),
            hasher: RandomState::default(),
        }
    }

    #[inline]
    pub(super) fn get(&self, raw: &[u8]) -> Option<(Ordinal, Styles)> {
        let hash = self.hasher.hash_one(raw);
        let entry = self
            .table
            .find(hash, |e| e.len as usize == raw.len() && self.at(e) == raw)?;
        Some((entry.ordinal, entry.styles))
    }

    #[inline]
    fn at(&self, entry: &Entry) -> &[u8] {
        &self.bytes[entry.start as usize..entry.start as usize + entry.len as usize]
    }

    pub(super) fn insert(&mut self, raw: &[u8], ordinal: Ordinal, styles: Styles) {
        if raw.len() > MAX_VALUE {
            return;
        }
        if self.table.len() >= MAX_ENTRIES {
            self.table.clear();
            self.bytes.clear();
        }
        let entry = Entry {
            start: self.bytes.len() as u32,
            len: raw.len() as u16,
            styles,
            ordinal,
        };
        self.bytes.extend_from_slice(raw);
        let (bytes, hasher) = (&self.bytes, &self.hasher);
        self.table.insert_unique(hasher.hash_one(raw), entry, |e| {
            hasher.hash_one(&bytes[e.start as usize..e.start as usize + e.len as usize])
        });
    }
}

/// Combinations of one group.
pub(super) struct TupleCache {
    table: HashTable<(Tuple, Ordinal)>,
    hasher: RandomState,
}

impl TupleCache {
    pub(super) fn new() -> Self {
        Self {
            table: HashTable::new(),
            hasher: RandomState::default(),
        }
    }

    #[inline]
    pub(super) fn get(&self, tuple: &Tuple) -> Option<Ordinal> {
        self.table
            .find(self.hasher.hash_one(tuple), |(t, _)| t == tuple)
            .map(|(_, ordinal)| *ordinal)
    }

    pub(super) fn insert(&mut self, tuple: &Tuple, ordinal: Ordinal) {
        if self.table.len() >= MAX_ENTRIES {
            self.table.clear();
        }
        let hasher = &self.hasher;
        self.table
            .insert_unique(hasher.hash_one(tuple), (*tuple, ordinal), |(t, _)| {
                hasher.hash_one(t)
            });
    }
}

impl fmt::Debug for ValueCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueCache")
            .field("len", &self.table.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TupleCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TupleCache")
            .field("len", &self.table.len())
            .finish_non_exhaustive()
    }
}
