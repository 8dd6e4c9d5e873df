//! A drawing area: cells by column and row from its own corner. It clips all drawing to its bounds and sanitises all
//! text.

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::Area;
use crate::theme::{Role, Theme, user_hue};
use crate::widgets::{Glyphs, text};

/// Theme and glyphs used for drawing.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub theme: &'a Theme,
    pub glyphs: &'static Glyphs,
}

/// A part of the screen with the look it is drawn with.
#[derive(Debug)]
pub struct Canvas<'a> {
    buf: &'a mut Buffer,
    area: Rect,
    look: &'a Look<'a>,
}

impl<'a> Canvas<'a> {
    pub fn whole(buf: &'a mut Buffer, look: &'a Look<'a>) -> Self {
        let area = buf.area;
        Self { buf, area, look }
    }

    /// Returns a part by its place on the screen.
    pub fn part(&mut self, area: Area) -> Canvas<'_> {
        let area = Rect::new(area.x, area.y, area.width, area.height).intersection(self.buf.area);
        Canvas {
            buf: self.buf,
            area,
            look: self.look,
        }
    }

    /// Converts the canvas into a part, by its place on the screen.
    #[must_use]
    pub fn into_part(self, area: Area) -> Self {
        let area = Rect::new(area.x, area.y, area.width, area.height).intersection(self.buf.area);
        Self { area, ..self }
    }

    /// Returns a part by its place within this one.
    pub fn inset(&mut self, x: u16, y: u16, width: u16, height: u16) -> Canvas<'_> {
        let area = Rect::new(
            self.area.x.saturating_add(x),
            self.area.y.saturating_add(y),
            width,
            height,
        );
        let area = area.intersection(self.area);
        Canvas {
            buf: self.buf,
            area,
            look: self.look,
        }
    }

    pub fn width(&self) -> u16 {
        self.area.width
    }

    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// Returns the column and row of the corner on the screen.
    pub fn origin(&self) -> (u16, u16) {
        (self.area.x, self.area.y)
    }

    pub fn glyphs(&self) -> &'static Glyphs {
        self.look.glyphs
    }

    /// Writes text, cut at the right edge. Returns the column after it.
    pub fn text(&mut self, x: u16, y: u16, content: &str, role: Role) -> u16 {
        let style = self.look.theme.style(role);
        self.styled(x, y, content, style)
    }

    /// Writes the name of a user in the colour assigned to that name. Returns the column after it.
    pub fn user(&mut self, x: u16, y: u16, content: &str, user: &str) -> u16 {
        let style = user_hue(user, self.look.theme);
        self.styled(x, y, content, style)
    }

    fn styled(&mut self, x: u16, y: u16, content: &str, style: Style) -> u16 {
        if y >= self.area.height || x >= self.area.width {
            return x;
        }
        let room = usize::from(self.area.width - x);
        let safe = text::clip_with(content, room, self.look.glyphs.ellipsis);
        if text::are_wide() {
            return self.styled_wide(x, y, &safe, style);
        }
        let (end, _) = self
            .buf
            .set_stringn(self.area.x + x, self.area.y + y, &*safe, room, style);
        end - self.area.x
    }

    /// Writes text on a terminal that draws ambiguous characters two cells wide: the cell after one belongs to it.
    fn styled_wide(&mut self, x: u16, y: u16, safe: &str, style: Style) -> u16 {
        let (row, end) = (self.area.y + y, self.area.right());
        let mut at = self.area.x + x;
        for cluster in text::clusters(safe) {
            let cells = cluster.width() as u16;
            if cells == 0 || at + cells > end {
                continue;
            }
            let cell = &mut self.buf[(at, row)];
            cell.set_symbol(&cluster.text).set_style(style);
            cell.set_diff_option(CellDiffOption::None);
            for rest in at + 1..at + cells {
                let cell = &mut self.buf[(rest, row)];
                cell.reset();
                cell.set_style(style);
                if text::is_ambiguous(&cluster.text) {
                    cell.set_diff_option(CellDiffOption::Skip);
                }
            }
            at += cells;
        }
        at - self.area.x
    }

    /// Writes text that ends before a column, if it fits between the left edge and there. Returns its start.
    pub fn text_before(&mut self, end: u16, y: u16, content: &str, role: Role) -> u16 {
        let wide = text::width(content) as u16;
        match end.checked_sub(wide) {
            Some(start) => {
                self.text(start, y, content, role);
                start
            }
            None => end,
        }
    }

    /// Fills a part of a row with one glyph.
    pub fn rule(&mut self, x: u16, y: u16, end: u16, glyph: &str, role: Role) {
        for x in x..end.min(self.area.width) {
            self.text(x, y, glyph, role);
        }
    }

    /// Fills cells of a row with a bar. Its foot (`low` of eight) and the rest (up to `high` of eight) have different
    /// roles. Returns true if the theme can show the difference; without colours it cannot.
    pub fn bar(&mut self, y: u16, (low, high): (usize, usize), (foot, rest): (Role, Role)) -> bool {
        let (foot_style, rest_style) = (self.look.theme.style(foot), self.look.theme.style(rest));
        let bars = self.look.glyphs.bars;
        let width = self.area.width;
        let both = low > 0 && low < high;
        let (Some(fg), Some(bg)) = (foot_style.fg, rest_style.fg) else {
            self.rule(0, y, width, bars[high], rest);
            return low == 0;
        };
        if both && high == 8 {
            self.rule(0, y, width, bars[low], foot);
            let area = Rect::new(self.area.x, self.area.y.saturating_add(y), width, 1);
            self.buf
                .set_style(area.intersection(self.area), Style::new().fg(fg).bg(bg));
            return true;
        }
        // A cell has at most two colours, and one of them is the empty part, so the larger kind wins.
        let (sign, role) = if low * 2 >= high && low > 0 {
            (bars[high], foot)
        } else {
            (bars[high], rest)
        };
        self.rule(0, y, width, sign, role);
        true
    }

    /// Applies a style over cells and their content. Reversed text loses its colours, which would show as patches
    /// behind it in various colours.
    pub fn tint(&mut self, x: u16, y: u16, width: u16, role: Role) {
        let style: Style = self.look.theme.style(role);
        let area = Rect::new(
            self.area.x.saturating_add(x),
            self.area.y.saturating_add(y),
            width,
            1,
        );
        let area = area.intersection(self.area);
        if style.add_modifier.contains(Modifier::REVERSED) {
            let plain = Style::new().fg(Color::Reset).bg(Color::Reset);
            let plain = plain.remove_modifier(Modifier::DIM);
            self.buf.set_style(area, plain);
        }
        self.buf.set_style(area, style);
    }

    /// Takes the colours and the weight from all cells, and dims them.
    pub fn fade(&mut self) {
        let dim = self.look.theme.style(Role::Dim);
        for y in self.area.top()..self.area.bottom() {
            for x in self.area.left()..self.area.right() {
                let cell = &mut self.buf[(x, y)];
                (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
                cell.modifier = Modifier::empty();
                cell.set_style(dim);
            }
        }
    }

    /// Marks a row as the cursor row.
    pub fn cursor_row(&mut self, y: u16) {
        self.text(0, y, self.look.glyphs.cursor, Role::Text);
        self.tint(0, y, self.area.width, Role::Cursor);
    }

    /// Clears all cells, and characters that extend over an edge.
    pub fn clear(&mut self) {
        let (left, right) = (self.area.left(), self.area.right());
        let is_wide = |buf: &Buffer, x: u16, y: u16| text::width(buf[(x, y)].symbol()) > 1;
        for y in self.area.top()..self.area.bottom() {
            if left > self.buf.area.left() && left < right && is_wide(self.buf, left - 1, y) {
                self.buf[(left - 1, y)].set_symbol(" ");
            }
            if right < self.buf.area.right() && left < right && is_wide(self.buf, right - 1, y) {
                self.buf[(right, y)].reset();
            }
            for x in self.area.left()..self.area.right() {
                self.buf[(x, y)].reset();
            }
        }
    }

    /// Clears the canvas and draws a border on its edges, with a title.
    pub fn frame(&mut self, title: &str) {
        self.clear();
        let (glyphs, role) = (self.look.glyphs, Role::BorderFocused);
        let width = self.area.width;
        let (right, bottom) = (width.saturating_sub(1), self.area.height.saturating_sub(1));
        for y in 0..self.area.height {
            self.text(0, y, glyphs.vline, role);
            self.text(right, y, glyphs.vline, role);
        }
        let end = self.text(2, 0, &format!(" {title} "), Role::TitleFocused);
        // Not below the title: a style is added to that of the cell.
        self.rule(0, 0, 2, glyphs.hline, role);
        self.rule(end, 0, width, glyphs.hline, role);
        self.rule(0, bottom, width, glyphs.hline, role);
        self.text(0, 0, glyphs.corner_top_left, role);
        self.text(right, 0, glyphs.corner_top_right, role);
        self.text(0, bottom, glyphs.corner_bottom_left, role);
        self.text(right, bottom, glyphs.corner_bottom_right, role);
    }

    /// Draws a heading on a line: `─ title ────── right ─`.
    pub fn heading(&mut self, y: u16, title: &str, right: &str, focused: bool) {
        let role = if focused {
            Role::TitleFocused
        } else {
            Role::Title
        };
        let rule = if focused {
            Role::BorderFocused
        } else {
            Role::Dim
        };
        let line = self.look.glyphs.hline;
        let mark = if focused {
            self.look.glyphs.cursor
        } else {
            line
        };
        self.text(0, y, mark, role);
        let title = format!(" {title} ");
        let end = self.text(1, y, &title, role);
        // The rule is drawn around the texts, not below them: a style is added to that of the cell, so that text on a
        // dim rule stays dim.
        let (width, last) = (self.area.width, self.area.width.saturating_sub(1));
        let right = format!(" {right} ");
        if right.trim().is_empty() || end as usize + text::width(&right) > usize::from(last) {
            return self.rule(end, y, width, line, rule);
        }
        let start = self.text_before(last, y, &right, Role::Count);
        self.rule(end, y, start, line, rule);
        self.rule(last, y, width, line, rule);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;
    use crate::theme::Theme;

    #[test]
    fn the_title_of_the_focused_pane_is_never_dim() {
        for name in Theme::names() {
            let theme = Theme::builtin(name).expect("built in");
            let look = Look {
                theme: &theme,
                glyphs: Glyphs::unicode(),
            };
            let mut buf = Buffer::empty(Rect::new(0, 0, 30, 1));
            Canvas::whole(&mut buf, &look).heading(0, "USER", "19", true);
            let dim = buf
                .content
                .iter()
                .any(|cell| cell.symbol() != "─" && cell.modifier.contains(Modifier::DIM));
            assert!(!dim, "{buf:?}");
            let drawn: String = buf
                .content
                .iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect();
            assert_eq!(drawn, "▸ USER ────────────────── 19 ─");
        }
    }

    #[test]
    fn half_a_character_never_shines_through_at_an_edge() {
        let theme = Theme::default();
        let look = Look {
            theme: &theme,
            glyphs: Glyphs::unicode(),
        };
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        let mut whole = Canvas::whole(&mut buf, &look);
        whole.text(0, 0, "账账账账", Role::Text);
        let area = Area {
            x: 1,
            y: 0,
            width: 4,
            height: 1,
        };
        whole.part(area).clear();
        let symbols: Vec<&str> = buf
            .content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        assert_eq!(symbols[..6], [" ", " ", " ", " ", " ", " "]);
        assert_eq!(symbols[6], "账");
    }

    #[test]
    fn a_character_that_is_drawn_two_cells_wide_owns_both() {
        let theme = Theme::default();
        let look = Look {
            theme: &theme,
            glyphs: Glyphs::ascii(),
        };
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        let mut canvas = Canvas::whole(&mut buf, &look);
        // The wide setting is global to the process; here every character has the terminal's default width.
        assert_eq!(canvas.styled_wide(0, 0, "a账b", Style::new()), 4);
        let symbols: Vec<&str> = buf
            .content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        assert_eq!(symbols[..4], ["a", "账", " ", "b"]);
    }
}
