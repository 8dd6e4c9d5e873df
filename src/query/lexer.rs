//! Pieces of query text: blanks, words, quoted text, regular expressions, operators.
//!
//! What a character means depends on where it stands (`:` ends a name and is part of a value), so the parser
//! asks for the piece it expects instead of reading a stream of tokens.

use std::ops::Range;

use super::QueryError;

/// A place in the text of a query.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// Where an unquoted word ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// A name or a bare word: at an operator.
    Operator,
    /// A value: at a blank, a parenthesis, a quote or a pipe.
    Blank,
    /// An entry of a list or an end of an interval: at a comma or a bracket as well.
    Comma,
}

/// Operators, longest first.
const OPERATORS: [&str; 10] = ["=~", "==", "!=", ">=", "<=", ">", "<", "=", "~", ":"];

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes `part` if the text goes on with it.
    pub(super) fn eat(&mut self, part: &str) -> bool {
        let found = self.rest().starts_with(part);
        if found {
            self.at += part.len();
        }
        found
    }

    /// The operator that stands here, not taken.
    pub(super) fn operator(&self) -> Option<&'static str> {
        OPERATORS.into_iter().find(|op| self.rest().starts_with(op))
    }

    /// The unquoted word that stands here, not taken, escapes as written; empty if there is none.
    pub(super) fn word(&self, until: Until) -> &'a str {
        let rest = self.rest();
        let mut chars = rest.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let next = chars.peek().map(|&(_, c)| c);
            let ends = match c {
                '(' | ')' | '"' | '|' => true,
                '\\' if next == Some('"') => {
                    chars.next();
                    false
                }
                ':' | '=' | '<' | '>' | '~' => until == Until::Operator,
                '!' => until == Until::Operator && next == Some('='),
                ',' | '[' | ']' => until == Until::Comma,
                c => c.is_whitespace(),
            };
            if ends {
                return &rest[..i];
            }
        }
        rest
    }

    /// Takes an unquoted word.
    pub(super) fn take_word(&mut self, until: Until) -> &'a str {
        let word = self.word(until);
        self.at += word.len();
        word
    }

    /// Takes quoted text, the opening quote standing here; `\"` and `\\` are unescaped.
    pub(super) fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        let mut out = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((i, c)) = chars.next() {
            match (c, chars.peek()) {
                ('"', _) => {
                    self.at += i + 1;
                    return Ok(out);
                }
                ('\\', Some(&(_, next @ ('"' | '\\')))) => {
                    chars.next();
                    out.push(next);
                }
                _ => out.push(c),
            }
        }
        let error = self.error(start..self.text.len(), "a closing `\"`");
        // A word processor makes another sign of one of the two.
        let curly = self.rest().find(['\u{201c}', '\u{201d}', '\u{ff02}']);
        Err(match curly {
            Some(at) => error.suggest(format!("{}\"", &self.rest()[..at])),
            None => error,
        })
    }

    /// Takes `/…/`, the opening slash standing here; escapes are left as written.
    pub(super) fn slashed(&mut self) -> Result<&'a str, QueryError> {
        let start = self.at;
        let rest = self.rest();
        let mut chars = rest.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' => drop(chars.next()),
                '/' => {
                    self.at += i + 1;
                    return Ok(&rest[1..i]);
                }
                _ => {}
            }
        }
        Err(self.error(start..self.text.len(), "a closing `/`"))
    }

    pub(super) fn error(&self, span: Range<usize>, expected: impl Into<String>) -> QueryError {
        QueryError::new(self.text, span, expected)
    }

    /// An error about the piece that stands here: an operator, a word, or one character.
    pub(super) fn unexpected(&self, expected: impl Into<String>) -> QueryError {
        let word = self.word(Until::Operator).len();
        let operator = self.operator().map_or(0, str::len);
        let len = word
            .max(operator)
            .max(self.peek().map_or(0, char::len_utf8));
        self.error(self.at..self.at + len, expected)
    }
}

/// An unquoted word with its escaped quotes as quotes.
pub(super) fn unescape(word: &str) -> String {
    word.replace("\\\"", "\"")
}

/// Words that are operators, or reserved in Simple Log Service, and need quotes to be sought.
pub(super) fn is_reserved(word: &str) -> bool {
    is_keyword(word)
        || [
            "in", "sort", "asc", "desc", "group", "by", "avg", "sum", "min", "max", "limit",
        ]
        .iter()
        .any(|reserved| word.eq_ignore_ascii_case(reserved))
}

/// `and`, `or`, `not` in any case.
pub(super) fn is_keyword(word: &str) -> bool {
    ["and", "or", "not"]
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword))
}
