//! Pieces of query text: blanks, words, quoted text, regular expressions, operators.
//!
//! The meaning of a character depends on its position (`:` ends a name and is part of a value), so the parser requests
//! the piece it expects instead of reading a stream of tokens.

use std::ops::Range;

use super::QueryError;

/// A position in the text of a query.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// End of an unquoted word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// A name or a bare word: ends at an operator.
    Operator,
    /// A value: ends at a blank, a parenthesis, a quote or a pipe.
    Blank,
    /// An entry of a list or an end of an interval: also ends at a comma or a bracket.
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

    /// Consumes `part` if it comes next.
    pub(super) fn eat(&mut self, part: &str) -> bool {
        let found = self.rest().starts_with(part);
        if found {
            self.at += part.len();
        }
        found
    }

    /// Returns the next operator without consuming it.
    pub(super) fn operator(&self) -> Option<&'static str> {
        OPERATORS.into_iter().find(|op| self.rest().starts_with(op))
    }

    /// Returns the next unquoted word without consuming it, with escapes as written; empty if there is none.
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

    /// Consumes an unquoted word.
    pub(super) fn take_word(&mut self, until: Until) -> &'a str {
        let word = self.word(until);
        self.at += word.len();
        word
    }

    /// Consumes quoted text, starting at its opening quote; `\"` and `\\` are unescaped.
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
        // Word processors replace one of the two quotes.
        let curly = self.rest().find(['\u{201c}', '\u{201d}', '\u{ff02}']);
        Err(match curly {
            Some(at) => error.suggest(format!("{}\"", &self.rest()[..at])),
            None => error,
        })
    }

    /// Consumes `/…/`, starting at its opening slash; escapes are left as written.
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

    /// Creates an error about the next piece: an operator, a word, or one character.
    pub(super) fn unexpected(&self, expected: impl Into<String>) -> QueryError {
        let word = self.word(Until::Operator).len();
        let operator = self.operator().map_or(0, str::len);
        let len = word
            .max(operator)
            .max(self.peek().map_or(0, char::len_utf8));
        self.error(self.at..self.at + len, expected)
    }
}

/// Returns an unquoted word with its escaped quotes unescaped.
pub(super) fn unescape(word: &str) -> String {
    word.replace("\\\"", "\"")
}

/// Returns true for words that are operators, or reserved in Simple Log Service, and must be quoted in a search.
pub(super) fn is_reserved(word: &str) -> bool {
    is_keyword(word)
        || [
            "in", "sort", "asc", "desc", "group", "by", "avg", "sum", "min", "max", "limit",
        ]
        .iter()
        .any(|reserved| word.eq_ignore_ascii_case(reserved))
}

/// Returns true for `and`, `or`, `not` in any case.
pub(super) fn is_keyword(word: &str) -> bool {
    ["and", "or", "not"]
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword))
}
