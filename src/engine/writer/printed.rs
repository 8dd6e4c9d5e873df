//! Events that are printed as they arrive are evicted afterwards: a log followed for weeks takes no more memory than
//! one followed for a minute.

use std::sync::Arc;

use super::Writer;
use crate::index::Segment;

/// Index bytes that may wait to be printed while the printer works. The printer reports back to the writer only after
/// the reader of its output has consumed the text, and until then sources wait.
const WAITING: u64 = 256 << 20;

impl Writer {
    /// Returns true if nothing more is accepted until something has been printed. Events that merely wait must not
    /// reach the memory limit.
    pub(super) fn waits_for_printer(&self) -> bool {
        let most = self
            .memory_limit
            .limit()
            .map_or(WAITING, |limit| WAITING.min(limit / 2));
        self.shared.is_printing() && self.index_bytes > most
    }

    /// Evicts the printed segments.
    pub(super) fn evicted_printed(&mut self) {
        let printed = self.shared.take_printed();
        if printed.is_empty() {
            return;
        }
        let all = std::mem::take(&mut self.segments);
        let is_printed = |segment: &Arc<Segment>| printed.contains(&segment.number);
        let (gone, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(is_printed);
        self.segments = kept;
        for segment in gone {
            let rows = segment.rows as u64;
            self.memory_limit.account_printed(rows);
            self.events -= rows;
            self.index_bytes -= segment.bytes() as u64;
            self.book(segment.source, |book| book.forget(segment.first_id));
        }
        // Marks belong between events that are now evicted.
        self.marks.clear();
        if self.memory_limit.may_need_restart(self.events)
            && self
                .memory_limit
                .needs_restart(self.events, self.dictionary_bytes())
        {
            self.restart();
        }
    }
}
