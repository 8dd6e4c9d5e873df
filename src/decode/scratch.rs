//! The record being built: its cells and what is held as it is.

use super::target::{COLUMNS, Cells, Target};
use super::value_cache::{ANY, Styles};
use crate::index::{ColumnId, MISSING, Ordinal, Record, Typed};
use crate::model::derive::split_port;

/// The record being built.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) record: Record,
    pub(super) cells: Cells,
    /// Ways of escaping that give all values so far back.
    pub(super) styles: Styles,
    /// Fields set so far, one bit each for the catalogue's.
    pub(super) seen: u64,
    pub(super) text: String,
}

impl Scratch {
    pub(super) fn column(&mut self, column: ColumnId, ordinal: Ordinal) {
        self.cells[COLUMNS + column.index()] = ordinal;
    }

    /// The address without its port, which is put where it belongs.
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
