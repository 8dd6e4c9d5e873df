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

/// Position of the `n`-th quote (from 1) that is not escaped, in JSON text that starts inside a string.
/// Backslashes are expected only inside strings, as in valid JSON; elsewhere the answer is some position.
#[inline]
pub(super) fn nth_quote(bytes: &[u8], n: usize) -> Option<usize> {
    let mut left = n as u32;
    let mut at = 0;
    let (words, _) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        if zero_bytes(word ^ ESCAPES) != 0 {
            break;
        }
        let quotes = exact_zero_bytes(word ^ QUOTES);
        let here = quotes.count_ones();
        if here >= left {
            return Some(at + nth_bit(quotes, left) / 8);
        }
        left -= here;
        at += 8;
    }
    // From the first escape on, one string end after another.
    loop {
        at += string_end(&bytes[at..])?.0;
        left -= 1;
        if left == 0 {
            return Some(at);
        }
        at += 1;
    }
}

/// Position of the `n`-th set bit (from 1).
#[inline]
fn nth_bit(mut bits: u64, n: u32) -> usize {
    for _ in 1..n {
        bits &= bits - 1;
    }
    bits.trailing_zeros() as usize
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

/// The high bit of every zero byte, and of no other.
#[inline]
fn exact_zero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    !(((word & LOW) + LOW) | word | LOW)
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

        #[test]
        fn nth_quote_agrees_with_a_byte_at_a_time(text in "[\"\\\\abcdefgh]{0,60}", n in 1usize..8) {
            let bytes = text.as_bytes();
            let (mut at, mut left, mut expected) = (0, n, None);
            while at < bytes.len() {
                match bytes[at] {
                    b'"' => {
                        left -= 1;
                        if left == 0 {
                            expected = Some(at);
                            break;
                        }
                        at += 1;
                    }
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
            prop_assert_eq!(nth_quote(bytes, n), expected);
        }
    }
}
