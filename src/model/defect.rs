//! What could not be read, as a value: decoding never fails, it yields events and defects.

use std::sync::Arc;

use super::is_hidden;

/// Why a record (or a part of it) could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DefectKind {
    /// Not JSON (or not the format the source was found to be).
    Syntax,
    /// Well-formed, but not a record: a number, a string, an array where an object was expected.
    Shape,
    /// Neither `time` nor `__time__` could be read; the event is kept without a time.
    Time,
    /// Nested deeper than the reader follows.
    Depth,
    /// The source ends inside a record, or an archive breaks off.
    Truncated,
    /// A value is not what was logged: an escape that is broken. The event is kept.
    Lenient,
    /// In place of records whoever was asked for them gave an error.
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

/// One defect with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    pub kind: DefectKind,
    /// Name of the source, as the user wrote it or as it was found.
    pub source: Arc<str>,
    /// Line number, 1-based; `None` while lines before it are still unread (a large file is read from its
    /// end) or where the source has no lines.
    pub line: Option<u64>,
    /// Byte offset of the record within the (decompressed) source.
    pub offset: u64,
    /// What was expected and what was found.
    pub reason: String,
    /// Start of the record with every control byte escaped; at most [`Defect::SAMPLE`] characters.
    pub sample: String,
}

impl Defect {
    /// Characters of the record that are kept as a sample.
    pub const SAMPLE: usize = 120;

    /// The escaped sample of a record's first bytes: safe to print anywhere.
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
