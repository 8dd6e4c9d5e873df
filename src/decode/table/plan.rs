//! Fast path for tables: the cached plan of the columns, and the reader of rows that follows it.
//!
//! The meaning of a cell does not depend on its neighbours, so cells are looked up in place and never turned into JSON.
//! Anything unexpected is left to the general path, with an identical result.

use std::ops::Range;

use super::dialect::Dialect;
use super::header::Header;
use crate::decode::json::{canonical_number, recorded_field};
use crate::decode::marks::Marks;
use crate::decode::memories::Memories;
use crate::decode::raw::{Form, Raw, What};
use crate::decode::scan::BOM;
use crate::decode::target::{Kind, Target};
use crate::decode::template_match::Scan;
use crate::decode::templates::TemplateIds;
use crate::decode::time_cache::log_nanos;
use crate::decode::value_run::MAX_VALUES;
use crate::index::template::{Part, Slot, Template};
use crate::index::{Interner, Ordinal};

/// Plan for the rows of a table.
#[derive(Debug)]
pub(in crate::decode) struct Plan {
    header: Header,
    /// Columns that some row had cells for; empty from the first column that gets no field.
    columns: Vec<Column>,
    has_all_fields: bool,
    /// Templates of rows, indexed by their number of cells.
    templates: Vec<RowTemplate>,
    marks: Marks,
    /// Cells of the current row.
    cells: Vec<Cell>,
}

#[derive(Debug)]
struct Column {
    part: Part,
    target: Target,
    what: What,
    kind: Option<Kind>,
}

/// Template of the rows with some number of cells.
#[derive(Clone, Copy, Debug, Default)]
enum RowTemplate {
    #[default]
    Unseen,
    /// Such rows are stored as text.
    None,
    Number(Ordinal),
}

/// Range of a cell's content, and its notation.
#[derive(Debug)]
struct Cell {
    at: Range<u32>,
    form: Form,
}

/// Result of splitting the text at some place of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A row and its end; the next one starts at `next`.
    Row { end: usize, next: usize },
    /// A blank line.
    Blank { next: usize },
    /// A row that only the general path can read.
    Odd,
    /// More of the text is needed.
    More,
}

impl Plan {
    /// Plan of a table: `last` if it is for an equal header.
    pub(super) fn of(header: &Header, last: Option<Self>, memories: &mut Memories) -> Self {
        if let Some(plan) = last.filter(|plan| plan.header == *header) {
            return plan;
        }
        memories.forget_table();
        Self {
            header: header.clone(),
            columns: Vec::new(),
            has_all_fields: true,
            templates: Vec::new(),
            marks: Marks::default(),
            cells: Vec::new(),
        }
    }

    /// Sets the bytes that contain the next rows.
    pub(super) fn begin(&mut self, window: &[u8]) {
        let Dialect {
            delimiter, quote, ..
        } = self.header.dialect;
        self.marks.any(window, [delimiter, quote, b'\n', b'\r']);
    }

    /// Splits the row at an offset of the window into cells; `last` means that the text ends with the window.
    pub(super) fn split(&mut self, window: &[u8], start: usize, last: bool) -> Found {
        let Dialect {
            delimiter,
            quote,
            blanks,
            ..
        } = self.header.dialect;
        self.cells.clear();
        if window[start..].starts_with(BOM) {
            return Found::Odd;
        }
        let mut at = start;
        loop {
            if blanks {
                let rest = window[at..].iter();
                at += rest.take_while(|byte| **byte == b' ').count();
            }
            let mut form = Form::Cell;
            let (content, after) = if window.get(at) == Some(&quote) {
                let mut from = at + 1;
                loop {
                    let Some(mark) = self.marks.next(from) else {
                        return if last { Found::Odd } else { Found::More };
                    };
                    from = mark + 1;
                    if window[mark] == quote {
                        if window.get(from) != Some(&quote) {
                            break (at + 1..mark, from);
                        }
                        form = Form::Doubled;
                        from += 1;
                    } else if window[mark] == b'\n' {
                        return Found::Odd; // The quote may be stray.
                    }
                }
            } else {
                let end = match self.marks.next(at) {
                    Some(mark) => mark,
                    None if last => window.len(),
                    None => return Found::More,
                };
                if blanks {
                    let content = self.header.dialect.content(&window[at..end]);
                    (at..at + content.len(), end)
                } else {
                    (at..end, end)
                }
            };
            if form == Form::Doubled && quote != b'"' {
                return Found::Odd;
            }
            self.cells.push(Cell {
                at: (content.start - start) as u32..(content.end - start) as u32,
                form,
            });
            let row = |next: usize| match after {
                end if end == start => Found::Blank { next },
                end => Found::Row { end, next },
            };
            return match (window.get(after), window.get(after + 1)) {
                (Some(byte), _) if *byte == delimiter => {
                    at = after + 1;
                    continue;
                }
                (Some(b'\n'), _) => row(after + 1),
                (Some(b'\r'), Some(b'\n')) => row(after + 2),
                (None, _) if last => row(after),
                (None | Some(b'\r'), None) if !last => Found::More,
                // A quote inside a cell, text after a closed one, or an unusual line end.
                _ => Found::Odd,
            };
        }
    }

    /// Reads the row that was split last.
    #[inline]
    pub(super) fn read(
        &mut self,
        scan: &mut Scan<'_>,
        memories: &mut Memories,
    ) -> Option<TemplateIds> {
        let count = self.cells.len();
        let shape = match self.templates.get(count) {
            Some(RowTemplate::Number(shape)) => *shape,
            Some(RowTemplate::None) => return None,
            _ => self.prepare(count, &memories.interner)?,
        };
        let text = |cell: &Cell| &scan.record[cell.at.start as usize..cell.at.end as usize];
        let first = text(self.cells.first()?);
        if count == self.header.width()
            && first.eq_ignore_ascii_case(&self.header.columns[0].written)
        {
            return None; // It may be a repeated header.
        }
        let mut rest = self.cells.iter().zip(&self.columns).peekable();
        while let Some((cell, column)) = rest.next() {
            let value = |cell: &Cell, column: &Column| {
                let at = cell.at.start as usize..cell.at.end as usize;
                Raw::new(column.what.stands_as(cell.form), at)
            };
            if column.target == Target::LogTime && canonical_number(text(cell)).is_none() {
                return None; // It may be a date.
            }
            let Some(kind) = column.kind else {
                scan.single(memories, column.target, value(cell, column))?;
                continue;
            };
            let first = scan.values.len();
            scan.values.push(value(cell, column));
            let mut end = cell.at.end;
            // The bytes of several cells identify each one only if nothing but the delimiter separates them.
            while let Some((cell, column)) = rest.next_if(|(cell, column)| {
                column.kind == Some(kind)
                    && cell.at.start == end + 1
                    && scan.values.len() - first < MAX_VALUES
            }) {
                scan.values.push(value(cell, column));
                end = cell.at.end;
            }
            scan.close(memories, first, Memories::TABLE_RUNS);
        }
        let record = &scan.scratch.record;
        let timed =
            record.time.is_some() || log_nanos(record.log_time, record.log_time_ns).is_some();
        timed.then_some([Some(shape), None])
    }

    /// Determines the template of rows with this number of cells.
    #[cold]
    fn prepare(&mut self, count: usize, interner: &Interner) -> Option<Ordinal> {
        if count > self.header.width() {
            return None;
        }
        for column in &self.header.columns[self.columns.len().min(count)..count] {
            let name = &column.name;
            self.has_all_fields &=
                match recorded_field(name).or_else(|| interner.unknown_field(name)) {
                    Some(field) if self.has_all_fields => {
                        let target = Target::of(field);
                        self.columns.push(Column {
                            part: Part {
                                literal: column.literal.as_slice().into(),
                                field,
                                slot: Slot::Text,
                            },
                            target,
                            what: What::new(target, Form::Cell),
                            kind: target.kind(),
                        });
                        true
                    }
                    _ => false,
                };
        }
        let shape = (self.columns.len() >= count).then(|| Template {
            parts: self.columns[..count]
                .iter()
                .map(|column| column.part.clone())
                .collect(),
            tail: b"\"}".as_slice().into(),
            ascii: false,
        });
        let number = shape.and_then(|shape| interner.shape(shape));
        if self.templates.len() <= count {
            self.templates.resize(count + 1, RowTemplate::Unseen);
        }
        self.templates[count] = number.map_or(RowTemplate::None, RowTemplate::Number);
        number
    }
}
