//! Detection of a source's format, from its first bytes and never from its name.

use std::sync::Arc;

use serde::de::IgnoredAny;

use super::colour;
use super::foreign::{self, Foreign};
use super::formats::FormatId;
use super::framer::Framer;
use super::inside::unescaped;
use super::loose::{Loose, RECORD_SEPARATOR, is_bracketed_prefix};
use super::piece::Piece;
use super::refused::Refusal;
use super::scan::BOM;
use super::table::{Header, HeaderError};

/// Format of a source as the reader needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    Json(Framing),
    /// A table, and the length of the text up to the end of its header, in bytes.
    Table(Arc<Header>, usize),
    Parquet,
}

/// Reason why the format could not be detected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// More bytes may decide it.
    Incomplete,
    Nonsense,
    /// A table without a header.
    NoHeader,
    /// A table of something else, with the names in its header.
    ForeignHeader(String),
    Refused(&'static Refusal),
    /// Text of another kind that is recognised by name.
    Foreign(&'static Foreign),
    /// An error page or message in place of the log, with its text.
    Answer(Arc<str>),
}

/// Detects the format of a source from its start; a format set by the user wins. `complete`: the input ends here, or
/// `head` has [`HEAD`] bytes. `head` is not blank.
pub fn layout(head: &[u8], format: Option<FormatId>, complete: bool) -> Result<Layout, Unclear> {
    match format {
        Some(FormatId::Ndjson) => return Ok(Layout::Json(Framing::Lines)),
        Some(FormatId::Json) => return Ok(Layout::Json(Framing::Documents)),
        Some(FormatId::Parquet) => return Ok(Layout::Parquet),
        Some(FormatId::Csv | FormatId::Tsv) => {}
        None if head.starts_with(PARQUET) => return Ok(Layout::Parquet),
        None => {
            if let Some(refusal) = Refusal::find(head) {
                return Err(if complete || !refusal.may_change() {
                    Unclear::Refused(refusal)
                } else {
                    Unclear::Incomplete
                });
            }
            // One complete line is enough to decide.
            let blank = head.len() - head.trim_ascii_start().len();
            if !complete && !head[blank..].contains(&b'\n') {
                return Err(Unclear::Incomplete);
            }
        }
    }
    let json = || framing(head).filter(|_| format.is_none());
    if format.is_none()
        && let Some(foreign) = Foreign::of_line(start_of(head))
        && !lines(head).any(|line| Foreign::of_line(line).is_none() && holds_record(line))
        && !holds_document(head)
    {
        return Err(Unclear::Foreign(foreign));
    }
    if (starts_json(head) || lines(head).next().is_some_and(holds_record))
        && let Some(framing) = json()
    {
        return Ok(Layout::Json(framing));
    }
    match Header::read(head, format, complete) {
        Ok((header, end)) => Ok(Layout::Table(Arc::new(header), end)),
        Err(error) => match (json(), error) {
            (Some(framing), _) => Ok(Layout::Json(framing)),
            _ if !complete => Err(Unclear::Incomplete),
            (None, _) if let Some(words) = foreign::words(head).filter(|_| format.is_none()) => {
                Err(Unclear::Answer(words.into()))
            }
            (None, _) if let Some(foreign) = Foreign::of(head).filter(|_| format.is_none()) => {
                Err(Unclear::Foreign(foreign))
            }
            (None, HeaderError::Missing) => Err(Unclear::NoHeader),
            (None, HeaderError::Foreign(names)) => Err(Unclear::ForeignHeader(names)),
            (None, _) => Err(Unclear::Nonsense),
        },
    }
}

/// Magic number of Parquet.
pub const PARQUET: &[u8] = b"PAR1";

/// Strips blanks, a byte order mark and record separators from the start of a text.
fn start_of(head: &[u8]) -> &[u8] {
    let text = head.strip_prefix(BOM).unwrap_or(head);
    let is_nothing = |b: &u8| b.is_ascii_whitespace() || *b == RECORD_SEPARATOR;
    &text[text.iter().take_while(|b| is_nothing(b)).count()..]
}

fn starts_json(head: &[u8]) -> bool {
    matches!(start_of(head).first(), Some(b'{' | b'['))
}

/// Lines that are not blank.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = head
        .split(|b| *b == b'\n')
        .map(start_of)
        .map(<[u8]>::trim_ascii_end);
    lines.filter(|line| !line.is_empty())
}

/// Returns true if a line is a record or contains one.
fn holds_record(line: &[u8]) -> bool {
    let plain = colour::without(line);
    let mut rest = plain.as_deref().unwrap_or(line).trim_ascii();
    for _ in 0..4 {
        if rest.starts_with(b"{") {
            let mut pieces = Vec::new();
            Framer::default().push(rest, true, &mut pieces);
            return matches!(pieces.first(), Some(Piece::Record(_)));
        }
        match rest.first().map(|_| Loose::of(rest)) {
            Some(Loose::Rest { start, .. }) => rest = &rest[start..],
            Some(Loose::String(value)) => {
                return unescaped(value).is_some_and(|text| text.starts_with('{'));
            }
            _ => return false,
        }
    }
    false
}

/// Returns true if a text contains a JSON object anywhere, even over several lines.
fn holds_document(text: &[u8]) -> bool {
    let mut pieces = Vec::new();
    Framer::default().push(text, true, &mut pieces);
    let is_json = |text: &[u8]| serde_json::from_slice::<IgnoredAny>(text).is_ok();
    let mut pieces = pieces.into_iter();
    pieces.any(|piece| matches!(piece, Piece::Record(range) if is_json(&text[range.clone()])))
}

/// Arrangement of the records in JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Each line is a record, or JSON text with whole records in it: lines can be read in any order.
    Lines,
    /// Records may span lines: one array, pretty-printed documents, or a wrapper around all records.
    Documents,
}

/// Length of the blank start of a text: blanks, line ends, NUL bytes and byte order marks.
pub fn blank(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let says = |byte: &u8| *byte != 0 && !byte.is_ascii_whitespace();
        at += text[at..].iter().position(says).unwrap_or(text.len() - at);
        if !text[at..].starts_with(BOM) {
            return at;
        }
        at += BOM.len();
    }
}

/// Number of bytes that are enough for detection.
pub const HEAD: usize = 1 << 16;

/// Detects the arrangement of the records from the start of a text; `None` if nothing in it looks like JSON records.
/// `head` is the whole source or at least [`HEAD`] bytes of it, and not blank.
pub fn framing(head: &[u8]) -> Option<Framing> {
    let text = start_of(head);
    let line = text
        .split(|b| *b == b'\n')
        .next()
        .unwrap_or(text)
        .trim_ascii_end();
    match text.first()? {
        b'[' if is_bracketed_prefix(line) => Some(Framing::Lines),
        b'[' => Some(Framing::Documents),
        b'{' => {
            let mut pieces = Vec::new();
            Framer::default().push(line, true, &mut pieces);
            let whole = pieces == [Piece::Record(0..line.len())];
            Some(if whole {
                Framing::Lines
            } else {
                Framing::Documents
            })
        }
        _ => lines(text).find_map(|line| {
            if holds_record(line) {
                return Some(Framing::Lines);
            }
            let plain = colour::without(line);
            let plain = plain.as_deref().unwrap_or(line);
            let starts = matches!(plain, b"{" | b"[")
                || plain.starts_with(b"{\"")
                || plain.starts_with(b"[{");
            starts.then_some(Framing::Documents)
        }),
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
            ("audit-1  | {\"a\":1}\n", Some(Framing::Lines)),
            ("[pod/a/b] {\"a\":1}\n", Some(Framing::Lines)),
            (
                ": hello\nevent: x\ndata: {\"a\":1}\n\n",
                Some(Framing::Lines),
            ),
            ("\u{1e}{\"a\":1}\n", Some(Framing::Lines)),
            ("\u{1e}{\n\"a\":1}\n", Some(Framing::Documents)),
            ("\"{\\\"a\\\":1}\"\n", Some(Framing::Lines)),
            ("\u{1b}[1;39m{\u{1b}[0m\"a\":1}\n", Some(Framing::Lines)),
            (
                "\u{1b}[1;39m{\n\u{1b}[0m\"a\":1}\n",
                Some(Framing::Documents),
            ),
            ("HTTP/1.1 200 OK\n\n[\n{\"a\":1}]", Some(Framing::Documents)),
            ("once upon a time\n", None),
            ("a,b,c\n1,2,3\n", None),
        ] {
            assert_eq!(framing(text.as_bytes()), expected, "{text:?}");
        }
    }
}
