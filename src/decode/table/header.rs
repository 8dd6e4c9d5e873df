//! The first row of a table: which columns there are.

use super::dialect::Dialect;
use crate::index::template::escape;
use crate::model::{CATALOGUE, FieldKind, name};

/// The columns of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) dialect: Dialect,
    pub(super) columns: Vec<Column>,
    /// Lines end in carriage returns alone.
    pub(super) returns: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The name as the header has it, to know the header again where tables were strung together.
    pub(super) written: Vec<u8>,
    /// What stands in a record before the value: the name, and what parts it from the value before.
    pub(super) literal: Vec<u8>,
    /// `__time__`, which may be a date.
    pub(super) is_log_time: bool,
}

impl Header {
    pub(super) fn new(written: &csv::ByteRecord, dialect: Dialect) -> Self {
        let names = names(written);
        let column = |(at, name): (usize, &String)| {
            let mut literal = if at == 0 {
                b"{\"".to_vec()
            } else {
                b"\",\"".to_vec()
            };
            escape(name, false, &mut literal);
            literal.extend_from_slice(b"\":\"");
            Column {
                name: name.clone(),
                written: written[at].to_vec(),
                literal,
                is_log_time: name == name::LOG_TIME,
            }
        };
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        Self {
            dialect: Dialect {
                width: names.len(),
                time: place(name::TIME).or_else(|| place(name::LOG_TIME)),
                ..dialect
            },
            columns: names.iter().enumerate().map(column).collect(),
            returns: false,
        }
    }

    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Gives the lines of a text that end in carriage returns alone, as on the Macintosh of old, the line ends that rows
    /// are cut at.
    pub fn normalise(&self, text: &mut [u8]) {
        if self.returns {
            returns_to_newlines(text);
        }
    }
}

pub(super) fn returns_to_newlines(text: &mut [u8]) {
    let returns = text.iter_mut().filter(|byte| **byte == b'\r');
    returns.for_each(|byte| *byte = b'\n');
}

/// What the columns are called: those of the catalogue by its name for them, and no two the same.
fn names(written: &csv::ByteRecord) -> Vec<String> {
    let cells = || written.iter().map(<[u8]>::trim_ascii);
    let mut taken: Vec<String> = cells()
        .map(|cell| match known(cell) {
            Some(name) if !cells().any(|other| other == name.as_bytes()) => name.to_owned(),
            _ => String::from_utf8_lossy(cell).into_owned(),
        })
        .collect();
    for at in 0..taken.len() {
        if taken[at].is_empty() {
            taken[at] = format!("column_{}", at + 1);
        }
        if taken[..at].contains(&taken[at]) {
            // As Simple Log Service tells such fields apart.
            let again = (0..written.len())
                .map(|n| format!("{}_{n}", taken[at]))
                .find(|name| !taken.contains(name));
            taken[at] = again.expect("there are fewer names than numbers");
        }
    }
    taken
}

/// The name in the catalogue that a cell is, in any case.
pub(super) fn known(cell: &[u8]) -> Option<&'static str> {
    known_names().find(|name| cell.eq_ignore_ascii_case(name.as_bytes()))
}

/// Names that make a row a header.
pub fn known_names() -> impl Iterator<Item = &'static str> {
    CATALOGUE
        .fields()
        .iter()
        .filter(|field| field.kind != FieldKind::Derived)
        .map(|field| field.name.as_str())
}
