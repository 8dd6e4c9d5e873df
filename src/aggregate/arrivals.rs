//! Events that arrived after a start. The events that sources held at that time are known by their ids, so their times
//! and later merges of segments do not matter.

use std::collections::HashSet;

use super::row_set::RowSet;
use crate::index::{Bitmap, Segment, Snapshot};
use crate::model::time::Nanos;

/// All events except the history of the sources that were open at the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrivals {
    /// Time of the start. Streams have no history; for them this time decides.
    start: Nanos,
    /// Number of sources that were open at the start.
    sources: usize,
    /// Sources with known history. For the others, every event so far counts as history.
    known: HashSet<u32>,
    streams: HashSet<u32>,
    /// Ranges of event ids (start, end) in ascending order.
    ids: Vec<(u64, u64)>,
}

impl Arrivals {
    pub fn new(start: Nanos, sources: usize) -> Self {
        Self {
            start,
            sources,
            known: HashSet::new(),
            streams: HashSet::new(),
            ids: Vec::new(),
        }
    }

    /// Records the sources that have loaded their history. `sources` yields two flags per source: fully loaded, and has
    /// a history.
    pub fn look(&mut self, snapshot: &Snapshot, sources: impl Iterator<Item = (bool, bool)>) {
        for (number, (whole, loads)) in (0..).zip(sources.take(self.sources)) {
            if !loads && whole {
                self.streams.insert(number);
            } else if whole && self.known.insert(number) {
                let segments = snapshot.segments.iter().filter(|s| s.source == number);
                let ids = segments.map(|s| (s.first_id, s.first_id + s.rows as u64));
                self.ids.extend(ids);
                self.ids.sort_unstable();
            }
        }
    }

    /// Returns the rows of a segment that arrived after the start.
    pub(super) fn rows(&self, segment: &Segment) -> RowSet {
        if self.streams.contains(&segment.source) {
            let first = segment.lower_bound(self.start);
            return RowSet::from(Bitmap::range(segment.rows, first, segment.rows));
        }
        if segment.source as usize >= self.sources {
            return RowSet::All;
        }
        if !self.known.contains(&segment.source) {
            return RowSet::None;
        }
        let end = segment.first_id + segment.rows as u64;
        let old = self
            .ids
            .partition_point(|(_, old)| *old <= segment.first_id);
        if self.ids.get(old).is_none_or(|(start, _)| *start >= end) {
            return RowSet::All;
        }
        let is_later = |row| {
            let id = segment.first_id + segment.arrival(row) as u64;
            let after = self.ids.partition_point(|(start, _)| *start <= id);
            let before = after.checked_sub(1).map(|at| self.ids[at]);
            before.is_none_or(|(_, end)| end <= id)
        };
        RowSet::from(Bitmap::from_fn(segment.rows, is_later))
    }
}
