//! `since:TIME` and `until:TIME` in a typed filter: they set its time range, and are no conditions of the query.

use std::ops::Range;

use super::lexer::{Lexer, Until};
use super::time_words::{self, Local};
use super::{QueryError, TimeRange};
use crate::model::time::Nanos;

/// A typed filter, with its time range apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The query without the range.
    pub text: String,
    /// The same with blanks in place of the range, so that errors are at the positions of the typed text.
    pub spaced: String,
    pub range: TimeRange,
}

/// One `since:TIME` or `until:TIME` in a text.
struct Term {
    span: Range<usize>,
    value: Range<usize>,
    since: bool,
}

/// Splits the time range off a typed filter. Terms for it are joined with the rest by `and` or a blank; a time is as
/// for [`time_words::instant`], and a date and a time of day need no quotes. Several starts or ends narrow the range.
pub fn split_range(text: &str, now: Nanos, local: Local<'_>) -> Result<Typed, QueryError> {
    let terms = terms(text)?;
    let mut range = TimeRange::default();
    let mut spaced = text.to_owned();
    let mut pieces = Vec::new();
    let mut from = 0;
    for Term { span, value, since } in &terms {
        let said = text[value.clone()].trim_matches('"');
        let time = match said.strip_suffix(" UTC") {
            Some(wall) => time_words::instant(wall, now, &|civil| {
                civil.and_utc().timestamp_nanos_opt().unwrap_or(i64::MAX)
            }),
            None => time_words::instant(said, now, local),
        };
        let wrong = || {
            let expected = "a time, such as -2h, 13:20, yesterday or \"2024-04-12 16:00\"";
            QueryError::new(text, value.clone(), expected)
        };
        let time = time.map_err(|_| wrong())?;
        if *since {
            range.since = range.since.max(Some(time));
        } else {
            range.until = Some(range.until.map_or(time, |until| until.min(time)));
        }
        if (range.since.zip(range.until)).is_some_and(|(since, until)| since >= until) {
            let expected = "a time range that starts before it ends";
            return Err(QueryError::new(text, value.clone(), expected));
        }
        spaced.replace_range(span.clone(), &" ".repeat(span.len()));
        pieces.push(text[from..span.start].trim());
        from = span.end;
    }
    pieces.push(text[from..].trim());
    pieces.retain(|piece| !piece.is_empty());
    Ok(Typed {
        text: if terms.is_empty() {
            text.to_owned()
        } else {
            pieces.join(" ")
        },
        spaced,
        range,
    })
}

/// Finds the terms for the time range, each with an `and` beside it.
fn terms(text: &str) -> Result<Vec<Term>, QueryError> {
    let mut lexer = Lexer::new(text);
    let mut terms: Vec<Term> = Vec::new();
    let mut depth = 0_usize;
    // The last keyword, if nothing followed it.
    let mut before = "";
    loop {
        lexer.blanks();
        let start = lexer.at;
        let Some(next) = lexer.peek() else {
            return Ok(terms);
        };
        if let Some(operator) = lexer.operator() {
            lexer.eat(operator);
            lexer.blanks();
            skip_value(&mut lexer, operator);
            before = "";
            continue;
        }
        if next == '"' {
            if lexer.quoted().is_err() {
                return Ok(terms);
            }
            before = "";
            continue;
        }
        let word = lexer.take_word(Until::Operator);
        if word.is_empty() {
            depth = match next {
                '(' => depth + 1,
                ')' => depth.saturating_sub(1),
                _ => depth,
            };
            lexer.at += next.len_utf8();
            before = "";
            continue;
        }
        if word == "in" || word.starts_with("in[") {
            lexer.at = start + "in".len();
            skip_list(&mut lexer);
            before = "";
            continue;
        }
        let since = word == "since";
        if !(since || word == "until") || !lexer.rest().starts_with(':') {
            before = word;
            continue;
        }
        lexer.eat(":");
        let value = value(&mut lexer);
        let inner = depth > 0
            || before.eq_ignore_ascii_case("not")
            || before.eq_ignore_ascii_case("or")
            || keyword(&lexer, "or").is_some();
        if inner {
            let expected =
                "the time range outside of parentheses, `or` and `not` (in them, write time >= …)";
            return Err(QueryError::new(text, start..lexer.at, expected));
        }
        let mut span = start..lexer.at;
        if let Some(end) = keyword(&lexer, "and") {
            lexer.at = end;
            span.end = end;
        } else if before.eq_ignore_ascii_case("and") {
            span.start = text[..start].trim_end().len() - before.len();
        }
        // Two neighbours share an `and`.
        if let Some(last) = terms.last() {
            span.start = span.start.max(last.span.end);
        }
        terms.push(Term { span, value, since });
        before = "";
    }
}

fn skip_value(lexer: &mut Lexer<'_>, operator: &str) {
    match lexer.peek() {
        Some('"') => {
            if lexer.quoted().is_err() {
                lexer.at = lexer.text.len();
            }
        }
        Some('/') if operator == "=~" => {
            if lexer.slashed().is_err() {
                lexer.at = lexer.text.len();
            }
        }
        _ => drop(lexer.take_word(Until::Blank)),
    }
}

/// Skips a list or an interval after `in`, whose brackets may differ.
fn skip_list(lexer: &mut Lexer<'_>) {
    lexer.blanks();
    if !(lexer.eat("[") || lexer.eat("(")) {
        return;
    }
    while let Some(c) = lexer.peek() {
        if c == '"' && lexer.quoted().is_ok() {
            continue;
        }
        lexer.at += c.len_utf8();
        if matches!(c, ')' | ']') {
            return;
        }
    }
}

/// Returns the end of a keyword that comes next.
fn keyword(lexer: &Lexer<'_>, keyword: &str) -> Option<usize> {
    let mut lexer = lexer.clone();
    lexer.blanks();
    let word = lexer.take_word(Until::Operator);
    word.eq_ignore_ascii_case(keyword).then_some(lexer.at)
}

/// Consumes a time: quoted, or up to a blank, with a time of day and `UTC` after the blank if they follow a day.
fn value(lexer: &mut Lexer<'_>) -> Range<usize> {
    lexer.blanks();
    let start = lexer.at;
    if lexer.peek() == Some('"') && lexer.quoted().is_ok() {
        return start..lexer.at;
    }
    let day = lexer.take_word(Until::Blank);
    let is_date = day.len() == 10 && day.split('-').count() == 3 && !day.starts_with('-');
    if is_date || matches!(day, "today" | "yesterday") {
        let mut next = lexer.clone();
        next.blanks();
        let clock = next.take_word(Until::Blank);
        if clock.contains(':') && clock.starts_with(|c: char| c.is_ascii_digit()) {
            *lexer = next;
            let mut zone = lexer.clone();
            if zone.eat(" ") && zone.take_word(Until::Blank) == "UTC" {
                *lexer = zone;
            }
        }
    }
    start..lexer.at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::SECOND;

    fn utc(civil: chrono::NaiveDateTime) -> Nanos {
        civil.and_utc().timestamp_nanos_opt().unwrap_or_default()
    }

    fn split(text: &str) -> Result<(String, Option<i64>, Option<i64>), QueryError> {
        let now = 100_000 * SECOND;
        let typed = split_range(text, now, &utc)?;
        assert_eq!(typed.spaced.len(), text.len(), "{text}");
        let seconds = |end: Option<Nanos>| end.map(|end| end / SECOND);
        Ok((
            typed.text,
            seconds(typed.range.since),
            seconds(typed.range.until),
        ))
    }

    #[test]
    fn since_and_until_set_the_time_range_when_typed() {
        for (text, rest, since, until) in [
            ("since:-1h", "", Some(96_400), None),
            ("since:-1h action:x", "action:x", Some(96_400), None),
            ("action:x and since:-1h", "action:x", Some(96_400), None),
            ("a and since:-1h and b", "a and b", Some(96_400), None),
            ("since:-2h and until:-1h", "", Some(92_800), Some(96_400)),
            ("since:1970-01-02 00:00:05 a", "a", Some(86_405), None),
            ("since:\"1970-01-02 00:00\"", "", Some(86_400), None),
            ("since:1970-01-02 00:00:05 UTC", "", Some(86_405), None),
            ("until:1970-01-02T00:00:05Z", "", None, Some(86_405)),
            ("since:yesterday 01:00", "", Some(3_600), None),
            (
                "a \"since:-1h\" tag:since:-1h",
                "a \"since:-1h\" tag:since:-1h",
                None,
                None,
            ),
            (
                "agent =~ /since:-1h (/",
                "agent =~ /since:-1h (/",
                None,
                None,
            ),
            ("x in (0 2] since:-1h", "x in (0 2]", Some(96_400), None),
            (
                "x in (\")\", b) since:-1h",
                "x in (\")\", b)",
                Some(96_400),
                None,
            ),
            ("(a or b) since:-1h", "(a or b)", Some(96_400), None),
        ] {
            assert_eq!(split(text), Ok((rest.to_owned(), since, until)), "{text}");
        }
    }

    #[test]
    fn a_time_range_inside_a_condition_or_without_a_time_is_an_error() {
        for text in [
            "a or since:-1h",
            "since:-1h or a",
            "not since:-1h",
            "(since:-1h)",
            "since:soon",
            "since:",
            "since:-1h until:-2h",
        ] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
