//! What is first seen in an event of the list, and how far back the loaded data goes that says so.

use super::App;
use crate::model::time::SECOND;
use crate::widgets::text;

impl App {
    /// The fields whose value no loaded event before a row of the list has; none while more is being loaded, since
    /// what comes may be older.
    pub fn firsts(&self, index: usize) -> Vec<&str> {
        if self.status.is_loading() {
            return Vec::new();
        }
        self.panes.list.firsts(index).collect()
    }

    /// The same of the event under the cursor.
    pub fn firsts_here(&self) -> Vec<&str> {
        self.firsts(self.panes.list.cursor())
    }

    /// How much loaded data lies before the event under the cursor: `6d04h`.
    pub fn looked_back(&self) -> Option<String> {
        let (oldest, _) = self.status.span?;
        let time = self.panes.list.focused()?.time?;
        Some(text::duration((time - oldest) / SECOND))
    }
}
