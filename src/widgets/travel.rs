//! Ways to go within a list.

/// A way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// Rows, down when positive.
    Rows(i64),
    /// Half pages, down when positive.
    Halves(i64),
    First,
    Last,
    /// The row with this number, 1 for the first.
    Row(u64),
}

impl Travel {
    /// The same so many times; to an end: to the row with that number.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        let by = |by: i64| by.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
        match self {
            Self::Rows(rows) => Self::Rows(by(rows)),
            Self::Halves(halves) => Self::Halves(by(halves)),
            Self::First | Self::Last | Self::Row(_) => Self::Row(count),
        }
    }

    /// The same in rows where half a page has `half` of them.
    pub fn rows(self, half: i64) -> i64 {
        match self {
            Self::Rows(by) => by,
            Self::Halves(by) => by * half,
            Self::First | Self::Row(_) => i64::from(i32::MIN),
            Self::Last => i64::from(i32::MAX),
        }
    }
}
