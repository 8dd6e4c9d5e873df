//! The panes: a folder each, with `state.rs` (pure) and `view.rs` (drawing). Drawing takes the [`App`](crate::app::App) as it
//! is and changes nothing.
//!
//! To add a pane, add a folder, a [`PaneId`](crate::app::layout::PaneId), its place in
//! [`layout`](crate::app::layout::layout) and a line in [`crate::views::draw`].

pub mod bottom;
pub mod detail;
pub mod facets;
pub mod filter;
pub mod histogram;
mod hits;
pub mod list;
pub mod top;
