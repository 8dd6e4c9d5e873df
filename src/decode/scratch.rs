//! The record under construction: its cells and the values stored as they are.

use super::target::{COLUMNS, Cells, Target};
use super::value_cache::{ANY, Styles};
use crate::index::{ColumnId, MISSING, Ordinal, Record, Typed};
use crate::model::derive::split_port;

#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) record: Record,
    pub(super) cells: Cells,
    /// Escape styles that reproduce all values so far.
    pub(super) styles: Styles,
    /// Fields set so far, one bit for each field of the catalogue.
    pub(super) seen: u64,
    pub(super) text: String,
}

impl Scratch {
    pub(super) fn column(&mut self, column: ColumnId, ordinal: Ordinal) {
        self.cells[COLUMNS + column.index()] = ordinal;
    }

    /// Returns an address without its port, and stores the port.
    #[inline]
    pub(super) fn without_port<'a>(&mut self, addr: &'a [u8]) -> &'a [u8] {
        let (end, port) = match split_port(addr) {
            Some((end, port)) => (end, Ordinal::from(port) + 1),
            None => (addr.len(), MISSING),
        };
        self.record.columns[ColumnId::PORT.index()] = port;
        &addr[..end]
    }

    #[inline]
    pub(super) fn put(&mut self, target: Target, ordinal: Ordinal) {
        match target {
            Target::Member { .. } | Target::Column { .. } | Target::Address => {
                self.cells[usize::from(target.cell())] = ordinal;
            }
            Target::Unknown { column, .. } => self.record.unknown.push((column, ordinal)),
            Target::RequestId => self.record.request_id = Typed::Text(ordinal),
            Target::LogTime => self.record.log_time = Typed::Text(ordinal),
            Target::LogTimeNs => self.record.log_time_ns = Typed::Text(ordinal),
            Target::Time => {}
        }
    }

    pub(super) fn begin(&mut self) {
        self.record.time = None;
        self.record.columns[ColumnId::PORT.index()] = MISSING;
        self.record.unknown.clear();
        self.record.request_id = Typed::Missing;
        self.record.log_time = Typed::Missing;
        self.record.log_time_ns = Typed::Missing;
        self.record.kept = None;
        self.cells = Cells::default();
        self.styles = ANY;
        self.seen = 0;
    }
}
