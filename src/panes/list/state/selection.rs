//! The range of events that is selected in the list: from where it was begun to the cursor.

use super::ListState;
use crate::model::EventId;

impl ListState {
    /// Begins to select at the event under the cursor. Says whether there is one.
    pub fn select(&mut self) -> bool {
        let Some(id) = self.focused().map(|row| row.id) else {
            return false;
        };
        self.hold();
        self.window.also = self.rank();
        self.selected = Some(id);
        true
    }

    /// Drops the selection. Says whether there was one.
    pub fn unselect(&mut self) -> bool {
        self.selected.take().is_some()
    }

    /// The event the selection was begun at.
    pub fn selected(&self) -> Option<EventId> {
        self.selected
    }

    /// First and last selected event by rank, both included. `None` also while it is not known where the
    /// selection begins.
    pub fn selection(&self) -> Option<(u64, u64)> {
        self.selected?;
        let (from, to) = self.window.also.zip(self.rank())?;
        Some((from.min(to), from.max(to)))
    }

    /// The events at the ends of the selection.
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
