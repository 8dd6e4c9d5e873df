//! The first row of a table: its columns.

use super::dialect::Dialect;
use crate::index::template::escape;
use crate::model::{CATALOGUE, FieldKind, name};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) dialect: Dialect,
    pub(super) columns: Vec<Column>,
    /// True if lines end in carriage returns alone.
    pub(super) returns: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Name as the header spells it, to recognise repeated headers in concatenated tables.
    pub(super) written: Vec<u8>,
    /// Text before the value in a record: the name, and the separator from the value before.
    pub(super) literal: Vec<u8>,
    /// True for `__time__`, which may be a date.
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

    /// Replaces carriage returns by newlines in a text whose lines end in carriage returns alone, as on the classic Mac
    /// OS.
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

/// Names of the columns, unique, with those of the catalogue in its spelling.
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
            // Simple Log Service renames duplicate fields in the same way.
            let again = (0..written.len())
                .map(|n| format!("{}_{n}", taken[at]))
                .find(|name| !taken.contains(name));
            taken[at] = again.expect("there are fewer names than numbers");
        }
    }
    taken
}

/// Name in the catalogue that equals a cell, ignoring case.
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
