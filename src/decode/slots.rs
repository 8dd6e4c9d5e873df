//! What a decoder does with one value: where it goes in the record being built.

use crate::index::{ColumnId, GROUPS, Home, home};
use crate::model::{FieldId, id};

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

/// Fields whose values depend on each other, so that their combinations are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Identity,
    Repository,
    /// What the program that asks does, and what it is told.
    Request,
}

impl Target {
    /// The kind of run a value can be part of.
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
            _ => None,
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
            Home::RequestId => Self::RequestId,
            Home::LogTime => Self::LogTime,
            Home::LogTimeNs => Self::LogTimeNs,
            Home::Time | Home::Derived { .. } => Self::Time,
        }
    }
}
