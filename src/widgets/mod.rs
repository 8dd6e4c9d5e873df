//! Building blocks of the panes: canvas, safe text, numbers, glyphs, line editor.
//!
//! This module does not depend on events, panes or the key map; everything is a pure function or a plain value.

mod area;
mod canvas;
pub mod chips;
mod glyphs;
mod history;
mod html;
mod line_edit;
mod picture;
pub mod text;
mod travel;

pub use area::Area;
pub use canvas::{Canvas, Look};
pub use glyphs::Glyphs;
pub use history::History;
pub use line_edit::{EditOp, LineEdit};
pub use picture::{Picture, svg};
pub use travel::{ListCursor, Travel};
