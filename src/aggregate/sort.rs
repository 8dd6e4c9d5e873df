//! The matches in the order of a field's values instead of that of time.

use rayon::prelude::*;

use super::matches::Matches;
use super::watch::{BEAT, Watch};
use super::window::in_order;
use crate::index::{Place, Snapshot};
use crate::model::{EventId, FieldId, id};
use crate::query::Number;

/// All matches by the value of a field: numbers by size, then texts by bytes, events without the field last;
/// ties in the order of time. Takes a pass over all matches, and eight bytes for each. `None` where it was stopped.
pub fn sorted(
    snapshot: &Snapshot,
    matches: &Matches,
    field: FieldId,
    descending: bool,
    watch: Watch<'_>,
) -> Option<Vec<EventId>> {
    let many = usize::try_from(matches.matched).unwrap_or(usize::MAX);
    // Shares of the work: finding the matches one by one takes as long as all that follows.
    let all = many.saturating_mul(4);
    let mut places = Vec::with_capacity(many);
    for place in in_order(snapshot, matches) {
        if places.len().is_multiple_of(BEAT) && !watch(places.len().saturating_mul(2), all) {
            return None;
        }
        places.push(place);
    }
    let second_half = |done: usize| watch(many.saturating_mul(2).saturating_add(done), all);
    if field == id::TIME {
        if descending {
            places.reverse();
        }
    } else {
        let ranks = ranks(snapshot, field, &places, descending, &second_half)?;
        let mut ranked: Vec<(u32, Place)> = ranks.into_iter().zip(places).collect();
        // Stable: ties stay in the order of time.
        ranked.par_sort_by_key(|(rank, _)| *rank);
        places = ranked.into_iter().map(|(_, place)| place).collect();
    }
    second_half(many.saturating_mul(2))
        .then(|| places.into_iter().map(|place| snapshot.id(place)).collect())
}

/// The rank of each place by its value. `goes_on` is told how many of them are done.
fn ranks(
    snapshot: &Snapshot,
    field: FieldId,
    places: &[Place],
    descending: bool,
    goes_on: &dyn Fn(usize) -> bool,
) -> Option<Vec<u32>> {
    let vocabulary = &snapshot.vocabulary;
    let Some((column, access)) = vocabulary.access(field) else {
        // Nearly every value is another one: each place is a value of its own.
        let value = |place: &Place| Some(snapshot.value(*place, field)?.into_owned());
        let values = each(places, goes_on, value)?;
        let texts: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        return Some(order(&texts, descending));
    };
    let ordinal =
        |place: &Place| access.of(snapshot.segments[place.segment].ordinal(column, place.row));
    let ordinals: Vec<u32> = each(places, goes_on, ordinal)?;
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
    goes_on(places.len()).then(|| ordinals.par_iter().map(rank).collect())
}

/// Something of each place, some at a time.
fn each<T: Send>(
    places: &[Place],
    goes_on: &dyn Fn(usize) -> bool,
    of: impl Fn(&Place) -> T + Sync,
) -> Option<Vec<T>> {
    let mut found = Vec::with_capacity(places.len());
    for some in places.chunks(BEAT * 16) {
        if !goes_on(found.len()) {
            return None;
        }
        found.par_extend(some.par_iter().map(&of));
    }
    Some(found)
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
