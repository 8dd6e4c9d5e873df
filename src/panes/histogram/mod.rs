//! Counts over time as bars, the share of failures in them, and a time selection.

mod state;

pub use state::{HistogramState, SCALE};

/// Commands for the status line, the most useful first.
pub const HINTS: &[&str] = &[
    "histogram.left",
    "histogram.right",
    "histogram.select",
    "histogram.zoom",
    "histogram.finer",
    "histogram.coarser",
    "filter.undo",
    "list.focus",
    "app.help",
    "app.quit",
];
