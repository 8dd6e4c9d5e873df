//! Lines that are not records but contain one: behind a prefix, in a string, in an event stream, in colours.

use super::colour;
use super::decoder::Decoder;
use super::foreign::Foreign;
use crate::model::{DefectKind, Remark, Skip};

/// Separator of the records of a JSON text sequence (RFC 7464).
pub(super) const RECORD_SEPARATOR: u8 = 0x1e;

impl Decoder {
    /// Reads a line that has no blanks around it.
    pub(super) fn line(&mut self, line: &[u8], position: u64) {
        match line.first() {
            None => {}
            Some(b'{') => self.record(line, position),
            Some(_) => self.nested(position, line, |decoder| decoder.loose(line, position)),
        }
    }

    /// Reads a line that does not begin with a record.
    pub(super) fn loose(&mut self, line: &[u8], position: u64) {
        if line.contains(&0x1b)
            && let Some(plain) = colour::without(line)
        {
            self.remarks.add(Remark::Coloured);
            self.within(position, line, |decoder| {
                decoder.line(plain.trim_ascii(), position);
            });
            return;
        }
        match Loose::of(line) {
            Loose::Text => self.framed(line, position),
            Loose::String(value) => self.string(value, position),
            Loose::StreamLine => self.skip(Skip::StreamLine),
            Loose::Rest { start, is_prefix } => {
                if is_prefix {
                    self.remarks.add(Remark::Prefix);
                }
                self.line(&line[start..], position + start as u64);
            }
            Loose::Partial => {
                let reason = "record split over several lines by the container runtime (P); join the lines first";
                self.flaw(DefectKind::Truncated, position, reason.to_owned(), line);
            }
            Loose::Page => {
                let reason = "an HTML page instead of records";
                self.flaw(DefectKind::Answer, position, reason.to_owned(), line);
            }
            Loose::Nothing => {
                let reason = match Foreign::of_line(line) {
                    Some(foreign) => format!("{}, not JSON", foreign.name),
                    None => "expected a JSON object".to_owned(),
                };
                self.flaw(DefectKind::Syntax, position, reason, line);
            }
        }
    }
}

/// Classification of a line that does not begin with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loose<'a> {
    /// JSON, in most cases a list of records.
    Text,
    /// A JSON string.
    String(&'a str),
    /// A line of an event stream without data.
    StreamLine,
    /// A record, or another such line, follows at `start`.
    Rest {
        start: usize,
        is_prefix: bool,
    },
    /// The first part of a record that continues on another line.
    Partial,
    Page,
    Nothing,
}

impl<'a> Loose<'a> {
    pub(super) fn of(line: &'a [u8]) -> Self {
        let from = |start: usize, is_prefix| {
            let start = start + blanks(&line[start..]);
            if start < line.len() {
                Self::Rest { start, is_prefix }
            } else {
                Self::Nothing
            }
        };
        match line[0] {
            RECORD_SEPARATOR => match from(1, false) {
                Self::Nothing => Self::StreamLine,
                rest => rest,
            },
            b'"' if serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok() => {
                std::str::from_utf8(line).map_or(Self::Nothing, Self::String)
            }
            b'[' if !is_bracketed_prefix(line) => Self::Text,
            b'<' if is_page(line) => Self::Page,
            _ if let Some((_, true)) = container(line) => Self::Partial,
            _ if let Some((start, false)) = container(line) => from(start, true),
            _ => match (stream_line(line), object(line)) {
                (Stream::Data(start), _) => from(start, false),
                (Stream::Other, None) => Self::StreamLine,
                (_, Some(start)) => from(start, true),
                (Stream::No, None)
                    if serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok() =>
                {
                    Self::Text
                }
                (Stream::No, None) => Self::Nothing,
            },
        }
    }
}

fn blanks(text: &[u8]) -> usize {
    text.len() - text.trim_ascii_start().len()
}

/// Start of the first object of a line: a brace, followed by a name.
fn object(line: &[u8]) -> Option<usize> {
    let mut braces = memchr::memchr_iter(b'{', line);
    braces.find(|at| {
        let inner = line[at + 1..].trim_ascii_start();
        matches!(inner.first(), Some(b'"')) && inner.get(1) != Some(&b'"')
    })
}

/// Returns true if a bracket begins a prefix rather than a list: in a list, the first object follows a bracket or a
/// comma.
pub(super) fn is_bracketed_prefix(line: &[u8]) -> bool {
    let Some(start) = object(line) else {
        return false;
    };
    let before = line[..start].trim_ascii_end().last();
    !matches!(before, Some(b'[' | b',' | b':' | b'{'))
}

/// Start of the content of a line written by a container runtime (`TIME stdout F CONTENT`), and true if the next line
/// continues it.
fn container(line: &[u8]) -> Option<(usize, bool)> {
    let mut words = line.splitn(4, |b| *b == b' ');
    let (time, stream, tag) = (words.next()?, words.next()?, words.next()?);
    let is_one = time.first().is_some_and(u8::is_ascii_digit)
        && matches!(stream, b"stdout" | b"stderr")
        && matches!(tag.first(), Some(b'F' | b'P'));
    is_one.then(|| {
        let start = (time.len() + stream.len() + tag.len() + 3).min(line.len());
        (start, tag[0] == b'P')
    })
}

/// Role of a line in an event stream.
enum Stream {
    /// Data, starting at this offset.
    Data(usize),
    /// A name, an id, a comment or the end.
    Other,
    No,
}

fn stream_line(line: &[u8]) -> Stream {
    if let Some(data) = line.strip_prefix(b"data:") {
        return match data.trim_ascii() {
            b"" | b"[DONE]" => Stream::Other,
            _ => Stream::Data(line.len() - data.len()),
        };
    }
    let names: [&[u8]; 4] = [b"event:", b"id:", b"retry:", b":"];
    if names.iter().any(|name| line.starts_with(name)) {
        Stream::Other
    } else {
        Stream::No
    }
}

/// Returns true if an HTML page begins here.
pub(super) fn is_page(line: &[u8]) -> bool {
    let start = line[..line.len().min(14)].to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}
