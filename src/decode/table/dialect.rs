//! Notation of a table, and the general path that splits its rows into cells one by one.

use super::cut::{Odd, is_escaped};
use crate::decode::scan::BOM;
use crate::model::loose;

/// Separators of a table and the form of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: u8,
    /// True if blanks around a cell are not part of it.
    pub(super) blanks: bool,
    /// Number of columns, and index of the time column.
    pub(super) width: usize,
    pub(super) time: Option<usize>,
}

impl Dialect {
    /// A dialect of which only the separators are known.
    pub(super) fn of(delimiter: u8, quote: u8) -> Self {
        Self {
            delimiter,
            quote,
            blanks: false,
            width: 0,
            time: None,
        }
    }

    /// Strips the blanks before the delimiter from an unquoted cell, or from the text after a closing quote.
    #[inline]
    pub(super) fn content<'a>(&self, mut cell: &'a [u8]) -> &'a [u8] {
        while self.blanks
            && let Some(shorter) = cell.strip_suffix(b" ")
        {
            cell = shorter;
        }
        cell
    }

    /// Offset of the time in a line that is certainly a row: it has all cells, and its time is valid.
    pub(super) fn time_of_row(&self, line: &[u8]) -> Option<usize> {
        let column = self.time.filter(|_| self.width > 1)?;
        // A cheap test that excludes most lines of text.
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

    /// Counts the delimiters between the cells of a text.
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

/// Splits text into rows and cells.
pub(super) struct Rows<'a> {
    text: &'a [u8],
    at: usize,
    dialect: Dialect,
    /// The odd quotes; without them, a quote that is never closed is an ordinary character.
    odd: Option<&'a Odd>,
}

impl<'a> Rows<'a> {
    /// `odd` are the odd quotes of the text; without them the text is one line that may be part of a row.
    pub(super) fn of(text: &'a [u8], dialect: Dialect, odd: Option<&'a Odd>) -> Self {
        Self {
            text,
            at: 0,
            dialect,
            odd,
        }
    }

    /// Reads the cells of the next row that is not blank, and returns its start.
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

    /// Reads a cell up to the delimiter or line end after it.
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

    /// Reads the text between quotes, and returns the position of the closing one.
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

/// Appends text with each doubled backslash reduced to one.
fn unescape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..=at]);
        rest = &rest[at + 1..];
        rest = rest.strip_prefix(b"\\").unwrap_or(rest);
    }
    out.extend_from_slice(rest);
}
