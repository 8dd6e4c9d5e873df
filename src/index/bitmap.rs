//! Sets of rows of one segment, one bit per row.

use std::ops::Index;

/// Set of rows of a segment. Bits past the last row are always zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    words: Box<[u64]>,
    rows: usize,
}

impl Bitmap {
    pub fn none(rows: usize) -> Self {
        Self {
            words: vec![0; rows.div_ceil(64)].into(),
            rows,
        }
    }

    pub fn all(rows: usize) -> Self {
        let mut all = Self {
            words: vec![u64::MAX; rows.div_ceil(64)].into(),
            rows,
        };
        all.trim();
        all
    }

    /// Creates the set of rows for which `test` holds. Calls it once per row, in order.
    pub fn from_fn(rows: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut out = Self::none(rows);
        for (w, word) in out.words.iter_mut().enumerate() {
            let first = w * 64;
            let mut bits = 0u64;
            for bit in 0..(rows - first).min(64) {
                bits |= u64::from(test(first + bit)) << bit;
            }
            *word = bits;
        }
        out
    }

    /// Creates the set of rows whose code passes. `passing` holds 1 for each passing code, else 0.
    #[inline]
    pub fn of_codes<C: Copy + Into<usize>>(
        codes: &[C],
        passing: &(impl Index<usize, Output = u8> + ?Sized),
    ) -> Self {
        let mut out = Self::none(codes.len());
        for (word, codes) in out.words.iter_mut().zip(codes.chunks(64)) {
            let (eights, rest) = codes.as_chunks::<8>();
            for (at, eight) in eights.iter().enumerate() {
                // Shifts by constants within eight rows; shifts by a variable take several times as long.
                let mut bits = 0;
                for (bit, code) in eight.iter().enumerate() {
                    bits |= u64::from(passing[(*code).into()]) << bit;
                }
                *word |= bits << (at * 8);
            }
            for (bit, code) in rest.iter().enumerate() {
                *word |= u64::from(passing[(*code).into()]) << (eights.len() * 8 + bit);
            }
        }
        out
    }

    /// Creates the set of rows of a half-open range.
    pub fn range(rows: usize, start: usize, end: usize) -> Self {
        let mut out = Self::none(rows);
        for (w, word) in out.words.iter_mut().enumerate() {
            *word = span_mask(w, start, end.min(rows));
        }
        out
    }

    fn trim(&mut self) {
        if let Some(last) = self.words.last_mut()
            && !self.rows.is_multiple_of(64)
        {
            *last &= u64::MAX >> (64 - self.rows % 64);
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn words(&self) -> &[u64] {
        &self.words
    }

    pub fn insert(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
    }

    pub fn contains(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Returns the number of set rows in a half-open range.
    pub fn count_range(&self, start: usize, end: usize) -> usize {
        if start >= end {
            return 0;
        }
        let (first, last) = (start / 64, (end - 1) / 64);
        (first..=last)
            .map(|w| (self.words[w] & span_mask(w, start, end)).count_ones() as usize)
            .sum()
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    pub fn and(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(a, b)| *a &= b);
    }

    pub fn or(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(a, b)| *a |= b);
    }

    pub fn not(&mut self) {
        self.words.iter_mut().for_each(|w| *w = !*w);
        self.trim();
    }

    /// Iterates over the set rows in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.words
            .iter()
            .enumerate()
            .flat_map(|(w, word)| Bits(*word).map(move |bit| w * 64 + bit))
    }

    /// Returns the first set row at or after a row.
    pub fn next(&self, row: usize) -> Option<usize> {
        let mut w = row / 64;
        let mut word = self.words.get(w)? & (u64::MAX << (row % 64));
        while word == 0 {
            w += 1;
            word = *self.words.get(w)?;
        }
        Some(w * 64 + word.trailing_zeros() as usize)
    }

    /// Returns the last set row before a row.
    pub fn previous(&self, row: usize) -> Option<usize> {
        let mut w = row / 64;
        let mut word = if let Some(word) = self.words.get(w) {
            word & !(u64::MAX << (row % 64))
        } else {
            w = self.words.len();
            0
        };
        while word == 0 {
            w = w.checked_sub(1)?;
            word = self.words[w];
        }
        Some(w * 64 + 63 - word.leading_zeros() as usize)
    }

    /// Returns the set row with a rank, 0 for the first.
    pub fn select(&self, rank: usize) -> Option<usize> {
        let mut left = rank;
        for (w, word) in self.words.iter().enumerate() {
            let here = word.count_ones() as usize;
            if left < here {
                return Bits(*word).nth(left).map(|bit| w * 64 + bit);
            }
            left -= here;
        }
        None
    }
}

/// Returns the bits of word `w` that are in a half-open range of rows.
fn span_mask(w: usize, start: usize, end: usize) -> u64 {
    let (first, after) = (w * 64, w * 64 + 64);
    if end <= first || start >= after {
        return 0;
    }
    let low = u64::MAX << start.saturating_sub(first);
    let high = if end >= after {
        u64::MAX
    } else {
        u64::MAX >> (after - end)
    };
    low & high
}

/// Positions of the set bits of a word.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

impl DoubleEndedIterator for Bits {
    fn next_back(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = 63 - self.0.leading_zeros() as usize;
        self.0 &= !(1 << bit);
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn rows_of_codes_are_those_that_pass(
            codes in proptest::collection::vec(prop_oneof![0u8..3, any::<u8>()], 0..300),
            code in prop_oneof![0u8..3, any::<u8>()],
        ) {
            let wanted: Vec<usize> = (0..codes.len()).filter(|row| codes[*row] == code).collect();
            let listed = |rows: &Bitmap| rows.iter().collect::<Vec<_>>();
            let mut table = [0; 256];
            table[usize::from(code)] = 1;
            prop_assert_eq!(&listed(&Bitmap::of_codes(&codes, &table)), &wanted);
        }

        /// Every operation against its counterpart on ordered sets.
        #[test]
        fn obeys_the_laws_of_sets(
            rows in 1usize..300,
            a in proptest::collection::btree_set(0usize..300, 0..80),
            b in proptest::collection::btree_set(0usize..300, 0..80),
            at in 0usize..320,
            end in 0usize..320,
        ) {
            let set = |s: &BTreeSet<usize>| s.iter().copied().filter(|r| *r < rows).collect::<BTreeSet<_>>();
            let (a, b) = (set(&a), set(&b));
            let map = |s: &BTreeSet<usize>| Bitmap::from_fn(rows, |r| s.contains(&r));
            let listed = |m: &Bitmap| m.iter().collect::<BTreeSet<_>>();
            let (x, y) = (map(&a), map(&b));
            let mut and = x.clone();
            and.and(&y);
            prop_assert_eq!(listed(&and), &a & &b);
            let mut or = x.clone();
            or.or(&y);
            prop_assert_eq!(listed(&or), &a | &b);
            let mut not = x.clone();
            not.not();
            prop_assert_eq!(listed(&not), &(0..rows).collect() - &a);
            prop_assert_eq!(x.count(), a.len());
            prop_assert_eq!(x.count_range(at.min(rows), end.min(rows)), if at < end { a.range(at..end).count() } else { 0 });
            prop_assert_eq!(x.next(at), a.range(at..).next().copied());
            prop_assert_eq!(x.previous(at), a.range(..at).next_back().copied());
            prop_assert_eq!(x.select(at), a.iter().nth(at).copied());
            prop_assert!(x.iter().rev().eq(a.iter().rev().copied()));
            let codes: Vec<u8> = (0..rows).map(|row| u8::from(a.contains(&row))).collect();
            prop_assert_eq!(&listed(&Bitmap::of_codes(&codes, &[0u8, 1])), &a);
            let range = Bitmap::range(rows, at.min(rows), end);
            prop_assert_eq!(listed(&range), (at.min(rows)..end.min(rows)).collect());
            prop_assert_eq!(Bitmap::all(rows).count(), rows);
        }
    }
}
