//! Tables for people: nothing in them can move the cursor or change the order of reading.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::{Cell, Sheet};
use crate::model::visible;

/// Columns wider than this are cut, but for the last.
const WIDEST: usize = 60;

/// Aligned columns under their headings.
pub(super) fn aligned(sheet: Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    let last = sheet.headings.len().saturating_sub(1);
    let rows: Vec<Vec<Cell>> = sheet.rows.collect();
    let shown: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(cell).collect())
        .collect();
    let widths: Vec<usize> = (0..=last)
        .map(|at| {
            let cells = shown
                .iter()
                .filter_map(|row| row.get(at))
                .map(|text| text.width());
            let heading = sheet.headings.get(at).map_or(0, |h| h.width());
            cells
                .max()
                .unwrap_or(0)
                .max(heading)
                .min(if at == last { usize::MAX } else { WIDEST })
        })
        .collect();
    if !sheet.title.is_empty() {
        writeln!(out, "{}", sheet.title)?;
    }
    let mut line = String::new();
    let numbers: Vec<bool> = (0..=last)
        .map(|at| {
            rows.iter()
                .all(|row| matches!(row.get(at), Some(Cell::Number(_))))
        })
        .collect();
    for row in std::iter::once(&sheet.headings).chain(&shown) {
        line.clear();
        for (at, text) in row.iter().enumerate() {
            let text = clip(text, widths[at]);
            let pad = widths[at].saturating_sub(text.width());
            if at > 0 {
                line.push_str("  ");
            }
            if numbers[at] && !rows.is_empty() {
                line.extend(std::iter::repeat_n(' ', pad));
                line.push_str(&text);
            } else {
                line.push_str(&text);
                line.extend(std::iter::repeat_n(' ', pad));
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

pub(super) fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Missing => "-".to_owned(),
        other => visible(&other.text()).into_owned(),
    }
}

/// Cuts to a width, with a mark where something is missing.
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
