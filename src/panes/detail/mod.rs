//! Detail pane: all fields of the event under the cursor, the meaning of a field, and the raw record.

mod pretty;
mod state;

pub use state::{DetailState, Entry, Face};

/// Commands for the status line, the most useful first.
pub const HINTS: &[&str] = &[
    "detail.include",
    "detail.exclude",
    "detail.only",
    "detail.copy",
    "detail.meaning",
    "detail.raw",
    "filter.undo",
    "list.focus",
    "app.help",
    "app.quit",
];
