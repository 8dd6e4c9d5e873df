//! Text that is safe to print: what a terminal would obey comes out as something to read.

use std::borrow::Cow;

/// Control characters, escapes, marks that reorder the text and invisible characters as `\u{…}`;
/// everything else as it is.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for ch in text.chars() {
        if is_hidden(ch) {
            out.extend(ch.escape_unicode());
        } else {
            out.push(ch);
        }
    }
    Cow::Owned(out)
}

/// Whether a character acts on a terminal or cannot be seen on it.
pub fn is_hidden(ch: char) -> bool {
    ch.is_control()
        || matches!(ch,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        assert_eq!(visible("plain 上海 é"), "plain 上海 é");
        assert_eq!(
            visible("a\x1b[31mb\u{9b}c\r\n\u{202e}d\u{200b}"),
            "a\\u{1b}[31mb\\u{9b}c\\u{d}\\u{a}\\u{202e}d\\u{200b}"
        );
    }
}
