//! regtrail: explore container-registry audit trails in the terminal.

pub mod engine;
pub mod keymap;
pub mod model;
pub mod query;
pub mod source;
pub mod theme;
pub mod widgets;
