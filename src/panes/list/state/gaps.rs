//! The pauses of instances in the list: which are shown, where they stand, and the way from one to the next.

use super::ListState;
use crate::engine::Gap;
use crate::model::Row;
use crate::model::time::Nanos;

impl ListState {
    /// The pauses that are shown, by their end.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    pub fn set_gaps(&mut self, gaps: Vec<Gap>) {
        if self.gaps != gaps {
            self.gaps = gaps;
            self.arrange();
        }
    }

    /// When the next pause past the event under the cursor ends (before it), wherever in the log that is.
    pub fn gap(&self, forward: bool) -> Option<Nanos> {
        let time = |row: &Row| row.time;
        let gap = if forward {
            let now = self.focused().and_then(time)?;
            self.gaps
                .get(self.gaps.partition_point(|gap| gap.until <= now))
        } else {
            // Up to the event before this one, so that the same place is not found again.
            let before = self.window.rows.get(self.cursor.checked_sub(1)?)?;
            let now = before.time?;
            let after = self.gaps.partition_point(|gap| gap.until <= now);
            self.gaps.get(after.checked_sub(1)?)
        };
        gap.map(|gap| gap.until)
    }

    /// The longest pause that ends after one time and not after another.
    pub(super) fn longest_gap(&self, after: Nanos, until: Nanos) -> Option<usize> {
        let first = self.gaps.partition_point(|gap| gap.until <= after);
        let end = self.gaps.partition_point(|gap| gap.until <= until);
        (first..end).max_by_key(|&at| self.gaps[at].until - self.gaps[at].from)
    }
}
