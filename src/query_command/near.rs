//! Suggestions for picked values that no loaded event has: `no user "ci-deploy"; did you mean user/ci-deploy@acme
//! (1,296)?`.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::sync::Arc;

use crate::aggregate::{self, Matches, Planner, Without};
use crate::failure::complain;
use crate::index::Snapshot;
use crate::model::{CATALOGUE, name};
use crate::query::{Filter, PICKS, Pick};
use crate::widgets::text::{counted, grouped};

/// Maximum number of values suggested.
const MOST: usize = 3;

/// A value of a field with its number of events.
type Counted<'a> = (&'a str, u64);

/// Reports the picked values that no loaded event has, with the nearest ones. For a filter without matches.
pub(super) fn report(filter: &Filter, snapshot: &Arc<Snapshot>) {
    let is_asked = |pick: &&Pick| title(&pick.field).is_some() && !pick.include.is_empty();
    let picks: Vec<&Pick> = filter.picks.iter().filter(is_asked).collect();
    if picks.is_empty() || snapshot.segments.is_empty() {
        return;
    }
    let plan = Planner::default().plan(&Filter::default(), snapshot);
    let matches = Matches::all(snapshot, &plan, Without::Nothing);
    let fields: Vec<Arc<str>> = picks.iter().map(|pick| pick.field.clone()).collect();
    let counts = aggregate::count_facets(snapshot, &plan, &matches, &fields);
    for (pick, counts) in picks.iter().zip(&counts) {
        let known: Vec<Counted<'_>> = counts
            .by_count(snapshot)
            .into_iter()
            .filter_map(|place| Some((counts.text(snapshot, place)?, counts.counts[place])))
            .collect();
        for value in pick
            .include
            .iter()
            .filter(|value| counts.of(snapshot, value) == 0)
        {
            let value = value.as_deref().unwrap_or_default();
            complain(&described(&pick.field, value, &known, matches.matched));
        }
    }
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
    let title = title(field).unwrap_or(field);
    let missing = match field {
        name::IP if value.contains('/') => format!("no {title} in {value}"),
        name::STATUS | name::STATUS_CLASS | name::IP => format!("no {title} {value}"),
        _ => format!("no {title} {value:?}"),
    };
    let near = nearest(field, value, known);
    let operation = operation(field, value);
    let mut meant: Vec<String> = near.iter().map(with_count).collect();
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

/// Returns the values most like a wanted one, the most frequent first among equals.
fn nearest<'a>(field: &str, wanted: &str, known: &[Counted<'a>]) -> Vec<Counted<'a>> {
    let distance = |known: &str| match field {
        name::IP => of_addresses(wanted, known),
        name::STATUS | name::STATUS_CLASS => of_statuses(wanted, known),
        _ => of_names(wanted, known),
    };
    let mut near: Vec<(u32, Counted<'a>)> = known
        .iter()
        .filter_map(|one| Some((distance(one.0)?, *one)))
        .collect();
    near.sort_by_key(|(distance, (value, count))| (*distance, Reverse(*count), *value));
    let best = near.first().map(|(distance, _)| *distance);
    near.retain(|(distance, _)| field == name::IP || Some(*distance) == best);
    near.truncate(MOST);
    near.into_iter().map(|(_, one)| one).collect()
}

/// Distance of two names: 0 for other case, 1 for whole parts of the known name, 2 for a part of it, from 3 for typing
/// errors.
fn of_names(wanted: &str, known: &str) -> Option<u32> {
    let (wanted, known) = (wanted.to_lowercase(), known.to_lowercase());
    if wanted == known {
        return Some(0);
    }
    let is_end = |c: Option<char>| c.is_none_or(|c| matches!(c, '/' | ':' | '@'));
    let mut places = known.match_indices(&wanted);
    if places.any(|(at, _)| {
        is_end(known[..at].chars().next_back()) && is_end(known[at + wanted.len()..].chars().next())
    }) {
        return Some(1);
    }
    let length = wanted.chars().count();
    if length >= 3 && known.contains(&wanted) {
        return Some(2);
    }
    let allowed = (length / 3).min(2);
    let parts = known.split(['/', ':', '@']).chain([&*known]);
    let closest = parts
        .filter(|part| part.chars().count().abs_diff(length) <= allowed)
        .map(|part| strsim::damerau_levenshtein(&wanted, part))
        .min()?;
    (closest <= allowed).then_some(3 + closest as u32)
}

/// Distance of two statuses: 0 for those of one class.
fn of_statuses(wanted: &str, known: &str) -> Option<u32> {
    let same = wanted.len() == known.len() && wanted.as_bytes().first() == known.as_bytes().first();
    same.then_some(0)
}

/// Distance of an address from another one or from a network: number of different bits at the end. At least half of an
/// IPv4 address and a quarter of an IPv6 address must be equal.
fn of_addresses(wanted: &str, known: &str) -> Option<u32> {
    let address = wanted.split('/').next()?;
    match (address.parse().ok()?, known.parse().ok()?) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let equal = (a.to_bits() ^ b.to_bits()).leading_zeros();
            (equal >= 16).then_some(32 - equal)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let equal = (a.to_bits() ^ b.to_bits()).leading_zeros();
            (equal >= 32).then_some(128 - equal)
        }
        _ => None,
    }
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
