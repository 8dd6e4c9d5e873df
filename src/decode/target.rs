//! Destination of a value in the record under construction.

use crate::index::{ColumnId, GROUPS, Home, Ordinal, WIDTH, home};
use crate::model::{FieldId, id};

/// Ordinals of a record: the members of its groups, then its columns. The length is a power of two, so that an index
/// needs no bounds check.
pub(super) type Cells = [Ordinal; 32];

/// Index of the first column among the cells.
pub(super) const COLUMNS: usize = GROUPS.len() * WIDTH;

/// Index for values that have no cell.
pub(super) const NO_CELL: u8 = u8::MAX;

const _: () =
    assert!(COLUMNS + ColumnId::PORT.0 as usize <= size_of::<Cells>() / size_of::<Ordinal>());

/// Destination of a value, computed once per template instead of once per value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Member {
        field: FieldId,
        group: u8,
        at: u8,
    },
    Column {
        field: FieldId,
        column: ColumnId,
    },
    Unknown {
        field: FieldId,
        column: ColumnId,
    },
    /// Two columns; the port has no cell.
    Address,
    RequestId,
    Time,
    LogTime,
    LogTimeNs,
}

/// Groups of fields whose values depend on each other, so that their combinations are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Identity,
    Repository,
    /// Fields that the log service adds.
    Log,
    /// Action of the client and result of the request.
    Request,
}

impl Target {
    /// Kind of run that a value can be part of.
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Self::Member { field, .. } => match field {
                id::TAG => None,
                id::NAMESPACE | id::REPO | id::NAMESPACE_REPO => Some(Kind::Repository),
                _ if GROUPS[1].contains(&field) => Some(Kind::Identity),
                _ => Some(Kind::Request),
            },
            Self::Column {
                column: ColumnId::AGENT | ColumnId::VPC,
                ..
            } => Some(Kind::Request),
            Self::Column {
                column: ColumnId::LOG_SOURCE | ColumnId::LOG_TOPIC,
                ..
            } => Some(Kind::Log),
            _ => None,
        }
    }

    /// Index among a record's cells; [`NO_CELL`] for values that need more than an ordinal.
    pub(super) fn cell(self) -> u8 {
        match self {
            Self::Member { group, at, .. } => group * WIDTH as u8 + at,
            Self::Column { column, .. } => (COLUMNS + column.index()) as u8,
            Self::Address => (COLUMNS + ColumnId::ADDRESS.index()) as u8,
            _ => NO_CELL,
        }
    }

    /// Field of the values with this destination.
    pub(super) fn field(self) -> FieldId {
        match self {
            Self::Member { field, .. }
            | Self::Column { field, .. }
            | Self::Unknown { field, .. } => field,
            Self::Address => id::ADDRESS,
            Self::RequestId => id::REQUEST_ID,
            Self::Time => id::TIME,
            Self::LogTime => id::LOG_TIME,
            Self::LogTimeNs => id::LOG_TIME_NS,
        }
    }

    pub(super) fn of(field: FieldId) -> Self {
        match home(field) {
            Home::Member { column, at } => Self::Member {
                field,
                group: column.0 as u8,
                at: at as u8,
            },
            Home::Single(column) if column < ColumnId::UNKNOWN => Self::Column { field, column },
            Home::Single(column) => Self::Unknown { field, column },
            Home::Address => Self::Address,
            Home::RequestId => Self::RequestId,
            Home::LogTime => Self::LogTime,
            Home::LogTimeNs => Self::LogTimeNs,
            Home::Time | Home::Derived { .. } => Self::Time,
        }
    }
}
