//! Values of the main fields with exact counts; each value can be included, excluded or made the only one.

mod facet;
mod line;
mod state;
mod tree;

pub use facet::Facet;
pub use line::Line;
pub use state::FacetsState;
pub use tree::TreeWant;

/// Commands for the status line, the most useful first.
pub const HINTS: &[&str] = &[
    "facet.toggle",
    "facet.exclude",
    "facet.only",
    "facet.find",
    "facet.sort",
    "facet.clear",
    "filter.undo",
    "list.focus",
    "app.help",
    "app.quit",
];
