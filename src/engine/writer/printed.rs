//! Events that were printed one by one as they came, and are let go after that: a log that is followed for weeks
//! takes no more memory than one that is followed for a minute.

use std::sync::Arc;

use super::Writer;
use crate::index::Segment;

/// What may wait to be printed, in bytes of the index, while the printer is at it. It comes back to the writer only
/// when the reader of its output has taken what it prints, and until then sources wait.
const WAITING: u64 = 256 << 20;

impl Writer {
    /// Whether nothing more is taken in until something has been printed. A ceiling must not be reached by what
    /// merely waits.
    pub(super) fn waits_for_printer(&self) -> bool {
        let most = self
            .ceiling
            .limit()
            .map_or(WAITING, |limit| WAITING.min(limit / 2));
        self.shared.is_printing() && self.index_bytes > most
    }

    /// Lets go of the segments that have been printed.
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
        // They stand between events that are gone.
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
