//! First-seen values of the events in the list, and the span of loaded data that backs them.

use super::App;
use crate::model::time::SECOND;
use crate::widgets::text;

impl App {
    /// Returns the fields of the event in row `index` whose value no earlier loaded event has. Empty while data is
    /// loading, since events still to come may be older.
    pub fn firsts(&self, index: usize) -> Vec<&str> {
        if self.status.is_loading() {
            return Vec::new();
        }
        self.panes.list.firsts(index).collect()
    }

    /// First-seen fields of the event under the cursor.
    pub fn firsts_here(&self) -> Vec<&str> {
        self.firsts(self.panes.list.cursor())
    }

    /// Span of loaded data before the event under the cursor: `6d04h`.
    pub fn looked_back(&self) -> Option<String> {
        let (oldest, _) = self.status.span?;
        let time = self.panes.list.focused()?.time?;
        Some(text::duration((time - oldest) / SECOND))
    }
}
