//! The small parts every pane is drawn from: the canvas, safe text, numbers, glyphs, the line editor.
//!
//! Nothing here knows an event, a pane or a key map; everything is a pure function or a plain value.

mod area;
mod canvas;
pub mod chips;
mod glyphs;
mod history;
mod line_edit;
mod picture;
pub mod text;
mod travel;

pub use area::Area;
pub use canvas::{Canvas, Look};
pub use glyphs::Glyphs;
pub use history::History;
pub use line_edit::{EditOp, LineEdit};
pub use picture::svg;
pub use travel::{ListCursor, Travel};
