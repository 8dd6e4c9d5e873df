//! Distance of a value from a wanted one, for suggestions.

use std::net::IpAddr;

use crate::model::name;

/// Returns how far a value of a field is from a wanted one, or `None` if they are not alike. Distances of different
/// fields are comparable for names: 0 for other case, 1 for whole parts of the value, 2 for a part of it, from 3 for
/// typing errors.
pub fn distance(field: &str, wanted: &str, known: &str) -> Option<u32> {
    match field {
        name::IP => of_addresses(wanted, known),
        name::STATUS | name::STATUS_CLASS => of_statuses(wanted, known),
        _ => of_names(wanted, known),
    }
}

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
