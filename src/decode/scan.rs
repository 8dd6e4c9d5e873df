//! Where a JSON string ends: the innermost loop of decoding.

/// Position of the closing quote of a string whose inside starts at the first byte, and whether anything in
/// it is escaped. `None` where there is no end.
#[inline]
pub(super) fn string_end(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut at = 0;
    let mut escaped = false;
    loop {
        at += quote_or_escape(&bytes[at..])?;
        if bytes[at] == b'"' {
            return Some((at, escaped));
        }
        escaped = true;
        at += 2;
        if at > bytes.len() {
            return None;
        }
    }
}

/// Position of the first quote or backslash, eight bytes at a time.
#[inline]
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let hit = zero_bytes(word ^ QUOTES) | zero_bytes(word ^ ESCAPES);
        if hit != 0 {
            return Some(at + hit.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    rest.iter()
        .position(|b| matches!(b, b'"' | b'\\'))
        .map(|i| at + i)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const QUOTES: u64 = b'"' as u64 * ONES;
const ESCAPES: u64 = b'\\' as u64 * ONES;

/// The high bit of every zero byte; bytes above the lowest hit may be wrong, which the callers do not read.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_byte_at_a_time(text in "[\"\\\\ab]{0,40}") {
            let bytes = text.as_bytes();
            let mut expected = None;
            let (mut at, mut escaped) = (0, false);
            while at < bytes.len() {
                match bytes[at] {
                    b'"' => { expected = Some((at, escaped)); break; }
                    b'\\' => { escaped = true; at += 2; }
                    _ => at += 1,
                }
            }
            prop_assert_eq!(string_end(bytes), expected);
        }
    }
}
