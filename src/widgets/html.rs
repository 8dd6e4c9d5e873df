//! Pictures of the screen as HTML: the cells of a buffer in the colours of the theme.
//!
//! The page contains only text and styles, without scripts, links, fonts or images, and its policy forbids them. Log
//! text is escaped, so that it can neither leave its element nor change its order.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

use super::picture::{DARK, LIGHT, Palette, escaped, runs};
use super::text;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>regtrail</title>
<style>
"#;

/// Lays out all cells from left to right, independent of the script. Class `w` keeps double-width cells at that width.
const LAYOUT: &str = "\
pre { margin: 0; padding: 12px; font: 15px/1.27 ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; \
direction: ltr; unicode-bidi: bidi-override; }
.w { display: inline-block; width: 2ch; }
";

/// Returns the buffer as a page, on a light or a dark background. The content is as on the screen, with values masked.
pub(super) fn html(buf: &Buffer, is_light: bool) -> String {
    let palette = if is_light { LIGHT } else { DARK };
    let mut styles: Vec<String> = Vec::new();
    let mut rows = String::new();
    for y in 0..buf.area.height {
        let mut row = String::new();
        for run in runs(buf, y) {
            let style = css(&palette, run.style);
            let text = cells(&run.text);
            if style.is_empty() {
                row.push_str(&text);
                continue;
            }
            let at = styles.iter().position(|known| *known == style);
            let at = at.unwrap_or_else(|| {
                styles.push(style);
                styles.len() - 1
            });
            // Writing to a string cannot fail.
            let _ = write!(row, r#"<span class="s{at}">{text}</span>"#);
        }
        rows.push_str(row.trim_end());
        rows.push('\n');
    }
    let (ground, front) = (palette.background, palette.text);
    let mut out =
        format!("{HEAD}body {{ margin: 0; background: {ground}; color: {front}; }}\n{LAYOUT}");
    for (at, style) in styles.iter().enumerate() {
        let _ = writeln!(out, ".s{at} {{ {style}}}");
    }
    out + "</style>\n</head>\n<body>\n<pre>" + &rows + "</pre>\n</body>\n</html>\n"
}

/// CSS declarations of a style; empty for plain text.
fn css(palette: &Palette, style: Style) -> String {
    let (front, behind) = palette.of(style);
    let mut css = String::new();
    if front != palette.text {
        let _ = write!(css, "color: {front}; ");
    }
    if let Some(behind) = behind {
        let _ = write!(css, "background: {behind}; ");
    }
    for (modifier, declaration) in [
        (Modifier::BOLD, "font-weight: bold; "),
        (Modifier::DIM, "opacity: 0.62; "),
        (Modifier::ITALIC, "font-style: italic; "),
        (Modifier::UNDERLINED, "text-decoration: underline; "),
    ] {
        if style.add_modifier.contains(modifier) {
            css.push_str(declaration);
        }
    }
    css
}

/// Escapes text and puts each double-width cluster into a box of its own.
fn cells(run: &str) -> String {
    let mut out = String::with_capacity(run.len());
    for cluster in text::clusters(run) {
        let shown = escaped(&cluster.text);
        if cluster.width() > 1 {
            let _ = write!(out, r#"<span class="w">{shown}</span>"#);
        } else {
            out.push_str(&shown);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Color;

    use super::*;

    fn page(cells: &[(&str, Style)]) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, 60, 2));
        let mut x = 0;
        for (text, style) in cells {
            (x, _) = buf.set_stringn(x, 0, text, 60, *style);
        }
        html(&buf, false)
    }

    #[test]
    fn styles_are_classes_and_wide_characters_keep_their_cells() {
        let red = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        let page = page(&[("ab", red), (" 上", Style::new()), ("c", red)]);
        assert!(
            page.contains(".s0 { color: #e06c75; font-weight: bold; }"),
            "{page}"
        );
        let row =
            r#"<pre><span class="s0">ab</span> <span class="w">上</span><span class="s0">c</span>"#;
        assert!(page.contains(row), "{page}");
        assert!(page.contains("background: #16181d"), "{page}");
    }

    #[test]
    fn hostile_cells_are_inert() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 60, 1));
        let hostile = "</pre><script>alert(1)</script><img src=x onerror=\"a\">&lt;";
        buf.set_string(0, 0, hostile, Style::new());
        for (x, symbol) in [
            "\u{1b}", "\u{202e}", "\u{2066}", "\u{7}", "\u{200b}", "\u{0}",
        ]
        .into_iter()
        .enumerate()
        {
            buf[(x as u16, 0)].set_symbol(symbol);
        }
        for page in [html(&buf, false), super::super::svg(&buf, false)] {
            assert!(
                !page.contains("<script") && !page.contains("<img"),
                "{page}"
            );
            let odd = |c: char| {
                c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{2066}' | '\u{200b}')
            };
            assert!(!page.contains(odd), "{page:?}");
        }
    }

    #[test]
    fn the_page_forbids_what_it_does_not_need() {
        let page = page(&[]);
        assert!(page.contains("default-src 'none'"));
        for needless in ["<script", "<link", "<img", "url(", "@import", "href"] {
            assert!(!page.contains(needless), "{needless}");
        }
    }
}
