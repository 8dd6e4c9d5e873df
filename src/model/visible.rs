//! Makes text safe to display: characters that a terminal would obey, and invisible ones, are replaced by readable
//! escapes.
//!
//! Screen, tables, reports and messages all use these rules.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthChar as _;

/// Maximum number of zero-width characters in one grapheme; the rest is replaced by `…`.
const MARKS: usize = 8;
/// Maximum number of characters in one grapheme. The longest emoji sequences have eleven.
const CHARS: usize = 16;

/// Writes control characters, escapes, bidirectional marks and invisible characters as `\u{…}`, and `…` for excess
/// characters in one grapheme; everything else stays.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for grapheme in text.graphemes(true) {
        let (kept, cut) = within_limits(grapheme);
        for (ch, visible) in visible_chars(kept) {
            if visible {
                out.push(ch);
            } else {
                out.extend(ch.escape_unicode());
            }
        }
        if cut {
            out.push('…');
        }
    }
    if out == text {
        return Cow::Borrowed(text);
    }
    Cow::Owned(out)
}

/// Number of characters kept at the start and at the end of a message.
const KEPT: (usize, usize) = (1_000, 300);

/// Cuts the middle out of a long message.
pub fn shortened(text: &str) -> Cow<'_, str> {
    let (start, end) = KEPT;
    if text.len() <= start + end || text.chars().nth(start + end).is_none() {
        return Cow::Borrowed(text);
    }
    let from = text.char_indices().nth(start).map_or(0, |(at, _)| at);
    let to = text
        .char_indices()
        .nth_back(end - 1)
        .map_or(0, |(at, _)| at);
    Cow::Owned(format!("{} … {}", &text[..from], &text[to..]))
}

/// Text of a system error without its number, with advice if file descriptors have run out.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    if error.kind() != io::ErrorKind::Other
        && let Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE) =
            rustix::io::Errno::from_io_error(error)
    {
        return "too many open files: raise the limit (ulimit -n), or open fewer files".to_owned();
    }
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// A path in printable form, on one line.
pub fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// Start of a grapheme with at most the displayed number of marks (8) and characters (16), and true if anything was
/// cut.
pub fn within_limits(grapheme: &str) -> (&str, bool) {
    let mut marks = 0;
    for (number, (at, c)) in grapheme.char_indices().enumerate() {
        marks += usize::from(is_mark(c));
        if marks > MARKS || number == CHARS {
            return (&grapheme[..at], true);
        }
    }
    (grapheme, false)
}

/// Each character, with true if it may be displayed as it is. A mark has to follow a character that it can combine
/// with, otherwise it would change the cell before the text.
pub fn visible_chars(grapheme: &str) -> impl Iterator<Item = (char, bool)> {
    let mut base = None;
    grapheme.char_indices().map(move |(at, c)| {
        let visible = match c {
            // Part of an emoji sequence or an Indic conjunct: the joined character is in the grapheme too.
            '\u{200d}' => {
                let next = grapheme[at + c.len_utf8()..].chars().next();
                joins(base) && next.is_some_and(|next| !is_mark(next))
            }
            '\u{fe0e}' | '\u{fe0f}' => joins(base),
            c if is_hidden(c) => false,
            c if is_mark(c) => base.is_some(),
            _ => true,
        };
        if !visible {
            base = None;
        } else if !is_mark(c) {
            base = Some(c);
        }
        (c, visible)
    })
}

/// Returns true after non-ASCII characters. Joiners and presentation selectors have no meaning after ASCII and only
/// create look-alikes there.
fn joins(base: Option<char>) -> bool {
    base.is_some_and(|base| !base.is_ascii())
}

fn is_mark(c: char) -> bool {
    c.width().unwrap_or(0) == 0
}

/// Returns true for characters that act on a terminal, reorder text, or are invisible.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_at_length_is_cut_in_the_middle() {
        let text = |n| format!("the start {}the end", "ü".repeat(n));
        assert_eq!(shortened(&text(1_283)), text(1_283));
        let cut = shortened(&text(1 << 20)).into_owned();
        assert!(cut.starts_with("the start ü") && cut.ends_with("üthe end"));
        assert_eq!(cut.chars().count(), 1_303);
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        assert_eq!(visible("plain 上海 é"), "plain 上海 é");
        assert_eq!(
            visible("a\x1b[31mb\u{9b}c\r\n\u{202e}d\u{200b}"),
            "a\\u{1b}[31mb\\u{9b}c\\u{d}\\u{a}\\u{202e}d\\u{200b}"
        );
    }

    #[test]
    fn names_that_look_alike_can_be_told_apart() {
        for hidden in [
            '\u{ad}',
            '\u{180e}',
            '\u{200c}',
            '\u{200d}',
            '\u{115f}',
            '\u{1160}',
            '\u{3164}',
            '\u{ffa0}',
            '\u{1d173}',
            '\u{e0041}',
            '\u{fe0f}',
        ] {
            let shown = visible(&format!("ci-de{hidden}ploy")).into_owned();
            assert_eq!(shown, format!("ci-de{}ploy", hidden.escape_unicode()));
        }
        let pile = format!("e{}x", "\u{301}".repeat(300));
        let shown = visible(&pile).into_owned();
        assert!(
            shown.chars().count() < 12 && shown.ends_with("…x"),
            "{shown}"
        );
        // Legitimate sequences are left alone.
        for text in ["👩‍💻 é", "❤️", "e\u{301}", "क्‍ष"] {
            assert_eq!(visible(text), text);
        }
    }
}
