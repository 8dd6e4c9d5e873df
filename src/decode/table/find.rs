//! Finds the header of a table: in the first line, or after the text that spreadsheets and authors put before it.

use std::borrow::Cow;

use super::cut::Cutter;
use super::dialect::{Dialect, Rows};
use super::header::{Header, known, returns_to_newlines};
use crate::decode::formats::FormatId;
use crate::decode::scan::BOM;
use crate::model::{is_hidden, loose, name};

/// Delimiters, the likeliest first. A blank is the weakest: prose has them too.
const DELIMITERS: [u8; 5] = *b",\t|; ";

/// Maximum number of columns; a wider table is not a log.
const MAX_COLUMNS: usize = 4096;

/// Maximum number of lines skipped before the header: titles, and descriptions of a report.
const PREAMBLE: usize = 10;

/// Reason why text is not a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// It may become one when the first row is complete.
    Incomplete,
    /// Rows of cells without a header.
    Missing,
    /// A table of something else: its first names, safe to print.
    Foreign(String),
    /// No rows of cells.
    NoTable,
}

/// Result of reading a line as a header.
enum Line {
    Header(Box<Header>, usize),
    Incomplete,
    Other,
}

impl Header {
    /// Reads the header at the start of a text and returns its end, which includes the text before it. `format` is the
    /// format set by the user; without it the text has to look like a table. `complete` means that nothing follows.
    pub fn read(
        text: &[u8],
        format: Option<FormatId>,
        complete: bool,
    ) -> Result<(Self, usize), HeaderError> {
        let returns = complete && !text.contains(&b'\n') && text.contains(&b'\r');
        let mut text = Cow::Borrowed(text);
        if returns {
            returns_to_newlines(text.to_mut());
        }
        let (mut header, end) = find(&text, format, complete)?;
        header.returns = returns;
        Ok((header, end))
    }
}

fn find(
    text: &[u8],
    format: Option<FormatId>,
    complete: bool,
) -> Result<(Header, usize), HeaderError> {
    let delimiters: &[u8] = match format {
        Some(FormatId::Tsv) => b"\t",
        _ => &DELIMITERS,
    };
    match find_between(text, delimiters, format, complete, true) {
        // The line `sep=` may be wrong.
        Err(error) if complete => {
            find_between(text, delimiters, format, complete, false).map_err(|_| error)
        }
        found => found,
    }
}

/// Finds the header. With `believes`, a line `sep=;` sets the delimiter.
fn find_between<'a>(
    text: &'a [u8],
    mut delimiters: &'a [u8],
    format: Option<FormatId>,
    complete: bool,
    believes: bool,
) -> Result<(Header, usize), HeaderError> {
    let mut at = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let mut first = None;
    for _ in 0..=PREAMBLE {
        at += text[at..]
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        let rest = &text[at..];
        if rest.is_empty() || (first.is_some() && matches!(rest[0], b'{' | b'[')) {
            break;
        }
        let newline = memchr::memchr(b'\n', rest);
        let line = rest[..newline.unwrap_or(rest.len())].trim_ascii();
        if let Some(delimiter) = separator(line)
            && first.is_none()
        {
            if believes {
                delimiters = delimiter;
            }
        } else {
            match header(rest, delimiters, first.is_none(), complete) {
                Line::Header(header, end) => return Ok((*header, at + end)),
                Line::Incomplete => return Err(HeaderError::Incomplete),
                Line::Other => {}
            }
            if !line.starts_with(b"#") {
                first.get_or_insert(at);
            }
        }
        let Some(newline) = newline else {
            break;
        };
        at += newline + 1;
    }
    if !complete {
        return Err(HeaderError::Incomplete);
    }
    Err(first.map_or(HeaderError::NoTable, |first| {
        instead(&text[first..], delimiters, format.is_some())
    }))
}

/// Delimiter in a line `sep=;`, which spreadsheets write before a header.
fn separator(line: &[u8]) -> Option<&[u8]> {
    let line = line
        .strip_prefix(b"\"")
        .and_then(|l| l.strip_suffix(b"\""))
        .unwrap_or(line);
    let (word, delimiter) = line.split_at_checked(4)?;
    (word.eq_ignore_ascii_case(b"sep=") && delimiter.len() == 1).then_some(delimiter)
}

/// Reads a header at the start of a text. The first non-blank line needs fewer known names than later ones.
fn header(text: &[u8], delimiters: &[u8], first: bool, complete: bool) -> Line {
    // If everything else is a comment, the names may be in one too.
    let comment = text.iter().take_while(|b| matches!(b, b'#' | b' ')).count();
    let is_comment = text[0] == b'#';
    let skipped = if is_comment { comment } else { 0 };
    let text = &text[skipped..];
    let quote = match text.first() {
        Some(b'\'') => b'\'',
        _ => b'"',
    };
    let mut best: Option<(usize, Header, usize)> = None;
    let mut incomplete = false;
    for &delimiter in delimiters {
        let mut dialect = Dialect::of(delimiter, quote);
        let Some((cells, end)) = first_row(text, dialect, complete) else {
            incomplete = true;
            continue;
        };
        dialect.blanks = delimiter != b' '
            && (0..cells.len())
                .any(|n| (n > 0 && cells[n].starts_with(b" ")) || cells[n].ends_with(b" "));
        let cells = if dialect.blanks {
            first_row(text, dialect, complete).map_or(cells, |(cells, _)| cells)
        } else {
            cells
        };
        let known = known_in(&cells);
        let enough = match delimiter {
            // Words of a sentence may be field names.
            b' ' => known >= 2 && known * 2 >= cells.len(),
            _ if first && !is_comment => known >= 1,
            _ => known >= 2,
        };
        if enough
            && cells.len() <= MAX_COLUMNS
            && best.as_ref().is_none_or(|(most, ..)| known > *most)
        {
            best = Some((known, Header::new(&cells, dialect), end));
        }
    }
    match best {
        Some((_, header, end)) => Line::Header(Box::new(header), skipped + end),
        None if incomplete && !complete => Line::Incomplete,
        None => Line::Other,
    }
}

/// Counts the cells that are field names. If none has the case of the catalogue, there have to be several, one of them
/// a name that hardly occurs in other tables.
fn known_in(cells: &csv::ByteRecord) -> usize {
    let names = || {
        cells
            .iter()
            .filter_map(|cell| Some((known(cell.trim_ascii())?, cell.trim_ascii())))
    };
    let exact = names().any(|(name, cell)| name.as_bytes() == cell);
    let telling =
        names().any(|(name, _)| matches!(name, name::TIME | name::LOG_TIME | name::ACTION));
    match names().count() {
        count if exact || (count >= 2 && telling) => count,
        _ => 0,
    }
}

/// Cells of the first row, and its end; `None` if the row is incomplete.
fn first_row(text: &[u8], dialect: Dialect, complete: bool) -> Option<(csv::ByteRecord, usize)> {
    let mut cutter = Cutter::default();
    // Line by line, so that nothing after the first row is scanned.
    let end = memchr::memchr_iter(b'\n', text)
        .map(|newline| cutter.look(&text[..=newline], &dialect))
        .find(|end| *end > 0);
    let end = match end {
        Some(end) => end,
        None if complete => text.len(),
        None => return None,
    };
    let mut cells = csv::ByteRecord::new();
    Rows::of(&text[..end], dialect, None).next(&mut cells)?;
    Some((cells, end))
}

/// Classifies text that has no known header.
fn instead(text: &[u8], delimiters: &[u8], is_said: bool) -> HeaderError {
    let lines: Vec<&[u8]> = text
        .split(|b| *b == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .filter(|line| !line.is_empty())
        .take(5)
        .collect();
    let cells = |line: &[u8], delimiter: u8| {
        let mut cells = csv::ByteRecord::new();
        Rows::of(line, Dialect::of(delimiter, b'"'), None).next(&mut cells);
        cells
    };
    for &delimiter in delimiters.iter().filter(|delimiter| **delimiter != b' ') {
        let rows: Vec<csv::ByteRecord> = lines.iter().map(|line| cells(line, delimiter)).collect();
        let Some((first, others)) = rows.split_first() else {
            break;
        };
        let as_wide = others.iter().all(|row| row.len() >= first.len());
        let is_table = first.len() >= 3 && as_wide && !others.is_empty();
        let is_row = first.len() >= 3 && as_wide && first.iter().any(is_value);
        if !(is_table || is_row || (is_said && first.len() >= 2)) {
            continue;
        }
        if first.iter().any(is_nonsense) {
            return HeaderError::NoTable;
        }
        if first.iter().any(is_value) || !first.iter().all(is_name) {
            return HeaderError::Missing;
        }
        return HeaderError::Foreign(listed(first));
    }
    if is_said {
        HeaderError::Missing
    } else {
        HeaderError::NoTable
    }
}

/// Returns true if a cell is a value rather than a name.
pub(super) fn is_value(cell: &[u8]) -> bool {
    let is_number = |b: &u8| b.is_ascii_digit() || b".,:-+/%".contains(b);
    !cell.is_empty() && (cell.iter().all(is_number) || loose::read(cell).is_ok())
}

/// Returns true if a cell may be the name of a column.
fn is_name(cell: &[u8]) -> bool {
    cell.len() <= 64 && cell.split(|b| *b == b' ').count() <= 5 && !cell.ends_with(b".")
}

/// Returns true if a cell cannot be in the first line of a table: JSON, markup, bytes that are not text.
fn is_nonsense(cell: &[u8]) -> bool {
    let text = String::from_utf8_lossy(cell);
    cell.windows(2)
        .any(|pair| matches!(pair, b"{\"" | b"\":" | b"':" | b"</"))
        || text.chars().any(|ch| ch == '\u{fffd}' || is_hidden(ch))
}

/// Formats the first names for an error message.
fn listed(names: &csv::ByteRecord) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<_> = names
        .iter()
        .take(SHOWN)
        .map(String::from_utf8_lossy)
        .collect();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (u8, Vec<String>) {
        let (header, end) = Header::read(text.as_bytes(), None, true).expect("a header");
        assert_eq!(end, text.len());
        let names = header.columns.iter().map(|column| column.name.clone());
        (header.dialect.delimiter, names.collect())
    }

    #[test]
    fn the_delimiter_is_the_one_that_yields_known_names() {
        for (text, delimiter) in [
            ("time,action\n", b','),
            ("\u{feff}time\taction\r\n", b'\t'),
            ("\"time\"|\"action\"", b'|'),
            ("'time';'action'", b';'),
            ("__time__ action", b' '),
        ] {
            let (found, names) = names(text);
            assert_eq!((found, names.len()), (delimiter, 2), "{text}");
        }
        assert_eq!(names("action\n").1, ["action"]);
    }

    #[test]
    fn names_that_come_again_are_told_apart() {
        assert_eq!(
            names("time,tag,,tag,tag_0,tag").1,
            ["time", "tag", "column_3", "tag_1", "tag_0", "tag_2"]
        );
    }

    #[test]
    fn what_is_no_header_is_told_apart() {
        for (text, complete, error) in [
            ("once upon a time\nthere was\n", true, HeaderError::NoTable),
            ("the time of action was late\n", true, HeaderError::NoTable),
            ("1,2,3,4,5\n1,2,3,4,5\n", true, HeaderError::Missing),
            (
                "GetBlob,2024-04-12T16:58:30+08:00,v1\n",
                true,
                HeaderError::Missing,
            ),
            ("one, two, three\n", true, HeaderError::NoTable),
            (
                "web | {\"time\":1,\"a\":2,\"b\":3}\nweb | {\"time\":1,\"a\":2,\"b\":3}\n",
                true,
                HeaderError::NoTable,
            ),
            ("time,act", false, HeaderError::Incomplete),
        ] {
            assert_eq!(
                Header::read(text.as_bytes(), None, complete),
                Err(error),
                "{text}"
            );
        }
        let of_others = |text: &[u8], format| match Header::read(text, format, true) {
            Err(HeaderError::Foreign(names)) => names,
            other => panic!("{other:?}"),
        };
        assert_eq!(of_others(b"a,b\n", Some(FormatId::Csv)), "a, b");
        let azure = b"\"TimeGenerated [UTC]\",OperationName,Repository,Tag,Identity\n\"4/12/2024, 8:58:30.855 AM\",Pull,a,b,c\n";
        assert_eq!(
            of_others(azure, None),
            "TimeGenerated [UTC], OperationName, Repository, Tag, …"
        );
    }

    #[test]
    fn a_separator_line_that_does_not_hold_costs_no_table() {
        for text in ["sep=;\ntime,action\n", "\"sep=\t\"\n\ntime,action\n"] {
            assert_eq!(names(text), (b',', vec!["time".into(), "action".into()]));
        }
        // A valid `sep=` line excludes other delimiters.
        let text = "sep=;\nlogs, by time\ntime;action\n";
        assert_eq!(names(text).0, b';');
    }

    #[test]
    fn what_stands_before_the_header_is_passed_over() {
        for text in [
            "sep=;\ntime;action\n",
            "\u{feff}\"sep=;\"\r\n\r\ntime;action\r\n",
            "# exported 2024-04-12\n# by ann\ntime,action\n",
            "Audit log of April, all regions\n\ntime,action\n",
            "# time,action\n",
        ] {
            assert_eq!(names(text).1, ["time", "action"], "{text}");
            // Every incomplete start of the text is reported as such.
            let whole = text.trim_end().len();
            for end in 0..=whole {
                let found = Header::read(&text.as_bytes()[..end], None, false);
                assert_eq!(found, Err(HeaderError::Incomplete), "{text}: {end}");
            }
        }
        let late = "a\n".repeat(20) + "time,action\n";
        assert_eq!(
            Header::read(late.as_bytes(), None, true),
            Err(HeaderError::NoTable)
        );
    }

    #[test]
    fn names_are_known_in_any_case_and_between_blanks() {
        assert_eq!(names("TIME,Action,Extra").1, ["time", "action", "Extra"]);
        assert_eq!(names("Time,time,tag").1, ["Time", "time", "tag"]);
        assert_eq!(names(" time , \"action\" , x").1, ["time", "action", "x"]);
        let dialect = |text: &str| {
            Header::read(text.as_bytes(), None, true).map(|(header, _)| header.dialect.blanks)
        };
        assert_eq!(dialect("time, action\n"), Ok(true));
        assert_eq!(dialect("\"time\",\"action, or what\"\n"), Ok(false));
    }

    #[test]
    fn lines_may_end_in_carriage_returns_alone() {
        let mut text = b"time,action\r1,a\r".to_vec();
        let (header, end) = Header::read(&text, None, true).expect("a header");
        header.normalise(&mut text);
        assert_eq!(&text[end..], b"1,a\n");
        assert_eq!(
            Header::read(&text[..12], None, false).map(|(header, _)| header.returns),
            Ok(false)
        );
    }
}
