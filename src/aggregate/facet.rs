//! Counts of the values of a field among the matches.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::facet_sums::{FacetSums, Job, Memory, own_part};
use super::matches::Matches;
use super::plan::Plan;
use crate::index::{ColumnId, Ordinal, Snapshot, address_text};
use crate::model::{FieldId, Value, id};
use crate::query::picks;

/// Counts of one field, exact over the segments processed so far.
#[derive(Clone, Debug, Default)]
pub struct FacetCounts {
    /// Counts by the field's ordinal, 0 for missing. For typed columns and the address, counts by index in `texts`.
    pub counts: Vec<u64>,
    /// Values of typed columns and addresses, which have no ordinals. Index 0 is the missing value.
    pub texts: Option<Vec<Arc<str>>>,
    pub field: Option<FieldId>,
}

/// Counts several fields in one pass, each without its own picks.
pub fn count(
    snapshot: &Snapshot,
    plan: &Plan,
    matches: &Matches,
    fields: &[Arc<str>],
) -> Vec<FacetCounts> {
    let mut sums = FacetSums::default();
    sums.become_of(snapshot, plan, fields, &mut Memory::default());
    let segments: Vec<usize> = (0..snapshot.segments.len()).collect();
    sums.add(snapshot, plan, matches, &segments);
    counts(snapshot, plan, matches, fields, &sums)
}

/// Reads the counts from sums that cover at least these fields and all processed segments.
pub fn counts(
    snapshot: &Snapshot,
    plan: &Plan,
    matches: &Matches,
    fields: &[Arc<str>],
    sums: &FacetSums,
) -> Vec<FacetCounts> {
    let vocabulary = &snapshot.vocabulary;
    let one = |name: &Arc<str>| {
        let without = own_part(plan, name);
        let Some(field) = vocabulary.field(name) else {
            return FacetCounts {
                counts: vec![total(snapshot, matches, without)],
                texts: None,
                field: None,
            };
        };
        if field == id::ADDRESS {
            let (texts, counts) = addresses(snapshot, matches, without);
            return FacetCounts {
                counts,
                texts: Some(texts),
                field: Some(field),
            };
        }
        let Some((column, access)) = vocabulary.access(field) else {
            return count_typed(snapshot, matches, field, without);
        };
        let values = vocabulary.values(field).len() as usize;
        FacetCounts {
            counts: sums.by(Job { without, column }, values, |ordinal| {
                access.of(ordinal)
            }),
            texts: None,
            field: Some(field),
        }
    };
    fields.par_iter().map(one).collect()
}

fn total(snapshot: &Snapshot, matches: &Matches, without: Option<usize>) -> u64 {
    let segments = snapshot.segments.iter().enumerate();
    segments
        .map(|(at, s)| matches.rows(at, without).count(s.rows) as u64)
        .sum()
}

/// Counts a field whose values have no ordinals, by text.
fn count_typed(
    snapshot: &Snapshot,
    matches: &Matches,
    field: FieldId,
    without: Option<usize>,
) -> FacetCounts {
    let mut by_text: HashMap<Arc<str>, usize> = HashMap::new();
    let mut texts: Vec<Arc<str>> = vec!["".into()];
    let mut counts: Vec<u64> = vec![0];
    for (at, segment) in snapshot.segments.iter().enumerate() {
        matches.rows(at, without).for_each(segment.rows, |row| {
            let Some(text) = segment.value(&snapshot.vocabulary, row, field) else {
                counts[0] += 1;
                return;
            };
            let place = by_text.get(&*text).copied().unwrap_or_else(|| {
                let text: Arc<str> = text.as_ref().into();
                texts.push(text.clone());
                counts.push(0);
                by_text.insert(text, texts.len() - 1);
                texts.len() - 1
            });
            counts[place] += 1;
        });
    }
    FacetCounts {
        counts,
        texts: Some(texts),
        field: Some(field),
    }
}

impl FacetCounts {
    /// Returns the value at an index of `counts`, or `None` for index 0, the missing value.
    pub fn text<'a>(&'a self, snapshot: &'a Snapshot, place: usize) -> Option<&'a str> {
        match (&self.texts, self.field) {
            (Some(texts), _) => (place > 0).then(|| &*texts[place]),
            (None, Some(field)) => snapshot.vocabulary.values(field).get(place as Ordinal),
            (None, None) => None,
        }
    }

    /// Returns the indexes with a count, without the missing value: highest count first, ties by value. This is the
    /// order of every output.
    pub fn by_count(&self, snapshot: &Snapshot) -> Vec<usize> {
        let mut places: Vec<usize> = (1..self.counts.len())
            .filter(|p| self.counts[*p] > 0)
            .collect();
        places.sort_unstable_by(|a, b| {
            let text = |place: &usize| self.text(snapshot, *place);
            self.counts[*b]
                .cmp(&self.counts[*a])
                .then_with(|| text(a).cmp(&text(b)))
        });
        places
    }

    pub fn distinct(&self) -> u64 {
        self.counts.iter().skip(1).filter(|c| **c > 0).count() as u64
    }

    pub fn missing(&self) -> u64 {
        self.counts.first().copied().unwrap_or(0)
    }

    /// Returns the number of events with a value, or 0 if it does not occur.
    pub fn of(&self, snapshot: &Snapshot, value: &Value) -> u64 {
        let name = self.field.map(|field| snapshot.vocabulary.name(field));
        if let Some(network) = name.and_then(|name| picks::network(&name, value)) {
            let inside = |place: &usize| {
                let text = self.text(snapshot, *place);
                text.is_some_and(|text| network.matches(text))
            };
            let places = (1..self.counts.len()).filter(|place| self.counts[*place] > 0);
            return places.filter(inside).map(|place| self.counts[place]).sum();
        }
        self.place(snapshot, value)
            .map_or(0, |place| self.counts[place])
    }

    /// Returns the index of a value, if it occurs anywhere in the loaded events.
    fn place(&self, snapshot: &Snapshot, value: &Value) -> Option<usize> {
        match value {
            None => Some(0),
            Some(value) => {
                (1..self.counts.len()).find(|place| self.text(snapshot, *place) == Some(value))
            }
        }
    }
}

/// Scores a value for a search: `None` excludes it, a higher score ranks better.
pub(super) type Score<'a> = &'a (dyn Fn(&str) -> Option<i64> + Sync);

/// Order of the values of a facet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FacetOrder {
    /// Highest count first, ties by value.
    Count,
    /// Lowest count first, ties by value.
    Fewest,
    /// By value, ascending by bytes; numbers by size.
    Name,
    /// By the bytes of the value only.
    Bytes { descending: bool },
    /// By first occurrence, newest first. Costs a pass over all matches.
    First,
    /// By last occurrence, newest first. Costs a pass over all matches.
    Last,
}

/// Selects the values to show: up to `limit` in the given order, plus the picked values at any position. The orders by
/// time are computed elsewhere and count as [`FacetOrder::Count`] here. `score` ranks values for a search. Returns the
/// values with their counts, and the number of values that passed the search.
pub fn table(
    counts: &FacetCounts,
    snapshot: &Snapshot,
    (order, limit): (FacetOrder, usize),
    picked: &[Value],
    score: Option<Score<'_>>,
) -> (Vec<(Value, u64)>, u64) {
    let text = |place: usize| counts.text(snapshot, place);
    // The rank decides most comparisons, without a look at a text.
    let rank = |place: usize| match order {
        FacetOrder::Name | FacetOrder::Bytes { .. } => 0,
        FacetOrder::Fewest => counts.counts[place],
        FacetOrder::Count | FacetOrder::First | FacetOrder::Last => !counts.counts[place],
    };
    let mut places: Vec<(i64, u64, usize)> = match score {
        None => (1..counts.counts.len())
            .filter(|p| counts.counts[*p] > 0)
            .map(|p| (0, rank(p), p))
            .collect(),
        Some(score) => (1..counts.counts.len())
            .into_par_iter()
            .filter(|p| counts.counts[*p] > 0)
            .filter_map(|p| Some((score(text(p)?)?, rank(p), p)))
            .collect(),
    };
    let found = places.len() as u64;
    let by_text = |a: usize, b: usize| match order {
        FacetOrder::Name => natural(text(a).unwrap_or_default(), text(b).unwrap_or_default()),
        FacetOrder::Bytes { descending: true } => text(b).cmp(&text(a)),
        _ => text(a).cmp(&text(b)),
    };
    let compare = |a: &(i64, u64, usize), b: &(i64, u64, usize)| {
        let by_rank = b.0.cmp(&a.0).then(a.1.cmp(&b.1));
        by_rank.then_with(|| by_text(a.2, b.2))
    };
    if places.len() > limit && limit > 0 {
        places.select_nth_unstable_by(limit - 1, compare);
        places.truncate(limit);
    }
    places.sort_unstable_by(compare);
    let mut shown: Vec<(Value, u64)> = places
        .iter()
        .map(|(_, _, p)| (text(*p).map(Arc::from), counts.counts[*p]))
        .collect();
    if score.is_none() && counts.missing() > 0 && shown.len() < limit {
        // The missing value is sorted by its count like any other value.
        let missing = counts.missing();
        let at = match order {
            FacetOrder::Name | FacetOrder::Bytes { .. } => 0,
            FacetOrder::Fewest => shown.partition_point(|(_, count)| *count < missing),
            _ => shown.partition_point(|(_, count)| *count >= missing),
        };
        shown.insert(at, (None, missing));
    }
    for value in picked.iter().rev() {
        if !shown.iter().any(|(v, _)| v == value) {
            shown.insert(0, (value.clone(), counts.of(snapshot, value)));
        }
    }
    (shown, found)
}

/// Orders ascending by bytes, numbers by size.
fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        _ => a.cmp(b),
    }
}

/// Counts each address among the matches, optionally without one part of the filter. The first entry is for events
/// without an address. Costs a pass over every row.
pub(super) fn addresses(
    snapshot: &Snapshot,
    matches: &Matches,
    without: Option<usize>,
) -> (Vec<Arc<str>>, Vec<u64>) {
    type Counts = HashMap<(Ordinal, Ordinal), u64, RandomState>;
    let add = |mut all: Counts, at: usize| {
        let segment = &*snapshot.segments[at];
        matches.rows(at, without).for_each(segment.rows, |row| {
            let of = |column| segment.ordinal(column, row);
            *all.entry((of(ColumnId::ADDRESS), of(ColumnId::PORT)))
                .or_default() += 1;
        });
        all
    };
    let both = |a: Counts, b: Counts| {
        let (mut all, few) = if a.len() < b.len() { (b, a) } else { (a, b) };
        for (key, n) in few {
            *all.entry(key).or_default() += n;
        }
        all
    };
    let segments = (0..snapshot.segments.len()).into_par_iter();
    let found = segments
        .fold(Counts::default, add)
        .reduce(Counts::default, both);
    let hosts = snapshot.vocabulary.values(id::ADDRESS);
    let (mut texts, mut counts): (Vec<Arc<str>>, Vec<u64>) = (vec!["".into()], vec![0]);
    let mut text = String::new();
    for ((host, port), count) in found {
        match hosts.get(host) {
            None => counts[0] += count,
            Some(host) => {
                text.clear();
                address_text(host, port, &mut text);
                texts.push(text.as_str().into());
                counts.push(count);
            }
        }
    }
    (texts, counts)
}
