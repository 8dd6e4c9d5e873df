//! Detects the format of a response by its type and its first bytes, and cuts it into records.

use serde::de::IgnoredAny;

use super::document::Document;
use super::events::Events;
use super::lines::{Cut, Lines};
use crate::decode::detect::PARQUET;
use crate::decode::refused::Refusal;
use crate::source::archive;

/// Maximum number of bytes for format detection.
const LOOK: usize = 64 * 1024;

/// Minimum number of bytes for format detection, except for JSON and for shorter responses: enough for the signatures
/// of most archives.
const LEAST: usize = 6;

/// Consumer of the bytes of a response, by format.
pub(super) enum Cutter {
    /// Not detected yet: the format expected from the content type, and the bytes so far.
    Unknown(Expected, Vec<u8>),
    /// `wrapped`: a line may be an object that contains records.
    Lines {
        lines: Lines,
        wrapped: bool,
    },
    Document(Document),
    Events(Events),
    /// Read like a file: an archive, a table, Parquet, other text. The bytes so far.
    Object(Vec<u8>),
}

/// Format of a response according to its content type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Anything,
    Lines,
    Events,
}

impl Cutter {
    pub(super) fn of_type(content_type: &str) -> Self {
        let is_lines = [
            "ndjson",
            "jsonl",
            "json-lines",
            "jsonlines",
            "json-stream",
            "json-seq",
        ];
        let expected = match content_type {
            "text/event-stream" => Expected::Events,
            kind if is_lines.iter().any(|l| kind.contains(l)) => Expected::Lines,
            _ => Expected::Anything,
        };
        Self::Unknown(expected, Vec::new())
    }

    /// Detects the format by the first bytes; `None` if more are needed. `last`: there are no more.
    fn of_content(expected: Expected, bytes: &[u8], last: bool) -> Option<Self> {
        let start = bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(bytes)
            .trim_ascii_start();
        let is_json = matches!(start, [b'{' | b'[' | 0x1e, next, ..] if *next != 0);
        if bytes.len() < LEAST && !last && !is_json {
            return None;
        }
        if start.is_empty() && (last || bytes.len() < LOOK) {
            return None; // Only white space so far.
        }
        match expected {
            _ if !is_json && is_binary(bytes) => return Some(Self::Object(bytes.to_vec())),
            Expected::Events => return Some(Self::Events(Events::default())),
            Expected::Lines => {
                return Some(Self::Lines {
                    lines: Lines::default(),
                    wrapped: false,
                });
            }
            Expected::Anything => {}
        }
        let line_end = memchr::memchr(b'\n', start);
        if line_end.is_none() && !last && bytes.len() < LOOK {
            return None;
        }
        let line = &start[..line_end.unwrap_or(start.len())];
        let is_event = ["data:", "event:", "id:", "retry:", ":"]
            .iter()
            .any(|field| start.starts_with(field.as_bytes()));
        Some(if is_event {
            Self::Events(Events::default())
        } else if !is_json {
            Self::Object(bytes.to_vec())
        } else if serde_json::from_slice::<IgnoredAny>(line.strip_prefix(b"\x1e").unwrap_or(line))
            .is_err()
        {
            Self::Document(Document::default())
        } else {
            Self::Lines {
                lines: Lines::default(),
                wrapped: true,
            }
        })
    }

    pub(super) fn is_stream(&self) -> bool {
        match self {
            Self::Lines { .. } | Self::Events(_) => true,
            Self::Unknown(expected, _) => *expected != Expected::Anything,
            Self::Document(_) | Self::Object(_) => false,
        }
    }

    /// Consumes the bytes that were used for detection.
    fn begin(&mut self, start: &[u8], out: &mut Vec<Cut>) {
        match self {
            Self::Object(_) => {} // Has the bytes already.
            Self::Events(events) => {
                events.feed(start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start), out);
            }
            _ => self.feed(start, out),
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Cut>) {
        match self {
            Self::Unknown(expected, start) => {
                start.extend_from_slice(bytes);
                if let Some(mut cutter) = Self::of_content(*expected, start, false) {
                    cutter.begin(start, out);
                    *self = cutter;
                }
            }
            Self::Lines { lines, .. } => lines.feed(bytes, out),
            Self::Document(document) => document.feed(bytes, out),
            Self::Events(events) => events.feed(bytes, out),
            Self::Object(start) => start.extend_from_slice(bytes),
        }
    }

    /// Ends the response. Returns false if it was cut off. `asked_again`: an event that is incomplete at the end will
    /// be requested again.
    pub(super) fn end(&mut self, asked_again: bool, out: &mut Vec<Cut>) -> bool {
        match self {
            Self::Unknown(expected, start) => {
                let Some(mut cutter) = Self::of_content(*expected, start, true) else {
                    return true;
                };
                cutter.begin(start, out);
                *self = cutter;
                return self.end(asked_again, out);
            }
            Self::Lines { lines, .. } => lines.end(out),
            Self::Document(document) if document.is_open() => return false,
            Self::Document(document) => document.end(out),
            Self::Events(events) if !asked_again => events.end(out),
            Self::Events(_) | Self::Object(_) => {}
        }
        true
    }

    /// First bytes of a response that is read like a file.
    pub(super) fn start(&self) -> &[u8] {
        match self {
            Self::Unknown(_, start) | Self::Object(start) => start,
            _ => &[],
        }
    }

    /// Returns true if it is an HTML page.
    pub(super) fn is_page(&self) -> bool {
        let Self::Object(start) = self else {
            return false;
        };
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let start = start.trim_ascii_start();
        let start = start[..start.len().min(14)].to_ascii_lowercase();
        start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
    }
}

/// Returns true if the bytes are not text, whatever the content type: an archive, Parquet, UTF-16, or a format that is
/// rejected by name.
fn is_binary(bytes: &[u8]) -> bool {
    let is_wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    is_wide
        || bytes[..bytes.len().min(4)].contains(&0)
        || bytes.starts_with(PARQUET)
        || Refusal::find(bytes).is_some()
        || archive::is_archive(bytes).unwrap_or(false)
}
