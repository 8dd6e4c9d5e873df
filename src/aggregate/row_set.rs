//! Rows of one segment. The two most common sets cost nothing.

use std::sync::Arc;

use crate::index::{Bitmap, Codes, ColumnId, MISSING, Segment};
use crate::model::time::Nanos;
use crate::query::TimeRange;

/// A set of rows. `Some` is neither empty nor complete.
#[derive(Clone, Debug)]
pub enum RowSet {
    None,
    All,
    Some(Arc<Bitmap>),
}

impl From<Bitmap> for RowSet {
    fn from(bitmap: Bitmap) -> Self {
        match bitmap.count() {
            0 => Self::None,
            n if n == bitmap.rows() => Self::All,
            _ => Self::Some(Arc::new(bitmap)),
        }
    }
}

impl RowSet {
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::All, rows) | (rows, Self::All) => rows,
            (Self::Some(a), Self::Some(b)) => {
                let mut both = Arc::unwrap_or_clone(a);
                both.and(&b);
                Self::from(both)
            }
        }
    }

    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::None, rows) | (rows, Self::None) => rows,
            (Self::Some(a), Self::Some(b)) => {
                let mut any = Arc::unwrap_or_clone(a);
                any.or(&b);
                Self::from(any)
            }
        }
    }

    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::None => Self::All,
            Self::All => Self::None,
            Self::Some(rows) => {
                let mut others = Arc::unwrap_or_clone(rows);
                others.not();
                Self::Some(Arc::new(others))
            }
        }
    }

    pub fn count(&self, rows: usize) -> usize {
        match self {
            Self::None => 0,
            Self::All => rows,
            Self::Some(set) => set.count(),
        }
    }

    /// Returns the number of rows in a half-open range.
    pub fn count_range(&self, start: usize, end: usize) -> usize {
        match self {
            Self::None => 0,
            Self::All => end.saturating_sub(start),
            Self::Some(set) => set.count_range(start, end),
        }
    }

    pub fn contains(&self, row: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some(set) => set.contains(row),
        }
    }

    /// Returns the first row at or after `row`; `rows` is the segment's number of rows.
    pub fn next(&self, row: usize, rows: usize) -> Option<usize> {
        match self {
            Self::None => None,
            Self::All => (row < rows).then_some(row),
            Self::Some(set) => set.next(row),
        }
    }

    /// Returns the last row before `row`.
    pub fn previous(&self, row: usize) -> Option<usize> {
        match self {
            Self::None => None,
            Self::All => row.checked_sub(1),
            Self::Some(set) => set.previous(row),
        }
    }

    /// Calls `each` for each row in order.
    pub fn for_each(&self, rows: usize, mut each: impl FnMut(usize)) {
        match self {
            Self::None => {}
            Self::All => (0..rows).for_each(each),
            Self::Some(set) => set.words().iter().enumerate().for_each(|(w, word)| {
                let mut bits = *word;
                while bits != 0 {
                    each(w * 64 + bits.trailing_zeros() as usize);
                    bits &= bits - 1;
                }
            }),
        }
    }
}

/// Returns the rows in a span of time. Rows are in order of time, so two searches find them.
pub(super) fn in_range(segment: &Segment, range: &TimeRange) -> RowSet {
    let bound =
        |time: Option<Nanos>, open: usize| time.map_or(open, |time| segment.lower_bound(time));
    let (start, end) = (
        bound(range.since, segment.untimed),
        bound(range.until, segment.rows),
    );
    if start >= end {
        RowSet::None
    } else if start == 0 && end == segment.rows {
        RowSet::All
    } else {
        RowSet::from(Bitmap::range(segment.rows, start, end))
    }
}

/// Returns the rows whose ordinal is in a set.
pub(super) fn with_ordinals(segment: &Segment, column: ColumnId, set: &[bool]) -> RowSet {
    let Some(column) = segment.column(column) else {
        return if set[MISSING as usize] {
            RowSet::All
        } else {
            RowSet::None
        };
    };
    let passing: Vec<u8> = column
        .ordinals
        .iter()
        .map(|ordinal| set[*ordinal as usize].into())
        .collect();
    match passing.iter().filter(|p| **p > 0).count() {
        0 => RowSet::None,
        n if n == passing.len() => RowSet::All,
        _ => match &column.codes {
            Codes::Constant => RowSet::All,
            Codes::Byte(codes) => {
                // One entry per possible code, so that no code needs a bounds check.
                let mut table = [0; 256];
                table[..passing.len()].copy_from_slice(&passing);
                RowSet::from(Bitmap::of_codes(codes, &table))
            }
            Codes::Short(codes) => RowSet::from(Bitmap::of_codes(codes, &*passing)),
        },
    }
}
