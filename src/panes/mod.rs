//! State of the panes, one folder each: plain values that know neither the explorer nor a terminal. They are drawn in
//! [`crate::views`].
//!
//! To add a pane, add a folder, a [`PaneId`](crate::app::layout::PaneId), its place in
//! [`layout`](crate::app::layout::layout), a file in `views/` and a line in [`crate::views::draw`].

pub mod condition;
pub mod detail;
pub mod facets;
pub mod histogram;
pub mod list;
