//! Suggestions for values of a filter that no loaded event has: `no user "ci-deploy"; did you mean user/ci-deploy@acme
//! (1,296)?`.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::aggregate::{self, Matches, Planner, Without};
use crate::failure::complain;
use crate::index::Snapshot;
use crate::model::{CATALOGUE, name};
use crate::query::{
    CatalogueNames, Filter, Names, Node, PICKS, WORD_FIELDS, Wanted, as_shown, distance, edit,
    parse, shell,
};
use crate::widgets::chips::field_name;
use crate::widgets::text::{counted, grouped};

/// Maximum number of values suggested.
const MOST: usize = 3;

/// A value of a field with its number of events.
type Counted<'a> = (&'a str, u64);

/// Maximum number of values of a filter that are compared with those that occur, and of values compared with each.
const WANTED: usize = 3;
const KNOWN: usize = 20_000;

/// Reports the values of a filter that no loaded event has, with the nearest ones. For a filter without matches.
pub(super) fn report(filter: &Filter, snapshot: &Arc<Snapshot>) {
    if snapshot.segments.is_empty() {
        return;
    }
    let names = CatalogueNames::with(snapshot.vocabulary.unknown());
    if let Some(said) = spelled_out(filter, snapshot, &names) {
        complain(&said);
        return;
    }
    for Wanted { test, text } in filter.wanted().into_iter().take(WANTED) {
        let field = test.field.clone();
        if matched(Node::Test(test), snapshot) > 0 {
            continue;
        }
        match field {
            Some(field) => field_value(&field, &text, snapshot),
            None => bare_word(&text, snapshot),
        }
    }
}

/// Number of events that match a query by itself.
fn matched(query: Node, snapshot: &Arc<Snapshot>) -> u64 {
    let filter = Filter {
        query,
        ..Filter::default()
    };
    found(&filter, snapshot)
}

fn found(filter: &Filter, snapshot: &Arc<Snapshot>) -> u64 {
    let plan = Planner::default().plan(filter, snapshot);
    Matches::all(snapshot, &plan, Without::Nothing).matched
}

/// Formats the filter that also finds derived values, as the prompt of the explorer does, if it has matches.
fn spelled_out(filter: &Filter, snapshot: &Arc<Snapshot>, names: &dyn Names) -> Option<String> {
    let text = as_shown(&filter.text, names).ok()?;
    if text == filter.text {
        return None;
    }
    let spelled = Filter {
        query: parse(&text, names).ok()?,
        ..filter.clone()
    };
    let events = found(&spelled, snapshot);
    let option = shell(["-f", text.as_str()]);
    (events > 0).then(|| {
        let events = counted(events, "event");
        format!("no match in logged fields; {option} searches derived fields too: {events}")
    })
}

/// Reports a value that no loaded event has in a field.
fn field_value(field: &Arc<str>, text: &str, snapshot: &Arc<Snapshot>) {
    let (events, counts) = known(std::slice::from_ref(field), snapshot);
    let known: Vec<Counted<'_>> = counts.first().map(|of| borrowed(of)).unwrap_or_default();
    // Of values in another encoding, which is reported, nothing can be suggested.
    if known
        .iter()
        .any(|(value, _)| value.contains(char::REPLACEMENT_CHARACTER))
    {
        return;
    }
    complain(&described(field, text, &known, events));
}

/// Reports a word that no loaded event has in a logged field.
fn bare_word(text: &str, snapshot: &Arc<Snapshot>) {
    let (_, counts) = known(&WORD_FIELDS.map(Arc::from), snapshot);
    let mut near: Vec<(u32, &str, Counted<'_>)> = Vec::new();
    for (field, counts) in WORD_FIELDS.iter().zip(&counts) {
        let values = nearest(field, text, &borrowed(counts));
        near.extend(
            values
                .into_iter()
                .map(|(distance, value)| (distance, *field, value)),
        );
    }
    near.sort_by_key(|(distance, _, (value, count))| (*distance, Reverse(*count), *value));
    let condition = |(_, field, (value, count)): &(u32, &str, Counted<'_>)| {
        let name = field_name(field);
        let value = edit::plain(field, value);
        format!("{name}=={value} ({})", grouped(*count))
    };
    let near: Vec<String> = near.iter().take(MOST).map(condition).collect();
    let missing = format!("no event has the word {text:?}");
    complain(&match near.as_slice() {
        [] => missing,
        near => format!("{missing}; did you mean {}?", listed(near, "or")),
    });
}

/// Counts the values of fields in all loaded events. Returns the number of events, and for each field its most frequent
/// values.
fn known(fields: &[Arc<str>], snapshot: &Arc<Snapshot>) -> (u64, Vec<Vec<(String, u64)>>) {
    let plan = Planner::default().plan(&Filter::default(), snapshot);
    let matches = Matches::all(snapshot, &plan, Without::Nothing);
    let counts = aggregate::count_facets(snapshot, &plan, &matches, fields);
    let values = counts.iter().map(|counts| {
        let places = counts.by_count(snapshot).into_iter().take(KNOWN);
        let texts = places
            .filter_map(|at| Some((counts.text(snapshot, at)?.to_owned(), counts.counts[at])));
        texts.collect()
    });
    (matches.matched, values.collect())
}

fn borrowed(counts: &[(String, u64)]) -> Vec<Counted<'_>> {
    let counts = counts.iter();
    counts
        .map(|(value, count)| (value.as_str(), *count))
        .collect()
}

/// Word for a value of a field that an option picks.
fn title(field: &str) -> Option<&'static str> {
    if field == name::STATUS_CLASS {
        return Some("status");
    }
    let (option, _) = PICKS.iter().find(|(_, name)| *name == field)?;
    Some(match *option {
        "repo" => "repository",
        "ip" => "address",
        option => option,
    })
}

/// Formats the message for a value of a field, given the values that occur, the most frequent first.
fn described(field: &str, value: &str, known: &[Counted<'_>], events: u64) -> String {
    let title = title(field).unwrap_or_else(|| field_name(field));
    let missing = match field {
        name::IP if value.contains('/') => format!("no {title} in {value}"),
        name::STATUS | name::STATUS_CLASS | name::IP => format!("no {title} {value}"),
        _ => format!("no {title} {value:?}"),
    };
    let near = nearest(field, value, known);
    let operation = operation(field, value);
    let mut meant: Vec<String> = near.iter().map(|(_, one)| with_count(one)).collect();
    meant.extend(operation);
    if !meant.is_empty() {
        return format!("{missing}; did you mean {}?", listed(&meant, "or"));
    }
    let frequent: Vec<String> = known.iter().take(MOST).map(with_count).collect();
    let of = counted(events, "event");
    match frequent.as_slice() {
        [] => format!("{missing}: none of the {of} has a value of {field}"),
        [only] => format!("{missing} among {of}; the only value is {only}"),
        many => format!(
            "{missing} among {of}; the most frequent are {}",
            listed(many, "and")
        ),
    }
}

fn with_count((value, count): &Counted<'_>) -> String {
    format!("{value} ({})", grouped(*count))
}

/// Condition for an action that is the name of an operation: several actions belong to it.
fn operation(field: &str, value: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    let info = CATALOGUE.get(CATALOGUE.find(name::OPERATION)?)?;
    let is_one = field == name::ACTION && info.values.contains(&lower);
    is_one.then(|| format!("-f operation:{lower}"))
}

/// Joins texts as in `a, b or c`.
fn listed(texts: &[String], word: &str) -> String {
    match texts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// Returns the values most like a wanted one with their distances, the most frequent first among equals.
fn nearest<'a>(field: &str, wanted: &str, known: &[Counted<'a>]) -> Vec<(u32, Counted<'a>)> {
    let mut near: Vec<(u32, Counted<'a>)> = known
        .iter()
        .filter_map(|one| Some((distance(field, wanted, one.0)?, *one)))
        .collect();
    near.sort_by_key(|(distance, (value, count))| (*distance, Reverse(*count), *value));
    let best = near.first().map(|(distance, _)| *distance);
    near.retain(|(distance, _)| field == name::IP || Some(*distance) == best);
    near.truncate(MOST);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_occurs_nowhere_suggests_those_it_may_stand_for() {
        let users = [
            ("role/ci-infra", 12_720),
            ("user/ci-deploy@acme", 1296),
            ("anonymous", 3),
        ];
        let actions = [("GetBlob", 90), ("DeleteTag", 5), ("DeleteRepository", 2)];
        let addresses = [("10.0.0.1", 9), ("203.0.113.66", 200), ("203.0.114.1", 1)];
        let statuses = [("200", 900), ("404", 12), ("403", 13)];
        for (field, value, known, said) in [
            (
                name::USER,
                "ci-deploy",
                &users[..],
                r#"no user "ci-deploy"; did you mean user/ci-deploy@acme (1,296)?"#,
            ),
            (
                name::USER,
                "ci-deploy@acme",
                &users,
                r#"no user "ci-deploy@acme"; did you mean user/ci-deploy@acme (1,296)?"#,
            ),
            (
                name::USER,
                "Anonymos",
                &users,
                r#"no user "Anonymos"; did you mean anonymous (3)?"#,
            ),
            (
                name::USER,
                "mallory",
                &users,
                r#"no user "mallory" among 14,019 events; the most frequent are role/ci-infra (12,720), user/ci-deploy@acme (1,296) and anonymous (3)"#,
            ),
            (
                name::NAMESPACE_REPO,
                "payment-gateway",
                &[("payment/payment-gateway", 7)],
                r#"no repository "payment-gateway"; did you mean payment/payment-gateway (7)?"#,
            ),
            (
                name::ACTION,
                "delete",
                &actions,
                r#"no action "delete"; did you mean DeleteTag (5), DeleteRepository (2) or -f operation:delete?"#,
            ),
            (
                name::IP,
                "203.0.113.7",
                &addresses,
                "no address 203.0.113.7; did you mean 203.0.113.66 (200) or 203.0.114.1 (1)?",
            ),
            (
                name::IP,
                "203.0.115.0/24",
                &addresses,
                "no address in 203.0.115.0/24; did you mean 203.0.114.1 (1) or 203.0.113.66 (200)?",
            ),
            (
                name::STATUS,
                "401",
                &statuses,
                "no status 401; did you mean 403 (13) or 404 (12)?",
            ),
            (
                name::STATUS_CLASS,
                "5xx",
                &[("2xx", 900)],
                "no status 5xx among 14,019 events; the only value is 2xx (900)",
            ),
        ] {
            assert_eq!(described(field, value, known, 14_019), said);
        }
    }
}
