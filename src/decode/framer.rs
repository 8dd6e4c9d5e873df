//! Records out of JSON text of any arrangement: arrays, documents over many lines, one after another,
//! `{"data":[…]}` and `{"logs":[…]}` around them.
//!
//! The framer only finds where records start and end, one byte after another and without recursion. It
//! resynchronises after damage: a line end inside a string, a bracket that cannot stand where it stands.

use std::ops::Range;

use crate::model::{CATALOGUE, DefectKind, FieldKind};

/// A piece of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// An object: a record, not yet parsed.
    Record(Range<usize>),
    Bad {
        range: Range<usize>,
        kind: DefectKind,
        reason: &'static str,
    },
}

/// A record longer than this is given up: something is broken before it.
const MAX_RECORD: usize = 1 << 28;

/// Finds records in text that arrives in pieces.
#[derive(Clone, Debug, Default)]
pub struct Framer {
    mode: Mode,
    /// What encloses the records, outermost first.
    enclosing: Vec<Enclosing>,
    /// Bytes of the unfinished piece that have been looked at.
    scanned: usize,
    object: Object,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Mode {
    /// Between records.
    #[default]
    Between,
    /// Inside an object that started at the first unconsumed byte.
    Inside,
    /// In what is left of a wrapper after its records.
    Leaving,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enclosing {
    Array,
    Wrapper,
}

/// Where the scan of an object stands.
#[derive(Clone, Debug, Default)]
struct Object {
    /// Open brackets, outermost first: true for `[`.
    open: Vec<bool>,
    in_string: bool,
    escaped: bool,
    /// Last byte that was neither blank nor inside a string.
    previous: u8,
    /// Where the last string at depth 1 lies, without its quotes.
    key: Range<usize>,
    string_start: usize,
    /// A key of an audit event was seen, so this is no wrapper.
    is_event: bool,
}

enum Step {
    More,
    /// The object ends after this position.
    Done(usize),
    /// Its records start after this position: it is a wrapper.
    Wrapper(usize),
    Broken {
        end: usize,
        reason: &'static str,
    },
}

impl Framer {
    /// Looks at a buffer that starts with what the call before left over. Appends what it finds, with ranges
    /// within `buffer`, and returns how many bytes are done with. At the end of the input nothing is left.
    pub fn push(&mut self, buffer: &[u8], at_end: bool, out: &mut Vec<Piece>) -> usize {
        let mut start = 0;
        let before = out.len();
        loop {
            let rest = &buffer[start..];
            let done = match self.mode {
                Mode::Between => self.between(rest, at_end, start, out),
                Mode::Inside => self.inside(rest, at_end, start, out),
                Mode::Leaving => self.leaving(rest, at_end, start, out),
            };
            match done {
                Some(bytes) => start += bytes,
                None => break,
            }
        }
        if at_end {
            let told = out[before..].iter().any(
                |piece| matches!(piece, Piece::Bad { kind, .. } if *kind == DefectKind::Truncated),
            );
            if !self.enclosing.is_empty() && !told {
                out.push(unclosed(buffer.len()));
            }
            *self = Self::default();
            return buffer.len();
        }
        start
    }

    fn between(
        &mut self,
        rest: &[u8],
        at_end: bool,
        base: usize,
        out: &mut Vec<Piece>,
    ) -> Option<usize> {
        let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',');
        let skip = rest.iter().position(|b| !blank(b)).unwrap_or(rest.len());
        if skip > 0 {
            return Some(skip);
        }
        match *rest.first()? {
            b'{' => {
                self.mode = Mode::Inside;
                self.scanned = 0;
                self.object = Object::default();
                Some(0)
            }
            b'[' => {
                self.enclosing.push(Enclosing::Array);
                Some(1)
            }
            b']' if self
                .enclosing
                .pop()
                .is_some_and(|e| e == Enclosing::Wrapper) =>
            {
                self.mode = Mode::Leaving;
                self.scanned = 0;
                // What was open around the wrapper's array is the wrapper object itself; its keys are of no
                // interest any more.
                self.object = Object {
                    open: vec![false],
                    is_event: true,
                    ..Object::default()
                };
                Some(1)
            }
            b']' => Some(1),
            first => {
                // Something else: up to the end of its line, or of the array's element.
                let in_array = !self.enclosing.is_empty();
                let end = scalar_end(rest, in_array);
                if end == rest.len() && !at_end && end < MAX_RECORD {
                    return None;
                }
                let (kind, reason) = describe(first, &rest[..end]);
                let text = rest[..end].trim_ascii_end().len();
                out.push(Piece::Bad {
                    range: base..base + text,
                    kind,
                    reason,
                });
                Some(end)
            }
        }
    }

    fn inside(
        &mut self,
        rest: &[u8],
        at_end: bool,
        base: usize,
        out: &mut Vec<Piece>,
    ) -> Option<usize> {
        let (end, bad) = match self.object.scan(rest, self.scanned) {
            Step::Done(end) => {
                out.push(Piece::Record(base..base + end));
                (end, None)
            }
            Step::Wrapper(end) => {
                self.enclosing.push(Enclosing::Wrapper);
                (end, None)
            }
            Step::Broken { end, reason } => (end, Some((DefectKind::Syntax, reason))),
            Step::More if rest.len() > MAX_RECORD => (
                rest.len(),
                Some((DefectKind::Syntax, "no end of the record within 256 MiB")),
            ),
            Step::More if at_end => (
                rest.len(),
                Some((DefectKind::Truncated, "the input ends inside a record")),
            ),
            Step::More => {
                self.scanned = rest.len();
                return None;
            }
        };
        if let Some((kind, reason)) = bad {
            out.push(Piece::Bad {
                range: base..base + rest[..end].trim_ascii_end().len(),
                kind,
                reason,
            });
        }
        self.mode = Mode::Between;
        Some(end)
    }

    fn leaving(
        &mut self,
        rest: &[u8],
        at_end: bool,
        base: usize,
        out: &mut Vec<Piece>,
    ) -> Option<usize> {
        let end = match self.object.scan(rest, self.scanned) {
            Step::Done(end) | Step::Wrapper(end) | Step::Broken { end, .. } => end,
            Step::More if at_end => {
                out.push(unclosed(base + rest.len()));
                self.enclosing.clear(); // Told once.
                rest.len()
            }
            Step::More => {
                // Nothing of it is needed again.
                self.scanned = 0;
                return (!rest.is_empty()).then_some(rest.len());
            }
        };
        self.mode = Mode::Between;
        Some(end)
    }
}

/// The end of an input that should have gone on.
fn unclosed(at: usize) -> Piece {
    Piece::Bad {
        range: at..at,
        kind: DefectKind::Truncated,
        reason: "the input ends inside an array or a wrapper of records",
    }
}

impl Object {
    fn scan(&mut self, bytes: &[u8], from: usize) -> Step {
        let mut at = from;
        while at < bytes.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                match memchr::memchr3(b'"', b'\\', b'\n', &bytes[at..]) {
                    None => return Step::More,
                    Some(skip) => at += skip,
                }
                match bytes[at] {
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.open.len() == 1 {
                            self.key = self.string_start..at;
                        }
                    }
                    _ => {
                        return Step::Broken {
                            end: at,
                            reason: "a line ends inside a string",
                        };
                    }
                }
                at += 1;
                continue;
            }
            let byte = bytes[at];
            at += 1;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => continue,
                b'"' => {
                    self.in_string = true;
                    self.string_start = at;
                }
                b'{' => {
                    let in_array = self.open.last().is_some_and(|array| *array);
                    let fits = match self.previous {
                        0 | b':' | b'[' => true,
                        b',' => in_array,
                        _ => false,
                    };
                    if !fits {
                        return Step::Broken {
                            end: at - 1,
                            reason: "a record starts inside another",
                        };
                    }
                    self.open.push(false);
                }
                b'[' => {
                    if self.is_wrapper(bytes) {
                        return Step::Wrapper(at);
                    }
                    self.open.push(true);
                }
                b'}' | b']' => {
                    if self.open.pop() != Some(byte == b']') {
                        return Step::Broken {
                            end: at,
                            reason: "a closing bracket that does not match",
                        };
                    }
                    if self.open.is_empty() {
                        return Step::Done(at);
                    }
                }
                b':' if self.open.len() == 1 && !self.is_event => {
                    self.is_event = is_logged(&bytes[self.key.clone()]);
                }
                _ => {}
            }
            self.previous = byte;
        }
        Step::More
    }

    /// At a `[`: the value of `data` or `logs` in an object that is no event.
    fn is_wrapper(&self, bytes: &[u8]) -> bool {
        self.open.len() == 1
            && self.previous == b':'
            && !self.is_event
            && bytes
                .get(self.key.clone())
                .is_some_and(|key| key == b"data" || key == b"logs")
    }
}

fn is_logged(key: &[u8]) -> bool {
    CATALOGUE
        .fields()
        .iter()
        .any(|f| f.kind != FieldKind::Derived && f.name.as_bytes() == key)
}

/// End of something that is no object and no array: its line, and within an array its element.
fn scalar_end(rest: &[u8], in_array: bool) -> usize {
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'\n' => return at,
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b',' | b']' if in_array && !in_string && at > 0 => return at,
            _ => {}
        }
    }
    rest.len()
}

fn describe(first: u8, text: &[u8]) -> (DefectKind, &'static str) {
    if serde_json::from_slice::<serde_json::Value>(text).is_err() {
        return (DefectKind::Syntax, "expected a JSON object");
    }
    let reason = match first {
        b'"' => "expected an object, found a string",
        b't' | b'f' => "expected an object, found a boolean",
        b'n' => "expected an object, found null",
        _ => "expected an object, found a number",
    };
    (DefectKind::Shape, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Frames a text fed in pieces of a size; records as text, defects as `!` and their text.
    fn frame(text: &str, piece: usize) -> Vec<String> {
        let mut framer = Framer::default();
        let mut buffer: Vec<u8> = Vec::new();
        let mut out = Vec::new();
        let mut feed = text.as_bytes().chunks(piece.max(1)).peekable();
        loop {
            let chunk = feed.next();
            buffer.extend_from_slice(chunk.unwrap_or_default());
            let mut pieces = Vec::new();
            let done = framer.push(&buffer, chunk.is_none(), &mut pieces);
            out.extend(pieces.into_iter().map(|piece| match piece {
                Piece::Record(range) => String::from_utf8_lossy(&buffer[range]).into_owned(),
                Piece::Bad { range, .. } => format!("!{}", String::from_utf8_lossy(&buffer[range])),
            }));
            buffer.drain(..done);
            if chunk.is_none() {
                assert!(buffer.is_empty());
                return out;
            }
        }
    }

    #[test]
    fn finds_records_in_every_arrangement() {
        let a = r#"{"action":"x","n":{"m":[1,{"k":"}"}]}}"#;
        let b = r#"{"action":"\"]"}"#;
        let both = [a, b];
        for text in [
            format!("{a}\n{b}\n"),
            format!("{a}{b}"),
            format!("[{a},{b}]"),
            format!("[{a}]\n[{b}]\n[]\n"),
            format!("[\n  {a},\n  {b}\n]\n"),
            format!(r#"{{"meta":{{"keys":["data"],"x":{{}}}},"data":[{a},{b}]}}"#),
            format!(r#"{{"count":2,"logs":[{a},{b}],"next_cursor":"MTQ]"}}"#),
            format!(r#"{{"data":[{a}],"more":[1,2]}}{{"data":[{b}]}}"#),
        ] {
            for piece in [1, 2, 7, 10_000] {
                assert_eq!(frame(&text, piece), both, "{text}");
            }
        }
    }

    #[test]
    fn an_event_with_a_field_named_data_is_no_wrapper() {
        let text = r#"{"action":"x","data":[{"a":1}]}"#;
        assert_eq!(frame(text, 3), [text]);
    }

    #[test]
    fn damage_does_not_swallow_neighbours() {
        let good = r#"{"a":"1"}"#;
        for (text, expected) in [
            (
                format!("{{\"a\":\"cut\n{good}\n"),
                vec!["!{\"a\":\"cut", good],
            ),
            (
                format!("{{\"a\":\"b\",\n{good}\n"),
                vec!["!{\"a\":\"b\",", good],
            ),
            (
                format!("{{\"a\":\"b\"\n{good}\n"),
                vec!["!{\"a\":\"b\"", good],
            ),
            (format!("{{\"a\":[1}}\n{good}"), vec!["!{\"a\":[1}", good]),
            (format!("garbage {{\n{good}"), vec!["!garbage {", good]),
            (
                format!("[1, {good}, \"x,y\", null]"),
                vec!["!1", good, "!\"x,y\"", "!null"],
            ),
            (format!("{good}\n{{\"a\":"), vec![good, "!{\"a\":"]),
            (format!("]]{good}"), vec![good]),
        ] {
            for piece in [1, 5, 10_000] {
                assert_eq!(frame(&text, piece), expected, "{text}");
            }
        }
    }

    #[test]
    fn deep_nesting_is_one_piece_and_does_not_overflow() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(frame(&deep, 4096), [deep]);
        assert_eq!(frame(&"[".repeat(100_000), 4096), ["!"]);
    }

    #[test]
    fn an_end_inside_an_enclosure_is_one_defect() {
        let good = r#"{"a":"1"}"#;
        for (text, expected) in [
            (format!("[{good}"), vec![good, "!"]),
            (format!("[[{good},\n"), vec![good, "!"]),
            (format!("{{\"data\":[{good}"), vec![good, "!"]),
            (format!("{{\"data\":[{good}]"), vec![good, "!"]),
            (format!("[{{\"data\":[{good}],\"x\":"), vec![good, "!"]),
            (format!("[{good},{{\"a\n"), vec![good, "!{\"a", "!"]),
            (format!("[{good},{{\"a\":1\n"), vec![good, "!{\"a\":1"]),
            (format!("[{good},{{\"a"), vec![good, "!{\"a"]),
            (format!("[{good}]"), vec![good]),
        ] {
            for piece in [1, 5, 10_000] {
                assert_eq!(frame(&text, piece), expected, "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_does_not_depend_on_the_pieces(text in "[\\[\\]{}\",:a1 \\\\\n]{0,60}", piece in 1usize..9) {
            prop_assert_eq!(frame(&text, piece), frame(&text, 1000));
        }
    }
}
