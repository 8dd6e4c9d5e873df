//! Gaps of instances in the list, and navigation between them.

use super::ListState;
use crate::engine::Gap;
use crate::model::Row;
use crate::model::time::Nanos;

impl ListState {
    /// Gaps shown, ordered by their end.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    pub fn set_gaps(&mut self, gaps: Vec<Gap>) {
        if self.gaps != gaps {
            self.gaps = gaps;
            self.arrange();
        }
    }

    /// End of the next gap after the event under the cursor, or of the previous one; in all loaded data.
    pub fn gap(&self, forward: bool) -> Option<Nanos> {
        let time = |row: &Row| row.time;
        let gap = if forward {
            let now = self.focused().and_then(time)?;
            self.gaps
                .get(self.gaps.partition_point(|gap| gap.until <= now))
        } else {
            // Search up to the event before this one, to not find the current position again.
            let before = self.window.rows.get(self.cursor.checked_sub(1)?)?;
            let now = before.time?;
            let after = self.gaps.partition_point(|gap| gap.until <= now);
            self.gaps.get(after.checked_sub(1)?)
        };
        gap.map(|gap| gap.until)
    }

    /// Longest gap that ends after `after` and not after `until`.
    pub(super) fn longest_gap(&self, after: Nanos, until: Nanos) -> Option<usize> {
        let first = self.gaps.partition_point(|gap| gap.until <= after);
        let end = self.gaps.partition_point(|gap| gap.until <= until);
        (first..end).max_by_key(|&at| self.gaps[at].until - self.gaps[at].from)
    }
}
