//! Every field of the event under the cursor, what a field means, and the record as it was read.

mod pretty;
mod state;

pub use state::{DetailState, Entry, Face};

/// Commands for the bottom line, most wanted first.
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
];
