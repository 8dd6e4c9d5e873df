//! regtrail: explore container-registry audit trails in the terminal.

pub mod aggregate;
pub mod decode;
pub mod engine;
pub mod index;
pub mod keymap;
pub mod model;
pub mod query;
pub mod source;
pub mod theme;
pub mod widgets;
