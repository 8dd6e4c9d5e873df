//! Finds the ends of table rows: line ends outside quotes.
//!
//! A quote at the start of a cell quotes it, as in RFC 4180; output of a program that follows the RFC is read exactly
//! as meant. Not all do, so such a quote is **stray**, an ordinary character of its cell, if the cell would continue
//! over a line end and
//!
//! - the quote that closes it is followed by neither a delimiter nor a line end, or
//! - one of its lines looks like a row: it has as many cells as the header, and in the time column a time, which is
//!   part of the cell (otherwise the row would have too many cells or too few), or
//! - the input ends before it is closed, or [`MAX_QUOTED`] bytes pass.
//!
//! The row then ends with its line. So one stray quote costs no other row, nor do two that make a pair. And a quote
//! after a backslash is **escaped** if it would close a cell before neither a delimiter nor a line end; from there on,
//! every quote after a backslash is escaped, to the end of its cell.
//!
//! All of this depends only on the row and the lines after it, never on the pieces in which the text arrives.

use super::dialect::Dialect;
use crate::decode::scan::BOM;

/// Maximum length of a quoted cell, in bytes; a longer one is not intended.
const MAX_QUOTED: usize = 1 << 20;

/// Finds the ends of rows in text that arrives in pieces.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    /// Number of bytes scanned.
    scanned: usize,
    /// The quoted cell that is open.
    quoted: Option<Open>,
    /// A cell that closed on a later line than it opened on, and the position of its closing quote. It is judged at the
    /// end of that line.
    pending: Option<(Open, usize)>,
    /// End of the last whole row found so far.
    end: usize,
    odd: Odd,
}

/// A quoted cell that is not closed yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    at: usize,
    /// Start of the current line; `None` on the first.
    line: Option<usize>,
    /// True if quotes after backslashes are escaped.
    escapes: bool,
    /// True after a doubled quote that follows a backslash, which can be read in two ways.
    doubtful: bool,
}

/// Positions of the quotes of a row that need special treatment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Odd {
    pub(super) stray: Vec<usize>,
    /// Quotes that open a cell in which backslashes escape quotes.
    pub(super) escaping: Vec<usize>,
}

impl Cutter {
    /// Scans a buffer that starts with the rest of the last one. Returns the end of the last whole row, up to which the
    /// caller removes the buffer.
    pub fn look(&mut self, buffer: &[u8], dialect: &Dialect) -> usize {
        self.scan(buffer, dialect, false);
        self.odd = Odd::default();
        let end = std::mem::take(&mut self.end);
        self.scanned -= end;
        self.quoted = self.quoted.map(|open| open.before(end));
        self.pending = (self.pending).map(|(open, close)| (open.before(end), close - end));
        end
    }

    /// Finds the ends of rows in text that may continue or, if it has `ended`, the end of the first row.
    fn scan(&mut self, text: &[u8], dialect: &Dialect, ended: bool) {
        loop {
            if let Some(open) = self.quoted {
                if !self.inside(open, text, dialect, ended) {
                    return;
                }
                continue;
            }
            let Some(at) = memchr::memchr2(dialect.quote, b'\n', &text[self.scanned..]) else {
                self.scanned = text.len();
                if ended && !self.judge(text, text.len(), dialect) {
                    self.end = text.len();
                }
                if self.scanned == text.len() {
                    return;
                }
                continue;
            };
            let at = self.scanned + at;
            self.scanned = at + 1;
            if text[at] != b'\n' {
                if opens(text, at, dialect) {
                    self.quoted = Some(Open {
                        at,
                        line: None,
                        escapes: false,
                        doubtful: false,
                    });
                }
            } else if !self.judge(text, at, dialect) {
                self.end = at + 1;
                if ended {
                    return;
                }
            }
        }
    }

    /// Continues inside a quoted cell; false if more text is needed.
    fn inside(&mut self, mut open: Open, text: &[u8], dialect: &Dialect, ended: bool) -> bool {
        let limit = open.at + MAX_QUOTED;
        let reach = text.len().min(limit);
        let from = self.scanned.min(reach);
        let Some(at) = memchr::memchr2(dialect.quote, b'\n', &text[from..reach]) else {
            self.scanned = reach;
            if ended || text.len() >= limit {
                self.give_up(open);
                return true;
            }
            return false;
        };
        let at = from + at;
        if text[at] == b'\n' {
            if self.judge(text, at, dialect) {
                return true;
            }
            if self.is_row(open, at, text, dialect) {
                self.give_up(open);
                return true;
            }
            open.line = Some(at + 1);
            self.scanned = at + 1;
            self.quoted = Some(open);
            return true;
        }
        let next = text.get(at + 1).copied();
        if next.is_none() && !ended {
            self.scanned = at; // The next byte decides.
            return false;
        }
        let escaped = is_escaped(&text[open.at + 1..at]);
        let closes = next.is_none_or(|b| b == dialect.delimiter || matches!(b, b'\n' | b'\r'));
        self.scanned = at + 1;
        if open.escapes && escaped {
            return true;
        }
        if next == Some(dialect.quote) {
            open.doubtful |= escaped;
            self.scanned = at + 2;
            self.quoted = Some(open);
        } else if !closes && escaped {
            open.escapes = true;
            self.quoted = Some(open);
        } else if !closes && (open.line.is_some() || open.is_ambiguous()) {
            self.give_up(open);
        } else {
            if open.escapes {
                self.odd.escaping.push(open.at);
            }
            if open.line.is_some() {
                self.pending = Some((open, at));
            }
            self.quoted = None;
        }
        true
    }

    /// Judges the cell that closed on the line that ends here. Returns true if its quote is stray and the row has to be
    /// scanned again from there.
    fn judge(&mut self, text: &[u8], line_end: usize, dialect: &Dialect) -> bool {
        let Some((open, close)) = self.pending.take() else {
            return false;
        };
        let line = open.line.unwrap_or(open.at);
        let Some(time) = dialect.time_of_row(&text[line..line_end]) else {
            return false;
        };
        // If the time is not in the cell, the line is the end of the cell's row, provided that row has the right width.
        // If another cell is open, the row continues.
        let cells = dialect.delimiters(&text[self.end..open.at])
            + dialect.delimiters(&text[close + 1..line_end])
            + 1;
        let ends = self.quoted.is_none();
        let stray = line + time < close || (ends && cells != dialect.width);
        if stray {
            self.give_up(open);
        }
        stray
    }

    /// Returns true if the line of an open cell that ends here looks like a row whose time is in the cell.
    fn is_row(&self, open: Open, line_end: usize, text: &[u8], dialect: &Dialect) -> bool {
        let line = open.line.unwrap_or_else(|| {
            let before = memchr::memrchr(b'\n', &text[self.end..open.at]);
            before.map_or(self.end, |newline| self.end + newline + 1)
        });
        let time = dialect.time_of_row(&text[line..line_end]);
        time.is_some_and(|time| line + time > open.at)
    }

    /// Reads the cell the other way if it is ambiguous, and otherwise treats its quote as a character; continues after
    /// the quote.
    fn give_up(&mut self, open: Open) {
        self.scanned = open.at + 1;
        self.pending = None;
        self.odd.escaping.retain(|at| *at < open.at);
        self.quoted = open.is_ambiguous().then_some(Open {
            line: None,
            escapes: true,
            ..open
        });
        if self.quoted.is_none() {
            self.odd.stray.push(open.at);
        }
    }
}

impl Open {
    /// Shifts the positions to a text that begins `bytes` later.
    fn before(self, bytes: usize) -> Self {
        Self {
            at: self.at - bytes,
            line: self.line.map(|line| line - bytes),
            ..self
        }
    }

    fn is_ambiguous(&self) -> bool {
        self.doubtful && !self.escapes
    }
}

/// Returns true if a quote outside quotes opens a cell, which it does at the start of a cell, also after the byte order
/// mark of a line. The text begins with a row.
fn opens(text: &[u8], quote: usize, dialect: &Dialect) -> bool {
    let mut before = &text[..quote];
    if dialect.blanks {
        let blanks = before.iter().rev().take_while(|byte| **byte == b' ');
        before = &before[..before.len() - blanks.count()];
    }
    let line = before.strip_suffix(BOM).unwrap_or(before);
    if line.last().is_none_or(|byte| *byte == b'\n') {
        return true;
    }
    before.ends_with(&[dialect.delimiter]) || before.ends_with(b"\r")
}

/// Returns true if the text ends with an odd number of backslashes.
pub(super) fn is_escaped(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

/// End of the first row, including its line end, and its odd quotes; the text is complete.
pub(super) fn first_row(text: &[u8], dialect: &Dialect) -> (usize, Odd) {
    let mut cutter = Cutter::default();
    cutter.scan(text, dialect, true);
    let end = if cutter.end == 0 {
        text.len()
    } else {
        cutter.end
    };
    (end, cutter.odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DIALECT: Dialect = Dialect {
        delimiter: b',',
        quote: b'"',
        blanks: false,
        width: 3,
        time: Some(0),
    };

    /// Ends of rows in text that arrives in pieces, including its end.
    fn ends(text: &[u8], piece: usize, dialect: &Dialect) -> Vec<usize> {
        let (mut cutter, mut taken, mut found) = (Cutter::default(), 0, Vec::new());
        for given in (0..text.len()).step_by(piece) {
            let given = text.len().min(given + piece);
            let end = cutter.look(&text[taken..given], dialect);
            // Split rows that were returned together, as decoding does.
            found.extend(
                rows(&text[taken..taken + end], dialect)
                    .iter()
                    .map(|at| taken + at),
            );
            taken += end;
        }
        found.extend(rows(&text[taken..], dialect).iter().map(|at| taken + at));
        found
    }

    fn rows(text: &[u8], dialect: &Dialect) -> Vec<usize> {
        let (mut at, mut found) = (0, Vec::new());
        while at < text.len() {
            at += first_row(&text[at..], dialect).0;
            found.push(at);
        }
        found
    }

    fn lines(text: &str) -> Vec<usize> {
        text.split_inclusive('\n')
            .scan(0, |at, line| {
                *at += line.len();
                Some(*at)
            })
            .collect()
    }

    #[test]
    fn rows_end_outside_quotes_only() {
        let text = "a,\"b\nc\"\nd,\"e\"\"\n\"\"\"\n5\" disk,x\n";
        for piece in 1..12 {
            assert_eq!(ends(text.as_bytes(), piece, &DIALECT), [8, 19, 29]);
        }
    }

    #[test]
    fn stray_quotes_cost_no_other_row() {
        for text in [
            // One quote that never closes; that closes in the middle of a cell; in the next row; some rows later.
            "2024-04-12 08:58:30,\"a,b\n2024-04-12 08:58:31,c,d\n2024-04-12 08:58:32,c,d\n",
            "2024-04-12 08:58:30,a,\"b\nshort\n2024-04-12 08:58:31,c,\"d\"\n",
            "2024-04-12 08:58:30,a,\"b\n2024-04-12 08:58:31,c,d\"\nx\n",
            "2024-04-12 08:58:30,a,\"b\n2024-04-12 08:58:31,c,d\nx\n2024-04-12 08:58:31,c\",d\n",
            "\"2024-04-12 08:58:30\",\"a\",\"b\n\"2024-04-12 08:58:31\",\"c\",\"d\"\n",
            "\"2024-04-12 08:58:30\",\"a\",\"b\"\"\n\"2024-04-12 08:58:31\",\"c\",\"d\"\n",
        ] {
            for piece in [1, 2, 7, 1000] {
                assert_eq!(
                    ends(text.as_bytes(), piece, &DIALECT),
                    lines(text),
                    "{piece}: {text}"
                );
            }
        }
    }

    #[test]
    fn quotes_behind_backslashes_may_be_escaped() {
        for text in [
            "1,\"say \\\"hi\\\", then\",x\n2,a,b\n",
            "1,\"x\\\"\",\"next\"\n2,a,b\n",
            "1,\"C:\\\",b\n2,\"C:\\\",b\n",
        ] {
            for piece in [1, 2, 7, 1000] {
                assert_eq!(
                    ends(text.as_bytes(), piece, &DIALECT),
                    lines(text),
                    "{piece}: {text}"
                );
            }
        }
    }

    #[test]
    fn a_cell_that_never_ends_is_none() {
        let mut text = b"a,b\n\"c,d\n".to_vec();
        text.extend(b"e,f\n".repeat(MAX_QUOTED / 3));
        let mut cutter = Cutter::default();
        assert_eq!(cutter.look(&text[..MAX_QUOTED], &DIALECT), 4);
        assert_eq!(cutter.look(&text[4..], &DIALECT), text.len() - 4);
        text.extend(b"\"\n");
        assert_eq!(
            rows(&text, &DIALECT).len(),
            text.split(|b| *b == b'\n').count() - 1
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn pieces_do_not_matter(
            parts in proptest::collection::vec("[,\"\n\r a\\\\]{1,6}|1712912310,a,b\n|\"\n|,\"", 0..14), piece in 1usize..12,
            blanks in any::<bool>(),
        ) {
            let text = parts.concat();
            let dialect = Dialect { blanks, ..DIALECT };
            prop_assert_eq!(ends(text.as_bytes(), piece, &dialect), rows(text.as_bytes(), &dialect));
        }
    }
}
