//! Drawing to the screen, or as a picture into a file.

use std::io;
use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::terminal::Screen;
use super::{Session, new_file};
use crate::model::shown;
use crate::views;
use crate::widgets::{Glyphs, Look, svg};

impl Session {
    pub(super) fn draw(&self, screen: &mut Screen) -> io::Result<()> {
        screen.draw(|buf: &mut Buffer| self.draw_to(buf))
    }

    /// Draws to a buffer; returns the cell of the text cursor.
    fn draw_to(&self, buf: &mut Buffer) -> Option<(u16, u16)> {
        let look = Look {
            theme: &self.theme,
            glyphs: self.glyphs,
        };
        let cursor = views::draw(&self.app, &look, buf);
        if self.glyphs == Glyphs::ascii() {
            Glyphs::asciify(buf);
        }
        cursor
    }

    /// Writes the screen as a picture into the working directory; returns a notice with the path or the error.
    pub(super) fn picture(&self) -> String {
        let (width, height) = self.app.screen.size;
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        self.draw_to(&mut buf);
        let svg = svg(&buf, self.theme.is_light());
        let written = new_file::write(Path::new("."), "regtrail-screen", "svg", &svg);
        match written {
            Ok(path) => format!("screen written to {}", shown(&path)),
            Err(error) => format!("cannot write the screen: {error}"),
        }
    }
}
