//! Text for Markdown: values of a log appear literally. They cannot produce links, images, HTML, headings or terminal
//! escapes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Cell, Sheet, table as plain};
use crate::model::visible;

/// Escapes a value so that it reads literally: control characters are made visible, Markdown syntax is escaped. For the
/// inside of a line or cell.
pub(super) fn text(value: &str) -> Cow<'_, str> {
    let shown = visible(value);
    let marks = |c: char| {
        matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&'
        )
    };
    if !shown.contains(marks) && !shown.contains("://") && !shown.contains("www.") {
        return shown;
    }
    let mut out = String::with_capacity(shown.len() + 8);
    let mut before = ' ';
    let mut rest = shown.chars();
    while let Some(c) = rest.next() {
        let next = rest.as_str();
        // Names are full of underscores, which have no meaning inside a word.
        let inside =
            c == '_' && before.is_alphanumeric() && next.starts_with(char::is_alphanumeric);
        // Only a complete URL in plain text becomes a link, so one escape in it is enough.
        let is_address = (c == '/' && before == ':' && next.starts_with('/'))
            || (c == '.' && out.ends_with("www"));
        if (marks(c) && !inside) || is_address {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    Cow::Owned(out)
}

/// Escapes a value for the start of a line, which allows more syntax: headings, lists, rules.
pub(super) fn line(value: &str) -> Cow<'_, str> {
    let text = text(value);
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let at = match text.as_bytes().get(digits) {
        Some(b'#' | b'-' | b'+' | b'=') if digits == 0 => 0,
        Some(b'.' | b')') if digits > 0 => digits,
        _ => return text,
    };
    let (number, rest) = text.split_at(at);
    Cow::Owned(format!("{number}\\{rest}"))
}

/// Writes a sheet as a table under its title.
pub(super) fn table(sheet: Sheet<'_>, out: &mut dyn Write) -> io::Result<()> {
    if !sheet.title.is_empty() {
        writeln!(out, "### {}\n", text(&sheet.title))?;
    }
    let line = |cells: &mut dyn Iterator<Item = Cow<'_, str>>| {
        cells.fold(String::from("|"), |mut line, cell| {
            // Writing to a `String` cannot fail.
            let _ = write!(line, " {cell} |");
            line
        })
    };
    writeln!(
        out,
        "{}",
        line(&mut sheet.headings.iter().map(|heading| text(heading)))
    )?;
    writeln!(out, "|{}", "---|".repeat(sheet.headings.len()))?;
    for row in sheet.rows {
        let mut cells = row.iter().map(|cell| match cell {
            Cell::Missing => Cow::Borrowed("-"),
            other => Cow::Owned(text(&plain::cell(other)).into_owned()),
        });
        writeln!(out, "{}", line(&mut cells))?;
    }
    writeln!(out)
}

/// Writes a code block that its content cannot close.
pub(super) fn block(kind: &str, code: &str, out: &mut dyn Write) -> io::Result<()> {
    let runs = code.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
    writeln!(out, "{fence}{kind}")?;
    for line in code.lines() {
        writeln!(out, "{}", visible(line))?;
    }
    writeln!(out, "{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_becomes_markup() {
        for (value, shown) in [
            ("release_bot/app_v1 -x- #1!", "release_bot/app_v1 -x- #1!"),
            ("![x](http://e/?q)", "!\\[x\\](http:\\//e/?q)"),
            ("http://e WWW.e", "http:\\//e WWW.e"),
            ("www.e https://x", "www\\.e https:\\//x"),
            ("<img src=x>&lt;", "\\<img src=x\\>\\&lt;"),
            (
                "a|b`c`*d* _e_ ~~f~~ \\",
                "a\\|b\\`c\\`\\*d\\* \\_e\\_ \\~\\~f\\~\\~ \\\\",
            ),
            ("two\n# lines\u{1b}[0m", "two\\\\u{a}# lines\\\\u{1b}\\[0m"),
        ] {
            assert_eq!(text(value), shown);
        }
    }

    #[test]
    fn no_value_begins_a_block_at_the_start_of_a_line() {
        for (value, shown) in [
            ("# a", "\\# a"),
            ("- a", "\\- a"),
            ("---", "\\---"),
            ("===", "\\==="),
            ("12. a", "12\\. a"),
            ("1) a", "1\\) a"),
            ("12 a", "12 a"),
            ("> a", "\\> a"),
            ("", ""),
        ] {
            assert_eq!(line(value), shown);
        }
    }

    #[test]
    fn a_block_of_code_ends_where_it_should() {
        let mut out = Vec::new();
        block("sh", "regtrail 'a ``` b'\n```\n\u{9b}2J", &mut out)
            .expect("memory takes everything");
        let reported = String::from_utf8(out).expect("UTF-8");
        assert_eq!(
            reported,
            "````sh\nregtrail 'a ``` b'\n```\n\\u{9b}2J\n````\n\n"
        );
    }
}
