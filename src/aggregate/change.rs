//! What differs between a window of time and what came before it: values that are new, that surged, and that are
//! gone, and pairs of known values that were never seen together. Works on counts and matches; does not choose the
//! window.
//!
//! The time before the window, the baseline, comes in parts of equal length ([`PARTS`]). How often a value *usually*
//! comes is how often it would have come in as much time as the window lasts, at the rate of the baseline. A value is
//!
//! - *new* when the window has it and the baseline does not;
//! - *surged* when it came at least [`ENOUGH`] times in the window and at least [`SURGE`] times as often as usually,
//!   over a baseline that lasts at least as long as the window;
//! - *gone* when the window lacks it, it came in every part of the baseline, and usually comes at least [`ENOUGH`]
//!   times: less could be missing by chance.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::facet::FacetCounts;
use super::matches::Matches;
use crate::index::{Access, ColumnId, MISSING, Ordinal, Snapshot};
use crate::model::Value;

/// Parts that the baseline is cut into.
pub const PARTS: usize = 4;

/// Events that mean something.
pub const ENOUGH: u64 = 10;

/// How many times as often as usually is a surge.
pub const SURGE: f64 = 3.0;

/// What became of a value or a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    New,
    Surged,
    Gone,
}

/// A value, or a pair of values, that is not as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// One value a field.
    pub key: Vec<Value>,
    pub change: Change,
    /// Events in the window, and before it.
    pub now: u64,
    pub before: u64,
    /// Events there would be in the window at the rate of before.
    pub usual: f64,
}

impl Changed {
    /// How many times as often as usually.
    pub fn factor(&self) -> f64 {
        self.now as f64 / self.usual
    }
}

/// The values of a field that are not as they were: the new ones, the surged ones, the gone ones, the weightiest of
/// each first. `window` and each of `before` are counts of the same field under a snapshot; `scale` is the length of
/// the window by that of the baseline.
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

/// Two columns, each with what a field reads in it.
struct Pair<'a>([(ColumnId, Access<'a>); 2]);

impl Pair<'_> {
    /// Calls for each row of the matches that has both values.
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

/// Pairs of values of two fields that occur in the window and never before it, though each of the two does; most
/// first. Costs a pass over the matches of both. Fields without a dictionary have none.
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
        })
        .collect();
    sort(&mut found);
    found
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
        // Places: missing, new, surged, nine times, gone, a burst of long ago, as usual.
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
        // A baseline shorter than the window does not tell what is usual.
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
