//! Drawing of the state, to the screen or to a picture.

use std::io;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Session;
use super::terminal::Screen;
use crate::views;
use crate::widgets::{Glyphs, Look, Picture};

impl Session {
    pub(super) fn draw(&self, screen: &mut Screen) -> io::Result<()> {
        screen.draw(|buf: &mut Buffer| self.draw_to(buf))
    }

    /// Draws to a buffer. Returns the cell of the text cursor, if any.
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

    /// Returns a picture of the screen without the export prompt.
    pub(super) fn picture(&mut self, form: Picture) -> String {
        let prompt = self.app.lift_prompt();
        let (width, height) = self.app.screen.size;
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        self.draw_to(&mut buf);
        if let Some(prompt) = prompt {
            self.app.put_prompt_back(prompt);
        }
        form.of(&buf, self.theme.is_light())
    }
}
