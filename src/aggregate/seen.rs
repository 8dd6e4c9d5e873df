//! Times at which given values of a field occur: among the matches of a filter, and first in all loaded data.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::facet_sums::own_part;
use super::matches::Matches;
use super::plan::Plan;
use crate::index::{MISSING, Segment, Snapshot};
use crate::model::Value;
use crate::model::time::{Nanos, SECOND};

/// Times of the events with a value. Events without a time do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Times of the first and the last match with the value.
    pub first: Nanos,
    pub last: Nanos,
    /// Time of the first loaded event with the value, whether it matches or not.
    pub loaded: Nanos,
}

/// A value is new if it first occurs later than this after the data begins: a tenth of the time that the data covers,
/// at most a day. Values of regular traffic occur before that; a day covers daily jobs.
const KNOWN: i64 = 10;
const DAY: i64 = 86_400 * SECOND;

/// Returns true if a value first seen at `first` is new in data with this oldest and newest time.
pub fn is_new(first: Nanos, (oldest, newest): (Nanos, Nanos)) -> bool {
    let known = (newest.saturating_sub(oldest) / KNOWN).min(DAY);
    first.saturating_sub(oldest) > known
}

impl Seen {
    /// Returns true if the value is new in data of this span; false if the span is unknown.
    pub fn is_new(&self, span: Option<(Nanos, Nanos)>) -> bool {
        span.is_some_and(|span| is_new(self.loaded, span))
    }
}

/// Returns the times of each value; `None` for one without a timed match, and for all values of fields that have no
/// ordinals (request id, log time, address with port). The field's own picks are ignored. Costs a pass over the matches,
/// and for the first loaded events a pass over each segment up to the row where all values have been met.
pub fn seen(
    snapshot: &Snapshot,
    plan: &Plan,
    matches: &Matches,
    field: &Arc<str>,
    values: &[Value],
) -> Vec<Option<Seen>> {
    let without = own_part(plan, field);
    let found = search(snapshot, field, values, |at, segment, code_of, found| {
        if found.iter().all(|found| found.loaded.is_none()) {
            return;
        }
        let mut rows: Vec<Option<(usize, usize)>> = vec![None; found.len()];
        matches.rows(at, without).for_each(segment.rows, |row| {
            if let Some(place) = code_of(row).filter(|_| row >= segment.untimed) {
                let (first, _) = rows[place].unwrap_or((row, row));
                rows[place] = Some((first, row));
            }
        });
        for (found, rows) in found.iter_mut().zip(rows) {
            found.span = rows.and_then(|(a, b)| Some((segment.time(a)?, segment.time(b)?)));
        }
    });
    let seen = |Found { span, loaded }| {
        let (first, last) = span?;
        let loaded = loaded?;
        Some(Seen {
            first,
            last,
            loaded,
        })
    };
    found.into_iter().map(seen).collect()
}

/// Returns the time of the first loaded event with each value, see [`seen`].
pub(super) fn first_loaded(
    snapshot: &Snapshot,
    field: &Arc<str>,
    values: &[Value],
) -> Vec<Option<Nanos>> {
    let found = search(snapshot, field, values, |_, _, _, _| ());
    found.into_iter().map(|found| found.loaded).collect()
}

/// Index of the wanted value that a row has.
type PlaceOfRow<'a> = &'a dyn Fn(usize) -> Option<usize>;

/// Finds the first loaded event of each value. `more` adds to the results of a segment, given its index.
fn search(
    snapshot: &Snapshot,
    field: &Arc<str>,
    values: &[Value],
    more: impl Fn(usize, &Segment, PlaceOfRow<'_>, &mut [Found]) + Sync,
) -> Vec<Found> {
    let vocabulary = &snapshot.vocabulary;
    let none = || vec![Found::default(); values.len()];
    let known = vocabulary.field(field);
    let Some((id, (column, access))) = known.and_then(|id| Some((id, vocabulary.access(id)?)))
    else {
        return none();
    };
    let wanted: HashMap<Option<&str>, usize> = values
        .iter()
        .enumerate()
        .map(|(at, value)| (value.as_deref(), at))
        .collect();
    // Index in `values` by the field's ordinal.
    let texts = vocabulary.values(id);
    let mut places: Vec<Option<usize>> = vec![None; texts.len() as usize + 1];
    places[MISSING as usize] = wanted.get(&None).copied();
    for (ordinal, text) in texts.iter_from(MISSING + 1) {
        places[ordinal as usize] = wanted.get(&Some(text)).copied();
    }
    let of_segment = |(at, segment): (usize, &Arc<Segment>)| {
        let place = |ordinal| places.get(access.of(ordinal) as usize).copied().flatten();
        let column = segment.column(column);
        // A column without values can still have derived values, for example the anonymous user.
        let by_code: Vec<Option<usize>> = match column {
            Some(column) => column.ordinals.iter().map(|o| place(*o)).collect(),
            None => vec![place(MISSING)],
        };
        let of_row = |row| by_code[column.map_or(0, |column| column.code(row))];
        // Several codes can stand for one value, if the column holds tuples.
        let mut left: Vec<usize> = by_code.iter().copied().flatten().collect();
        left.sort_unstable();
        left.dedup();
        let mut left = left.len();
        let mut found = none();
        for row in segment.untimed..segment.rows {
            if left == 0 {
                break;
            }
            if let Some(place) = of_row(row)
                && found[place].loaded.is_none()
            {
                found[place].loaded = segment.time(row);
                left -= 1;
            }
        }
        more(at, segment, &of_row, &mut found);
        found
    };
    let both = |mut a: Vec<Found>, b: Vec<Found>| {
        a.iter_mut()
            .zip(b)
            .for_each(|(found, other)| found.add(other));
        a
    };
    let segments = snapshot.segments.par_iter().enumerate();
    segments.map(of_segment).reduce(none, both)
}

/// Times of a value in some segments: first and last match, and first event.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    span: Option<(Nanos, Nanos)>,
    loaded: Option<Nanos>,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.loaded = [self.loaded, other.loaded].into_iter().flatten().min();
        self.span = match (self.span, other.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_new_only_well_after_the_data_begins() {
        let hour = 3600 * SECOND;
        let day = (0, 24 * hour);
        assert!(!is_new(0, day) && !is_new(2 * hour, day) && is_new(10 * hour, day));
        // A daily job is known after a day, however long the data is.
        let month = (0, 30 * 24 * hour);
        assert!(!is_new(23 * hour, month) && is_new(25 * hour, month));
        assert!(!is_new(5, (5, 5)));
        assert!(is_new(i64::MAX, (i64::MIN, i64::MAX)));
    }
}
