//! Bit sets of byte positions in a text, found 64 bytes at a time.

/// Positions in a text, one bit a byte.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    /// Removes all marks.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Position of the first mark at or after `from`.
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

    /// Loop of [`super::simd::find_any`], generic over the instructions that search 64 bytes.
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

    /// Loop of [`super::simd::find_quotes`], generic over the instructions that find quotes and backslashes among 64
    /// bytes.
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

/// Quotes that no backslash precedes. Bits are visited in order, because an escaped quote or backslash does not count.
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
