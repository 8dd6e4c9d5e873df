//! Concatenated tables: finds the header of the next one.

use super::cut::Cutter;
use super::find::is_value;
use super::header::{Header, known};
use crate::model::name;

impl Header {
    /// Finds the first header of another table among whole rows: its start, the header, and its end.
    pub fn another(&self, rows: &[u8]) -> Option<(usize, Self, usize)> {
        let mut cutter = Cutter::default();
        let (mut cut, mut from) = (0, 0);
        for at in memchr::memmem::find_iter(rows, self.word()) {
            if at < from || !is_cell(rows, at) {
                continue; // Most matches are part of a value.
            }
            let line = memchr::memrchr(b'\n', &rows[from..at]).map_or(from, |end| from + end + 1);
            let end = memchr::memchr(b'\n', &rows[at..]).map_or(rows.len(), |end| at + end + 1);
            from = end;
            if let Some(header) = self.other(&rows[line..end]) {
                cut += cutter.look(&rows[cut..line], &self.dialect);
                if cut == line {
                    return Some((line, header, end));
                }
            }
        }
        None
    }

    /// Word that a header has to contain: the name of the time as this header spells it.
    fn word(&self) -> &[u8] {
        const TIME: &[u8] = name::TIME.as_bytes();
        let mut columns = self
            .columns
            .iter()
            .map(|column| column.written.trim_ascii());
        let own = columns.find(|name| name.eq_ignore_ascii_case(TIME));
        own.unwrap_or(TIME)
    }

    /// Parses a line as a header; `None` if it is not a header or repeats this one.
    fn other(&self, line: &[u8]) -> Option<Self> {
        let (mut header, end) = Self::read(line, None, true).ok()?;
        let written = header.columns.iter().map(|column| &*column.written);
        let cells = written.collect::<csv::ByteRecord>();
        let delimiter = header.dialect.delimiter;
        let is_same = delimiter == self.dialect.delimiter && self.is_header(&cells);
        let is_prose = delimiter == b' ' && self.dialect.delimiter != b' ';
        if end < line.len() || is_same || is_prose || header.dialect.time.is_none() {
            return None;
        }
        header.returns = self.returns;
        self.is_other_header(&cells).then_some(header)
    }

    /// Returns true if the cells of a row are column names: all known, or half of them and a time, and no values.
    pub(super) fn is_other_header(&self, row: &csv::ByteRecord) -> bool {
        let is_own = |cell: &[u8]| {
            let mut names = self.columns.iter().map(|c| c.written.trim_ascii());
            !cell.is_empty() && names.any(|name| name.eq_ignore_ascii_case(cell))
        };
        let cells = || row.iter().map(<[u8]>::trim_ascii);
        let names = cells().filter(|cell| known(cell).is_some() || is_own(cell));
        let names = names.count();
        let has_time =
            || cells().any(|cell| matches!(known(cell), Some(name::TIME | name::LOG_TIME)));
        names >= 2
            && (names == row.len() || (names * 2 >= row.len() && has_time()))
            && !cells().any(is_value)
    }
}

/// Returns true if the name at an offset is a whole cell, with or without underscores.
fn is_cell(rows: &[u8], at: usize) -> bool {
    let ends = |byte: Option<&u8>| {
        byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"-./:".contains(byte))
    };
    let before = rows[..at].strip_suffix(b"__").unwrap_or(&rows[..at]);
    let after = &rows[at + 4..];
    let after = after.strip_prefix(b"__").unwrap_or(after);
    ends(before.last()) && ends(after.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn another(first: &str, rows: &str) -> Option<(usize, Vec<String>, usize)> {
        let (header, _) = Header::read(first.as_bytes(), None, true).expect("a header");
        let (start, other, end) = header.another(rows.as_bytes())?;
        let names = other.columns.iter().map(|column| column.name.clone());
        Some((start, names.collect(), end))
    }

    #[test]
    fn the_header_of_the_next_table_is_known() {
        for line in [
            "time,action,tag\n",
            "tag,time\r\n",
            "\u{feff}\"time\",\"tag\"\n",
            "tag;action;time\n",
            "action\ttime\ttag\n",
            "tag,region,__time__,action",
        ] {
            let row = "GetBlob,2024-04-12T16:58:30+08:00,uptime\n";
            let (start, names, end) =
                another("action,time,tag\n", &format!("{row}{row}{line}")).expect(line);
            assert_eq!((start, end), (row.len() * 2, row.len() * 2 + line.len()));
            assert!(names.contains(&"tag".to_owned()), "{names:?}");
        }
        assert!(another("ACTION,TIME\n", "a,b\nTIME,ACTION,TAG\n").is_some());
    }

    #[test]
    fn values_are_no_headers() {
        for rows in [
            "action,time,tag\n",
            "Action,Time,Tag\n",
            "GetBlob,2024-04-12T16:58:30+08:00,time\n",
            "tag,2024-04-12T16:58:30+08:00,time\n",
            "GetBlob,,\"a\ntime,tag\nb\"\n",
            "time\n",
            "once upon a time, a tag was made\n",
        ] {
            assert_eq!(another("action,time,tag\n", rows), None, "{rows}");
        }
    }
}
