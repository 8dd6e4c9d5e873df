//! Human-readable tables. Their content cannot move the cursor or change the reading order.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::{Cell, Sheet};
use crate::model::visible;

/// Maximum width of a column, except for the last.
const WIDEST: usize = 60;

/// Number of rows that determine the column widths. A later, wider row widens its column from there on.
const SAMPLE: usize = 1_000;

/// Writes aligned columns under their headings.
pub(super) fn aligned(mut sheet: Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let sample: Vec<Vec<Cell>> = sheet.rows.by_ref().take(SAMPLE).collect();
    let numbers = (0..sheet.headings.len())
        .map(|at| {
            let is_number = |row: &Vec<Cell>| matches!(row.get(at), Some(Cell::Number(_)));
            !sample.is_empty() && sample.iter().all(is_number)
        })
        .collect();
    let mut columns = Columns::new(&sheet.headings, numbers);
    let shown: Vec<Vec<String>> = sample.iter().map(|row| columns.shown(row)).collect();
    if !sheet.title.is_empty() {
        writeln!(out, "{}", visible(&sheet.title))?;
    }
    columns.headings(out)?;
    shown.iter().try_for_each(|row| columns.row(row, out))?;
    sheet.rows.try_for_each(|row| {
        let shown = columns.shown(&row);
        columns.row(&shown, out)
    })
}

/// Columns as wide as their content so far.
#[derive(Debug)]
pub(super) struct Columns {
    headings: Vec<String>,
    widths: Vec<usize>,
    /// True for columns aligned to the right.
    numbers: Vec<bool>,
}

impl Columns {
    pub(super) fn new(headings: &[String], numbers: Vec<bool>) -> Self {
        // Field names also come from the log.
        let visibly = |name: &String| visible(name).into_owned();
        let headings: Vec<String> = headings.iter().map(visibly).collect();
        let mut columns = Self {
            widths: vec![0; headings.len()],
            headings: Vec::new(),
            numbers,
        };
        columns.widen(&headings);
        columns.headings = headings;
        columns
    }

    /// Returns the cells of a row as printed, and widens the columns to fit.
    pub(super) fn shown(&mut self, row: &[Cell]) -> Vec<String> {
        let shown: Vec<String> = row.iter().map(cell).collect();
        self.widen(&shown);
        shown
    }

    fn widen(&mut self, cells: &[String]) {
        let last = self.widths.len().saturating_sub(1);
        for (at, (width, text)) in self.widths.iter_mut().zip(cells).enumerate() {
            let most = if at == last { usize::MAX } else { WIDEST };
            *width = (*width).max(text.width().min(most));
        }
    }

    pub(super) fn headings(&self, out: &mut dyn Write) -> io::Result<()> {
        self.row(&self.headings, out)
    }

    pub(super) fn row(&self, cells: &[String], out: &mut dyn Write) -> io::Result<()> {
        let mut line = String::new();
        for (at, (text, width)) in cells.iter().zip(&self.widths).enumerate() {
            let text = clip(text, *width);
            let pad = width.saturating_sub(text.width());
            if at > 0 {
                line.push_str("  ");
            }
            if self.numbers[at] {
                line.extend(std::iter::repeat_n(' ', pad));
                line.push_str(&text);
            } else {
                line.push_str(&text);
                line.extend(std::iter::repeat_n(' ', pad));
            }
        }
        writeln!(out, "{}", line.trim_end())
    }
}

pub(super) fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Missing => "-".to_owned(),
        other => visible(&other.text()).into_owned(),
    }
}

/// Cuts text to a width, with a mark for the omitted part.
fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for ch in text.chars() {
        out.push(ch);
        if out.width() + 1 > width {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}
