//! Movement within a list.

/// A movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// A number of rows, down if positive.
    Rows(i64),
    /// A number of half pages, down if positive.
    Halves(i64),
    First,
    Last,
    /// To the row with this number, 1 for the first.
    Row(u64),
}

impl Travel {
    /// Repeats the movement `count` times. A movement to an end becomes one to row `count`.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        let by = |by: i64| by.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
        match self {
            Self::Rows(rows) => Self::Rows(by(rows)),
            Self::Halves(halves) => Self::Halves(by(halves)),
            Self::First | Self::Last | Self::Row(_) => Self::Row(count),
        }
    }

    /// Converts the movement to rows. Half a page has `half` rows.
    pub fn rows(self, half: i64) -> i64 {
        match self {
            Self::Rows(by) => by,
            Self::Halves(by) => by * half,
            Self::First | Self::Row(_) => i64::from(i32::MIN),
            Self::Last => i64::from(i32::MAX),
        }
    }
}

/// The cursor of a list, or the first line of scrolled text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListCursor {
    pub at: usize,
}

impl ListCursor {
    /// Moves down by `by` rows, within a list of `len`.
    pub fn step(&mut self, by: i64, len: usize) {
        let last = len.saturating_sub(1) as i64;
        self.at = (self.at as i64).saturating_add(by).clamp(0, last) as usize;
    }

    /// Returns the first visible row in a view of `rows` rows.
    pub fn top(self, rows: usize) -> usize {
        (self.at + 1).saturating_sub(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_stays_within_the_list_however_far_it_goes() {
        let stepped = |at, by, len| {
            let mut cursor = ListCursor { at };
            cursor.step(by, len);
            cursor.at
        };
        assert_eq!(stepped(2, 1, 9), 3);
        assert_eq!(stepped(2, i64::MAX, 9), 8);
        assert_eq!(stepped(2, i64::MIN, 9), 0);
        assert_eq!(stepped(5, 1, 0), 0);
    }
}
