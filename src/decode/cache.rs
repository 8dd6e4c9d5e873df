//! A decoder's memory of raw bytes: what stands in a record to what it means.
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

/// Bytes to something small. Short keys dominate, and the cost of finding one is the cost of decoding.
pub(super) struct Memory<V> {
    table: HashTable<Entry<V>>,
    bytes: Vec<u8>,
    seed: u64,
}

#[derive(Clone, Copy)]
struct Entry<V> {
    start: u32,
    len: u16,
    value: V,
}

/// Longer keys are not remembered; they are worked out each time.
const MAX_KEY: usize = 4096;

/// A memory that outgrows this starts anew: its keys hardly repeat.
const MAX_ENTRIES: usize = 1 << 19;

impl<V: Copy> Memory<V> {
    pub(super) fn new() -> Self {
        // Random, so that nobody can write a log whose values all collide.
        let seed = RandomState::default().hash_one(0u64);
        Self {
            table: HashTable::new(),
            bytes: Vec::new(),
            seed,
        }
    }

    #[inline]
    pub(super) fn get(&self, key: &[u8]) -> Option<V> {
        let at = |e: &Entry<V>| {
            self.bytes
                .get(e.start as usize..e.start as usize + e.len as usize)
        };
        let found = self.table.find(hash(key, self.seed), |e| {
            e.len as usize == key.len() && at(e).is_some_and(|bytes| same(bytes, key))
        });
        found.map(|entry| entry.value)
    }

    pub(super) fn insert(&mut self, key: &[u8], value: V) {
        if key.len() > MAX_KEY {
            return;
        }
        if self.table.len() >= MAX_ENTRIES {
            self.table.clear();
            self.bytes.clear();
        }
        let entry = Entry {
            start: self.bytes.len() as u32,
            len: key.len() as u16,
            value,
        };
        self.bytes.extend_from_slice(key);
        let (bytes, seed) = (&self.bytes, self.seed);
        self.table.insert_unique(hash(key, seed), entry, |e| {
            let start = e.start as usize;
            hash(&bytes[start..start + e.len as usize], seed)
        });
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }
}

/// Whether two texts of one length are the same. In line and by words: a call costs more than most of the
/// comparisons.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    let (words_a, rest_a) = a.as_chunks::<8>();
    let (words_b, rest_b) = b.as_chunks::<8>();
    if words_a.len() > 8 {
        return a == b;
    }
    if words_a != words_b {
        return false;
    }
    match (words_a.is_empty(), rest_a.is_empty()) {
        (_, true) => rest_b.is_empty(),
        // The last eight bytes once more, overlapping, instead of one after another.
        (false, false) => a.last_chunk::<8>() == b.last_chunk::<8>(),
        (true, false) => rest_a == rest_b,
    }
}

const K: [u64; 3] = [
    0x9e37_79b9_7f4a_7c15,
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
];

/// A keyed hash that multiplies sixteen bytes at a time.
#[inline]
fn hash(key: &[u8], seed: u64) -> u64 {
    let start = seed ^ (key.len() as u64).wrapping_mul(K[0]);
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |b| u64::from_le_bytes(*b));
    if key.len() >= 16 {
        let mut hash = start;
        let (pairs, _) = key.as_chunks::<16>();
        for pair in pairs {
            let (a, b) = (word(pair.first_chunk()), word(pair.last_chunk()));
            hash = fold(a ^ K[1] ^ hash, b ^ K[2]);
        }
        let tail = &key[key.len() - 16..];
        fold(
            word(tail.first_chunk()) ^ K[0] ^ hash,
            word(tail.last_chunk()) ^ K[1],
        )
    } else if key.len() >= 8 {
        fold(
            word(key.first_chunk()) ^ K[1] ^ start,
            word(key.last_chunk()) ^ K[2],
        )
    } else if let (Some(first), Some(last)) = (key.first_chunk::<4>(), key.last_chunk::<4>()) {
        let both =
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
        fold(both ^ K[1] ^ start, K[2])
    } else {
        let bytes = key.iter().fold(0, |all, b| all << 8 | u64::from(*b));
        fold(bytes ^ K[1] ^ start, K[2])
    }
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// Combinations of one group.
pub(super) struct TupleMemory {
    table: HashTable<(Tuple, Ordinal)>,
    seed: u64,
}

impl TupleMemory {
    pub(super) fn new() -> Self {
        Self {
            table: HashTable::new(),
            seed: RandomState::default().hash_one(0u64),
        }
    }

    #[inline]
    pub(super) fn get(&self, tuple: &Tuple) -> Option<Ordinal> {
        let found = self
            .table
            .find(tuple_hash(tuple, self.seed), |(t, _)| t == tuple);
        found.map(|(_, ordinal)| *ordinal)
    }

    pub(super) fn insert(&mut self, tuple: &Tuple, ordinal: Ordinal) {
        if self.table.len() >= MAX_ENTRIES {
            self.table.clear();
        }
        let seed = self.seed;
        let hash = tuple_hash(tuple, seed);
        self.table
            .insert_unique(hash, (*tuple, ordinal), |(t, _)| tuple_hash(t, seed));
    }
}

#[inline]
fn tuple_hash(tuple: &Tuple, seed: u64) -> u64 {
    let pair = |i: usize| u64::from(tuple[i]) << 32 | u64::from(tuple[i + 1]);
    let first = fold(pair(0) ^ K[1] ^ seed, pair(2) ^ K[2]);
    fold(pair(4) ^ K[1] ^ first, u64::from(tuple[6]) ^ K[2])
}

impl<V> fmt::Debug for Memory<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("len", &self.table.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TupleMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TupleMemory")
            .field("len", &self.table.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_exactly_what_was_put_in(
            keys in proptest::collection::btree_map("[ab]{0,90}", any::<u32>(), 0..200),
            other in "[ab]{0,90}",
        ) {
            let mut memory = Memory::new();
            for (key, value) in &keys {
                memory.insert(key.as_bytes(), *value);
            }
            for key in keys.keys().chain([&other]) {
                prop_assert_eq!(memory.get(key.as_bytes()), keys.get(key).copied());
            }
        }

        #[test]
        fn same_is_equality(a in "[ab]{0,80}", b in "[ab]{0,80}", at in 0usize..80) {
            let mut c = a.clone().into_bytes();
            prop_assert!(same(a.as_bytes(), &c));
            if a.len() == b.len() {
                prop_assert_eq!(same(a.as_bytes(), b.as_bytes()), a == b);
            }
            if let Some(byte) = c.get_mut(at) {
                *byte = b'c';
                prop_assert!(!same(a.as_bytes(), &c));
            }
        }
    }
}
