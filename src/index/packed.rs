//! Small numbers, bit-packed to the width of the largest.

use std::sync::Arc;

/// An immutable array of unsigned numbers of one width in bits (0 to 64). Width 0 takes no memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    width: u32,
    words: Arc<[u64]>,
}

impl Packed {
    pub(super) fn new(values: &[u64]) -> Self {
        let width = 64 - values.iter().fold(0, |all, v| all | v).leading_zeros();
        if width == 0 {
            return Self::default();
        }
        // One extra word, so that `get` can always read two.
        let mut words = vec![0u64; (values.len() * width as usize).div_ceil(64) + 1];
        for (i, value) in values.iter().enumerate() {
            let bit = i * width as usize;
            let (word, shift) = (bit / 64, bit % 64);
            words[word] |= value << shift;
            if shift + width as usize > 64 {
                words[word + 1] |= value >> (64 - shift);
            }
        }
        Self {
            width,
            words: words.into(),
        }
    }

    /// Returns the number at a position. Past the end, it returns garbage or panics.
    pub(super) fn get(&self, at: usize) -> u64 {
        if self.width == 0 {
            return 0;
        }
        let bit = at * self.width as usize;
        let (word, shift) = (bit / 64, bit % 64);
        let low = self.words[word] >> shift;
        let high = if shift == 0 {
            0
        } else {
            self.words[word + 1] << (64 - shift)
        };
        (low | high) & (u64::MAX >> (64 - self.width))
    }

    pub(super) fn bytes(&self) -> usize {
        self.words.len() * 8
    }
}

/// Maps signed to unsigned numbers; small magnitudes stay small.
pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn gives_back_what_was_put_in(width in 0u32..=64, raw in proptest::collection::vec(any::<u64>(), 0..200)) {
            let mask = if width == 0 { 0 } else { u64::MAX >> (64 - width) };
            let values: Vec<u64> = raw.iter().map(|v| v & mask).collect();
            let packed = Packed::new(&values);
            prop_assert!(values.iter().enumerate().all(|(i, v)| packed.get(i) == *v));
        }

        #[test]
        fn zigzag_is_invertible(value in any::<i64>()) {
            prop_assert_eq!(unzigzag(zigzag(value)), value);
        }
    }
}
