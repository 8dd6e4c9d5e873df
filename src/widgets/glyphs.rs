//! The glyphs of the screen, in Unicode and in ASCII.
//!
//! Most of the Unicode glyphs are East-Asian *ambiguous*: terminals configured for Chinese or Japanese may draw them
//! two cells wide. The ASCII set is for those terminals, and for consoles without the font.

use ratatui::buffer::Buffer;

/// A set of glyphs. Each is one cell wide unless its description says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Marks the row under the cursor.
    pub cursor: &'static str,
    /// Marks a source that delivers events.
    pub live: &'static str,
    /// Marks the first event with this value.
    pub first_seen: &'static str,
    /// Marks a failed request.
    pub failed: &'static str,
    /// Marks an included facet value.
    pub include: &'static str,
    /// Marks an excluded facet value.
    pub exclude: &'static str,
    /// Precedes the number of distinct values.
    pub distinct: &'static str,
    /// Marks cut text; `..` in ASCII.
    pub ellipsis: &'static str,
    /// A missing value.
    pub empty: &'static str,
    /// Fills the line of a gap.
    pub gap: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    pub right: &'static str,
    /// Marks newer events below the visible rows.
    pub newer: &'static str,
    /// Marks a value that can be unfolded, and one that is unfolded.
    pub folded: &'static str,
    pub unfolded: &'static str,
    /// Bars by height, from empty to full.
    pub bars: [&'static str; 9],
    /// Bars by length, from empty to full.
    pub shares: [&'static str; 9],
    pub vline: &'static str,
    pub hline: &'static str,
    /// Top end of the histogram's scale.
    pub scale_top: &'static str,
    /// Bottom end of the histogram's scale.
    pub scale_bottom: &'static str,
    pub corner_top_left: &'static str,
    pub corner_top_right: &'static str,
    pub corner_bottom_left: &'static str,
    pub corner_bottom_right: &'static str,
    pub ok: &'static str,
    pub warning: &'static str,
    pub error: &'static str,
    /// Frames of the progress animation.
    pub spinner: [&'static str; 4],
}

static UNICODE: Glyphs = Glyphs {
    cursor: "▸",
    live: "●",
    first_seen: "★",
    failed: "!",
    include: "+",
    exclude: "-",
    distinct: "≠",
    ellipsis: "…",
    empty: "—",
    gap: "·",
    up: "↑",
    down: "↓",
    right: "→",
    newer: "▼",
    folded: "▸",
    unfolded: "▾",
    bars: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    shares: [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
    vline: "│",
    hline: "─",
    scale_top: "┐",
    scale_bottom: "┘",
    corner_top_left: "┌",
    corner_top_right: "┐",
    corner_bottom_left: "└",
    corner_bottom_right: "┘",
    ok: "✔",
    warning: "⚠",
    error: "✘",
    spinner: ["◐", "◓", "◑", "◒"],
};

static ASCII: Glyphs = Glyphs {
    cursor: ">",
    live: "*",
    first_seen: "^",
    failed: "!",
    include: "+",
    exclude: "-",
    distinct: "#",
    ellipsis: "..",
    empty: "-",
    gap: "~",
    up: "^",
    down: "v",
    right: ">",
    newer: "v",
    folded: ">",
    unfolded: "v",
    bars: [" ", ".", ",", ":", ";", "=", "+", "%", "#"],
    shares: [" ", "-", "-", "-", "=", "=", "=", "#", "#"],
    vline: "|",
    hline: "-",
    scale_top: "+",
    scale_bottom: "+",
    corner_top_left: "+",
    corner_top_right: "+",
    corner_bottom_left: "+",
    corner_bottom_right: "+",
    ok: "+",
    warning: "!",
    error: "x",
    spinner: ["|", "/", "-", "\\"],
};

impl Glyphs {
    pub fn unicode() -> &'static Self {
        &UNICODE
    }

    pub fn ascii() -> &'static Self {
        &ASCII
    }

    /// Returns the bar for `value` on a scale to `full`. Anything above zero shows at least the lowest bar.
    pub fn bar(&self, value: u64, full: u64) -> &'static str {
        let steps = self.bars.len() as u128 - 1;
        let height = (u128::from(value) * steps).div_ceil(u128::from(full.max(1)));
        self.bars[height.min(steps) as usize]
    }

    /// Replaces the remaining Unicode glyphs and the sanitiser's symbols cell by cell, also in values of the log. Last
    /// step of a frame in ASCII. Text in other scripts does not change.
    pub fn asciify(buffer: &mut Buffer) {
        for cell in &mut buffer.content {
            if let Some(plain) = Self::plain(cell.symbol()) {
                cell.set_symbol(plain);
            }
        }
    }

    /// Returns the ASCII replacement of a glyph, or `None` for text.
    pub(super) fn plain(symbol: &str) -> Option<&'static str> {
        plain(symbol)
    }
}

fn plain(symbol: &str) -> Option<&'static str> {
    if symbol.is_ascii() {
        return None;
    }
    Some(match symbol {
        "▸" | "→" | "›" => ">",
        "←" | "‹" => "<",
        "●" | "◐" | "◓" | "◑" | "◒" => "*",
        "◌" => "o",
        "★" | "↑" | "▲" => "^",
        "↓" | "▼" | "▾" => "v",
        "…" | "·" | "▁" | "▂" => ".",
        "▃" | "▄" => ":",
        "—" | "–" | "─" => "-",
        "│" | "‖" | "▏" | "▎" | "▍" => "|",
        "≠" | "▇" | "█" | "▉" | "▊" => "#",
        "×" | "✘" => "x",
        "┌" | "┐" | "└" | "┘" | "├" | "┤" | "┬" | "┴" | "┼" | "▅" | "▆" | "▌" | "▋" | "✔" => {
            "+"
        }
        "⚠" => "!",
        _ if symbol.starts_with(|c| matches!(c, '\u{2400}'..='\u{2426}')) => "?",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Cell;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;
    use crate::widgets::text::width;

    fn all(glyphs: &Glyphs) -> Vec<&'static str> {
        let mut all = vec![
            glyphs.cursor,
            glyphs.live,
            glyphs.first_seen,
            glyphs.failed,
            glyphs.include,
            glyphs.exclude,
            glyphs.distinct,
            glyphs.empty,
            glyphs.gap,
            glyphs.up,
            glyphs.down,
            glyphs.right,
            glyphs.newer,
            glyphs.vline,
            glyphs.hline,
            glyphs.scale_top,
            glyphs.scale_bottom,
            glyphs.corner_top_left,
            glyphs.corner_top_right,
            glyphs.corner_bottom_left,
            glyphs.corner_bottom_right,
            glyphs.ok,
            glyphs.warning,
            glyphs.error,
        ];
        all.extend(glyphs.bars);
        all.extend(glyphs.shares);
        all.extend(glyphs.spinner);
        all
    }

    #[test]
    fn every_glyph_is_one_cell() {
        for glyph in all(Glyphs::unicode())
            .into_iter()
            .chain(all(Glyphs::ascii()))
        {
            assert_eq!(width(glyph), 1, "{glyph}");
        }
        assert!(all(Glyphs::ascii()).iter().all(|g| g.is_ascii()));
    }

    #[test]
    fn a_frame_in_ascii_keeps_none_of_the_unicode_glyphs() {
        let text = all(Glyphs::unicode()).concat() + "…·×▲␛␡账";
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 1));
        buffer.set_string(0, 0, &text, Style::new());
        Glyphs::asciify(&mut buffer);
        let left: Vec<_> = buffer
            .content
            .iter()
            .map(Cell::symbol)
            .filter(|s| !s.is_ascii())
            .collect();
        assert_eq!(left, ["账"]);
    }

    #[test]
    fn a_single_event_is_seen_beside_a_million() {
        let glyphs = Glyphs::unicode();
        assert_eq!(glyphs.bar(0, 1_000_000), " ");
        assert_eq!(glyphs.bar(1, 1_000_000), "▁");
        assert_eq!(glyphs.bar(1_000_000, 1_000_000), "█");
        assert_eq!(glyphs.bar(u64::MAX, 0), "█");
    }
}
