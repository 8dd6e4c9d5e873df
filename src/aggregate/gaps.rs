//! Gaps of an instance that are longer than usual for it, over all events, regardless of the filter.
//!
//! Each segment is scanned once. Per instance it yields the stretches without a notable pause, and the distribution of
//! the spacing between events. The stretches of all segments together leave the gaps of the instance; events that
//! arrive late, or from another source, fill the gaps they fall into.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::index::{Ordinal, Segment, Snapshot};
use crate::model::time::{Nanos, SECOND};
use crate::model::{Value, id};

/// Span of time without events from an instance that usually has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The instance; `None` for events without one.
    pub instance: Value,
    /// Times of the last event before the gap and of the first one after it.
    pub from: Nanos,
    pub until: Nanos,
}

/// Factor by which a gap must exceed the usual spacing, and its minimum length.
const FACTOR: i64 = 8;
const LEAST: Nanos = 30 * SECOND;

/// Longest pause within a stretch.
const JOINED: Nanos = 10 * SECOND;

/// Minimum number of spacings that define a usual one.
const FEWEST: u64 = 12;

/// One spacing in this many may be longer than the usual one.
const RARE: u64 = 100;

/// Number of powers of two for a spacing in nanoseconds.
const SIZES: usize = 64;

/// Finds gaps. Caches the results per segment.
#[derive(Debug, Default)]
pub struct Gaps {
    /// By segment number; segments never change.
    seen: HashMap<u64, Arc<Vec<Stretches>>>,
    /// The newest result, with the generation of its snapshot.
    found: Option<(u64, Arc<Vec<Gap>>)>,
}

/// Stretches and spacings of an instance over all segments, as in [`Stretches`].
type Whole = (Vec<(Nanos, Nanos)>, [u64; SIZES]);

/// Stretches and spacings of an instance in one segment.
#[derive(Debug)]
struct Stretches {
    instance: Ordinal,
    /// First and last time of each stretch, in order.
    spans: Vec<(Nanos, Nanos)>,
    /// Spacings of neighbouring events, by power of two.
    spacings: [u32; SIZES],
}

impl Gaps {
    /// Finds all gaps, ordered by end time. Costs a pass over the segments not seen before.
    pub fn find(&mut self, snapshot: &Snapshot) -> Arc<Vec<Gap>> {
        if let Some((generation, found)) = &self.found
            && *generation == snapshot.generation
        {
            return found.clone();
        }
        let look = |segment: &Arc<Segment>| {
            let known = self.seen.get(&segment.number).cloned();
            let stretches = known.unwrap_or_else(|| Arc::new(stretches(snapshot, segment)));
            (segment.number, stretches)
        };
        self.seen = snapshot.segments.par_iter().map(look).collect();
        let found = Arc::new(together(snapshot, self.seen.values()));
        self.found = Some((snapshot.generation, found.clone()));
        found
    }
}

fn stretches(snapshot: &Snapshot, segment: &Segment) -> Vec<Stretches> {
    let access = snapshot.vocabulary.access(id::INSTANCE);
    let mut places: HashMap<Ordinal, usize> = HashMap::new();
    let mut all: Vec<Stretches> = Vec::new();
    for row in segment.untimed..segment.rows {
        let Some(time) = segment.time(row) else {
            continue;
        };
        let instance = access.as_ref().map_or(0, |(column, access)| {
            access.of(segment.ordinal(*column, row))
        });
        let at = *places.entry(instance).or_insert_with(|| {
            all.push(Stretches {
                instance,
                spans: Vec::new(),
                spacings: [0; SIZES],
            });
            all.len() - 1
        });
        let of = &mut all[at];
        let Some((_, last)) = of.spans.last_mut() else {
            of.spans.push((time, time));
            continue;
        };
        let pause = time.saturating_sub(*last).max(0);
        of.spacings[size(pause)] += 1;
        if pause <= JOINED {
            *last = time;
        } else {
            of.spans.push((time, time));
        }
    }
    all
}

/// Returns the exponent of the smallest power of two above a spacing.
fn size(spacing: Nanos) -> usize {
    (SIZES - 1).min((64 - spacing.leading_zeros()) as usize)
}

fn together<'a>(
    snapshot: &Snapshot,
    seen: impl Iterator<Item = &'a Arc<Vec<Stretches>>>,
) -> Vec<Gap> {
    let mut by_instance: HashMap<Ordinal, Whole> = HashMap::new();
    for of in seen.flat_map(|segment| segment.iter()) {
        let (spans, spacings) = by_instance
            .entry(of.instance)
            .or_insert_with(|| (Vec::new(), [0; SIZES]));
        spans.extend_from_slice(&of.spans);
        for (all, one) in spacings.iter_mut().zip(&of.spacings) {
            *all += u64::from(*one);
        }
    }
    let mut gaps = Vec::new();
    for (instance, (mut spans, spacings)) in by_instance {
        let Some(bound) = bound(&spacings) else {
            continue;
        };
        spans.sort_unstable();
        let mut end = Nanos::MAX;
        for (first, last) in spans {
            if first.saturating_sub(end) > bound {
                let values = snapshot.vocabulary.values(id::INSTANCE);
                gaps.push(Gap {
                    instance: values.get(instance).map(Arc::from),
                    from: end,
                    until: first,
                });
            }
            end = if end == Nanos::MAX {
                last
            } else {
                end.max(last)
            };
        }
    }
    gaps.sort_unstable_by(|a, b| {
        (a.until, a.from, &a.instance).cmp(&(b.until, b.from, &b.instance))
    });
    gaps
}

/// Returns the longest pause that is not unusual, or `None` if there is too little data.
fn bound(spacings: &[u64; SIZES]) -> Option<Nanos> {
    let total: u64 = spacings.iter().sum();
    if total < FEWEST {
        return None;
    }
    let mut longer = total / RARE;
    let usual = (0..SIZES).rev().find(|&size| {
        let all = spacings[size];
        let is_usual = all > longer;
        longer = longer.saturating_sub(all);
        is_usual
    });
    let usual = 1i64.checked_shl(usual? as u32).unwrap_or(Nanos::MAX);
    Some(usual.saturating_mul(FACTOR).max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spacings(seconds: impl IntoIterator<Item = i64>) -> [u64; SIZES] {
        let mut all = [0; SIZES];
        for second in seconds {
            all[size(second * SECOND)] += 1;
        }
        all
    }

    #[test]
    fn what_is_usual_decides_what_is_a_gap() {
        let busy = bound(&spacings([1; 500])).expect("enough");
        assert_eq!(busy, LEAST);
        let calm = bound(&spacings([3_600; 30])).expect("enough");
        assert!(calm > 8 * 3_600 * SECOND && calm < 17 * 3_600 * SECOND);
        // One long pause in 500 does not change the usual spacing; one in ten does.
        let one = bound(&spacings((0..500).map(|n| if n == 7 { 900 } else { 1 })));
        assert_eq!(one, Some(LEAST));
        let many = bound(&spacings(
            (0..500).map(|n| if n % 10 == 7 { 900 } else { 1 }),
        ));
        assert!(many.expect("enough") > 900 * SECOND);
        assert_eq!(bound(&spacings([1; 3])), None, "nothing is usual yet");
    }
}
