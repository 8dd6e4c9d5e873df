//! First events that hold a value, over everything loaded, regardless of the filter.
//!
//! A value is first seen in the first event, in list order, that has it. Each segment is scanned once; the position of
//! the first event of each value is kept. Events without a time sort before all others but have no known order in time,
//! so they are left out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::matches::Matches;
use crate::index::{ColumnId, MISSING, Ordinal, Place, Rank, Segment, Snapshot};
use crate::model::time::Nanos;
use crate::model::{EventId, FieldId, id};

/// Fields whose values are tracked: user, origin, client and target.
pub const FIRST_SEEN: [FieldId; 5] = [
    id::USER,
    id::IP,
    id::CLIENT,
    id::NAMESPACE_REPO,
    id::CREDENTIAL,
];

/// The first event of a value: its time, segment number and row.
#[derive(Clone, Copy, Debug)]
struct First {
    time: Nanos,
    segment: u64,
    row: usize,
}

/// Finds first events. Caches the results of segments of one epoch.
#[derive(Debug, Default)]
pub struct FirstSeen {
    /// For each field of [`FIRST_SEEN`], by the field's ordinal.
    fields: [Vec<Option<First>>; FIRST_SEEN.len()],
    seen: HashSet<u64>,
    /// State of the last scanned snapshot: its generation, and its number of evicted events.
    generation: Option<u64>,
    evicted: u64,
}

impl FirstSeen {
    /// Scans a snapshot. Costs a pass over the segments not seen before, or over all of them if events were evicted,
    /// since the first remaining event of a value may then be another.
    pub fn look(&mut self, snapshot: &Snapshot) {
        if self.knows(snapshot) {
            return;
        }
        if self.evicted != snapshot.evicted.events {
            *self = Self {
                evicted: snapshot.evicted.events,
                ..Self::default()
            };
        }
        self.generation = Some(snapshot.generation);
        let new = |segment: &&Arc<Segment>| !self.seen.contains(&segment.number);
        let found: Vec<_> = snapshot
            .segments
            .par_iter()
            .filter(new)
            .map(|segment| (segment, rows(snapshot, segment)))
            .collect();
        self.seen = snapshot.segments.iter().map(|s| s.number).collect();
        let index = index(snapshot);
        for (segment, rows) in found {
            for (field, ordinal, row) in rows {
                let Some(time) = segment.time(row) else {
                    continue;
                };
                let here = First {
                    time,
                    segment: segment.number,
                    row,
                };
                let all = &mut self.fields[field];
                let at = ordinal as usize;
                if all.len() <= at {
                    all.resize(at + 1, None);
                }
                let keeps = all[at].is_some_and(|known| {
                    known.time < time
                        || (known.time == time
                            && place(&index, &known).is_some_and(|known| {
                                let other = place(&index, &here);
                                other.is_some_and(|o| snapshot.rank(known) < snapshot.rank(o))
                            }))
                });
                if !keeps {
                    all[at] = Some(here);
                }
            }
        }
    }

    /// Returns true if this snapshot was the last one scanned.
    pub fn knows(&self, snapshot: &Snapshot) -> bool {
        self.generation == Some(snapshot.generation)
    }

    /// Returns the fields whose value is first seen in an event.
    pub fn of(&self, snapshot: &Snapshot, place: Place) -> impl Iterator<Item = FieldId> {
        let segment = &snapshot.segments[place.segment];
        let is_first = move |(at, field): &(usize, FieldId)| {
            let Some((column, access)) = snapshot.vocabulary.access(*field) else {
                return false;
            };
            let ordinal = access.of(segment.ordinal(column, place.row)) as usize;
            let first = self.fields[*at].get(ordinal).copied().flatten();
            first.is_some_and(|f| f.segment == segment.number && f.row == place.row)
        };
        FIRST_SEEN
            .into_iter()
            .enumerate()
            .filter(is_first)
            .map(|(_, field)| field)
    }

    /// Finds the nearest match after (or before) an event in which a value is first seen. Costs a pass over all
    /// distinct values.
    pub fn seek(
        &self,
        snapshot: &Snapshot,
        matches: &Matches,
        from: EventId,
        forward: bool,
    ) -> Option<EventId> {
        let from = snapshot.rank(snapshot.find(from)?);
        let index = index(snapshot);
        let mut best: Option<(Rank, Place)> = None;
        for first in self.fields.iter().flatten().flatten() {
            let Some(place) = place(&index, first) else {
                continue;
            };
            let rank = snapshot.rank(place);
            let nearer = match (forward, best) {
                (true, None) => rank > from,
                (true, Some((best, _))) => rank > from && rank < best,
                (false, None) => rank < from,
                (false, Some((best, _))) => rank < from && rank > best,
            };
            if nearer && matches.rows(place.segment, None).contains(place.row) {
                best = Some((rank, place));
            }
        }
        best.map(|(_, place)| snapshot.id(place))
    }
}

/// Maps segment numbers to indexes in a snapshot.
fn index(snapshot: &Snapshot) -> HashMap<u64, usize> {
    let segments = snapshot.segments.iter().enumerate();
    segments.map(|(at, s)| (s.number, at)).collect()
}

/// Returns `None` for a segment that was merged into another; the rows of that other segment are scanned instead.
fn place(index: &HashMap<u64, usize>, first: &First) -> Option<Place> {
    index.get(&first.segment).map(|&segment| Place {
        segment,
        row: first.row,
    })
}

/// Returns the first row of each value in a segment: index of the field in [`FIRST_SEEN`], ordinal, row.
fn rows(snapshot: &Snapshot, segment: &Segment) -> Vec<(usize, Ordinal, usize)> {
    let mut out: Vec<(usize, Ordinal, usize)> = Vec::new();
    for (at, field) in FIRST_SEEN.into_iter().enumerate() {
        let Some((column, access)) = snapshot.vocabulary.access(field) else {
            continue;
        };
        let mut first: HashMap<Ordinal, usize> = HashMap::new();
        for (ordinal, row) in first_rows(segment, column) {
            let ordinal = access.of(ordinal);
            if ordinal != MISSING {
                let known = first.entry(ordinal).or_insert(row);
                *known = row.min(*known);
            }
        }
        out.extend(first.into_iter().map(|(ordinal, row)| (at, ordinal, row)));
    }
    out
}

/// Returns the first row with a time for each ordinal of a column. Stops once all ordinals have been met.
fn first_rows(segment: &Segment, column: ColumnId) -> Vec<(Ordinal, usize)> {
    let Some(column) = segment.column(column) else {
        // A column without values can still have derived values, for example the anonymous user.
        let timed = segment.untimed < segment.rows;
        return timed
            .then_some((MISSING, segment.untimed))
            .into_iter()
            .collect();
    };
    let mut met = vec![false; column.ordinals.len()];
    let mut found = Vec::new();
    for row in segment.untimed..segment.rows {
        let code = column.code(row);
        if !met[code] {
            met[code] = true;
            found.push((column.ordinals[code], row));
            if found.len() == met.len() {
                break;
            }
        }
    }
    found
}
