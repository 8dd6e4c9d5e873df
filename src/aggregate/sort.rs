//! The matches in the order of a field's values instead of that of time.

use rayon::prelude::*;

use super::matches::Matches;
use super::window::{Around, window};
use crate::index::{Place, Snapshot};
use crate::model::{EventId, FieldId, id};
use crate::query::Number;

/// All matches by the value of a field: numbers by size, then texts by bytes, events without the field last;
/// ties in the order of time. Takes a pass over all matches, and eight bytes for each.
pub fn sorted(
    snapshot: &Snapshot,
    matches: &Matches,
    field: FieldId,
    descending: bool,
) -> Vec<EventId> {
    let all = usize::try_from(matches.matched).unwrap_or(usize::MAX);
    let mut places = window(snapshot, matches, Around::Oldest, 0, all).places;
    if field == id::TIME {
        if descending {
            places.reverse();
        }
    } else {
        let ranks = ranks(snapshot, field, &places, descending);
        let mut ranked: Vec<(u32, Place)> = ranks.into_iter().zip(places).collect();
        // Stable: ties stay in the order of time.
        ranked.par_sort_by_key(|(rank, _)| *rank);
        places = ranked.into_iter().map(|(_, place)| place).collect();
    }
    places.into_iter().map(|place| snapshot.id(place)).collect()
}

/// The rank of each place by its value.
fn ranks(snapshot: &Snapshot, field: FieldId, places: &[Place], descending: bool) -> Vec<u32> {
    let vocabulary = &snapshot.vocabulary;
    let Some((column, access)) = vocabulary.access(field) else {
        // Nearly every value is another one: each place is a value of its own.
        let values: Vec<Option<String>> = places
            .par_iter()
            .map(|place| Some(snapshot.value(*place, field)?.into_owned()))
            .collect();
        let texts: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        return order(&texts, descending);
    };
    let ordinals: Vec<u32> = places
        .par_iter()
        .map(|place| access.of(snapshot.segments[place.segment].ordinal(column, place.row)))
        .collect();
    let mut distinct = ordinals.clone();
    distinct.par_sort_unstable();
    distinct.dedup();
    let values = vocabulary.values(field);
    let texts: Vec<Option<&str>> = distinct
        .iter()
        .map(|ordinal| values.get(*ordinal))
        .collect();
    let ranks = order(&texts, descending);
    let rank = |ordinal: &u32| {
        let at = distinct
            .binary_search(ordinal)
            .expect("made of these ordinals");
        ranks[at]
    };
    ordinals.par_iter().map(rank).collect()
}

/// The rank of each text among all; the same for the same text.
fn order(texts: &[Option<&str>], descending: bool) -> Vec<u32> {
    let keyed = |text: &str| (Number::parse(text), text.to_owned());
    let keys: Vec<Option<(Option<Number>, String)>> =
        texts.iter().map(|text| text.map(keyed)).collect();
    let compare = |a: &usize, b: &usize| match (&keys[*a], &keys[*b]) {
        (None, None) => std::cmp::Ordering::Equal,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (Some(_), None) => std::cmp::Ordering::Less,
        (Some((a, a_text)), Some((b, b_text))) => {
            let by = match (a, b) {
                (Some(a), Some(b)) => a.order(*b).then_with(|| a_text.cmp(b_text)),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => a_text.cmp(b_text),
            };
            if descending { by.reverse() } else { by }
        }
    };
    let mut by_value: Vec<usize> = (0..texts.len()).collect();
    by_value.par_sort_unstable_by(compare);
    let mut ranks = vec![0; texts.len()];
    let mut rank = 0;
    for pair in by_value.windows(2) {
        rank += u32::from(texts[pair[0]] != texts[pair[1]]);
        ranks[pair[1]] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn numbers_go_by_size_and_what_is_missing_last_either_way() {
        let texts = [Some("b"), Some("10"), None, Some("9"), Some("b"), Some("a")];
        assert_eq!(order(&texts, false), [3, 1, 4, 0, 3, 2]);
        assert_eq!(order(&texts, true), [0, 2, 4, 3, 0, 1]);
        assert!(order(&[], false).is_empty());
    }
}
