//! Completion at a position in a query: a field name, an operator, or a value of a field.
//!
//! Works on text that does not parse yet, so it scans the pieces of the text instead of using the tree.

use std::ops::Range;
use std::sync::Arc;

use super::Names;
use super::lexer::{Lexer, Until, is_keyword, unescape};

/// Kind of text to complete at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Bytes of the text that a completion replaces.
    pub span: Range<usize>,
    pub kind: CompletionKind,
    /// Text typed before the cursor, without quotes and escapes.
    pub prefix: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A field name, followed by an operator; or a bare word.
    Field,
    /// An operator after a field name, or `and`, `or`, `not` after a condition.
    Operator,
    /// A value of this field (its resolved name, or as typed if unknown).
    Value { field: Arc<str> },
}

/// The operators that can follow a field name, with their meaning.
pub const OPERATORS: [(&str, &str); 12] = [
    (":", "contains these words"),
    ("==", "equals"),
    ("!=", "does not equal, or is missing"),
    ("~", "contains"),
    ("=~", "matches the regular expression /…/"),
    (":*", "is present"),
    (":\"\"", "is empty"),
    (">=", "is at least"),
    ("<=", "is at most"),
    (">", "is greater than"),
    ("<", "is less than"),
    (
        "in",
        "is in a range [a b), a list (a, b), a network or @file",
    ),
];

/// State of the scan.
enum State {
    /// A condition or a word can start here.
    Term,
    /// A name or a bare word was read.
    Named(String),
    /// An operator was read; a value of the field follows.
    Operand(String),
    /// Inside the parentheses of `field in (`.
    Listed(String),
    /// A condition was read.
    Done,
}

/// Determines the completion at the cursor (a byte offset; moved back to a character boundary).
pub fn complete(text: &str, cursor: usize, names: &dyn Names) -> Completion {
    let cursor = text.floor_char_boundary(cursor.min(text.len()));
    let mut lexer = Lexer::new(text);
    let mut state = State::Term;
    loop {
        lexer.blanks();
        let start = lexer.at;
        if start >= cursor {
            // The cursor is in blanks or at the end, so a new piece starts there.
            return at(
                cursor..cursor,
                String::new(),
                &state,
                names,
                gap(text, cursor),
            );
        }
        if matches!(state, State::Named(_)) && !operator_follows(&lexer, cursor) {
            // The name was a bare word.
            state = State::Term;
        }
        let (next, prefix) = step(&mut lexer, &state, cursor);
        // An operator is complete once typed. Any other piece that touches the cursor is still being typed.
        let typing = prefix.is_some() && lexer.at >= cursor;
        if typing {
            let dash = matches!(state, State::Term | State::Done) && text[start..].starts_with('-');
            return at(
                start + usize::from(dash)..lexer.at,
                prefix.unwrap_or_default(),
                &state,
                names,
                true,
            );
        }
        state = next;
    }
}

/// Returns true if the cursor is separated from the text before it.
fn gap(text: &str, cursor: usize) -> bool {
    text[..cursor]
        .chars()
        .next_back()
        .is_none_or(char::is_whitespace)
}

fn at(
    span: Range<usize>,
    prefix: String,
    state: &State,
    names: &dyn Names,
    apart: bool,
) -> Completion {
    let value = |name: &str| CompletionKind::Value {
        field: names.resolve(name).unwrap_or_else(|| name.into()),
    };
    let kind = match state {
        State::Term => CompletionKind::Field,
        State::Operand(name) | State::Listed(name) => value(name),
        State::Done if apart => CompletionKind::Field,
        State::Named(_) | State::Done => CompletionKind::Operator,
    };
    Completion { span, kind, prefix }
}

/// Returns true if an operator follows, or if the text typed up to the cursor can become `in`.
fn operator_follows(lexer: &Lexer, cursor: usize) -> bool {
    let word = lexer.word(Until::Operator);
    lexer.operator().is_some() || word == "in" || (word == "i" && cursor == lexer.at + 1)
}

/// Reads the next piece. Returns the new state and, if the piece can be completed, its part before the cursor.
fn step(lexer: &mut Lexer, state: &State, cursor: usize) -> (State, Option<String>) {
    let start = lexer.at;
    match state {
        State::Operand(name) if lexer.eat("(") || lexer.eat("[") => {
            (State::Listed(name.clone()), None)
        }
        State::Listed(name) if lexer.eat(",") => (State::Listed(name.clone()), None),
        State::Listed(_) if lexer.eat(")") || lexer.eat("]") => (State::Done, None),
        State::Operand(_) if lexer.rest().starts_with('/') => {
            if lexer.slashed().is_err() {
                lexer.at = lexer.text.len();
            }
            (
                State::Done,
                Some(lexer.text[start..cursor.min(lexer.at)].to_owned()),
            )
        }
        State::Operand(_) => {
            let prefix = value(lexer, Until::Blank, cursor);
            (State::Done, Some(prefix))
        }
        State::Listed(name) => {
            let prefix = value(lexer, Until::Comma, cursor);
            (State::Listed(name.clone()), Some(prefix))
        }
        State::Named(name) => {
            if let Some(operator) = lexer.operator() {
                lexer.at += operator.len();
                return (State::Operand(name.clone()), None);
            }
            lexer.take_word(Until::Operator);
            // Still an operator while the cursor touches it.
            let prefix = (lexer.at >= cursor).then(|| lexer.text[start..cursor].to_owned());
            (State::Operand(name.clone()), prefix)
        }
        State::Term | State::Done => {
            if lexer.eat("(") || lexer.eat(")") || lexer.eat("|") {
                return (State::Term, None);
            }
            if let Some(operator) = lexer.operator() {
                lexer.at += operator.len();
                return (State::Operand(String::new()), None);
            }
            let mut prefix = value(lexer, Until::Operator, cursor);
            if let Some(rest) = prefix.strip_prefix('-') {
                prefix = rest.to_owned();
            }
            if &lexer.text[start..lexer.at] == "__tag__" && lexer.eat(":") {
                lexer.take_word(Until::Operator);
                let name = lexer.text[start..lexer.at].to_owned();
                let prefix = lexer.text[start..lexer.at.min(cursor)].to_owned();
                return (State::Named(name), Some(prefix));
            }
            let word = &lexer.text[start..lexer.at];
            let next = if is_keyword(word) {
                State::Term
            } else {
                State::Named(prefix.clone())
            };
            (next, Some(prefix))
        }
    }
}

/// Reads quoted text (to the end if it is not closed) or a word. Returns its content before the cursor.
fn value(lexer: &mut Lexer, until: Until, cursor: usize) -> String {
    let start = lexer.at;
    let hash = lexer.rest().starts_with("#\"") || lexer.rest().starts_with("@\"");
    lexer.at += usize::from(hash);
    if lexer.peek() == Some('"') {
        let open = lexer.at;
        if let Ok(text) = lexer.quoted()
            && lexer.at <= cursor
        {
            return text;
        }
        if lexer.at == open {
            lexer.at = lexer.text.len();
        }
        let typed = lexer.text.get(open + 1..cursor).unwrap_or_default();
        return typed.replace("\\\"", "\"").replace("\\\\", "\\");
    }
    let word = lexer.take_word(until);
    if word.is_empty() {
        // Skip a character that is not allowed here, so that the scan continues.
        lexer.at += lexer.peek().map_or(0, char::len_utf8);
    }
    unescape(
        lexer
            .text
            .get(start..cursor.min(lexer.at))
            .unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::CatalogueNames;

    /// Checks a completion. `text` has `^` at the cursor; the others are the expected kind, replaced text and prefix.
    fn check(text: &str, kind: &str, replaced: &str, prefix: &str) {
        let cursor = text.find('^').expect("a cursor");
        let text = text.replacen('^', "", 1);
        let found = complete(&text, cursor, &CatalogueNames::default());
        let name = match &found.kind {
            CompletionKind::Field => "field".to_owned(),
            CompletionKind::Operator => "operator".to_owned(),
            CompletionKind::Value { field } => field.to_string(),
        };
        let at = &text[found.span.clone()];
        assert_eq!(
            (name.as_str(), at, found.prefix.as_str()),
            (kind, replaced, prefix),
            "{text} at {cursor}"
        );
    }

    #[test]
    fn names_operators_and_values_are_told_apart() {
        check("^", "field", "", "");
        check("act^", "field", "act", "act");
        check("ac^tion", "field", "action", "ac");
        check("action ^", "operator", "", "");
        check("action i^", "operator", "i", "i");
        check("action x^", "field", "x", "x");
        check("action:^", "action", "", "");
        check("status:4^", "http_response_status", "4", "4");
        check("action: Get^Blob x", "action", "GetBlob", "Get");
        check("action:GetBlob ^", "field", "", "");
        check("action:GetBlob and ^", "field", "", "");
        check("action:GetBlob and us^", "field", "us", "us");
        check("not us^", "field", "us", "us");
        check("-us^", "field", "us", "us");
        check("-status:4^", "http_response_status", "4", "4");
        check("(user == \"role/c^", "user", "\"role/c", "role/c");
        check("user == \"ro^le/c\" and x", "user", "\"role/c\"", "ro");
        check("action in (GetBlob, De^", "action", "De", "De");
        check("action in (\"GetBlob\",^", "action", "", "");
        check("action in (GetBlob) ^", "field", "", "");
        check("__tag__:a:x^", "__tag__:a", "x", "x");
        check("\"request method\":P^", "request method", "P", "P");
        check("城市:上^海", "城市", "上海", "上");
        check("status>=4^", "http_response_status", "4", "4");
        check("agent =~ /a b^", "http_request_useragent", "/a b", "/a b");
    }
}
