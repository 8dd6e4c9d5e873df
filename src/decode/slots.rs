//! What a decoder does with one value: where it goes in the record being built.

use crate::index::{ColumnId, Home, home};
use crate::model::FieldId;

/// Where a value goes, worked out once a template instead of once a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Member { field: FieldId, group: u8, at: u8 },
    Column { field: FieldId, column: ColumnId },
    Unknown { field: FieldId, column: ColumnId },
    RequestId,
    Time,
    LogTime,
    LogTimeNs,
}

impl Target {
    pub(super) fn of(field: FieldId) -> Self {
        match home(field) {
            Home::Member { column, at } => Self::Member {
                field,
                group: column.0 as u8,
                at: at as u8,
            },
            Home::Single(column) if column < ColumnId::UNKNOWN => Self::Column { field, column },
            Home::Single(column) => Self::Unknown { field, column },
            Home::RequestId => Self::RequestId,
            Home::LogTime => Self::LogTime,
            Home::LogTimeNs => Self::LogTimeNs,
            Home::Time | Home::Derived { .. } => Self::Time,
        }
    }
}
