//! Where strings and cells end: the innermost loop of decoding.

use super::simd;

/// The byte order mark. What strings files together leaves it at the beginning of a line, where it says nothing.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Places in a text, a bit a byte.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    /// Marks the quotes of a record that are not escaped. Backslashes are expected only inside strings, as in valid
    /// JSON; elsewhere they may hide a quote, and the record then fits no template.
    pub(super) fn quotes(&mut self, record: &[u8]) {
        self.0.clear();
        simd::find_quotes(record, self);
    }

    /// Marks every byte that is one of four.
    pub(super) fn any(&mut self, text: &[u8], of: [u8; 4]) {
        self.0.clear();
        simd::find_any(text, of, self);
    }

    /// The position of the first mark at or after another.
    #[inline]
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let mut at = from / 64;
        let mut word = self.0.get(at)? & u64::MAX << (from % 64);
        while word == 0 {
            at += 1;
            word = *self.0.get(at)?;
        }
        Some(at * 64 + word.trailing_zeros() as usize)
    }

    /// The loop behind [`Self::any`], for one way to find the bytes among 64.
    #[expect(
        clippy::inline_always,
        reason = "all of it has to be made for the processor that the way is for"
    )]
    #[inline(always)]
    pub(super) fn any_with(&mut self, text: &[u8], mask: impl Fn(&[u8; 64]) -> u64) {
        let (chunks, rest) = text.as_chunks::<64>();
        self.0.extend(chunks.iter().map(&mask));
        if !rest.is_empty() {
            let mut chunk = [0; 64];
            chunk[..rest.len()].copy_from_slice(rest);
            self.0.push(mask(&chunk) & (u64::MAX >> (64 - rest.len())));
        }
    }

    /// The loop behind [`Self::quotes`], for one way to find quotes and backslashes among 64 bytes.
    #[expect(
        clippy::inline_always,
        reason = "all of it has to be made for the processor that the way is for"
    )]
    #[inline(always)]
    pub(super) fn quotes_with(&mut self, bytes: &[u8], masks: impl Fn(&[u8; 64]) -> (u64, u64)) {
        let (chunks, rest) = bytes.as_chunks::<64>();
        // Position of the byte that the last backslash escapes.
        let mut escaped = usize::MAX;
        let mut quotes = |n: usize, (quotes, escapes): (u64, u64)| {
            if escapes == 0 && escaped != n * 64 {
                quotes
            } else {
                unescaped(n * 64, quotes, escapes, &mut escaped)
            }
        };
        let whole = (0..).zip(chunks);
        self.0
            .extend(whole.map(|(n, chunk)| quotes(n, masks(chunk))));
        if !rest.is_empty() {
            let mut chunk = [0; 64];
            chunk[..rest.len()].copy_from_slice(rest);
            self.0.push(quotes(chunks.len(), masks(&chunk)));
        }
    }
}

/// The quotes that no backslash stands before. One hit after another: a hit that is escaped does not count.
fn unescaped(first: usize, quotes: u64, escapes: u64, escaped: &mut usize) -> u64 {
    let mut found = 0;
    let mut hits = quotes | escapes;
    while hits != 0 {
        let bit = hits.trailing_zeros();
        hits &= hits - 1;
        let at = first + bit as usize;
        if at == *escaped {
            continue;
        }
        if escapes >> bit & 1 == 1 {
            *escaped = at + 1;
        } else {
            found |= 1 << bit;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quotes_agree_with_a_byte_at_a_time(text in "[\"\\\\abcdefgh]{0,300}") {
            let bytes = text.as_bytes();
            let (mut at, mut expected) = (0, Vec::new());
            while at < bytes.len() {
                match bytes[at] {
                    b'"' => {
                        expected.push(at as u32);
                        at += 1;
                    }
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
            let mut quotes = Marks::default();
            quotes.quotes(b"\"\"\\");
            quotes.quotes(bytes);
            let found: Vec<u32> = (0..bytes.len() as u32)
                .filter(|at| quotes.next(*at as usize) == Some(*at as usize))
                .collect();
            let after = |from: usize| expected.iter().map(|at| *at as usize).find(|at| *at >= from);
            prop_assert!((0..bytes.len() + 70).all(|from| quotes.next(from) == after(from)));
            prop_assert_eq!(found, expected);
        }
    }
}
