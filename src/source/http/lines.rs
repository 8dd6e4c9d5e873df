//! Splits a stream of bytes into lines (NDJSON). A line that is too long is dropped and counted as rejected.

use std::mem;

/// The longest record.
pub(super) const LONGEST: usize = 16 * 1024 * 1024;

/// A line, or the reason for its rejection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Record(Vec<u8>),
    Bad {
        reason: &'static str,
        sample: Vec<u8>,
    },
}

/// Collects bytes into lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: Vec<u8>,
    /// True while the rest of a line is dropped.
    skipping: bool,
}

impl Lines {
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Cut>) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            self.grow(&rest[..end], out);
            self.end(out);
            rest = &rest[end + 1..];
        }
        self.grow(rest, out);
    }

    /// Ends the current line, also at the end of the stream.
    pub(super) fn end(&mut self, out: &mut Vec<Cut>) {
        let line = mem::take(&mut self.line);
        if !mem::take(&mut self.skipping) && !line.trim_ascii().is_empty() {
            out.push(Cut::Record(line));
        }
    }

    fn grow(&mut self, bytes: &[u8], out: &mut Vec<Cut>) {
        if self.skipping {
            return;
        }
        if self.line.len() + bytes.len() > LONGEST {
            self.skipping = true;
            let sample = mem::take(&mut self.line);
            out.push(Cut::Bad {
                reason: "a line longer than 16 MB",
                sample,
            });
            return;
        }
        self.line.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Cut {
        Cut::Record(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_are_the_same_however_the_bytes_come() {
        let text = b"{\"a\":1}\r\n\n  \n{\"b\":2}\nlast";
        for step in 1..text.len() {
            let (mut lines, mut out) = (Lines::default(), Vec::new());
            for piece in text.chunks(step) {
                lines.feed(piece, &mut out);
            }
            assert_eq!(out.len(), 2);
            lines.end(&mut out);
            assert_eq!(
                out,
                [record("{\"a\":1}\r"), record("{\"b\":2}"), record("last")]
            );
        }
    }

    #[test]
    fn a_line_without_end_does_not_take_all_memory() {
        let (mut lines, mut out) = (Lines::default(), Vec::new());
        for _ in 0..40 {
            lines.feed(&vec![b'x'; 1024 * 1024], &mut out);
        }
        assert!(lines.line.is_empty());
        lines.feed(b"\nnext\n", &mut out);
        assert!(matches!(out[0], Cut::Bad { .. }));
        assert_eq!(out[1..], [record("next")]);
    }
}
