//! Conversion of a filter to a Simple Log Service search that never selects fewer events.
//!
//! Conditions that the service would interpret more narrowly, or cannot express, are left out and listed. The text
//! assumes the service's default delimiters, an index over the logged fields, and statuses logged as plain digits. A
//! full-text index is assumed only if the query has bare words. If the index is known, conditions it cannot find are
//! left out as well ([`to_sls_within`]).

mod pushed;

use std::net::Ipv4Addr;

pub use pushed::MAX_CONDITIONS;
use pushed::{Pushed, within_limit};

use super::format::name;
use super::words::tokens;
use super::{Comparison, Filter, Node, Number, Test, TestOp, edit, format};
use crate::model::time::{Nanos, SECOND};
use crate::model::{CATALOGUE, FieldKind, name};

/// A search for the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlsQuery {
    /// Search text; `*` for everything.
    pub query: String,
    /// `[from, to)` in Unix seconds, rounded outwards.
    pub from: Option<i64>,
    pub to: Option<i64>,
    /// Conditions, in the filter language, that the search does not apply in full. If empty, the search selects exactly
    /// these events, except for times within the first and last second.
    pub left_out: Vec<String>,
    /// Those of them that the service could apply, if not for its limit of [`MAX_CONDITIONS`].
    pub beyond: Vec<String>,
}

/// Index of the values of a field or, without a field, of whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexed {
    /// Not indexed, or matched more narrowly than here.
    No,
    /// As numbers.
    Number,
    /// By words, split and compared no more narrowly than here.
    Words,
}

/// Index of a logstore, by the name of a field; `None` for words without a field.
type Index<'a> = &'a dyn Fn(Option<&str>) -> Indexed;

/// Builds the search for a filter, assuming the default index.
pub fn to_sls(filter: &Filter) -> SlsQuery {
    to_sls_within(filter, &|_| Indexed::Words)
}

/// Builds the search for a filter, with only the conditions that an index can find.
pub fn to_sls_within(filter: &Filter, index: Index<'_>) -> SlsQuery {
    let whole = Node::and(
        [filter.query.clone()]
            .into_iter()
            .chain(filter.picks.iter().map(super::Pick::node)),
    );
    let parts = match whole {
        Node::All => Vec::new(),
        Node::And(parts) => parts,
        other => vec![other],
    };
    let mut range = filter.range;
    let mut pushed_parts = Vec::new();
    let mut left_out = Vec::new();
    let mut beyond = Vec::new();
    for part in &parts {
        if let Node::Test(Test {
            op: TestOp::Time(time),
            ..
        }) = part
        {
            range.since = range.since.max(time.since);
            range.until = [range.until, time.until].into_iter().flatten().min();
            continue;
        }
        let pushed = push(part, index);
        pushed_parts.push((part, pushed));
    }
    let kept = within_limit(pushed_parts.iter().map(|(_, pushed)| pushed.as_ref()));
    let pushed_parts: Vec<Pushed> = (pushed_parts.into_iter().zip(kept))
        .filter_map(|((part, pushed), keeps)| {
            let is_beyond = pushed.as_ref().is_some_and(|p| !keeps || p.is_cut);
            if is_beyond {
                beyond.push(format(part));
            }
            if is_beyond || pushed.as_ref().is_none_or(|p| !p.exact) {
                left_out.push(format(part));
            }
            pushed.filter(|_| keeps)
        })
        .collect();
    let query = Pushed::all(&pushed_parts, true).map_or_else(|| "*".to_owned(), |p| p.text);
    let floor = |time: Nanos| time.div_euclid(SECOND);
    let ceil = |time: Nanos| floor(time) + i64::from(time.rem_euclid(SECOND) > 0);
    SlsQuery {
        query,
        from: range.since.map(floor),
        to: range.until.map(ceil),
        left_out,
        beyond,
    }
}

fn push(node: &Node, index: Index<'_>) -> Option<Pushed> {
    match node {
        Node::All => Some(Pushed::new("*".to_owned(), true)),
        Node::And(parts) => {
            let pushed: Vec<Option<Pushed>> = parts.iter().map(|part| push(part, index)).collect();
            let kept = within_limit(pushed.iter().map(Option::as_ref));
            let is_cut = kept.contains(&false);
            let kept = pushed.into_iter().zip(kept);
            let kept: Vec<Pushed> = kept.filter_map(|(p, keeps)| p.filter(|_| keeps)).collect();
            let all = Pushed::all(&kept, kept.len() == parts.len())?;
            Some(Pushed {
                is_cut: all.is_cut || is_cut,
                ..all
            })
        }
        Node::Or(parts) => parts
            .iter()
            .map(|part| push(part, index))
            .collect::<Option<Vec<_>>>()
            .and_then(|parts| Pushed::any(&parts)),
        Node::Not(inner) => {
            // Under NOT, selecting more would exclude more, so only an exact part will do.
            let inner = push(inner, index).filter(|p| p.exact)?;
            let parts = inner.is_or || inner.text.contains(' ');
            let text = if parts {
                format!("not ({})", inner.text)
            } else {
                format!("not {}", inner.text)
            };
            Some(Pushed {
                text,
                is_or: false,
                ..inner
            })
        }
        Node::Test(test) => push_test(test).filter(|_| is_found(test, index)),
    }
}

/// Derived fields, with the logged fields that the service searches instead.
const DERIVED: [(&str, &[&str]); 5] = [
    (
        name::USER,
        &[
            name::ACCOUNT,
            name::USER_NAME,
            name::PRINCIPAL,
            name::ROLE_NAME,
            name::ROLE_ID,
        ],
    ),
    (name::SESSION, &[name::PRINCIPAL]),
    (name::IP, &[name::ADDRESS]),
    (name::IMAGE, &[name::NAMESPACE_REPO, name::TAG]),
    (name::OUTCOME, &[name::STATUS]),
];

/// Returns true if the index finds every event for which a test holds.
fn is_found(test: &Test, index: Index<'_>) -> bool {
    let Some(field) = test.field.as_deref() else {
        return index(None) == Indexed::Words;
    };
    let derived = DERIVED.iter().find(|(name, _)| *name == field);
    let logged = derived.map_or(std::slice::from_ref(&field), |(_, logged)| *logged);
    logged.iter().all(|name| match index(Some(name)) {
        Indexed::No => false,
        Indexed::Words => true,
        Indexed::Number => field == name::OUTCOME || is_of_numbers(&test.op),
    })
}

/// Returns true if a test is about whole numbers, or about any value.
fn is_of_numbers(op: &TestOp) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match op {
        TestOp::Exists | TestOp::Compare(Comparison::Equal, Number::Int(_)) => true,
        TestOp::Exact(value) => is_number(value),
        TestOp::Words(words) => words.words().iter().all(|word| is_number(word.text())),
        TestOp::InList(list) => list.items().iter().all(|item| is_number(item)),
        _ => false,
    }
}

fn push_test(test: &Test) -> Option<Pushed> {
    let Some(field) = test.field.as_deref() else {
        // With a full-text index the service also finds names of fields.
        return match &test.op {
            TestOp::Words(words) => {
                words_of(None, words.words().iter().map(super::Word::text), false)
            }
            TestOp::Phrase(phrase) => words_of(None, tokens(phrase.text()), false),
            _ => None,
        }
        .filter(|_| !has_wildcard(test));
    };
    match kind(field) {
        // Log time is selected by `from` and `to`, not searched.
        _ if field.starts_with("__time") => return None,
        None => return None,
        Some(FieldKind::Derived) => return push_derived(field, &test.op),
        Some(_) => {}
    }
    match &test.op {
        TestOp::Exists => Some(Pushed::new(format!("{}:*", name(field)), true)),
        TestOp::Empty => Some(Pushed::new(format!("{}:\"\"", name(field)), true)),
        TestOp::Words(words) if !has_wildcard(test) => words_of(
            Some(field),
            words.words().iter().map(super::Word::text),
            true,
        ),
        TestOp::Phrase(phrase) => words_of(Some(field), tokens(phrase.text()), false),
        TestOp::Compare(Comparison::Equal, Number::Int(number)) => Some(Pushed::new(
            format!("{}:{}", name(field), edit::quote(&number.to_string())),
            true,
        )),
        TestOp::Exact(value) => exact(field, value),
        TestOp::NotExact(value) if value.is_empty() => {
            Some(Pushed::new(format!("not {}:\"\"", name(field)), true))
        }
        TestOp::InList(list) => {
            let items = list.items().iter();
            let mut parts = items
                .map(|item| entry(field, item))
                .collect::<Option<Vec<_>>>()?;
            if list.items().iter().any(|item| is_v4(item)) {
                parts.extend(mapped(field));
            }
            Pushed::any(&parts)
        }
        _ => None,
    }
}

fn is_v4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// Word in every spelling of an IPv4 address mapped into IPv6. Such an address matches the IPv4 one, with its end in
/// decimal or not.
fn mapped(field: &str) -> Option<Pushed> {
    words_of(Some(field), std::iter::once("ffff"), false)
}

/// Returns the kind of a catalogue field; unknown fields may not be in the service's index.
fn kind(field: &str) -> Option<FieldKind> {
    CATALOGUE
        .fields()
        .iter()
        .find(|info| info.name == field)
        .map(|info| info.kind)
}

fn has_wildcard(test: &Test) -> bool {
    matches!(&test.op, TestOp::Words(words) if words.words().iter().any(super::Word::is_wild))
}

/// Requires all of the words. Returns `None` if the service reads a word differently: with a backslash, or with letters
/// that only regtrail case-folds. The service may split words of caseless scripts further, which selects more.
fn words_of<'a>(
    field: Option<&str>,
    words: impl Iterator<Item = &'a str>,
    exact: bool,
) -> Option<Pushed> {
    let words: Vec<&str> = words.collect();
    let alien = |c: char| c == '\\' || !c.is_ascii() && (c.is_lowercase() || c.is_uppercase());
    if words.is_empty() || words.iter().any(|word| word.contains(alien)) {
        return None;
    }
    let value = edit::quote(&words.join(" "));
    let text = field.map_or_else(|| value.clone(), |field| format!("{}:{value}", name(field)));
    Some(Pushed::new(
        text,
        exact && words.iter().all(|word| word.is_ascii()),
    ))
}

/// Requires the words of an exact value.
fn exact(field: &str, value: &str) -> Option<Pushed> {
    if value.is_empty() {
        return Some(Pushed::new(format!("{}:\"\"", name(field)), true));
    }
    words_of(Some(field), tokens(value), false)
}

/// Converts a list entry. Other spellings of an address also match, so only IPv4 addresses are converted.
fn entry(field: &str, item: &str) -> Option<Pushed> {
    let network = super::Network::parse(item).is_some();
    if network && !is_v4(item) {
        return None;
    }
    exact(field, item)
}

/// Converts a condition on a derived field to the words that the logged fields must then contain.
fn push_derived(field: &str, op: &TestOp) -> Option<Pushed> {
    let value: &str = match op {
        TestOp::InList(list) => {
            let parts = list.items().iter().map(|item| derived(field, item));
            let mut parts = parts.collect::<Option<Vec<_>>>()?;
            if field == name::IP {
                parts.extend(mapped(name::ADDRESS));
            }
            return Pushed::any(&parts);
        }
        TestOp::Exact(text) if field == name::IP && is_v4(text) => {
            return Pushed::any(&[derived(field, text)?, mapped(name::ADDRESS)?]);
        }
        TestOp::InNetwork(network) if field == name::IP => {
            let parts = [
                derived(field, &network.to_string())?,
                mapped(name::ADDRESS)?,
            ];
            return Pushed::any(&parts);
        }
        TestOp::Exact(text) => text,
        _ => return None,
    };
    derived(field, value)
}

/// Converts an exact value of a derived field to conditions on the logged fields.
fn derived(field: &str, value: &str) -> Option<Pushed> {
    let among = |fields: &[&str], value: &str| {
        let words: Option<Vec<Pushed>> = tokens(value)
            .map(|word| {
                let parts: Option<Vec<Pushed>> = fields
                    .iter()
                    .map(|field| words_of(Some(field), std::iter::once(word), false))
                    .collect();
                Pushed::any(&parts?)
            })
            .collect();
        Pushed::all(&words?, false)
    };
    match field {
        name::USER => match value.split_once('/')? {
            ("root", rest) => among(&[name::ACCOUNT], rest),
            ("user", rest) => among(&[name::USER_NAME, name::PRINCIPAL], rest),
            ("role", rest) => among(&[name::ROLE_NAME, name::ROLE_ID], rest),
            _ => None,
        },
        name::SESSION => among(&[name::PRINCIPAL], value),
        name::IP => {
            // IPv6 addresses may be logged in another spelling.
            is_v4(value).then(|| among(&[name::ADDRESS], value))?
        }
        name::IMAGE => among(&[name::NAMESPACE_REPO, name::TAG], value),
        name::OUTCOME => {
            let statuses: &[&str] = match value {
                "denied" => &["401", "403"],
                "missing" => &["404"],
                "throttled" => &["429"],
                _ => return None,
            };
            let parts = statuses
                .iter()
                .map(|s| Pushed::new(format!("{}:{s}", name::STATUS), false));
            Pushed::any(&parts.collect::<Vec<_>>())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
