//! Where the strings of a record start and end: the innermost loop of decoding.

use super::simd;

/// Positions of the quotes of a record that are not escaped.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    /// Longer than needed, so that positions are written without a question for room.
    positions: Vec<u32>,
    len: usize,
}

impl Quotes {
    /// Looks through a record. Backslashes are expected only inside strings, as in valid JSON; elsewhere they may
    /// hide a quote, and the record then fits no template.
    pub(super) fn find(&mut self, bytes: &[u8]) {
        self.len = 0;
        simd::find_quotes(bytes, self);
    }

    /// The position of a quote by number.
    #[inline]
    pub(super) fn get(&self, number: usize) -> Option<u32> {
        self.positions[..self.len].get(number).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The loop, for one way to find quotes and backslashes among 64 bytes.
    #[expect(
        clippy::inline_always,
        reason = "all of it has to be made for the processor that the way is for"
    )]
    #[inline(always)]
    pub(super) fn find_with(&mut self, bytes: &[u8], masks: impl Fn(&[u8; 64]) -> (u64, u64)) {
        let (chunks, rest) = bytes.as_chunks::<64>();
        // Position of the byte that the last backslash escapes.
        let mut escaped = usize::MAX;
        for (n, chunk) in chunks.iter().enumerate() {
            self.add(n * 64, masks(chunk), &mut escaped);
        }
        if !rest.is_empty() {
            let mut chunk = [0; 64];
            chunk[..rest.len()].copy_from_slice(rest);
            self.add(chunks.len() * 64, masks(&chunk), &mut escaped);
        }
    }

    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn add(&mut self, first: usize, (mut quotes, escapes): (u64, u64), escaped: &mut usize) {
        if self.positions.len() < self.len + 64 {
            self.positions.resize((self.len + 64) * 2, 0);
        }
        if escapes != 0 || *escaped == first {
            quotes = unescaped(first, quotes, escapes, escaped);
        }
        let Some(room) = self.positions[self.len..].first_chunk_mut::<64>() else {
            return;
        };
        let count = quotes.count_ones() as usize;
        // Eight at a time whether there are so many or not: that costs less than to ask.
        for eight in room.as_chunks_mut::<8>().0 {
            for position in eight {
                *position = first as u32 + quotes.trailing_zeros();
                quotes &= quotes.wrapping_sub(1);
            }
            if quotes == 0 {
                break;
            }
        }
        self.len += count;
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
            let mut quotes = Quotes::default();
            quotes.find(b"\"\"\\");
            quotes.find(bytes);
            let found: Vec<u32> = (0..quotes.len()).filter_map(|n| quotes.get(n)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
