//! How a table is written, and its rows taken apart one cell at a time: the general way.

use super::cut::{Odd, is_escaped};
use crate::decode::scan::BOM;
use crate::model::loose;

/// What separates cells, and what a row looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: u8,
    /// Blanks around a cell are no part of it.
    pub(super) blanks: bool,
    /// Number of columns, and which of them holds the time.
    pub(super) width: usize,
    pub(super) time: Option<usize>,
}

impl Dialect {
    /// One of which nothing is known but what is between cells.
    pub(super) fn of(delimiter: u8, quote: u8) -> Self {
        Self {
            delimiter,
            quote,
            blanks: false,
            width: 0,
            time: None,
        }
    }

    /// What of an unquoted cell, or of what stands behind the closing quote, is not blanks before the delimiter.
    #[inline]
    pub(super) fn content<'a>(&self, mut cell: &'a [u8]) -> &'a [u8] {
        while self.blanks
            && let Some(shorter) = cell.strip_suffix(b" ")
        {
            cell = shorter;
        }
        cell
    }

    /// Where the time is in a line that is a row beyond doubt: all cells are there, and the time is one.
    pub(super) fn time_of_row(&self, line: &[u8]) -> Option<usize> {
        let column = self.time.filter(|_| self.width > 1)?;
        // Cheap to tell, and so for most lines of text.
        if memchr::memchr_iter(self.delimiter, line).count() + 1 < self.width {
            return None;
        }
        let mut rest = Rows::of(line, *self, None);
        let (mut cell, mut time) = (Vec::new(), None);
        for at in 0..self.width {
            let start = rest.at;
            cell.clear();
            rest.cell(&mut cell);
            if at == column {
                loose::read(&cell).ok()?;
                time = Some(start);
            }
            let is_last = at + 1 == self.width;
            if is_last == (line.get(rest.at) == Some(&self.delimiter)) {
                return None;
            }
            rest.at += 1;
        }
        let after = line.get(rest.at..).unwrap_or_default();
        time.filter(|_| after.iter().all(|byte| *byte == b'\r'))
    }

    /// How many delimiters are between cells of a text.
    pub(super) fn delimiters(&self, text: &[u8]) -> usize {
        let mut rest = Rows::of(text, *self, None);
        let (mut cell, mut count) = (Vec::new(), 0);
        while rest.at < text.len() {
            cell.clear();
            rest.cell(&mut cell);
            count += usize::from(text.get(rest.at) == Some(&self.delimiter));
            rest.at += 1;
        }
        count
    }
}

/// Takes rows apart.
pub(super) struct Rows<'a> {
    text: &'a [u8],
    at: usize,
    dialect: Dialect,
    /// The odd quotes; without them those are that close nothing.
    odd: Option<&'a Odd>,
}

impl<'a> Rows<'a> {
    /// `odd` is what was found in the text; without it the text is one line that may be part of a row.
    pub(super) fn of(text: &'a [u8], dialect: Dialect, odd: Option<&'a Odd>) -> Self {
        Self {
            text,
            at: 0,
            dialect,
            odd,
        }
    }

    /// Reads the cells of the next row that has any, and returns where it starts.
    pub(super) fn next(&mut self, cells: &mut csv::ByteRecord) -> Option<usize> {
        cells.clear();
        let rest = &self.text[self.at..];
        let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
        self.at += ends.count();
        if self.at == self.text.len() {
            return None;
        }
        let start = self.at;
        if start == 0 && self.text.starts_with(BOM) {
            self.at = BOM.len();
        }
        let mut cell = Vec::new();
        loop {
            cell.clear();
            self.cell(&mut cell);
            cells.push_field(&cell);
            if self.text.get(self.at) != Some(&self.dialect.delimiter) {
                return Some(start);
            }
            self.at += 1;
        }
    }

    /// Reads a cell up to the delimiter or line end behind it.
    fn cell(&mut self, cell: &mut Vec<u8>) {
        if self.dialect.blanks {
            let rest = &self.text[self.at..];
            self.at += rest.iter().take_while(|byte| **byte == b' ').count();
        }
        if self.text.get(self.at) == Some(&self.dialect.quote) {
            let escapes = self.odd.is_some_and(|odd| odd.escaping.contains(&self.at));
            let stray = self.odd.is_some_and(|odd| odd.stray.contains(&self.at));
            if !stray && let Some(close) = self.quoted(cell, escapes) {
                self.at = close + 1;
            } else {
                cell.clear();
            }
        }
        let rest = &self.text[self.at..];
        let end = memchr::memchr3(self.dialect.delimiter, b'\n', b'\r', rest);
        let end = end.unwrap_or(rest.len());
        cell.extend_from_slice(self.dialect.content(&rest[..end]));
        self.at += end;
    }

    /// Reads what is between quotes, and returns where the closing one stands.
    fn quoted(&self, cell: &mut Vec<u8>, escapes: bool) -> Option<usize> {
        let quote = self.dialect.quote;
        let mut from = self.at + 1;
        loop {
            let at = from + memchr::memchr(quote, &self.text[from..])?;
            let piece = &self.text[from..at];
            if escapes && is_escaped(&self.text[self.at + 1..at]) {
                unescape(&piece[..piece.len() - 1], cell);
                cell.push(quote);
                from = at + 1;
                continue;
            }
            if escapes {
                unescape(piece, cell);
            } else {
                cell.extend_from_slice(piece);
            }
            if self.text.get(at + 1) != Some(&quote) {
                return Some(at);
            }
            cell.push(quote);
            from = at + 2;
        }
    }
}

/// Appends text in which a backslash stands twice for one.
fn unescape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..=at]);
        rest = &rest[at + 1..];
        rest = rest.strip_prefix(b"\\").unwrap_or(rest);
    }
    out.extend_from_slice(rest);
}
