//! Records that could not be read, as values: decoding never fails but yields events and defects.

use std::sync::Arc;

use super::is_hidden;

/// Reason why a record, or a part of it, could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DefectKind {
    /// Not JSON (or not the detected format of the source).
    Syntax,
    /// Well-formed, but not a record: a number, a string, or an array instead of an object.
    Shape,
    /// Neither `time` nor `__time__` could be parsed; the event is kept without a time.
    Time,
    /// Nested deeper than the reader descends.
    Depth,
    /// The source ends inside a record, or an archive is truncated.
    Truncated,
    /// A value differs from the original because of a broken escape. The event is kept.
    Lenient,
    /// An error response in place of records.
    Answer,
}

impl DefectKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Shape => "shape",
            Self::Time => "time",
            Self::Depth => "depth",
            Self::Truncated => "truncated",
            Self::Lenient => "lenient",
            Self::Answer => "answer",
        }
    }
}

/// One defect with its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    pub kind: DefectKind,
    /// Name of the source, as the user wrote it or as it was discovered.
    pub source: Arc<str>,
    /// Line number, 1-based; `None` while earlier lines are unread (a large file is read from its end) and for sources
    /// without lines.
    pub line: Option<u64>,
    /// Byte offset of the record within the (unpacked) source.
    pub offset: u64,
    /// Expected and actual content.
    pub reason: String,
    /// Start of the record with control bytes escaped; at most [`Defect::SAMPLE`] characters.
    pub sample: String,
}

impl Defect {
    /// Maximum length of a sample, in characters.
    pub const SAMPLE: usize = 120;

    /// Escapes the first bytes of a record as a sample that is safe to print anywhere.
    pub fn sample_of(bytes: &[u8]) -> String {
        let head = &bytes[..bytes.len().min(Self::SAMPLE * 4)];
        let mut out = String::new();
        for ch in String::from_utf8_lossy(head).chars().take(Self::SAMPLE) {
            if is_hidden(ch) {
                out.extend(ch.escape_unicode());
            } else {
                out.push(ch);
            }
        }
        if bytes.len() > head.len() {
            out.push('…');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_escapes_what_a_terminal_would_obey() {
        assert_eq!(
            Defect::sample_of(b"a\x1b[2J\0\xff"),
            "a\\u{1b}[2J\\u{0}\u{fffd}"
        );
        assert_eq!(Defect::sample_of("\u{202e}x".as_bytes()), "\\u{202e}x");
    }

    #[test]
    fn sample_is_short() {
        assert_eq!(
            Defect::sample_of(&vec![b'x'; 5_000_000]).chars().count(),
            Defect::SAMPLE + 1
        );
    }
}
