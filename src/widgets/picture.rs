//! Pictures of the screen: their formats, and the cells of a buffer as SVG in the colours of the theme.
//!
//! The SVG contains only text and rectangles, without scripts, links or external fonts, so it is safe to publish and to
//! open.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use unicode_segmentation::UnicodeSegmentation as _;

use super::html::html;
use super::text;
use crate::model::visible_chars;

/// Size of a cell in pixels, and of the text in it.
const CELL: (usize, usize) = (9, 19);
const FONT: usize = 15;

/// Margin around the cells in pixels.
const MARGIN: usize = 12;

/// Format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    Svg,
    Html,
}

impl Picture {
    /// File extensions with their formats.
    pub const ENDINGS: [(&str, Self); 2] = [("svg", Self::Svg), ("html", Self::Html)];

    /// Returns the picture of a buffer, on a light or a dark background.
    pub fn of(self, buf: &Buffer, is_light: bool) -> String {
        match self {
            Self::Svg => svg(buf, is_light),
            Self::Html => html(buf, is_light),
        }
    }
}

/// Colours of a terminal: its default text and background, and the sixteen named ones.
pub(super) struct Palette {
    pub(super) text: &'static str,
    pub(super) background: &'static str,
    named: [&'static str; 16],
}

pub(super) const DARK: Palette = Palette {
    text: "#d4d7dd",
    background: "#16181d",
    named: [
        "#16181d", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d4d7dd",
        "#7f848e", "#ff7b85", "#b5e08f", "#ffd68a", "#7fc1ff", "#dc9bf0", "#79d4df", "#ffffff",
    ],
};

pub(super) const LIGHT: Palette = Palette {
    text: "#24292f",
    background: "#ffffff",
    named: [
        "#24292f", "#b3261e", "#1a7f37", "#8a6100", "#0550ae", "#8250df", "#0b6e7f", "#6e7781",
        "#57606a", "#cf222e", "#2da44e", "#9a6700", "#0969da", "#a475f9", "#1b7c83", "#24292f",
    ],
};

impl Palette {
    fn colour(&self, colour: Color, default: &str) -> String {
        let named = match colour {
            Color::Reset => return default.to_owned(),
            Color::Rgb(red, green, blue) => return format!("#{red:02x}{green:02x}{blue:02x}"),
            Color::Indexed(at @ 0..=15) => at,
            Color::Indexed(at @ 16..=231) => {
                // The colour cube of xterm, 6 × 6 × 6.
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let at = at - 16;
                let (red, green, blue) = (level(at / 36), level(at / 6 % 6), level(at % 6));
                return format!("#{red:02x}{green:02x}{blue:02x}");
            }
            Color::Indexed(at) => {
                let grey = 8 + 10 * (at - 232);
                return format!("#{grey:02x}{grey:02x}{grey:02x}");
            }
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
        };
        self.named[usize::from(named)].to_owned()
    }

    /// Foreground and background of a style; no background if it is the default.
    pub(super) fn of(&self, style: Style) -> (String, Option<String>) {
        let front = style.fg.unwrap_or(Color::Reset);
        let back = style.bg.unwrap_or(Color::Reset);
        if style.add_modifier.contains(Modifier::REVERSED) {
            let behind = self.colour(front, self.text);
            return (self.colour(back, self.background), Some(behind));
        }
        let behind = (back != Color::Reset).then(|| self.colour(back, self.background));
        (self.colour(front, self.text), behind)
    }
}

/// Consecutive cells of a row with the same style.
pub(super) struct Run {
    from: usize,
    cells: usize,
    pub(super) text: String,
    pub(super) style: Style,
}

pub(super) fn runs(buf: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0;
    while x < buf.area.width {
        let cell = &buf[(x, y)];
        let cells = text::cells(cell.symbol()).max(1);
        let style = cell.style();
        match runs.last_mut() {
            Some(run) if run.style == style => {
                run.text.push_str(cell.symbol());
                run.cells += cells;
            }
            _ => runs.push(Run {
                from: usize::from(x),
                cells,
                text: cell.symbol().to_owned(),
                style,
            }),
        }
        x += cells as u16;
    }
    runs
}

/// Renders the buffer as SVG, with the defaults of a light or a dark terminal. The content is as on the screen, with
/// values masked.
pub fn svg(buf: &Buffer, is_light: bool) -> String {
    let palette = if is_light { LIGHT } else { DARK };
    let (columns, rows) = (usize::from(buf.area.width), usize::from(buf.area.height));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{text}");
    };
    line(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="{FONT}">"#
    ));
    let ground = palette.background;
    line(format_args!(
        r#"<rect width="{width}" height="{height}" rx="8" fill="{ground}"/>"#
    ));
    for y in 0..buf.area.height {
        let top = MARGIN + usize::from(y) * CELL.1;
        for run in runs(buf, y) {
            let (front, behind) = palette.of(run.style);
            let (left, wide) = (MARGIN + run.from * CELL.0, run.cells * CELL.0);
            if let Some(behind) = behind {
                let high = CELL.1;
                line(format_args!(
                    r#"<rect x="{left}" y="{top}" width="{wide}" height="{high}" fill="{behind}"/>"#
                ));
            }
            let has = |modifier| run.style.add_modifier.contains(modifier);
            let mut how = String::new();
            for (modifier, attribute) in [
                (Modifier::BOLD, r#" font-weight="bold""#),
                (Modifier::DIM, r#" opacity="0.62""#),
                (Modifier::ITALIC, r#" font-style="italic""#),
                (Modifier::UNDERLINED, r#" text-decoration="underline""#),
            ] {
                how.push_str(if has(modifier) { attribute } else { "" });
            }
            for (before, word) in words(&run.text) {
                let (left, wide) = (left + before * CELL.0, text::cells(word) * CELL.0);
                let (base, shown) = (top + FONT, escaped(word));
                line(format_args!(
                    r#"<text x="{left}" y="{base}" textLength="{wide}" lengthAdjust="spacingAndGlyphs" fill="{front}"{how}>{shown}</text>"#
                ));
            }
        }
    }
    line(format_args!("</svg>"));
    out
}

/// Iterates over words with the number of cells before each. Viewers treat blanks differently, so each word is
/// positioned on its own.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(' ').filter_map(move |word| {
        let before = at;
        at += text::cells(word) + 1;
        (!word.is_empty()).then_some((before, word))
    })
}

/// Escapes text for XML and HTML. Characters that XML does not allow, and those that would reorder or hide text, become
/// U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        for (ch, is_shown) in visible_chars(cluster) {
            match ch {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                ch if is_shown => out.push(ch),
                _ => out.push('\u{fffd}'),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn each_word_stands_at_its_cell() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 2));
        buf.set_string(0, 0, "ab", Style::new().fg(Color::Red));
        buf.set_string(3, 0, "上海", Style::new().add_modifier(Modifier::REVERSED));
        let svg = svg(&buf, false);
        let ab = r##"<text x="12" y="27" textLength="18" lengthAdjust="spacingAndGlyphs" fill="#e06c75">ab</text>"##;
        assert!(svg.contains(ab), "{svg}");
        let behind = r##"<rect x="39" y="12" width="36" height="19" fill="#d4d7dd"/>"##;
        assert!(
            svg.contains(behind) && svg.contains(">上海</text>"),
            "{svg}"
        );
        assert_eq!(svg.matches("<text").count(), 2, "blanks are not drawn");
    }

    #[test]
    fn content_cannot_leave_its_element() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 40, 1));
        buf.set_string(0, 0, "</text><script>&", Style::new());
        let svg = svg(&buf, true);
        assert!(
            svg.contains(">&lt;/text&gt;&lt;script&gt;&amp;</text>"),
            "{svg}"
        );
        assert!(!svg.contains("<script"), "{svg}");
    }

    #[test]
    fn colours_by_number_are_those_of_xterm() {
        let colour = |at| DARK.colour(Color::Indexed(at), "");
        assert_eq!(
            [1, 16, 196, 231, 232, 255].map(colour),
            [
                "#e06c75", "#000000", "#ff0000", "#ffffff", "#080808", "#eeeeee"
            ]
        );
    }
}
