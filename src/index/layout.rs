//! Assignment of fields to columns.
//!
//! Related fields are stored as one column of tuples: the members of [`GROUPS`]. One code of a tuple then covers every
//! member and everything derived from them, in memory and in counting alike. The identity of a requester is seven
//! logged fields and two derived ones, but one column. Fields that are nearly unique to each event are typed columns
//! (time, request id, log time). Every other field is a column of its own; the address has a second one for its port.

use crate::model::{FieldId, id};

/// Number of a column of codes: the groups, the single fields, the internal columns, then unknown fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub u16);

impl ColumnId {
    pub const REQUEST: Self = Self(0);
    pub const IDENTITY: Self = Self(1);
    pub const TARGET: Self = Self(2);
    pub const AGENT: Self = Self(3);
    pub const ADDRESS: Self = Self(4);
    pub const VPC: Self = Self(5);
    pub const DIGEST: Self = Self(6);
    pub const LOG_SOURCE: Self = Self(7);
    pub const LOG_TOPIC: Self = Self(8);
    /// Spelling of `time`, see [`super::spelling`].
    pub const SPELLING: Self = Self(9);
    /// Template of the record, see [`super::template`].
    pub const SHAPE: Self = Self(10);
    /// Port of the address. A separate column, because addresses are few and nearly every request has another port. It
    /// has no dictionary: the ordinal is the port plus one, `MISSING` if the address has none.
    pub const PORT: Self = Self(11);
    /// First column of the fields outside the catalogue.
    pub const UNKNOWN: Self = Self(12);

    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the field whose ordinals a column holds, if it holds those of one field.
    pub(super) fn field(self) -> FieldId {
        match self {
            Self::AGENT => id::AGENT,
            Self::ADDRESS => id::ADDRESS,
            Self::VPC => id::VPC,
            Self::DIGEST => id::DIGEST,
            Self::LOG_SOURCE => id::LOG_SOURCE,
            Self::LOG_TOPIC => id::LOG_TOPIC,
            Self(unknown) => FieldId(FieldId::FIRST_UNKNOWN.0 + (unknown - Self::UNKNOWN.0)),
        }
    }

    /// Returns the column of an unknown field.
    pub fn of_unknown(field: FieldId) -> Self {
        Self(Self::UNKNOWN.0 + (field.0 - FieldId::FIRST_UNKNOWN.0))
    }
}

/// Members of each group, by [`ColumnId`]. Chosen by dependency: a tuple dictionary stays small only if the members
/// follow from few independent things.
pub const GROUPS: [&[FieldId]; 3] = [
    &[
        id::ACTION,
        id::STATUS,
        id::METHOD,
        id::INSTANCE,
        id::HOST,
        id::NETWORK,
        id::CREDENTIAL,
    ],
    &[
        id::USER_TYPE,
        id::ACCOUNT,
        id::PLAYER,
        id::PRINCIPAL,
        id::ROLE_ID,
        id::ROLE_NAME,
        id::USER_NAME,
    ],
    &[id::NAMESPACE_REPO, id::TAG, id::NAMESPACE, id::REPO],
];

/// Storage of the values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Member `at` of the tuples of a group's column.
    Member {
        column: ColumnId,
        at: usize,
    },
    /// A column whose ordinals are the field's own.
    Single(ColumnId),
    /// Computed from each ordinal of a column. The number is the field's index among the derived fields.
    Derived {
        column: ColumnId,
        which: usize,
    },
    /// [`ColumnId::ADDRESS`] and [`ColumnId::PORT`] together.
    Address,
    /// Typed columns.
    RequestId,
    Time,
    LogTime,
    LogTimeNs,
}

/// Returns the storage of a field.
pub fn home(field: FieldId) -> Home {
    for (group, members) in GROUPS.iter().enumerate() {
        if let Some(at) = members.iter().position(|m| *m == field) {
            return Home::Member {
                column: ColumnId(group as u16),
                at,
            };
        }
    }
    let derived = |column| Home::Derived {
        column,
        which: derived_place(field),
    };
    match field {
        id::AGENT => Home::Single(ColumnId::AGENT),
        id::ADDRESS => Home::Address,
        id::VPC => Home::Single(ColumnId::VPC),
        id::DIGEST => Home::Single(ColumnId::DIGEST),
        id::LOG_SOURCE => Home::Single(ColumnId::LOG_SOURCE),
        id::LOG_TOPIC => Home::Single(ColumnId::LOG_TOPIC),
        id::REQUEST_ID => Home::RequestId,
        id::TIME => Home::Time,
        id::LOG_TIME => Home::LogTime,
        id::LOG_TIME_NS => Home::LogTimeNs,
        id::USER | id::SESSION => derived(ColumnId::IDENTITY),
        id::IMAGE => derived(ColumnId::TARGET),
        id::IP => derived(ColumnId::ADDRESS),
        id::CLIENT => derived(ColumnId::AGENT),
        id::STATUS_CLASS | id::OUTCOME | id::OPERATION => derived(ColumnId::REQUEST),
        unknown => Home::Single(ColumnId::of_unknown(unknown)),
    }
}

/// Number of derived fields.
pub(super) const DERIVED: usize = (id::OPERATION.0 - id::USER.0 + 1) as usize;

/// Returns the index of a derived field among the derived fields.
pub(super) fn derived_place(field: FieldId) -> usize {
    (field.0 - id::USER.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::dictionary::WIDTH;

    #[test]
    fn every_field_of_the_catalogue_has_one_home() {
        let homes: Vec<Home> = (0..FieldId::FIRST_UNKNOWN.0)
            .map(|f| home(FieldId(f)))
            .collect();
        for (i, a) in homes.iter().enumerate() {
            assert!(homes[i + 1..].iter().all(|b| a != b), "{i}: {a:?}");
        }
        assert!(GROUPS.iter().all(|members| members.len() <= WIDTH));
        assert_eq!(home(FieldId(40)), Home::Single(ColumnId(16)));
    }
}
