//! Caches from the raw bytes of a value to its meaning.
//!
//! The key is the bytes before unescaping, so that a value is validated, unescaped and interned once. The bytes
//! themselves are not stored: a 96-bit hash under a random key represents them, so that a lookup reads one place in
//! memory, which can be prefetched. With half a million cached values and 2^40 lookups, the probability of a collision
//! is about 2^-37, whatever the values are.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::num::{NonZeroU32, NonZeroU128};
use std::sync::LazyLock;

use super::simd::prefetch;
use crate::index::{MISSING, Ordinal, Tuple, WIDTH};

/// Escape styles that reproduce the bytes: bit 0 the fewest escapes, bit 1 ASCII only.
pub(super) type Styles = u8;

pub(super) const MINIMAL: Styles = 1;
pub(super) const ASCII: Styles = 2;
pub(super) const ANY: Styles = MINIMAL | ASCII;

/// Maximum length of a key, in bytes. Longer values are decoded each time.
const MAX_KEY: usize = 4096;

/// Maximum number of entries. A full cache is replaced by an empty one: its keys hardly repeat.
const MAX_ENTRIES: usize = 1 << 19;

/// Hash of a key in the upper 96 bits; the others are zero. It is one number because a value assembled in memory from
/// smaller parts stalls when it is loaded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hash(NonZeroU128);

impl Hash {
    fn place(self) -> usize {
        place_of(self.0.get())
    }
}

fn place_of(bits: u128) -> usize {
    (bits >> 32) as u32 as usize
}

/// A number from 0 to 2^30 - 2, and styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known(NonZeroU32);

impl Known {
    /// Returns `None` if the number is too large to be cached.
    pub(super) fn new(number: u32, styles: Styles) -> Option<Self> {
        let fits = number < (1 << 30) - 1;
        let bits = fits.then(|| (number + 1) << 2 | u32::from(styles & ANY))?;
        NonZeroU32::new(bits).map(Self)
    }

    #[inline]
    pub(super) fn number(self) -> u32 {
        (self.0.get() >> 2) - 1
    }

    #[inline]
    pub(super) fn styles(self) -> Styles {
        self.0.get() as Styles & ANY
    }
}

/// Hash table with open addressing, four slots a cache line.
pub(super) struct Memory {
    slots: Vec<Slot>,
    len: usize,
}

/// A hash, with the cached value in its low 32 bits, which are zero in a free slot.
type Slot = u128;

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![0; 8],
            len: 0,
        }
    }

    /// Prefetches the slot of a key for a later [`Self::get`].
    #[inline]
    pub(super) fn prepare(&self, hash: Hash) {
        prefetch(&self.slots[hash.place() & (self.slots.len() - 1)]);
    }

    #[inline]
    pub(super) fn get(&self, hash: Hash) -> Option<Known> {
        let mask = self.slots.len() - 1;
        let mut at = hash.place() & mask;
        loop {
            let slot = self.slots[at];
            let known = NonZeroU32::new(slot as u32)?;
            if (slot ^ hash.0.get()) >> 32 == 0 {
                return Some(Known(known));
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a key that is not in the table. Returns false if the table is full and should be replaced.
    pub(super) fn insert(&mut self, hash: Hash, known: Known) -> bool {
        if self.len >= MAX_ENTRIES {
            return false;
        }
        self.len += 1;
        if self.len * 8 > self.slots.len() * 5 {
            let more = vec![0; self.slots.len() * 2];
            for slot in std::mem::replace(&mut self.slots, more) {
                if slot as u32 != 0 {
                    self.put(slot);
                }
            }
        }
        self.put(hash.0.get() | u128::from(known.0.get()));
        true
    }

    fn put(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = place_of(slot) & mask;
        while self.slots[at] as u32 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    pub(super) fn is_full(&self) -> bool {
        self.len >= MAX_ENTRIES
    }
}

/// Random numbers, shared by all decoders of the process, so that nobody can craft a log whose values collide.
#[derive(Clone, Copy)]
pub(super) struct Hasher(&'static [[u64; 2]; BLOCKS]);

/// One pair for each sixteen bytes of a key, one more for its end, one for the second sum, two to finish.
const BLOCKS: usize = MAX_KEY / 16 + 4;

static KEY: LazyLock<Box<[[u64; 2]; BLOCKS]>> = LazyLock::new(|| {
    // The keys of std's maps come from the system's random numbers, so these do too.
    let (a, b) = (RandomState::new(), RandomState::new());
    Box::new(std::array::from_fn(|n| [a.hash_one(n), b.hash_one(n)]))
});

impl Hasher {
    pub(super) fn new() -> Self {
        Self(&KEY)
    }

    /// Returns `None` for keys too long to be cached, and for one in 2^96.
    ///
    /// Computes two sums of products, as in the NH family of universal hashes: two given keys collide in one sum with a
    /// probability of 2^-64 over the random numbers, and the sums use different ones.
    #[inline]
    pub(super) fn hash(self, key: &[u8]) -> Option<Hash> {
        if key.len() > MAX_KEY {
            return None;
        }
        let (mut first, mut second) = (key.len() as u128, key.len() as u128);
        let mut add = |words: [u64; 2], keys: &[[u64; 2]; 2]| {
            let product = |key: [u64; 2]| {
                u128::from(words[0].wrapping_add(key[0]))
                    * u128::from(words[1].wrapping_add(key[1]))
            };
            first = first.wrapping_add(product(keys[0]));
            second = second.wrapping_add(product(keys[1]));
        };
        let (blocks, rest) = key.as_chunks::<16>();
        // Overlapping windows of two pairs, without a bounds check each.
        let keys = |at: usize| {
            let pair = self.0[at..].first_chunk::<2>();
            pair.expect("a key has fewer blocks than there are pairs")
        };
        for (block, pair) in blocks.iter().zip(self.0.windows(2)) {
            if let Some(pair) = pair.first_chunk() {
                add(words(block), pair);
            }
        }
        if let Some(last) = key.last_chunk::<16>() {
            // The last sixteen bytes, overlapping, instead of a shorter rest.
            if !rest.is_empty() {
                add(words(last), keys(blocks.len()));
            }
        } else if let (Some(head), Some(tail)) = (key.first_chunk::<8>(), key.last_chunk::<8>()) {
            add(
                [u64::from_le_bytes(*head), u64::from_le_bytes(*tail)],
                keys(0),
            );
        } else if let (Some(head), Some(tail)) = (key.first_chunk::<4>(), key.last_chunk::<4>()) {
            let half = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes).into();
            add([half(head), half(tail)], keys(0));
        } else {
            let bytes = key.iter().fold(0, |all, b| all << 8 | u64::from(*b));
            add([bytes, 0], keys(0));
        }
        let [.., a, b] = self.0;
        let (first, second) = (fold(first, *a), fold(second, *b));
        let bits = u128::from(second) << 64 | u128::from(first as u32) << 32;
        NonZeroU128::new(bits).map(Hash)
    }

    #[inline]
    fn tuple(self, tuple: &Tuple) -> usize {
        let pair = |i: usize| u64::from(tuple[i]) << 32 | u64::from(tuple[i + 1]);
        let [a, b, .., c] = self.0;
        let product = |x: u64, y: u64, key: &[u64; 2]| {
            u128::from(x.wrapping_add(key[0])) * u128::from(y.wrapping_add(key[1]))
        };
        let last = u64::from(tuple[WIDTH - 1]);
        fold(
            product(pair(0), pair(2), a).wrapping_add(product(pair(4), last, b)),
            *c,
        ) as usize
    }
}

fn words(block: &[u8; 16]) -> [u64; 2] {
    let number = u128::from_le_bytes(*block);
    [number as u64, (number >> 64) as u64]
}

#[inline]
fn fold(sum: u128, key: [u64; 2]) -> u64 {
    let (low, high) = (sum as u64, (sum >> 64) as u64);
    let product = u128::from(low.wrapping_add(key[0])) * u128::from(high.wrapping_add(key[1]));
    (product as u64) ^ (product >> 64) as u64
}

/// Cache of the tuples of one group; they are compared as a whole.
pub(super) struct TupleMemory {
    slots: Vec<TupleSlot>,
    len: usize,
    hasher: Hasher,
}

/// Slot of [`TupleMemory`], free if the ordinal is MISSING.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct TupleSlot {
    tuple: Tuple,
    ordinal: Ordinal,
}

impl TupleMemory {
    pub(super) fn new(hasher: Hasher) -> Self {
        Self {
            slots: vec![TupleSlot::default(); 8],
            len: 0,
            hasher,
        }
    }

    fn place(&self, tuple: &Tuple) -> usize {
        self.hasher.tuple(tuple) & (self.slots.len() - 1)
    }

    /// Prefetches the slot of a tuple for a later [`Self::get`].
    #[inline]
    pub(super) fn prepare(&self, tuple: &Tuple) {
        prefetch(&self.slots[self.place(tuple)]);
    }

    #[inline]
    pub(super) fn get(&self, tuple: &Tuple) -> Option<Ordinal> {
        let mask = self.slots.len() - 1;
        let mut at = self.place(tuple);
        loop {
            let slot = &self.slots[at];
            if slot.ordinal == MISSING {
                return None;
            }
            if slot.tuple == *tuple {
                return Some(slot.ordinal);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a tuple that is not in the table.
    pub(super) fn insert(&mut self, tuple: &Tuple, ordinal: Ordinal) {
        if self.len >= MAX_ENTRIES {
            *self = Self::new(self.hasher);
        }
        self.len += 1;
        if self.len * 8 > self.slots.len() * 5 {
            let more = vec![TupleSlot::default(); self.slots.len() * 2];
            for slot in std::mem::replace(&mut self.slots, more) {
                if slot.ordinal != MISSING {
                    self.put(slot);
                }
            }
        }
        self.put(TupleSlot {
            tuple: *tuple,
            ordinal,
        });
    }

    fn put(&mut self, slot: TupleSlot) {
        let mask = self.slots.len() - 1;
        let mut at = self.place(&slot.tuple);
        while self.slots[at].ordinal != MISSING {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }
}

/// Compares two texts of equal length. Inline and by words: a call costs more than most of the comparisons.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    let wide = |bytes: &[u8; 16]| u128::from_le_bytes(*bytes);
    if let (Some(end_a), Some(end_b)) = (a.last_chunk::<16>(), b.last_chunk::<16>()) {
        let (chunks_a, chunks_b) = (a.as_chunks::<16>().0, b.as_chunks::<16>().0);
        let mut chunks = chunks_a.iter().zip(chunks_b);
        // The last bytes, overlapping, instead of one after another.
        return chunks.all(|(a, b)| wide(a) == wide(b)) && wide(end_a) == wide(end_b);
    }
    let words = |bytes: &[u8]| {
        let ends = (bytes.first_chunk::<8>()?, bytes.last_chunk::<8>()?);
        Some([u64::from_le_bytes(*ends.0), u64::from_le_bytes(*ends.1)])
    };
    match (words(a), words(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a.iter().zip(b).all(|(a, b)| a == b),
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

impl fmt::Debug for TupleMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TupleMemory")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_exactly_what_was_put_in(
            keys in proptest::collection::btree_map("[ab\u{0}]{0,90}", 0u32..1 << 20, 0..200),
            other in "[ab\u{0}]{0,90}",
        ) {
            let hasher = Hasher::new();
            let hash = |key: &str| hasher.hash(key.as_bytes()).expect("short");
            let mut memory = Memory::new();
            for (key, value) in &keys {
                prop_assert!(memory.insert(hash(key), Known::new(*value, ANY).expect("small")));
            }
            for key in keys.keys().chain([&other]) {
                memory.prepare(hash(key));
                let found = memory.get(hash(key));
                prop_assert_eq!(found.map(Known::number), keys.get(key).copied());
            }
        }

        #[test]
        fn finds_exactly_the_tuples_put_in(
            tuples in proptest::collection::btree_map(proptest::array::uniform7(0u32..3), 1u32..99, 0..200),
            other in proptest::array::uniform7(0u32..3),
        ) {
            let mut memory = TupleMemory::new(Hasher::new());
            for (tuple, ordinal) in &tuples {
                memory.insert(tuple, *ordinal);
            }
            for tuple in tuples.keys().chain([&other]) {
                prop_assert_eq!(memory.get(tuple), tuples.get(tuple).copied());
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

    /// Keys that differ in one byte, in length or in the order of their parts: neither sum may lose that.
    #[test]
    fn no_two_of_many_similar_keys_agree_in_any_third_of_their_hash() {
        let hasher = Hasher::new();
        let mut keys = Vec::new();
        for len in 0..120usize {
            for fill in [0u8, b'a', 0xff] {
                keys.push(vec![fill; len]);
                for at in 0..len {
                    let mut key = vec![fill; len];
                    key[at] ^= 1;
                    keys.push(key);
                }
            }
        }
        let mut seen: [HashMap<u32, u32>; 3] = Default::default();
        let count = keys.len() as f64;
        for key in &keys {
            let Hash(hash) = hasher.hash(key).expect("short");
            for (third, seen) in (1..).zip(&mut seen) {
                let bits = (hash.get() >> (third * 32)) as u32;
                *seen.entry(bits).or_default() += 1;
            }
        }
        for seen in seen {
            // By chance, one pair in 2^32 of about 2 * 10^8 collides.
            assert!(seen.len() as f64 > count - 6.0, "{} of {count}", seen.len());
        }
        assert_eq!(hasher.hash(&vec![0; MAX_KEY + 1]), None);
        assert!(hasher.hash(&vec![0; MAX_KEY]).is_some());
    }
}
