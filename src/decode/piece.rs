//! What is found in text that is looked through for records.

use std::ops::Range;

use crate::model::DefectKind;

/// A piece of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// An object: a record, not yet parsed. Or a string, which may hold one.
    Record(Range<usize>),
    Bad {
        range: Range<usize>,
        kind: DefectKind,
        reason: &'static str,
    },
}

impl Piece {
    /// The same in a text with some bytes before it.
    pub(super) fn behind(self, bytes: usize) -> Self {
        let behind = |range: Range<usize>| range.start + bytes..range.end + bytes;
        match self {
            Self::Record(range) => Self::Record(behind(range)),
            Self::Bad {
                range,
                kind,
                reason,
            } => Self::Bad {
                range: behind(range),
                kind,
                reason,
            },
        }
    }
}
