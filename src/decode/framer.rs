//! Finds records in JSON text of any arrangement: arrays, documents over many lines, concatenated documents,
//! `{"data":[…]}` and `{"logs":[…]}` around them.
//!
//! The framer finds only the start and end of each record, in one pass over the bytes and without recursion. It
//! resynchronises after damage: a line end inside a string, or a bracket in an impossible place.

use serde::de::IgnoredAny;

use super::colour;
use super::ends::{Line, Scalar};
use super::loose::RECORD_SEPARATOR;
use super::object::{Lists, Object, Step};
use super::piece::Piece;
use super::resync::next_start;
use super::scan::BOM;
use crate::model::DefectKind;

/// Maximum length of a record, in bytes. Anything longer is rejected: text before it is broken, or it is meant to
/// exhaust memory.
pub const MAX_RECORD: usize = 32 << 20;

/// Message for a line that may be a record but is too long.
pub const TOO_LONG: &str = "no line end within 32 MiB";

/// Number of bytes that are searched for records at a time, so that the list of results stays small for any input.
pub const PART: usize = 1 << 18;

/// Maximum depth of nested arrays and wrappers that is tracked by kind. Records are usually in one or two.
const MAX_DEPTH: usize = 1 << 10;

/// Number of bytes after the records of a wrapper that are searched for further lists of records.
const MAX_LEAVING: usize = 1 << 20;

/// Bytes that may be scanned again for each byte consumed, and an initial allowance. A broken record may have to be
/// followed to the end of its line before it is known to be broken, and the next one may start right behind it.
const AGAIN: usize = 8;
const CREDIT: usize = 2 * MAX_RECORD;

/// Finds records in text that arrives in pieces.
#[derive(Clone, Debug, Default)]
pub struct Framer {
    mode: Mode,
    /// Arrays and wrappers around the current record, outermost first.
    enclosing: Vec<Enclosing>,
    /// Bytes of the unfinished piece that have been scanned.
    scanned: usize,
    object: Object,
    /// Number of arrays beyond [`MAX_DEPTH`], which are only counted.
    deeper: usize,
    /// Bytes consumed, and bytes scanned again.
    done: usize,
    again: usize,
    line: Line,
    scalar: Scalar,
    lists: Lists,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    Between,
    /// Inside an object that started at the first unconsumed byte.
    Inside,
    /// In the rest of a wrapper, after its records.
    Leaving,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Enclosing {
    Array,
    Wrapper,
}

impl Framer {
    /// Creates a framer that enters every list that may hold records, for text known to have been read that way.
    pub fn of_lists() -> Self {
        Self {
            lists: Lists::Any,
            ..Self::default()
        }
    }

    /// Returns true inside a list of records.
    pub fn is_within(&self) -> bool {
        !self.enclosing.is_empty()
    }

    /// Calls [`Self::push`] on one part of a text at a time, so that the results take little memory for any text.
    /// Passes each result to `found`, and returns the number of bytes consumed.
    pub fn parts(&mut self, text: &[u8], at_end: bool, mut found: impl FnMut(Piece)) -> usize {
        let (mut done, mut ahead) = (0, 0);
        let mut pieces = Vec::new();
        loop {
            ahead = text.len().min(ahead + PART);
            let is_all = ahead == text.len();
            let start = done;
            done += self.push(&text[start..ahead], at_end && is_all, &mut pieces);
            for piece in pieces.drain(..) {
                found(piece.behind(start));
            }
            if is_all {
                return done;
            }
        }
    }

    /// Scans a buffer that starts with the bytes the last call left over. Appends the pieces found, as ranges of
    /// `buffer`, and returns the number of bytes consumed. At the end of the input everything is consumed.
    pub fn push(&mut self, buffer: &[u8], at_end: bool, out: &mut Vec<Piece>) -> usize {
        let mut start = 0;
        let before = out.len();
        loop {
            let rest = &buffer[start..];
            if self.mode != Mode::Between && rest.len() < self.scanned {
                break; // Already scanned.
            }
            let done = match self.mode {
                Mode::Between => self.between(rest, at_end, start, out),
                Mode::Inside => self.inside(rest, at_end, start, out),
                Mode::Leaving => self.leaving(rest, at_end, start, out),
            };
            match done {
                Some(bytes) => {
                    start += bytes;
                    self.line.consume(bytes);
                    self.done += bytes;
                }
                None => break,
            }
        }
        if at_end {
            let reported = out[before..].iter().any(
                |piece| matches!(piece, Piece::Bad { kind, .. } if *kind == DefectKind::Truncated),
            );
            if !self.enclosing.is_empty() && !reported {
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
        let blank = |b: &u8| {
            matches!(
                b,
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b'\0' | &RECORD_SEPARATOR
            )
        };
        let skip = rest.iter().position(|b| !blank(b)).unwrap_or(rest.len());
        let skip = skip + colour::len(&rest[skip..]);
        if skip > 0 {
            return Some(skip);
        }
        if rest.starts_with(BOM) {
            return Some(BOM.len());
        }
        if BOM.starts_with(rest) && !at_end {
            return None;
        }
        match *rest.first()? {
            b'{' => {
                self.begin(self.lists);
                Some(0)
            }
            b'[' => {
                self.enter(Enclosing::Array);
                Some(1)
            }
            b']' if self.deeper > 0 => {
                self.deeper -= 1;
                Some(1)
            }
            b']' if self
                .enclosing
                .pop()
                .is_some_and(|e| e == Enclosing::Wrapper) =>
            {
                self.mode = Mode::Leaving;
                self.scanned = 0;
                self.object = Object::after_list();
                Some(1)
            }
            b']' => Some(1),
            first => {
                // Anything else: it ends with its line, or with the array's element.
                let in_array = !self.enclosing.is_empty();
                let end = match self.scalar_end(rest, in_array) {
                    Some(end) => end,
                    None if at_end || rest.len() >= MAX_RECORD => rest.len(),
                    None => return None,
                };
                self.scalar = Scalar::default();
                let text = rest[..end].trim_ascii_end().len();
                if first == b'"' && serde_json::from_slice::<IgnoredAny>(&rest[..text]).is_ok() {
                    // The string may contain a record.
                    out.push(Piece::Record(base..base + text));
                    return Some(end);
                }
                let (kind, reason) = describe(first, &rest[..end]);
                // Outside arrays the line end is already known, so finding it again costs nothing.
                let next = self.restart(&rest[..end], if in_array { end } else { 0 });
                let end = next.unwrap_or(end);
                out.push(Piece::Bad {
                    range: base..base + text.min(end),
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
                self.enter(Enclosing::Wrapper);
                (end, None)
            }
            Step::Broken { end, reason } => (end, Some((DefectKind::Syntax, reason))),
            Step::More
                if rest.len() > MAX_RECORD
                    && self.object.lists == Lists::Sure
                    && self.may_look_again(rest.len()) =>
            {
                // More likely a wrapper under another name than one record.
                self.begin(Lists::Any);
                return Some(0);
            }
            Step::More if rest.len() > MAX_RECORD => (
                rest.len(),
                Some((DefectKind::Syntax, "no end of the record within 32 MiB")),
            ),
            Step::More if at_end => (
                rest.len(),
                Some((DefectKind::Truncated, "the input ends inside a record")),
            ),
            Step::More => {
                self.scanned = rest.len() - std::mem::take(&mut self.object.unsure);
                return None;
            }
        };
        let mut end = end;
        if let Some((kind, reason)) = bad {
            let next = self.restart(&rest[..end], end);
            let kind = next.map_or(kind, |_| DefectKind::Syntax);
            end = next.unwrap_or(end);
            out.push(Piece::Bad {
                range: base..base + rest[..end].trim_ascii_end().len(),
                kind,
                reason,
            });
        }
        self.mode = Mode::Between;
        Some(end)
    }

    /// Begins an object at the first unconsumed byte.
    fn begin(&mut self, lists: Lists) {
        self.mode = Mode::Inside;
        self.scanned = 0;
        self.object = Object::default();
        self.object.lists = lists;
    }

    fn enter(&mut self, enclosing: Enclosing) {
        if self.enclosing.len() < MAX_DEPTH {
            self.enclosing.push(enclosing);
        } else {
            self.deeper += 1;
        }
    }

    /// Finds the end of something that is neither object nor array: the end of its line, or within an array the end of
    /// its element.
    fn scalar_end(&mut self, rest: &[u8], in_array: bool) -> Option<usize> {
        let line = self.line.end(rest);
        if !in_array {
            return line;
        }
        self.scalar
            .end(&rest[..line.unwrap_or(rest.len())])
            .or(line)
    }

    /// Finds the start of the next record in broken text. Scanning starts again from there, so the bytes already `seen`
    /// count against the allowance for repeated scans.
    fn restart(&mut self, bad: &[u8], seen: usize) -> Option<usize> {
        let before = self.again;
        let next = self.may_look_again(seen).then(|| next_start(bad))?;
        if next.is_none() {
            self.again = before;
        }
        next
    }

    /// Returns true, and counts the bytes, if that many may be scanned again.
    fn may_look_again(&mut self, bytes: usize) -> bool {
        let may = self.again + bytes <= CREDIT + self.done.saturating_mul(AGAIN);
        self.again += if may { bytes } else { 0 };
        may
    }

    fn leaving(
        &mut self,
        rest: &[u8],
        at_end: bool,
        base: usize,
        out: &mut Vec<Piece>,
    ) -> Option<usize> {
        let end = match self.object.scan(rest, self.scanned) {
            Step::Done(end) => end,
            Step::Wrapper(end) => {
                self.enter(Enclosing::Wrapper);
                end
            }
            Step::Broken { end, .. } => {
                out.push(Piece::Bad {
                    range: base..base + rest[..end].trim_ascii_end().len(),
                    kind: DefectKind::Truncated,
                    reason: "unclosed wrapper around records",
                });
                end
            }
            Step::More if at_end => {
                out.push(unclosed(base + rest.len()));
                self.enclosing.clear(); // Reported once.
                rest.len()
            }
            Step::More if rest.len() > MAX_LEAVING => {
                // Other members of a wrapper are not this long, and nothing of this one is needed again.
                self.scanned = 0;
                let done = rest.len() - std::mem::take(&mut self.object.unsure);
                self.object.is_event = true;
                return Some(done);
            }
            Step::More => {
                self.scanned = rest.len() - std::mem::take(&mut self.object.unsure);
                return None;
            }
        };
        self.mode = Mode::Between;
        Some(end)
    }
}

/// Defect for an input that ends too early.
fn unclosed(at: usize) -> Piece {
    Piece::Bad {
        range: at..at,
        kind: DefectKind::Truncated,
        reason: "the input ends inside an array or a wrapper object",
    }
}

fn describe(first: u8, text: &[u8]) -> (DefectKind, &'static str) {
    if serde_json::from_slice::<serde_json::Value>(text).is_err() {
        return (DefectKind::Syntax, "expected a JSON object");
    }
    let reason = match first {
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

    #[test]
    fn colours_and_separators_between_tokens_say_nothing() {
        let (open, close) = ("\u{1b}[1;39m", "\u{1b}[0m");
        let text = format!(
            "{open}{{{close}\n  {open}\"a\"{close}: 1\n{open}}}{close}\n\u{1e}{{\"a\":2}}\n{open}[{{\"a\":3}}{close}]"
        );
        for piece in [1, 2, 3, 10_000] {
            let found = frame(&text, piece);
            let found: Vec<_> = found
                .iter()
                .map(|r| {
                    String::from_utf8_lossy(
                        &colour::without(r.as_bytes()).unwrap_or(r.as_bytes().to_vec()),
                    )
                    .into_owned()
                })
                .collect();
            assert_eq!(
                found,
                ["{\n  \"a\": 1\n}", "{\"a\":2}", "{\"a\":3}"],
                "{piece}"
            );
        }
    }

    #[test]
    fn a_wrapper_that_is_not_closed_swallows_nothing() {
        let good = r#"{"a":"1"}"#;
        for piece in [1, 5, 10_000] {
            let text = format!("{{\"data\":[{good}]\n{good}\n{good}\n");
            assert_eq!(frame(&text, piece), [good, "!", good, good]);
        }
    }

    /// Frames a text in pieces of the given size; returns records as text, and defects as `!` and their text.
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
            format!(r#"{{"data":[{a}],"more":[1,2],"logs":[ {b}]}}"#),
        ] {
            for piece in [1, 2, 7, 10_000] {
                assert_eq!(frame(&text, piece), both, "{text}");
            }
        }
    }

    #[test]
    fn an_event_with_a_field_named_data_is_no_wrapper_nor_is_one_around_nothing() {
        for text in [
            r#"{"action":"x","data":[{"a":1}]}"#,
            r#"{"code":401,"data":[ ]}"#,
        ] {
            for piece in [1, 3, 1000] {
                assert_eq!(frame(text, piece), [text]);
            }
        }
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
                vec!["!1", good, "\"x,y\"", "!null"],
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

    /// Measures the time to frame a text, and returns it with the number of pieces found.
    fn time(text: &str) -> (std::time::Duration, usize) {
        let began = std::time::Instant::now();
        let (mut framer, mut count) = (Framer::default(), 0);
        framer.parts(text.as_bytes(), true, |_| count += 1);
        (began.elapsed(), count)
    }

    #[test]
    fn time_and_memory_are_linear_whatever_is_repeated() {
        const LEN: usize = 1 << 19;
        let record = "{\"time\":\"1\"}";
        for unit in [
            "{",
            "[",
            "]",
            "\"",
            "x",
            "{\"a\"",
            "{\"data\":[",
            "[{\"a\":\"",
            "\u{1b}[",
            "{\"a\":\"{",
            "[\"",
            &format!("x{record}"),
            &format!("{record}x"),
            &format!("\"{record}"),
            &format!("[x{record}"),
            &format!("[\"{record}"),
            &format!("{{\"a\":\"{record}"),
        ] {
            for start in ["", "[", "{\"data\":["] {
                let text = |len: usize| format!("{start}{}", unit.repeat(len / unit.len()));
                let (short, _) = time(&text(LEN / 8));
                let (long, count) = time(&text(LEN));
                // Linear time would be a factor of 8, quadratic 64.
                assert!(
                    long < short * 30 + std::time::Duration::from_millis(200),
                    "{unit}: {short:?}, {long:?}"
                );
                assert!(count > 0 || unit == "]", "{unit}");
            }
        }
    }

    #[test]
    fn records_between_other_text_are_found_to_the_end_of_a_long_line() {
        let record = "{\"time\":\"1\"}";
        for unit in [format!("x{record}"), format!("{record}x")] {
            let found = frame(&unit.repeat(20_000), 1 << 16);
            assert_eq!(
                found.iter().filter(|found| *found == record).count(),
                20_000
            );
        }
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
