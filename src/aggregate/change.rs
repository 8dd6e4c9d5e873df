//! Changes between a window of time and its baseline, the time before it: values that are new, spiking or missing, and
//! pairs of known values that were never seen together. Works on counts and matches; the caller chooses the window.
//!
//! The baseline is split into parts of equal length ([`PARTS`]). The *usual* count of a value is its baseline rate
//! times the length of the window. A value is
//!
//! - *new* if it occurs in the window and not in the baseline;
//! - *spiking* if it occurs at least [`ENOUGH`] times in the window and at least [`SURGE`] times its usual count, over
//!   a baseline at least as long as the window;
//! - *missing* if it does not occur in the window, occurs in every part of the baseline, and has a usual count of at
//!   least [`ENOUGH`]. A smaller count could be absent by chance.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::facet::FacetCounts;
use super::group::group;
use super::matches::Matches;
use super::plan::Part;
use super::progress::UNWATCHED;
use crate::index::{Access, ColumnId, MISSING, Ordinal, Snapshot};
use crate::model::{Value, name};

/// Number of parts of the baseline.
pub const PARTS: usize = 4;

/// Smallest count that is significant.
pub const ENOUGH: u64 = 10;

/// Factor over the usual count from which a value is a spike.
pub const SURGE: f64 = 3.0;

/// Kind of change of a value or pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    New,
    Surged,
    Gone,
}

/// A value, or a pair of values, that changed against the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// One value per field.
    pub key: Vec<Value>,
    pub change: Change,
    /// Number of events in the window, and in the baseline.
    pub now: u64,
    pub before: u64,
    /// Expected number of events in the window at the baseline rate.
    pub usual: f64,
    /// Of the events in the window, set by [`weigh`] for new values and pairs.
    pub deeds: Deeds,
}

/// Events that make a new value worth a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deeds {
    pub failed: u64,
    pub pushes: u64,
    pub deletes: u64,
}

impl Deeds {
    /// Returns how many of failures, pushes and deletes are significant. A client without a token fails once before
    /// each pull, so a few failures are not.
    pub fn kinds(self) -> u8 {
        u8::from(self.failed >= ENOUGH) + u8::from(self.pushes > 0) + u8::from(self.deletes > 0)
    }

    fn sum(self) -> u64 {
        self.failed + self.pushes + self.deletes
    }
}

impl Changed {
    /// Returns the ratio of the count to the usual count.
    pub fn factor(&self) -> f64 {
        self.now as f64 / self.usual
    }
}

/// Finds the values of a field that changed: new, then spiking, then missing ones, each by weight in descending order.
/// `window` and each of `before` are counts of one field under one snapshot. `scale` is the length of the window
/// divided by that of the baseline.
pub fn changes(
    snapshot: &Snapshot,
    window: &FacetCounts,
    before: &[FacetCounts],
    scale: f64,
) -> Vec<Changed> {
    let count = |counts: &FacetCounts, place: usize| counts.counts.get(place).copied();
    let changed = |place: usize| {
        let now = count(window, place).unwrap_or(0);
        let parts = before.iter().map(|part| count(part, place).unwrap_or(0));
        let all: u64 = parts.clone().sum();
        let usual = all as f64 * scale;
        let change = if now > 0 && all == 0 {
            Change::New
        } else if now >= ENOUGH && now as f64 >= usual * SURGE && scale <= 1.0 {
            Change::Surged
        } else if now == 0 && usual >= ENOUGH as f64 && parts.clone().all(|part| part > 0) {
            Change::Gone
        } else {
            return None;
        };
        Some(Changed {
            key: vec![window.text(snapshot, place).map(Arc::from)],
            change,
            now,
            before: all,
            usual,
            deeds: Deeds::default(),
        })
    };
    let mut found: Vec<Changed> = (1..window.counts.len()).filter_map(changed).collect();
    sort(&mut found);
    found
}

fn sort(found: &mut [Changed]) {
    found.sort_unstable_by(|a, b| {
        let weight = |changed: &Changed| match changed.change {
            Change::New => (0, changed.now as f64),
            Change::Surged => (1, changed.factor()),
            Change::Gone => (2, changed.usual),
        };
        let ((kind_a, a_weighs), (kind_b, b_weighs)) = (weight(a), weight(b));
        kind_a
            .cmp(&kind_b)
            .then_with(|| b_weighs.total_cmp(&a_weighs))
            .then_with(|| a.key.cmp(&b.key))
    });
}

/// Two columns, each with the access of one field.
struct Pair<'a>([(ColumnId, Access<'a>); 2]);

impl Pair<'_> {
    /// Calls `call` for each matching row that has both values.
    fn each(&self, snapshot: &Snapshot, matches: &Matches, at: usize, mut call: impl FnMut(Key)) {
        let segment = &snapshot.segments[at];
        let [(a, of_a), (b, of_b)] = &self.0;
        matches.rows(at, None).for_each(segment.rows, |row| {
            let key = (
                of_a.of(segment.ordinal(*a, row)),
                of_b.of(segment.ordinal(*b, row)),
            );
            if key.0 != MISSING && key.1 != MISSING {
                call(key);
            }
        });
    }
}

type Key = (Ordinal, Ordinal);

/// Finds pairs of values of two fields that occur in the window and never in the baseline, although each value does;
/// highest count first. Costs a pass over the matches of both. Fields without a dictionary have no pairs.
pub fn new_pairs(
    snapshot: &Snapshot,
    window: &Matches,
    before: &[&Matches],
    fields: &[Arc<str>; 2],
    known: [&[FacetCounts]; 2],
) -> Vec<Changed> {
    let vocabulary = &snapshot.vocabulary;
    let ids = fields.each_ref().map(|name| vocabulary.field(name));
    let [Some(a), Some(b)] = ids else {
        return Vec::new();
    };
    let [Some(of_a), Some(of_b)] = [a, b].map(|field| vocabulary.access(field)) else {
        return Vec::new();
    };
    let pair = Pair([of_a, of_b]);
    let was = |which: usize, ordinal: Ordinal| {
        let mut counts = known[which].iter().map(|part| &part.counts);
        counts.any(|counts| counts.get(ordinal as usize).is_some_and(|count| *count > 0))
    };
    let segments = || (0..snapshot.segments.len()).into_par_iter();
    let mut pairs: HashMap<Key, u64> = segments()
        .fold(HashMap::new, |mut pairs: HashMap<Key, u64>, at| {
            pair.each(snapshot, window, at, |key| {
                *pairs.entry(key).or_default() += 1;
            });
            pairs
        })
        .reduce(HashMap::new, |mut a, b| {
            for (key, count) in b {
                *a.entry(key).or_default() += count;
            }
            a
        });
    pairs.retain(|key, _| was(0, key.0) && was(1, key.1));
    let mut asked = vec![false; vocabulary.values(a).len() as usize];
    for key in pairs.keys() {
        asked[key.0 as usize] = true;
    }
    let seen: HashSet<Key> = segments()
        .fold(HashSet::new, |mut seen, at| {
            for matches in before {
                pair.each(snapshot, matches, at, |key| {
                    if asked[key.0 as usize] && pairs.contains_key(&key) {
                        seen.insert(key);
                    }
                });
            }
            seen
        })
        .reduce(HashSet::new, |mut a, b| {
            a.extend(b);
            a
        });
    let text = |field, ordinal| vocabulary.values(field).get(ordinal).map(Arc::from);
    let mut found: Vec<Changed> = pairs
        .into_iter()
        .filter(|(key, _)| !seen.contains(key))
        .map(|(key, now)| Changed {
            key: vec![text(a, key.0), text(b, key.1)],
            change: Change::New,
            now,
            before: 0,
            usual: 0.0,
            deeds: Deeds::default(),
        })
        .collect();
    sort(&mut found);
    found
}

/// Most combinations counted by [`weigh`]; above, the order is by count.
const MOST: usize = 200_000;

/// Counts the failures, pushes and deletes of the new values or pairs of some fields, and sorts these by surprise: the
/// more kinds of such events first, then the more of them, then the higher count. Costs a pass over the window.
pub fn weigh(
    snapshot: &Snapshot,
    window: &Matches,
    failed: &Part,
    fields: &[Arc<str>],
    rows: &mut [Changed],
) {
    let new = rows.partition_point(|row| row.change == Change::New);
    let rows = &mut rows[..new];
    if rows.is_empty() {
        return;
    }
    let mut all = fields.to_vec();
    all.push(name::OPERATION.into());
    let Ok(groups) = group(snapshot, window, &all, failed, None, MOST, UNWATCHED) else {
        return;
    };
    let mut deeds: HashMap<Vec<Value>, Deeds> = HashMap::new();
    for mut group in groups {
        let operation = group.key.pop().flatten();
        let deeds = deeds.entry(group.key).or_default();
        let done = group.count - group.failed;
        deeds.failed += group.failed;
        match operation.as_deref() {
            Some("push") => deeds.pushes += done,
            Some("delete") => deeds.deletes += done,
            _ => {}
        }
    }
    for row in &mut *rows {
        row.deeds = deeds.get(&row.key).copied().unwrap_or_default();
    }
    rows.sort_by(|a, b| {
        let weight = |row: &Changed| (row.deeds.kinds(), row.deeds.sum(), row.now);
        weight(b).cmp(&weight(a)).then_with(|| a.key.cmp(&b.key))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[u64]) -> FacetCounts {
        let texts = (0..of.len()).map(|at| format!("v{at}").into());
        FacetCounts {
            counts: of.to_vec(),
            texts: Some(texts.collect()),
            field: None,
        }
    }

    fn found(window: &[u64], before: &[&[u64]], scale: f64) -> Vec<(String, Change)> {
        let before: Vec<FacetCounts> = before.iter().map(|of| counts(of)).collect();
        let found = changes(&Snapshot::default(), &counts(window), &before, scale);
        let named = |changed: Changed| {
            let key = changed.key[0].as_deref().unwrap_or("-").to_owned();
            (key, changed.change)
        };
        found.into_iter().map(named).collect()
    }

    #[test]
    fn a_change_is_told_only_where_there_is_enough_of_it() {
        // Indexes: missing value, new, spiking, nine times the usual count, missing from the window, an old burst,
        // unchanged.
        let window = [5, 1, 30, 9, 0, 0, 40];
        let quarter: &[u64] = &[0, 0, 9, 1, 12, 0, 40];
        let burst: &[u64] = &[0, 0, 9, 0, 12, 400, 40];
        let before = [burst, quarter, quarter, quarter];
        let expected = [
            ("v1", Change::New),
            ("v2", Change::Surged),
            ("v4", Change::Gone),
        ];
        let expected = expected.map(|(name, change)| (name.to_owned(), change));
        assert_eq!(found(&window, &before, 0.25), expected);
        // A baseline shorter than the window does not determine the usual count.
        assert!(!found(&window, &before, 1.5).contains(&expected[1]));
    }

    #[test]
    fn the_weightiest_comes_first() {
        let before: [&[u64]; 1] = [&[0, 0, 0, 10, 10]];
        let found = found(&[0, 2, 7, 40, 90], &before, 0.5);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["v2", "v1", "v4", "v3"]);
    }
}
