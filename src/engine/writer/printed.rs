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
            .ceiling
            .limit()
            .map_or(WAITING, |limit| WAITING.min(limit / 2));
        self.shared.is_printing() && self.index_bytes > most
    }

    /// Evicts the printed segments.
    pub(super) fn let_go_printed(&mut self) {
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
            self.ceiling.account_printed(rows);
            self.events -= rows;
            self.index_bytes -= segment.bytes() as u64;
            self.book(segment.source, |book| book.forget(segment.first_id));
        }
        // Marks belong between events that are now evicted.
        self.marks.clear();
        if self.ceiling.may_want_anew(self.events)
            && self
                .ceiling
                .wants_anew(self.events, self.dictionary_bytes())
        {
            self.start_anew();
        }
    }
}
