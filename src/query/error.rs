//! Errors in queries, with position and suggestion: as one line, or as the text with carets under it.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

/// A query that cannot be parsed. Displays as one line that is safe to print.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}, found {found}{}", hint(self.suggestion.as_deref()))]
pub struct QueryError {
    /// Bytes of the text that are at fault; empty at the end of the text.
    pub span: Range<usize>,
    /// Start of the span, in characters from 1.
    pub column: usize,
    pub expected: String,
    /// The text found there, escaped and shortened.
    pub found: String,
    /// A name or a condition that was probably meant.
    pub suggestion: Option<String>,
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |text| format!("; did you mean `{text}`?"))
}

/// Maximum number of characters of the query in a message.
const FOUND: usize = 40;
/// Maximum number of characters of a suggestion. Generous, so that it can be copied.
const SUGGESTED: usize = 160;
/// Number of cells shown on either side of the start of the span.
const AROUND: usize = 38;

impl QueryError {
    pub(super) fn new(text: &str, span: Range<usize>, expected: impl Into<String>) -> Self {
        let column = text[..span.start].chars().count() + 1;
        let part = &text[span.clone()];
        let found = if part.is_empty() {
            "the end".to_owned()
        } else {
            format!("`{}`", shorten(part, FOUND))
        };
        Self {
            span,
            column,
            expected: expected.into(),
            found,
            suggestion: None,
        }
    }

    pub(super) fn suggest(mut self, text: impl AsRef<str>) -> Self {
        self.suggestion = Some(shorten(text.as_ref(), SUGGESTED));
        self
    }

    /// Formats the text and, on a second line, carets under the span. Control characters are escaped, and a long text
    /// is cut around the span.
    pub fn caret(&self, text: &str) -> String {
        let start = floor(text, self.span.start);
        let end = floor(text, self.span.end).max(start);
        let (mut line, mut under) = (String::new(), String::new());

        let mut room = AROUND;
        let before: Vec<String> = text[..start]
            .chars()
            .rev()
            .map(visible)
            .take_while(|c| take(&mut room, c))
            .collect();
        if before.len() < text[..start].chars().count() {
            line.push('…');
            under.push(' ');
        }
        for shown in before.iter().rev() {
            line.push_str(shown);
            under.extend(std::iter::repeat_n(' ', width(shown)));
        }
        let mut room = AROUND;
        let mut at = start;
        for c in text[start..].chars() {
            let shown = visible(c);
            if !take(&mut room, &shown) {
                line.push('…');
                break;
            }
            if at < end {
                under.extend(std::iter::repeat_n('^', width(&shown).max(1)));
            }
            at += c.len_utf8();
            line.push_str(&shown);
        }
        if !under.ends_with('^') {
            under.push('^');
        }
        format!("{line}\n{under}")
    }
}

/// Subtracts the width of a character from the remaining room. Returns false if it does not fit.
fn take(room: &mut usize, shown: &str) -> bool {
    let left = room.checked_sub(width(shown));
    *room = left.unwrap_or(0);
    left.is_some()
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// Formats a character safely for a terminal.
fn visible(c: char) -> String {
    let hidden = matches!(
        c,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    if c.is_control() {
        c.escape_default().to_string()
    } else if hidden {
        c.escape_unicode().to_string()
    } else {
        c.to_string()
    }
}

/// Returns the start of a text, safe to print.
fn shorten(text: &str, most: usize) -> String {
    let mut out: String = text.chars().take(most).map(visible).collect();
    if text.chars().nth(most).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_wide_and_escaped_characters() {
        let text = "城市:\u{1b}[2J x";
        let error = QueryError::new(text, 7..8, "x");
        assert_eq!(error.caret(text), "城市:\\u{1b}[2J x\n     ^^^^^^");
        assert_eq!(error.column, 4);
    }

    #[test]
    fn a_long_text_is_cut_around_the_span() {
        let text = "x".repeat(1000);
        let error = QueryError::new(&text, 500..502, "y");
        let x = "x".repeat(38);
        assert_eq!(
            error.caret(&text),
            format!("…{x}{x}…\n{}^^", " ".repeat(39))
        );
        assert_eq!(QueryError::new("abc", 3..3, "y").caret("abc"), "abc\n   ^");
    }

    #[test]
    fn the_caret_of_another_text_does_not_panic() {
        let error = QueryError::new("abcdef", 4..6, "y");
        assert_eq!(error.caret("é"), "é\n ^");
        assert_eq!(error.caret(""), "\n^");
    }
}
