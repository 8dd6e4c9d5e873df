//! regtrail: explore container-registry audit trails in the terminal.

pub mod aggregate;
pub mod app;
pub mod cli;
pub mod command;
pub mod config;
pub mod decode;
pub mod engine;
pub mod explorer;
pub mod export;
pub mod filtering;
pub mod headless;
pub mod index;
pub mod keymap;
pub mod model;
pub mod overlays;
pub mod panes;
pub mod query;
pub mod runtime;
pub mod source;
pub mod theme;
pub mod widgets;
