//! Where the strings of a record start and end: the innermost loop of decoding.

use super::simd::quote_masks;

/// Positions of all quotes that are not escaped. Backslashes are expected only inside strings, as in valid
/// JSON; elsewhere they may hide a quote, and the record then fits no template.
pub(super) fn quotes(bytes: &[u8], out: &mut Vec<u32>) {
    out.clear();
    let (chunks, rest) = bytes.as_chunks::<64>();
    // Position of the byte that the last backslash escapes.
    let mut escaped = usize::MAX;
    for (n, chunk) in chunks.iter().enumerate() {
        let first = n * 64;
        let (mut quotes, escapes) = quote_masks(chunk);
        if escapes == 0 && escaped != first {
            out.reserve(64);
            while quotes != 0 {
                out.push(first as u32 + quotes.trailing_zeros());
                quotes &= quotes - 1;
            }
            continue;
        }
        // One hit after another: a hit that is escaped does not count.
        let mut hits = quotes | escapes;
        while hits != 0 {
            let bit = hits.trailing_zeros();
            hits &= hits - 1;
            let at = first + bit as usize;
            if at == escaped {
                continue;
            }
            if escapes >> bit & 1 == 1 {
                escaped = at + 1;
            } else {
                out.push(at as u32);
            }
        }
    }
    for (at, byte) in (chunks.len() * 64..).zip(rest) {
        step(at, *byte, &mut escaped, out);
    }
}

#[inline]
fn step(at: usize, byte: u8, escaped: &mut usize, out: &mut Vec<u32>) {
    match byte {
        _ if at == *escaped => {}
        b'\\' => *escaped = at + 1,
        b'"' => out.push(at as u32),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quotes_agree_with_a_byte_at_a_time(text in "[\"\\\\abcdefgh]{0,200}") {
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
            let mut found = Vec::new();
            quotes(bytes, &mut found);
            prop_assert_eq!(found, expected);
        }
    }
}
