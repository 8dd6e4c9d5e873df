//! Templates of records: everything in a record except its values.
//!
//! A log is written by few programs, so its records share few templates. With the template's number stored next to the
//! values, every record can be reproduced byte for byte without keeping it.

use crate::model::FieldId;

/// One template. The record is the literal of each part followed by its value, then the tail.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Template {
    pub parts: Vec<Part>,
    pub tail: Box<[u8]>,
    /// True if values are written with every non-ASCII character as `\uXXXX`.
    pub ascii: bool,
}

impl Template {
    /// Returns the memory in bytes.
    pub fn bytes(&self) -> usize {
        let literals = self.parts.iter().map(|part| part.literal.len());
        size_of::<Self>()
            + self.parts.len() * size_of::<Part>()
            + literals.sum::<usize>()
            + self.tail.len()
    }
}

/// A literal and the field whose value follows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// Text from the end of the previous value (including its closing quote) to the start of this one (including its
    /// opening quote).
    pub literal: Box<[u8]>,
    pub field: FieldId,
    pub slot: Slot,
}

/// Notation of a value in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// In quotes, escaped.
    Text,
    /// Verbatim: a number, `true`, `null`, a nested object or array.
    Literal,
}

/// Appends text as the inside of a JSON string, with as few escapes as possible or ASCII only.
pub fn escape(text: &str, ascii: bool, out: &mut Vec<u8>) {
    let mut plain = 0;
    let bytes = text.as_bytes();
    for (at, ch) in text.char_indices() {
        if !matches!(ch, '"' | '\\' | '\0'..='\x1f') && (ch <= '\x7f' || !ascii) {
            continue;
        }
        out.extend_from_slice(&bytes[plain..at]);
        plain = at + ch.len_utf8();
        match ch {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\x08' => out.extend_from_slice(b"\\b"),
            '\x0c' => out.extend_from_slice(b"\\f"),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    let digit = |shift: u32| HEX[usize::from(*unit >> shift & 15)];
                    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
                }
            }
        }
    }
    out.extend_from_slice(&bytes[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_like_the_usual_writers() {
        let mut out = Vec::new();
        escape("a\"\\\n\u{1}上😀\x7f", true, &mut out);
        assert_eq!(out, br#"a\"\\\n\u0001\u4e0a\ud83d\ude00"#.iter().chain(b"\x7f").copied().collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn serde_json_reads_it_back_and_writes_the_same(text in ".*") {
            for ascii in [false, true] {
                let mut out = vec![b'"'];
                escape(&text, ascii, &mut out);
                out.push(b'"');
                prop_assert_eq!(&serde_json::from_slice::<String>(&out).expect("valid"), &text);
                if ascii {
                    prop_assert!(out.is_ascii());
                } else {
                    prop_assert_eq!(serde_json::to_vec(&text).expect("text"), out);
                }
            }
        }
    }
}
