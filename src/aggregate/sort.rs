//! The matches sorted by the values of a field instead of by time.

use std::cmp::Ordering;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use rayon::prelude::*;

use super::matches::Matches;
use super::progress::{BEAT, Progress};
use super::window::in_order;
use crate::index::{Place, Snapshot};
use crate::model::{EventId, FieldId, id};
use crate::query::Number;

/// Sorts all matches by the value of a field: numbers by size, then texts by bytes, events without the field last; ties
/// in order of time. Costs a pass over all matches, and eight bytes for each. Returns `None` if stopped.
pub fn sorted(
    snapshot: &Snapshot,
    matches: &Matches,
    field: FieldId,
    descending: bool,
    watch: Progress<'_>,
) -> Option<Vec<EventId>> {
    let many = usize::try_from(matches.matched).unwrap_or(usize::MAX);
    // Shares of the work: finding the matches, reading their values, sorting the values, sorting the matches.
    let all = many.saturating_mul(8);
    let mut places = Vec::with_capacity(many);
    for place in in_order(snapshot, matches) {
        if places.len().is_multiple_of(BEAT) && !watch(places.len().saturating_mul(2), all) {
            return None;
        }
        places.push(place);
    }
    let then = |done: usize| watch(many.saturating_mul(2).saturating_add(done), all);
    if field == id::TIME {
        if descending {
            places.reverse();
        }
    } else {
        let ranks = ranks(snapshot, field, &places, descending, &then)?;
        let mut ranked: Vec<(u32, Place)> = ranks.into_iter().zip(places).collect();
        // A stable sort keeps ties in order of time.
        ranked.par_sort_by_key(|(rank, _)| *rank);
        places = ranked.into_iter().map(|(_, place)| place).collect();
    }
    then(many.saturating_mul(6))
        .then(|| places.into_iter().map(|place| snapshot.id(place)).collect())
}

/// Returns the rank of each place by its value. `continues` receives the amount of work done and returns false to stop.
fn ranks(
    snapshot: &Snapshot,
    field: FieldId,
    places: &[Place],
    descending: bool,
    continues: &(dyn Fn(usize) -> bool + Sync),
) -> Option<Vec<u32>> {
    let vocabulary = &snapshot.vocabulary;
    let many = places.len();
    let ordering = |done: usize, all: usize| {
        let share = many as f64 * 4.0 * (done as f64 / all.max(1) as f64);
        continues(many.saturating_add(share as usize))
    };
    let Some((column, access)) = vocabulary.access(field) else {
        // Nearly every value is distinct, so each place is treated as a value of its own.
        let value = |place: &Place| Some(snapshot.value(*place, field)?.into_owned());
        let values = each(places, continues, value)?;
        let texts: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        return order(&texts, descending, &ordering);
    };
    let ordinal =
        |place: &Place| access.of(snapshot.segments[place.segment].ordinal(column, place.row));
    let ordinals: Vec<u32> = each(places, continues, ordinal)?;
    let mut distinct = ordinals.clone();
    distinct.par_sort_unstable();
    distinct.dedup();
    let values = vocabulary.values(field);
    let texts: Vec<Option<&str>> = distinct
        .iter()
        .map(|ordinal| values.get(*ordinal))
        .collect();
    let ranks = order(&texts, descending, &ordering)?;
    let rank = |ordinal: &u32| {
        let at = distinct
            .binary_search(ordinal)
            .expect("made of these ordinals");
        ranks[at]
    };
    continues(many.saturating_mul(5)).then(|| ordinals.par_iter().map(rank).collect())
}

/// Maps each place in chunks, with a check for a stop between them.
fn each<T: Send>(
    places: &[Place],
    continues: &(dyn Fn(usize) -> bool + Sync),
    of: impl Fn(&Place) -> T + Sync,
) -> Option<Vec<T>> {
    let mut found = Vec::with_capacity(places.len());
    for some in places.chunks(BEAT * 16) {
        if !continues(found.len()) {
            return None;
        }
        found.par_extend(some.par_iter().map(&of));
    }
    Some(found)
}

/// Returns the rank of each text; equal texts have equal ranks. Returns `None` if stopped.
fn order(texts: &[Option<&str>], descending: bool, watch: Progress<'_>) -> Option<Vec<u32>> {
    let keyed = |text: &str| (Number::parse(text), text.to_owned());
    let keys: Vec<Option<(Option<Number>, String)>> =
        texts.iter().map(|text| text.map(keyed)).collect();
    let compare = |a: &usize, b: &usize| match (&keys[*a], &keys[*b]) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some((a, a_text)), Some((b, b_text))) => {
            let by = match (a, b) {
                (Some(a), Some(b)) => a.order(*b).then_with(|| a_text.cmp(b_text)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => a_text.cmp(b_text),
            };
            if descending { by.reverse() } else { by }
        }
    };
    let by_value = arranged((0..texts.len()).collect(), &compare, watch)?;
    let mut ranks = vec![0; texts.len()];
    let mut rank = 0;
    for pair in by_value.windows(2) {
        rank += u32::from(texts[pair[0]] != texts[pair[1]]);
        ranks[pair[1]] = rank;
    }
    Some(ranks)
}

/// Sorts pieces and merges them two by two, so that a stop is checked at short intervals.
fn arranged(
    mut all: Vec<usize>,
    compare: &(impl Fn(&usize, &usize) -> Ordering + Sync),
    watch: Progress<'_>,
) -> Option<Vec<usize>> {
    let many = all.len();
    let rounds = many.div_ceil(PIECE).next_power_of_two().ilog2() as usize;
    let (done, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let continues = |some: usize| {
        let done = done.fetch_add(some, Relaxed) + some;
        if !watch(done, many * (rounds + 1)) {
            stopped.store(true, Relaxed);
        }
        !stopped.load(Relaxed)
    };
    for piece in all.chunks_mut(PIECE) {
        piece.par_sort_unstable_by(compare);
        if !continues(piece.len()) {
            return None;
        }
    }
    let mut merged = vec![0; if rounds > 0 { many } else { 0 }];
    for round in 0..rounds {
        let wide = PIECE << round;
        let pairs = all
            .par_chunks(wide * 2)
            .zip(merged.par_chunks_mut(wide * 2));
        pairs.for_each(|(pair, out)| {
            let (mut a, mut b) = pair.split_at(wide.min(pair.len()));
            for some in out.chunks_mut(BEAT) {
                for place in &mut *some {
                    let second = match (a.first(), b.first()) {
                        (Some(a), Some(b)) => compare(b, a) == Ordering::Less,
                        (first, _) => first.is_none(),
                    };
                    let from = if second { &mut b } else { &mut a };
                    if let Some((first, rest)) = from.split_first() {
                        (*place, *from) = (*first, rest);
                    }
                }
                if !continues(some.len()) {
                    return;
                }
            }
        });
        if stopped.load(Relaxed) {
            return None;
        }
        std::mem::swap(&mut all, &mut merged);
    }
    Some(all)
}

/// Number of items sorted in one step.
const PIECE: usize = 1 << 17;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::UNWATCHED;

    #[test]
    fn numbers_go_by_size_and_what_is_missing_last_either_way() {
        let texts = [Some("b"), Some("10"), None, Some("9"), Some("b"), Some("a")];
        let order = |texts, descending| order(texts, descending, UNWATCHED).expect("goes on");
        assert_eq!(order(&texts, false), [3, 1, 4, 0, 3, 2]);
        assert_eq!(order(&texts, true), [0, 2, 4, 3, 0, 1]);
        assert!(order(&[], false).is_empty());
    }

    #[test]
    fn what_is_sorted_in_pieces_is_sorted_and_stops_anywhere() {
        for many in [0, 1, PIECE, PIECE + 1, PIECE * 3 - 7, PIECE * 4] {
            // Every number once, far from its sorted position.
            let all: Vec<usize> = (0..many)
                .map(|n| n.wrapping_mul(7_919) % many.max(1))
                .collect();
            let mut wanted = all.clone();
            wanted.sort_unstable();
            let reported = AtomicUsize::new(0);
            let watch = |done: usize, all: usize| {
                reported.fetch_add(1, Relaxed);
                done <= all
            };
            assert_eq!(
                arranged(all.clone(), &usize::cmp, &watch),
                Some(wanted),
                "{many}"
            );
            let reported = reported.into_inner();
            for at in [0, reported / 2, reported.saturating_sub(1)] {
                let beats = AtomicUsize::new(0);
                let stop = |_, _| beats.fetch_add(1, Relaxed) < at;
                let stopped = arranged(all.clone(), &usize::cmp, &stop).is_none();
                assert_eq!(stopped, many > 0, "{many} at {at}");
            }
        }
    }
}
