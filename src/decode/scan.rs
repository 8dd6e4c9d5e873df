//! Ends of strings and cells: the innermost loop of decoding.

use super::marks::Marks;
use super::simd;

/// Byte order mark. Concatenated files leave it at the start of a line, where it has no meaning.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

impl Marks {
    /// Marks the quotes of a record that are not escaped. Backslashes are expected only inside strings, as in valid
    /// JSON; elsewhere they may hide a quote, and the record then fits no template.
    pub(super) fn quotes(&mut self, record: &[u8]) {
        self.clear();
        simd::find_quotes(record, self);
    }

    /// Marks every byte that equals one of four.
    pub(super) fn any(&mut self, text: &[u8], of: [u8; 4]) {
        self.clear();
        simd::find_any(text, of, self);
    }
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
