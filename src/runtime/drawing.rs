//! Drawing of the state, to the screen or to a picture.

use std::io;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Session;
use super::terminal::Screen;
use crate::theme::Theme;
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

    /// Switches to the next built-in theme, or from another theme to the first one. Returns a notice.
    pub(super) fn next_theme(&mut self) -> String {
        let names: Vec<&str> = Theme::names().collect();
        let is_current = |name: &&str| Theme::builtin(name).as_ref() == Some(&self.theme);
        let at = names.iter().position(is_current).map_or(0, |at| at + 1);
        let name = names[at % names.len()];
        self.theme = Theme::builtin(name).unwrap_or_default();
        // The background of the terminal no longer decides.
        self.light = None;
        format!("theme {name}; to keep it, set theme = \"{name}\" in config.toml")
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
