//! A section of the list: matches around an event in the total order of a snapshot.
//!
//! Segments overlap in time, so a window is a merge: a heap holds the next match of each segment, and the least is
//! removed until there are enough.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::matches::Matches;
use crate::index::{Place, Rank, Snapshot};
use crate::model::EventId;
use crate::model::time::Nanos;

/// Position of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Oldest,
    /// The newest event; the window ends with it.
    Newest,
    /// The event `by` matches after this one (before it if negative). If the event itself does not match the filter,
    /// the match nearest in time is used. Clamped to the first and last match.
    Event {
        id: EventId,
        by: i64,
    },
    /// The first event at or after this time, else the last.
    Time(Nanos),
    /// The match with this rank, 0 for the first; the last match if there are fewer.
    Rank(u64),
}

/// Places of matches in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Rank of the first place among all matches.
    pub first: u64,
    /// Index of the match at the anchor.
    pub anchor: Option<usize>,
    pub places: Vec<Place>,
}

/// Returns up to `before` matches before the anchor and `after` from it on.
pub fn window(
    snapshot: &Snapshot,
    matches: &Matches,
    anchor: Anchor,
    before: usize,
    after: usize,
) -> Places {
    let merge = Merge { snapshot, matches };
    let (bound, by) = match anchor {
        Anchor::Oldest => (Bound::Start, 0),
        Anchor::Newest => (Bound::End, 0),
        Anchor::Time(time) => (Bound::Time(time), 0),
        Anchor::Rank(rank) => merge.near_rank(rank),
        Anchor::Event { id, by } => match snapshot.find(id) {
            Some(place) => (merge.nearest(place), by),
            // The event was evicted, so everything left is newer.
            None => (Bound::Start, 0),
        },
    };
    let back = usize::try_from(-by).unwrap_or(0);
    let ahead = usize::try_from(by).unwrap_or(0);
    let mut places = merge.before(bound, before + back + 1);
    places.reverse();
    let at = places.len();
    places.extend(merge.from(bound, after + ahead + 1));
    if places.is_empty() {
        return Places::default();
    }
    // The anchor is the first match at or after the bound, moved by `by` and clamped.
    let anchor = (at as i64 + by).clamp(0, places.len() as i64 - 1) as usize;
    let first = anchor.saturating_sub(before);
    let last = (anchor + after.max(1)).min(places.len());
    let rank_of_bound = merge.rank(bound);
    Places {
        first: rank_of_bound + first as u64 - at as u64,
        anchor: Some(anchor - first),
        places: places[first..last].to_vec(),
    }
}

/// Iterates over all matches in order of time. Lazy: only the next match of each segment is held.
pub fn in_order<'a>(
    snapshot: &'a Snapshot,
    matches: &'a Matches,
) -> impl Iterator<Item = Place> + 'a {
    Merge { snapshot, matches }.ahead(Bound::Start)
}

/// Finds the nearest match after (or before) an event.
pub fn seek(
    snapshot: &Snapshot,
    matches: &Matches,
    from: EventId,
    forward: bool,
) -> Option<EventId> {
    let merge = Merge { snapshot, matches };
    let rank = snapshot.rank(snapshot.find(from)?);
    let place = if forward {
        let found = merge.from(Bound::Rank(rank), 2);
        found.into_iter().find(|place| snapshot.id(*place) != from)
    } else {
        merge.before(Bound::Rank(rank), 1).into_iter().next()
    };
    place.map(|place| snapshot.id(place))
}

/// Returns the rank of an event among the matches, or `None` if it does not match.
pub fn rank_of(snapshot: &Snapshot, matches: &Matches, place: Place) -> Option<u64> {
    let merge = Merge { snapshot, matches };
    matches
        .rows(place.segment, None)
        .contains(place.row)
        .then(|| merge.rank(Bound::Rank(snapshot.rank(place))))
}

/// A position between matches: everything before it, everything from it on.
#[derive(Clone, Copy, Debug)]
enum Bound {
    Start,
    End,
    Time(Nanos),
    Rank(Rank),
}

#[derive(Clone, Copy)]
struct Merge<'a> {
    snapshot: &'a Snapshot,
    matches: &'a Matches,
}

impl<'a> Merge<'a> {
    /// Returns the first row of a segment that is not before the bound.
    fn row(&self, segment: usize, bound: Bound) -> usize {
        let s = &self.snapshot.segments[segment];
        match bound {
            Bound::Start => 0,
            Bound::End => s.rows,
            Bound::Time(time) => s.lower_bound(time),
            Bound::Rank(rank) => match s.span() {
                // Comparing spans saves the search in most segments.
                Some((first, _)) if s.untimed == 0 && rank.time.is_some_and(|t| t < first) => 0,
                Some((_, last)) if rank.time.is_some_and(|t| t > last) => s.rows,
                _ => self.snapshot.lower_bound(segment, rank),
            },
        }
    }

    /// Returns the number of matches before the bound.
    fn rank(&self, bound: Bound) -> u64 {
        (0..self.snapshot.segments.len())
            .map(|at| {
                let rows = self.snapshot.segments[at].rows;
                match (self.row(at, bound), &self.matches.segments[at]) {
                    (0, _) | (_, None) => 0,
                    (row, Some(found)) if row == rows => found.count as u64,
                    (row, Some(found)) => found.rows.count_range(0, row) as u64,
                }
            })
            .sum()
    }

    /// Returns a bound at or shortly before the match with a rank, and the number of matches in between, which share
    /// one time.
    fn near_rank(&self, rank: u64) -> (Bound, i64) {
        let rank = rank.min(self.matches.matched.saturating_sub(1));
        let Some((oldest, newest)) = self.snapshot.span() else {
            return (Bound::Start, rank as i64);
        };
        // Search for the latest time with at most `rank` matches before it.
        let (mut low, mut high) = (oldest, newest);
        while low < high {
            let middle = high - (high - low) / 2;
            if self.rank(Bound::Time(middle)) <= rank {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        let before = self.rank(Bound::Time(low));
        match rank.checked_sub(before) {
            Some(after) => (Bound::Time(low), after as i64),
            // Among the events without a time, which come before all others.
            None => (Bound::Start, rank as i64),
        }
    }

    /// Returns up to `count` matches before the bound, nearest first.
    fn before(&self, bound: Bound, count: usize) -> Vec<Place> {
        let previous = |segment: usize, row: usize| {
            let row = self.matches.rows(segment, None).previous(row)?;
            let place = Place { segment, row };
            Some((self.snapshot.rank(place), Order(place)))
        };
        let heads =
            (0..self.snapshot.segments.len()).filter_map(|s| previous(s, self.row(s, bound)));
        let mut heap: BinaryHeap<(Rank, Order)> = heads.collect();
        let mut out = Vec::with_capacity(count.min(1024));
        while out.len() < count
            && let Some((_, Order(place))) = heap.pop()
        {
            out.push(place);
            heap.extend(previous(place.segment, place.row));
        }
        out
    }

    /// Returns up to `count` matches from the bound on.
    fn from(&self, bound: Bound, count: usize) -> Vec<Place> {
        self.ahead(bound).take(count).collect()
    }

    /// Iterates over the matches from the bound on.
    fn ahead(self, bound: Bound) -> impl Iterator<Item = Place> + 'a {
        let Self { snapshot, matches } = self;
        let next = move |segment: usize, row: usize| {
            let rows = matches.rows(segment, None);
            let row = rows.next(row, snapshot.segments[segment].rows)?;
            let place = Place { segment, row };
            Some(Reverse((snapshot.rank(place), Order(place))))
        };
        let heads = (0..snapshot.segments.len()).filter_map(|s| next(s, self.row(s, bound)));
        let mut heap: BinaryHeap<Reverse<(Rank, Order)>> = heads.collect();
        std::iter::from_fn(move || {
            let Reverse((_, Order(place))) = heap.pop()?;
            heap.extend(next(place.segment, place.row + 1));
            Some(place)
        })
    }

    /// Returns the bound at an event, or at the match nearest to it in time if the event does not match.
    fn nearest(&self, place: Place) -> Bound {
        let rank = self.snapshot.rank(place);
        let here = Bound::Rank(rank);
        if self.matches.rows(place.segment, None).contains(place.row) {
            return here;
        }
        let time = |places: Vec<Place>| places.first().map(|p| self.snapshot.rank(*p));
        match (time(self.before(here, 1)), time(self.from(here, 1))) {
            (Some(before), None) => Bound::Rank(before),
            (Some(before), Some(after)) => {
                let distance = |other: Rank| match (other.time, rank.time) {
                    (Some(a), Some(b)) => a.abs_diff(b),
                    (None, None) => 0,
                    _ => u64::MAX,
                };
                Bound::Rank(if distance(before) < distance(after) {
                    before
                } else {
                    after
                })
            }
            (None, after) => after.map_or(here, Bound::Rank),
        }
    }
}

/// Equal ranks occur only for one place, so the order of ties does not matter.
#[derive(PartialEq, Eq)]
struct Order(Place);

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0.segment, self.0.row).cmp(&(other.0.segment, other.0.row))
    }
}
