//! Pieces of text that a search for records finds.

use std::ops::Range;

use crate::model::DefectKind;

/// Piece of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// An object, that is a record, not parsed yet. Or a string, which may contain one.
    Record(Range<usize>),
    Bad {
        range: Range<usize>,
        kind: DefectKind,
        reason: &'static str,
    },
}

impl Piece {
    /// Shifts the piece by a number of bytes.
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
