//! Conditions that no value can meet. They are rejected with the condition that was probably meant.

use std::ops::Range;

use super::super::{Interval, Node, Number, QueryError, Test, TestOp, TimeRange, Word, edit};
use super::condition::Item;
use super::lookalikes::plain;
use super::{Field, Kind, Parser};
use crate::model::{CATALOGUE, name};

/// Derived fields with no values other than those of the catalogue.
const CLOSED: [&str; 3] = [name::OUTCOME, name::STATUS_CLASS, name::OPERATION];

/// Returns all values of a field, if no others are possible.
pub(in super::super) fn all_values(field: &str) -> Option<Vec<&'static str>> {
    let field = CLOSED.iter().find(|name| *name == &field)?;
    let info = CATALOGUE.get(CATALOGUE.find(field)?)?;
    let mut values: Vec<&str> = info.values.iter().map(String::as_str).collect();
    if *field == name::STATUS_CLASS {
        // Computed like the others, although no registry is documented to return it.
        values.insert(0, "1xx");
    }
    Some(values)
}

impl Parser<'_> {
    /// Rejects an unquoted non-number on a numeric field; its words could never match.
    pub(super) fn refuse_no_number(
        &self,
        field: &Field,
        operator: &str,
        Item { text, span, .. }: &Item,
    ) -> Result<(), QueryError> {
        let text = text.as_str();
        let number = |text: &str| Number::parse(text.trim()).is_some();
        if field.kind != Kind::Number || number(text) || text.contains(['*', '?']) {
            return Ok(());
        }
        let name = self.name(field);
        let meant = plain(text);
        if number(&meant) {
            let error = self.lexer.error(span.clone(), "a number in ASCII digits");
            let sign = if operator == ":" {
                ":".to_owned()
            } else {
                format!(" {operator} ")
            };
            return Err(error.suggest(format!("{name}{sign}{meant}")));
        }
        let is_status = *field.name == *name::STATUS;
        let parts: Vec<&str> = text
            .split([',', ';'])
            .filter(|part| !part.is_empty())
            .collect();
        let ends = text.split_once("..").or_else(|| text.split_once('-'));
        let class = text.to_ascii_lowercase();
        let listed = text.contains([',', ';']) && !parts.is_empty();
        let suggestion = if listed && parts.iter().all(|part| number(part)) {
            format!("{name} in ({})", parts.join(", "))
        } else if let Some((low, high)) = ends.filter(|(low, high)| number(low) && number(high)) {
            format!("{name} in [{low} {high}]")
        } else if is_status
            && all_values(name::STATUS_CLASS).is_some_and(|all| all.contains(&&*class))
        {
            format!("status_class:{class}")
        } else if is_status && all_values(name::OUTCOME).is_some_and(|all| all.contains(&&*class)) {
            format!("outcome:{class}")
        } else if text.contains(char::is_alphabetic) {
            return Err(self.lexer.error(span.clone(), "a number"));
        } else {
            return Ok(());
        };
        let not = if operator == "!=" { "not " } else { "" };
        let error = self.lexer.error(span.clone(), "a number");
        Err(error.suggest(format!("{not}{suggestion}")))
    }

    /// Rejects a condition that was just read at `span` if nothing can pass it.
    pub(super) fn refuse_impossible(
        &self,
        field: &Field,
        node: &Node,
        span: Range<usize>,
    ) -> Result<(), QueryError> {
        let Node::Test(test) = node else {
            return Ok(());
        };
        match &test.op {
            TestOp::Within(interval) => self.refuse_empty(field, interval, span),
            TestOp::Time(TimeRange {
                since: Some(since),
                until: Some(until),
            }) if since >= until => Err(self
                .lexer
                .error(span, "a time range that starts before it ends")),
            TestOp::Words(_)
            | TestOp::Exact(_)
            | TestOp::NotExact(_)
            | TestOp::Phrase(_)
            | TestOp::Substring(_)
            | TestOp::Regex(_)
            | TestOp::InList(_) => match all_values(&field.name) {
                Some(values) => self.refuse_other(field, test, &values, span),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn refuse_empty(
        &self,
        field: &Field,
        interval: &Interval,
        span: Range<usize>,
    ) -> Result<(), QueryError> {
        let Interval { low, high, .. } = interval;
        if low.order(*high).is_gt() {
            let (open, close) = (
                if interval.high_in { '[' } else { '(' },
                if interval.low_in { ']' } else { ')' },
            );
            let name = self.name(field);
            let error = self.lexer.error(span, "the lower bound of the range first");
            return Err(error.suggest(format!("{name} in {open}{high} {low}{close}")));
        }
        let whole = |number: &Number| matches!(number, Number::Int(_));
        let empty = low.order(*high).is_eq() && !(interval.low_in && interval.high_in);
        if empty && whole(low) {
            let name = self.name(field);
            let error = self.lexer.error(span, "a range that is not empty");
            return Err(error.suggest(format!("{name} in [{low} {high}]")));
        }
        Ok(())
    }

    /// Rejects a value that a field with a closed set of values never has.
    fn refuse_other(
        &self,
        field: &Field,
        test: &Test,
        values: &[&str],
        span: Range<usize>,
    ) -> Result<(), QueryError> {
        let known = |text: &str| values.contains(&text);
        let (possible, needle) = match &test.op {
            TestOp::NotExact(text) | TestOp::Exact(text) => (known(text), text.to_string()),
            TestOp::InList(list) => match list.items().iter().find(|item| !known(item)) {
                Some(other) => (false, other.to_string()),
                None => (true, String::new()),
            },
            TestOp::Words(words) => {
                let texts: Vec<&str> = words.words().iter().map(Word::text).collect();
                let possible = values.iter().any(|value| test.matches(value));
                (possible, texts.join(" "))
            }
            _ => (
                values.iter().any(|value| test.matches(value)),
                String::new(),
            ),
        };
        // "Present and not empty", which is valid for any field.
        if possible || needle.is_empty() && matches!(test.op, TestOp::NotExact(_)) {
            return Ok(());
        }
        let name = self.name(field);
        let expected = format!("a value of {name}: {}", values.join(", "));
        let error = self.lexer.error(span, expected);
        Err(match closest(&needle, values) {
            Some(value) => error.suggest(match &test.op {
                TestOp::Words(_) => format!("{name}:{value}"),
                TestOp::NotExact(_) => format!("{name} != {value}"),
                TestOp::InList(_) => edit::quote(value),
                _ => format!("{name} == {value}"),
            }),
            None => error,
        })
    }
}

/// Returns the value that was probably meant.
fn closest<'a>(text: &str, values: &[&'a str]) -> Option<&'a str> {
    let text = text.trim_matches('*').to_lowercase();
    let synonym = match text.as_str() {
        "success" | "succeeded" | "okay" | "passed" | "allowed" => "ok",
        "forbidden" | "unauthorized" | "refused" | "rejected" => "denied",
        "error" | "errors" | "failure" | "failures" => "failed",
        "notfound" | "not_found" | "absent" => "missing",
        "download" | "read" | "get" => "pull",
        "upload" | "write" | "put" => "push",
        "remove" | "untag" => "delete",
        _ => &text,
    };
    let same = values.iter().find(|value| **value == synonym);
    let prefix = || {
        let mut longer = values.iter().filter(|value| {
            !text.is_empty() && (value.starts_with(&text) || text.starts_with(**value))
        });
        longer.next()
    };
    let near = || {
        let distance = |value: &&&str| strsim::damerau_levenshtein(&text, value);
        values.iter().min_by_key(distance).filter(|value| {
            let allowed = (text.chars().count() / 3).clamp(1, 2);
            !text.is_empty() && distance(value) <= allowed
        })
    };
    let class = || {
        let digit = text.chars().next().filter(char::is_ascii_digit)?;
        values.iter().find(|value| value.starts_with(digit))
    };
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return same.or_else(class).copied();
    }
    same.or_else(prefix).or_else(near).copied()
}
