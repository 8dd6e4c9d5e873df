//! Rows printed as they arrive, under headings printed once.

use std::io::{self, Write};

use super::table::Columns;
use super::{Cell, csv_rows, json_line};

/// A sheet without an end.
#[derive(Debug)]
pub struct Stream {
    headings: Vec<String>,
    form: Form,
    begun: bool,
    disarms: bool,
}

#[derive(Debug)]
enum Form {
    Lines,
    Csv,
    /// Columns grow with the rows.
    Table(Columns),
}

impl Stream {
    /// Disarms formulas if the output is for a spreadsheet.
    #[must_use]
    pub fn for_spreadsheet(mut self, is_wanted: bool) -> Self {
        self.disarms = is_wanted;
        self
    }

    /// Creates a stream in a format; `None` for a format that needs all rows before the first.
    pub fn of(format: &str, headings: Vec<String>) -> Option<Self> {
        let form = match format {
            "ndjson" => Form::Lines,
            "csv" => Form::Csv,
            "table" => Form::Table(Columns::new(&headings, vec![false; headings.len()])),
            _ => return None,
        };
        Some(Self {
            headings,
            form,
            begun: false,
            disarms: false,
        })
    }

    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// Prints rows, with the headings before the first. Columns of a table are as wide as the rows so far require.
    pub fn write(&mut self, rows: Vec<Vec<Cell>>, out: &mut dyn Write) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        match &mut self.form {
            Form::Lines => (rows.iter()).try_for_each(|row| json_line(&self.headings, row, out)),
            Form::Csv => {
                let headings = self.headings.iter().cloned().map(Cell::Text).collect();
                let rows = first.then_some(headings).into_iter().chain(rows);
                if self.disarms {
                    let disarmed = |row: Vec<Cell>| row.into_iter().map(Cell::disarmed).collect();
                    return csv_rows(rows.map(disarmed), out);
                }
                csv_rows(rows, out)
            }
            Form::Table(columns) => {
                let shown: Vec<_> = rows.iter().map(|row| columns.shown(row)).collect();
                if first {
                    columns.headings(out)?;
                }
                shown.iter().try_for_each(|row| columns.row(row, out))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(format: &str, parts: &[&[[&str; 2]]]) -> String {
        let headings = ["who", "what"].map(str::to_owned).to_vec();
        let mut stream = Stream::of(format, headings).expect("it streams");
        let mut out = Vec::new();
        for part in parts {
            let cell = |text: &&str| Cell::Text((*text).to_owned());
            let rows = part.iter().map(|row| row.iter().map(cell).collect());
            stream.write(rows.collect(), &mut out).expect("memory");
        }
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn headings_are_printed_once_however_the_rows_come() {
        let rows: [&[[&str; 2]]; 3] = [&[["ann", "pull"]], &[], &[["bo,b", "push"], ["c", "d"]]];
        assert_eq!(
            printed("csv", &rows),
            "who,what\nann,pull\n\"bo,b\",push\nc,d\n"
        );
        assert_eq!(
            printed("ndjson", &rows[..1]),
            "{\"who\":\"ann\",\"what\":\"pull\"}\n"
        );
        assert_eq!(printed("csv", &[&[]]), "who,what\n");
    }

    #[test]
    fn columns_of_a_table_grow_with_what_comes_and_never_shrink() {
        let rows: [&[[&str; 2]]; 2] = [&[["ann", "x"]], &[["barbara", "x"], ["c", "x"]]];
        assert_eq!(
            printed("table", &rows),
            "who  what\nann  x\nbarbara  x\nc        x\n"
        );
    }

    #[test]
    fn what_needs_all_rows_first_is_no_stream() {
        for format in ["json", "markdown", "raw"] {
            assert!(Stream::of(format, Vec::new()).is_none(), "{format}");
        }
    }
}
