//! What a source is, told from its first bytes and never from its name.

use std::sync::Arc;

use super::formats::{FormatId, Refusal};
use super::framer::{Framer, Piece};
use super::table::{Header, HeaderError};

/// How a source is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    Json(Framing),
    /// A table whose header ends after so many bytes.
    Table(Arc<Header>, usize),
    /// To be read as a whole.
    Parquet,
}

/// Why it cannot be told how a source is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// More bytes would tell.
    Incomplete,
    Nonsense,
    /// A table without a header.
    NoHeader,
    /// A table of something else, with such names in its header.
    ForeignHeader(String),
    Refused(&'static Refusal),
}

/// How a source that starts so is to be read; where the user says what it is, that is what it is.
/// `complete`: there is no more of it, or [`HEAD`] bytes are there. `head` is not blank.
pub fn layout(head: &[u8], format: Option<FormatId>, complete: bool) -> Result<Layout, Unclear> {
    match format {
        Some(FormatId::Ndjson) => return Ok(Layout::Json(Framing::Lines)),
        Some(FormatId::Json) => return Ok(Layout::Json(Framing::Documents)),
        Some(FormatId::Parquet) => return Ok(Layout::Parquet),
        Some(FormatId::Csv | FormatId::Tsv) => {}
        None if head.starts_with(PARQUET) => return Ok(Layout::Parquet),
        None => {
            if let Some(refusal) = Refusal::find(head) {
                return Err(Unclear::Refused(refusal));
            }
            // A complete first line is enough to tell.
            let blank = head.len() - head.trim_ascii_start().len();
            if !complete && !head[blank..].contains(&b'\n') {
                return Err(Unclear::Incomplete);
            }
        }
    }
    let json = || framing(head).filter(|_| format.is_none());
    if starts_json(head)
        && let Some(framing) = json()
    {
        return Ok(Layout::Json(framing));
    }
    match Header::read(head, format, complete) {
        Ok((header, end)) => Ok(Layout::Table(Arc::new(header), end)),
        Err(error) => match (json(), error) {
            (Some(framing), _) => Ok(Layout::Json(framing)),
            _ if !complete => Err(Unclear::Incomplete),
            (None, HeaderError::Missing) => Err(Unclear::NoHeader),
            (None, HeaderError::Foreign(names)) => Err(Unclear::ForeignHeader(names)),
            (None, _) => Err(Unclear::Nonsense),
        },
    }
}

/// What Parquet starts with.
pub const PARQUET: &[u8] = b"PAR1";

fn starts_json(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// How records lie in JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Each line is a record, or JSON text with whole records in it: lines can be read in any order.
    Lines,
    /// Records may span lines: one array, pretty-printed documents, a wrapper around all of them.
    Documents,
}

/// Bytes that are enough to tell.
pub const HEAD: usize = 1 << 16;

/// How the records lie in text that starts so; `None` where nothing in it looks like JSON records.
/// `head` is the whole source or at least [`HEAD`] bytes of it, and not blank.
pub fn framing(head: &[u8]) -> Option<Framing> {
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    match text.first()? {
        b'[' => Some(Framing::Documents),
        b'{' => {
            let line = text
                .split(|b| *b == b'\n')
                .next()
                .unwrap_or(text)
                .trim_ascii_end();
            let mut pieces = Vec::new();
            Framer::default().push(line, true, &mut pieces);
            let whole = pieces == [Piece::Record(0..line.len())];
            Some(if whole {
                Framing::Lines
            } else {
                Framing::Documents
            })
        }
        _ => {
            let mut lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_start);
            lines
                .any(|line| line.starts_with(b"{") || line.starts_with(b"[{"))
                .then_some(Framing::Lines)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_lines_from_documents() {
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":2}\n", Some(Framing::Lines)),
            ("\u{feff}{\"a\":1}\r\n", Some(Framing::Lines)),
            ("{\"a\":{\"b\":[1]}}", Some(Framing::Lines)),
            ("[{\"a\":1}]\n[]\n", Some(Framing::Documents)),
            ("{\n  \"a\": 1\n}\n", Some(Framing::Documents)),
            (
                "{\"meta\":{},\"data\":[{\"a\":1}]}",
                Some(Framing::Documents),
            ),
            ("garbage\n{\"a\":1}\n", Some(Framing::Lines)),
            ("once upon a time\n", None),
            ("a,b,c\n1,2,3\n", None),
        ] {
            assert_eq!(framing(text.as_bytes()), expected, "{text:?}");
        }
    }
}
