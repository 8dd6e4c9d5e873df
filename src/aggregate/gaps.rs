//! Pauses of an instance that are longer than usual for it, over all events, whatever the filter.
//!
//! A segment is looked at once: per instance, the stretches without a pause worth a look, and how far apart events
//! usually are. Stretches of all segments put together leave the pauses of the instance as a whole; so events
//! that arrived late, or from another source, fill the pauses they fall into.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::index::{Ordinal, Segment, Snapshot};
use crate::model::time::{Nanos, SECOND};
use crate::model::{Value, id};

/// A time in which nothing came from an instance, although more was to be expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The instance; `None` for the events that name none.
    pub instance: Value,
    /// Times of the last event before it and of the first one after it.
    pub from: Nanos,
    pub until: Nanos,
}

/// How many times longer than the usual spacing a pause must be, and how long at least.
const FACTOR: i64 = 8;
const LEAST: Nanos = 30 * SECOND;

/// Pauses up to this length end no stretch.
const JOINED: Nanos = 10 * SECOND;

/// With fewer spacings nothing is usual.
const FEWEST: u64 = 12;

/// One spacing in so many may be longer than the usual one.
const RARE: u64 = 100;

/// Powers of two that a spacing in nanoseconds can have.
const SIZES: usize = 64;

/// Finds gaps; remembers what it saw in segments.
#[derive(Debug, Default)]
pub struct Gaps {
    /// By number of the segment: segments never change.
    seen: HashMap<u64, Arc<Vec<Stretches>>>,
    /// The newest result with the generation it is of.
    found: Option<(u64, Arc<Vec<Gap>>)>,
}

/// What all segments hold of an instance: stretches and spacings as in [`Stretches`].
type Whole = (Vec<(Nanos, Nanos)>, [u64; SIZES]);

/// What a segment holds of an instance.
#[derive(Debug)]
struct Stretches {
    instance: Ordinal,
    /// First and last time of each stretch, in order.
    spans: Vec<(Nanos, Nanos)>,
    /// Spacings of neighbouring events by their power of two.
    spacings: [u32; SIZES],
}

impl Gaps {
    /// All gaps by the time of their end. Costs a pass over the segments not seen before.
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

/// The power of two a spacing stays below.
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

/// How long a pause may be without being unusual; `None` where too little is known.
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
        // One long pause in many is not what is usual, one in ten is.
        let one = bound(&spacings((0..500).map(|n| if n == 7 { 900 } else { 1 })));
        assert_eq!(one, Some(LEAST));
        let many = bound(&spacings(
            (0..500).map(|n| if n % 10 == 7 { 900 } else { 1 }),
        ));
        assert!(many.expect("enough") > 900 * SECOND);
        assert_eq!(bound(&spacings([1; 3])), None, "nothing is usual yet");
    }
}
