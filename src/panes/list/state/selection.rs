//! Selection of events in the list, from its start to the cursor.

use super::ListState;
use crate::model::EventId;

impl ListState {
    /// Starts a selection at the event under the cursor. Returns false if there is none.
    pub fn select(&mut self) -> bool {
        let Some(id) = self.focused().map(|row| row.id) else {
            return false;
        };
        self.hold();
        self.window.also = self.rank();
        self.selected = Some(id);
        true
    }

    /// Clears the selection. Returns false if there was none.
    pub fn unselect(&mut self) -> bool {
        self.selected.take().is_some()
    }

    /// Event at which the selection started.
    pub fn selected(&self) -> Option<EventId> {
        self.selected
    }

    /// First and last selected event by rank, inclusive. `None` also while the rank of the start is unknown.
    pub fn selection(&self) -> Option<(u64, u64)> {
        self.selected?;
        let (from, to) = self.window.also.zip(self.rank())?;
        Some((from.min(to), from.max(to)))
    }

    /// Events at the ends of the selection.
    pub fn selected_ends(&self) -> Option<(EventId, EventId)> {
        self.selection()?;
        self.selected.zip(self.focused().map(|row| row.id))
    }

    pub fn is_selected(&self, index: usize) -> bool {
        let rank = self.window.first + index as u64;
        self.selection()
            .is_some_and(|(first, last)| (first..=last).contains(&rank))
    }
}
