//! Characters that look like syntax of the language: full-width punctuation of an input method, quotes of a word
//! processor, invisible characters. In quotes they are text. Outside quotes, if used as syntax, they are reported with
//! the query that was meant.

use super::super::lexer::{Lexer, Until, is_keyword};
use super::super::{Names, QueryError, edit};
use super::Parser;

/// Returns the ASCII character that a character looks like.
fn ascii(c: char) -> Option<char> {
    Some(match c {
        // The full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
        '\u{3001}' => ',',
        '\u{3010}' => '[',
        '\u{3011}' => ']',
        '\u{fe55}' | '\u{fe13}' => ':',
        '\u{ab}' | '\u{bb}' | '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{300a}'..='\u{300f}' => '"',
        '\u{2018}'..='\u{201b}' | '\u{2032}' => '\'',
        _ => return None,
    })
}

/// Returns the operator that a single character represents.
fn comparison(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2265}' | '\u{2267}' => ">=",
        '\u{2264}' | '\u{2266}' => "<=",
        '\u{2260}' => "!=",
        _ => return None,
    })
}

fn is_quote(c: char) -> bool {
    ascii(c).is_some_and(|c| matches!(c, '"' | '\''))
}

fn is_operator(c: char) -> bool {
    ascii(c).is_some_and(|c| matches!(c, ':' | '=' | '<' | '>' | '~' | '!'))
}

/// Returns true for characters without width that nobody searches for on purpose.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Replaces lookalikes in a text by the ASCII characters that were meant.
pub(super) fn plain(name: &str) -> String {
    let plain = |c: char| ascii(c).unwrap_or(c);
    name.chars()
        .filter(|c| !is_invisible(*c))
        .map(plain)
        .collect()
}

/// Length from which names are not looked up, so that repeated parsing stays cheap.
const NAME: usize = 256;

/// Returns true if a query may contain lookalikes that can be recognised only once the names of all fields are known.
pub fn has_lookalikes(text: &str) -> bool {
    text.contains(is_operator)
}

impl Parser<'_> {
    /// Rejects an unquoted word, read from `start` on up to `until`, if it contains a lookalike used as syntax.
    pub(super) fn refuse_lookalikes(
        &self,
        start: usize,
        word: &str,
        until: Until,
    ) -> Result<(), QueryError> {
        if !self.careful || self.names.resolve(word).is_some() {
            return Ok(());
        }
        let Some((at, sign, expected)) = self.lookalike(word, until) else {
            return Ok(());
        };
        let span = start + at..start + at + sign.len_utf8();
        let error = self.lexer.error(span, expected);
        let meant = mended(self.lexer.text, self.names);
        let mut parser = Parser::new(&meant, self.names);
        parser.careful = false;
        let reads = meant != self.lexer.text && parser.query().is_ok();
        Err(if reads { error.suggest(meant) } else { error })
    }

    /// Returns the first lookalike in a word, with its position and the expected text.
    fn lookalike(&self, word: &str, until: Until) -> Option<(usize, char, &'static str)> {
        for (at, sign) in word.char_indices() {
            let (before, after) = (&word[..at], &word[at + sign.len_utf8()..]);
            let begins = before.chars().all(is_invisible);
            let found =
                if is_invisible(sign) {
                    "no invisible characters"
                } else if matches!(sign, ',' | ';' | '\u{ff0c}' | '\u{ff1b}' | '\u{3001}') {
                    let last = until == Until::Operator && after.len() <= NAME;
                    let continues = last && self.names.resolve(&plain(after)).is_some() && {
                        let mut rest = self.lexer.clone();
                        rest.blanks();
                        rest.operator().is_some()
                    };
                    let is_last = after.is_empty() && !sign.is_ascii() && !begins;
                    if continues || is_last || is_condition(after, self.names) {
                        "`and` or a space between conditions"
                    } else if until == Until::Comma && sign != ';' {
                        "`,` between list entries"
                    } else {
                        continue;
                    }
                } else {
                    match ascii(sign) {
                        None if comparison(sign).is_some()
                            && (begins || until == Until::Operator && self.is_name(before)) =>
                        {
                            "an ASCII operator, such as `>=`"
                        }
                        Some('*') => "`*`",
                        Some('?')
                            if until != Until::Operator
                                && before.is_ascii()
                                && after.is_empty() =>
                        {
                            "`?`"
                        }
                        Some('"' | '\'') if begins || before == "\u{ff03}" => "`\"` around text",
                        Some(open @ ('(' | '['))
                            if until != Until::Blank && is_before_bracket(before) =>
                        {
                            if open == '(' { "`(`" } else { "`[`" }
                        }
                        Some(')') if begins && until == Until::Operator => "`)`",
                        Some(')') if self.depth > 0 && !before.contains('\u{ff08}') => "`)`",
                        Some(')') if until == Until::Comma => "`)`",
                        Some(']') if until == Until::Comma => "`]`",
                        Some('|') if begins => "`|`",
                        Some('&')
                            if begins && until == Until::Operator
                                || is_condition(after, self.names) =>
                        {
                            "`and`"
                        }
                        Some('#') if after.is_empty() && self.lexer.rest().starts_with('"') => {
                            "`#` before quoted text"
                        }
                        Some(':' | '=' | '<' | '>' | '~' | '!') if begins => {
                            "an ASCII operator, such as `:`"
                        }
                        Some(':' | '=' | '<' | '>' | '~')
                            if until == Until::Operator && self.is_name(before) =>
                        {
                            "an ASCII operator, such as `:`"
                        }
                        Some('!')
                            if until == Until::Operator
                                && self.is_name(before)
                                && (after.starts_with(['=', '\u{ff1d}'])
                                    || after.is_empty() && self.lexer.rest().starts_with('=')) =>
                        {
                            "`!=`"
                        }
                        _ => continue,
                    }
                };
            return Some((at, sign, found));
        }
        if until == Until::Operator && self.lexer.operator().is_some() {
            return None; // An unknown field name, which has its own error.
        }
        let is_letter =
            |(_, c): &(usize, char)| ascii(*c).is_some_and(|c| c.is_ascii_alphanumeric());
        let (at, letter) = word.char_indices().find(is_letter)?;
        let expected = "ASCII letters and digits (quoted text is matched as is)";
        Some((at, letter, expected))
    }

    fn is_name(&self, text: &str) -> bool {
        if text.len() > NAME {
            return false;
        }
        let name = text.trim_end_matches(|c| is_operator(c) || "!=<>~:".contains(c));
        self.names.resolve(name).is_some() || self.names.resolve(&plain(name)).is_some()
    }
}

/// Returns true if a bracket can follow: after nothing, or after a keyword.
fn is_before_bracket(text: &str) -> bool {
    text.is_empty() || text == "in" || is_keyword(text)
}

/// Returns true if a text begins with the name of a known field and any operator, including lookalikes.
fn is_condition(text: &str, names: &dyn Names) -> bool {
    let text = text.trim_start();
    let lexer = Lexer::new(&text[..text.floor_char_boundary(NAME)]);
    let word = lexer.word(Until::Operator);
    let name = &word[..word.find(is_operator).unwrap_or(word.len())];
    let mut rest = Lexer::new(&lexer.text[name.len()..]);
    rest.blanks();
    let follows = rest.operator().is_some() || rest.peek().is_some_and(is_operator);
    follows && !name.is_empty() && names.resolve(&plain(name)).is_some()
}

/// Returns true if a word ends before this text.
fn ends_word(text: &str) -> bool {
    text.chars().next().is_none_or(char::is_whitespace)
}

/// Returns the text with all lookalikes replaced. Quoted text is unchanged.
fn mended(text: &str, names: &dyn Names) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut listed = 0_usize;
    while let Some(c) = rest.chars().next() {
        let mut lexer = Lexer::new(rest);
        if c == '"' && lexer.quoted().is_ok() {
            out.push_str(&rest[..lexer.at]);
            rest = &rest[lexer.at..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if is_quote(c) {
            let end = rest.find(|c| is_quote(c) || c == '"').unwrap_or(rest.len());
            out.push_str(&edit::quote(&rest[..end]));
            rest = &rest[end..];
            rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
            continue;
        }
        match ascii(c).unwrap_or(c) {
            _ if is_invisible(c) => {}
            _ if let Some(operator) = comparison(c) => out.push_str(operator),
            ',' | ';' if is_condition(rest, names) => {
                out.push_str(" and ");
                rest = rest.trim_start();
            }
            ',' | ';' if !c.is_ascii() && listed == 0 && ends_word(rest) => {}
            sign @ ('(' | '[') => {
                if out.ends_with(char::is_alphanumeric) {
                    out.push(' ');
                }
                listed += 1;
                out.push(sign);
            }
            sign @ (')' | ']') => {
                listed = listed.saturating_sub(1);
                out.push(sign);
            }
            '&' if c != '&' => {
                let again = rest.strip_prefix('\u{ff06}');
                rest = again.unwrap_or(rest);
                let blank = |before: bool| if before { " " } else { "" };
                out.push_str(blank(
                    !out.is_empty() && !out.ends_with(char::is_whitespace),
                ));
                out.push_str("and");
                out.push_str(blank(!ends_word(rest)));
            }
            ',' if listed > 0 => out.push_str(if rest.starts_with(' ') { "," } else { ", " }),
            sign => out.push(sign),
        }
    }
    out
}
