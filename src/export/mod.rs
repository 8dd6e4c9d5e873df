//! Tables and records as text. [`EXPORTS`] has one row per format; [`events`] writes events as rows or original
//! records, [`groups`] groups of them as rows, [`report`] the incident report.

pub mod events;
pub mod groups;
mod markdown;
pub mod report;
mod spreadsheet;
mod stream;
mod table;

pub use stream::Stream;

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::Value as Json;

use crate::model::visible;

/// A table to print: headings, and rows that are computed while writing, so that a large log is never held as text.
/// Human-readable tables sample the first thousand rows for the widths of their columns.
pub struct Sheet<'a> {
    /// Printed above the table by human-readable formats; empty for none.
    pub title: String,
    pub headings: Vec<String>,
    /// One cell per heading.
    pub rows: Box<dyn Iterator<Item = Vec<Cell>> + 'a>,
}

impl Sheet<'static> {
    /// Creates a sheet from existing rows.
    pub fn whole(title: String, headings: Vec<String>, rows: Vec<Vec<Cell>>) -> Self {
        Self {
            title,
            headings,
            rows: Box::new(rows.into_iter()),
        }
    }
}

impl std::fmt::Debug for Sheet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("title", &self.title)
            .field("headings", &self.headings)
            .finish_non_exhaustive()
    }
}

/// One cell; `Missing` means that the event does not have the field.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Missing,
    Text(String),
    /// Text decoded from bytes that are not UTF-8, and those bytes.
    Bytes(String, Vec<u8>),
    Number(u64),
}

impl Cell {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Missing => Cow::Borrowed(""),
            Self::Text(text) | Self::Bytes(text, _) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }

    /// Returns the bytes as read, if known, else those of the text.
    fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Bytes(_, bytes) => Cow::Borrowed(bytes),
            other => match other.text() {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Missing => Json::Null,
            Self::Text(text) | Self::Bytes(text, _) => Json::String(text.clone()),
            Self::Number(number) => Json::from(*number),
        }
    }
}

impl From<Option<&str>> for Cell {
    fn from(value: Option<&str>) -> Self {
        value.map_or(Self::Missing, |text| Self::Text(text.to_owned()))
    }
}

/// A format for sheets.
#[derive(Debug)]
pub struct Export {
    pub name: &'static str,
    /// File extension, without the dot.
    pub extension: &'static str,
    pub meaning: &'static str,
    pub write: fn(Sheet<'_>, &mut dyn Write) -> io::Result<()>,
}

/// All formats for sheets.
pub static EXPORTS: &[Export] = &[
    Export {
        name: "table",
        extension: "txt",
        meaning: "aligned columns; control characters as visible text",
        write: table::aligned,
    },
    Export {
        name: "json",
        extension: "json",
        meaning: "one JSON array of objects",
        write: json,
    },
    Export {
        name: "ndjson",
        extension: "ndjson",
        meaning: "one JSON object per line",
        write: ndjson,
    },
    Export {
        name: "csv",
        extension: "csv",
        meaning: "comma-separated with a header line",
        write: csv,
    },
    Export {
        name: "markdown",
        extension: "md",
        meaning: "a Markdown table; control characters made visible",
        write: markdown::table,
    },
];

/// Name of the format that is not a sheet: the original records.
pub const RAW: &str = "raw";

/// Iterates over all formats for events, [`RAW`] last: name, file extension, meaning.
pub fn formats() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let sheets = EXPORTS.iter();
    let raw = (RAW, RAW, "events exactly as read, one per line");
    sheets
        .map(|export| (export.name, export.extension, export.meaning))
        .chain([raw])
}

/// Name of the format of the clipboard that spreadsheets paste as cells: values separated by tabs.
pub const TSV: &str = "tsv";

/// Formats a sheet as text for the clipboard: in [`TSV`], or in a format of [`EXPORTS`].
pub fn to_text(format: &str, sheet: Sheet<'_>) -> String {
    let mut text = Vec::new();
    let write = find(format).map_or(tsv as fn(_, &mut dyn Write) -> _, |export| export.write);
    // Writing to memory cannot fail.
    let _ = write(sheet, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes values separated by tabs. The format has no quotes, so control characters become visible text.
fn tsv(sheet: Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let headings = sheet.headings.into_iter().map(Cell::Text).collect();
    for row in std::iter::once(headings).chain(sheet.rows) {
        writeln!(out, "{}", tabbed(&row))?;
    }
    Ok(())
}

/// Formats cells as one line, separated by tabs.
pub fn tabbed(row: &[Cell]) -> String {
    let texts: Vec<String> = row
        .iter()
        .map(|cell| visible(&cell.text()).into_owned())
        .collect();
    texts.join("\t")
}

/// Returns a sheet format by name.
pub fn find(name: &str) -> Option<&'static Export> {
    EXPORTS.iter().find(|export| export.name == name)
}

fn object(headings: &[String], row: &[Cell]) -> Json {
    headings
        .iter()
        .cloned()
        .zip(row.iter().map(Cell::json))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn json(sheet: Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (n, row) in sheet.rows.enumerate() {
        out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &object(&sheet.headings, &row))?;
    }
    out.write_all(b"\n]\n")
}

fn ndjson(sheet: Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    for row in sheet.rows {
        json_line(&sheet.headings, &row, out)?;
    }
    Ok(())
}

fn json_line(headings: &[String], row: &[Cell], out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &object(headings, row))?;
    out.write_all(b"\n")
}

fn csv(sheet: Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let headings = sheet.headings.into_iter().map(Cell::Text).collect();
    csv_rows(std::iter::once(headings).chain(sheet.rows), out)
}

fn csv_rows(rows: impl Iterator<Item = Vec<Cell>>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| cell.bytes().into_owned()))
            .map_err(plain)?;
    }
    writer.flush()
}

/// Unwraps the underlying error, so that a closed pipe is recognised.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns true for characters with which a terminal would move the cursor, or reorder or hide text.
    fn acts_on_a_terminal(c: char) -> bool {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
    }

    fn any_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            3 => "[a-z0-9/:|*_<&`-]{1,6}",
            2 => "[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}]{1,3}",
            1 => "[上한ｱ👩\u{200d}💻\u{5d0}-\u{5ea}\u{300}-\u{320}\u{feff}\u{61c}\u{e0001}]{1,4}",
            1 => any::<String>(),
        ];
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    #[test]
    fn a_cell_with_tabs_and_line_ends_stays_one_cell_in_the_clipboard() {
        let row = vec![Cell::Text("a\tb\nc".into()), Cell::Number(7), Cell::Missing];
        let sheet = Sheet::whole(
            "x".into(),
            vec!["ip".into(), "n".into(), "v".into()],
            vec![row],
        );
        let text = to_text(TSV, sheet);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (2, "ip\tn\tv"), "{text:?}");
        assert_eq!(lines[1].split('\t').count(), 3, "{text:?}");
    }

    proptest! {
        #[test]
        fn formats_for_people_print_nothing_that_a_terminal_obeys(
            title in any_text(),
            headings in prop::collection::vec(any_text(), 2),
            cells in prop::collection::vec(prop::collection::vec(any_text(), 2), 0..4),
        ) {
            for name in ["table", "markdown"] {
                let rows: Vec<Vec<Cell>> = cells
                    .iter()
                    .map(|row| row.iter().map(|text| Cell::Text(text.clone())).collect())
                    .collect();
                let mut out = Vec::new();
                let sheet = Sheet::whole(title.clone(), headings.clone(), rows);
                (find(name).expect("a format").write)(sheet, &mut out).expect("memory");
                let text = String::from_utf8(out).expect("text");
                let bad = text.chars().find(|c| *c != '\n' && acts_on_a_terminal(*c));
                prop_assert_eq!(bad, None, "{}: {:?}", name, text);
                let lines = text.lines().count();
                prop_assert!(lines <= 5 + cells.len(), "{name}: a line end got through: {text:?}");
            }
        }
    }
}
