//! The fast way through a table: what a decoder knows of its columns, and one row read by it.
//!
//! A cell means what it says whatever stands beside it, so cells are looked up as they stand in the row, never
//! turned into JSON. Whatever is not as expected is left to the general way, with the same result.

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

/// How a decoder reads the rows of a table.
#[derive(Debug)]
pub(in crate::decode) struct Plan {
    header: Header,
    /// Columns that some row had cells for; none after one that is given no field.
    columns: Vec<Column>,
    has_all_fields: bool,
    /// Templates of rows by their number of cells.
    templates: Vec<RowTemplate>,
    marks: Marks,
    /// Of the row at hand.
    cells: Vec<Cell>,
}

#[derive(Debug)]
struct Column {
    part: Part,
    target: Target,
    what: What,
    kind: Option<Kind>,
}

/// The template of rows with some number of cells.
#[derive(Clone, Copy, Debug, Default)]
enum RowTemplate {
    /// No such row came yet.
    #[default]
    Unseen,
    /// Such rows are kept whole.
    None,
    Number(Ordinal),
}

/// Where the content of a cell lies, and how it stands there.
#[derive(Debug)]
struct Cell {
    at: Range<u32>,
    form: Form,
}

/// What stands at some place of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A row and where it ends; the next one starts after `next` bytes.
    Row { end: usize, next: usize },
    /// A line that holds nothing.
    Blank { next: usize },
    /// A row that only the general way can read.
    Odd,
    /// More of the text is needed to tell.
    More,
}

impl Plan {
    /// The plan of a table: the last one, if that is for the same header.
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

    /// Says which bytes the rows that come next lie in.
    pub(super) fn begin(&mut self, window: &[u8]) {
        let Dialect {
            delimiter, quote, ..
        } = self.header.dialect;
        self.marks.any(window, [delimiter, quote, b'\n', b'\r']);
    }

    /// Takes the row apart that starts at a place of the window; `last` says that the window ends with its text.
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
                        return Found::Odd; // It may be that the quote is stray.
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
                // A quote inside a cell, text behind a closed one, a line end of its own kind.
                _ => Found::Odd,
            };
        }
    }

    /// Reads the row that was taken apart last.
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
            return None; // It may be the header once more.
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
            // Only where nothing but the delimiter is between them do the bytes of several cells say what each is.
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

    /// Finds out about rows with so many cells.
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
