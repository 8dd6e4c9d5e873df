//! Event list: oldest at the top, newest at the bottom.

pub mod columns;
mod lines;
mod navigate;
mod state;

#[cfg(test)]
mod tests;

pub use lines::Line;
pub use navigate::{UNNAMED, key};
pub use state::{Fetch, ListState};

/// Commands for the status line while events are selected.
pub const SELECTION_HINTS: &[&str] = &[
    "select.mark",
    "select.copy",
    "select.copy-json",
    "app.back",
    "app.help",
];

/// Commands for the status line, the most useful first.
pub const HINTS: &[&str] = &[
    "app.help",
    "app.palette",
    "search.edit",
    "filter.edit",
    "facet.focus",
    "list.open",
    "view.follow",
    "filter.undo",
    "time.edit",
    "app.quit",
];
