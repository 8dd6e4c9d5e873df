//! The rows of every segment that a plan matches, with and without each of its parts.

use std::collections::HashMap;

use rayon::prelude::*;

use super::plan::{Part, Plan};
use super::row_set::RowSet;
use crate::index::Snapshot;
use crate::model::time::Nanos;

/// Matches of a filter in a snapshot, filled segment by segment.
#[derive(Debug, Default)]
pub struct Matches {
    /// By index of the segment; `None` if not processed yet.
    pub segments: Vec<Option<SegmentMatch>>,
    /// Number of matches so far.
    pub matched: u64,
    /// Oldest and newest time among them.
    pub span: Option<(Nanos, Nanos)>,
}

/// Matches of a filter in one segment.
#[derive(Clone, Debug)]
pub struct SegmentMatch {
    /// Rows for which all parts hold.
    pub rows: RowSet,
    pub count: usize,
    /// Per part of the plan: rows for which all other parts hold.
    pub without: Vec<RowSet>,
}

/// Variants to compute in addition to the full filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    Nothing,
    /// Each part left out in turn: for facets that ignore their own picks, and to explain an empty result.
    EachPart,
}

impl Matches {
    pub fn new(snapshot: &Snapshot) -> Self {
        Self {
            segments: vec![None; snapshot.segments.len()],
            matched: 0,
            span: None,
        }
    }

    pub fn is_complete(&self) -> bool {
        self.segments.iter().all(Option::is_some)
    }

    /// Matches the given segments; those already processed are skipped.
    pub fn extend(
        &mut self,
        snapshot: &Snapshot,
        plan: &Plan,
        segments: &[usize],
        without: Without,
    ) {
        let found: Vec<(usize, SegmentMatch)> = segments
            .par_iter()
            .filter(|at| self.segments[**at].is_none())
            .map(|&at| (at, SegmentMatch::new(snapshot, at, &plan.parts, without)))
            .collect();
        for (at, found) in found {
            self.put(snapshot, at, found);
        }
    }

    fn put(&mut self, snapshot: &Snapshot, at: usize, found: SegmentMatch) {
        let segment = &snapshot.segments[at];
        self.matched += found.count as u64;
        let first = found
            .rows
            .next(segment.untimed, segment.rows)
            .and_then(|row| segment.time(row));
        let last = found
            .rows
            .previous(segment.rows)
            .and_then(|row| segment.time(row));
        if let (Some(first), Some(last)) = (first, last) {
            let (oldest, newest) = self.span.unwrap_or((first, last));
            self.span = Some((oldest.min(first), newest.max(last)));
        }
        self.segments[at] = Some(found);
    }

    /// Transfers the results of the segments that two snapshots share to the newer one.
    #[must_use]
    pub fn carried(self, from: &Snapshot, to: &Snapshot) -> Self {
        let numbers = from.segments.iter().map(|segment| segment.number);
        let mut known: HashMap<u64, SegmentMatch> = numbers
            .zip(self.segments)
            .filter_map(|(number, found)| Some((number, found?)))
            .collect();
        let mut carried = Self::new(to);
        for (at, segment) in to.segments.iter().enumerate() {
            if let Some(found) = known.remove(&segment.number) {
                carried.put(to, at, found);
            }
        }
        carried
    }

    /// Matches all segments at once.
    pub fn all(snapshot: &Snapshot, plan: &Plan, without: Without) -> Self {
        let mut matches = Self::new(snapshot);
        let segments: Vec<usize> = (0..snapshot.segments.len()).collect();
        matches.extend(snapshot, plan, &segments, without);
        matches
    }

    /// Narrows the matches by one more part.
    #[must_use]
    pub fn narrowed(&self, snapshot: &Snapshot, part: &Part) -> Self {
        let segments: Vec<Option<SegmentMatch>> = self
            .segments
            .par_iter()
            .enumerate()
            .map(|(at, found)| {
                let segment = &snapshot.segments[at];
                let rows = match &found.as_ref()?.rows {
                    RowSet::None => RowSet::None,
                    rows => rows.clone().and(part.rows(segment, &snapshot.vocabulary)),
                };
                Some(SegmentMatch {
                    count: rows.count(segment.rows),
                    rows,
                    without: Vec::new(),
                })
            })
            .collect();
        let matched = segments.iter().flatten().map(|s| s.count as u64).sum();
        Self {
            segments,
            matched,
            span: self.span,
        }
    }

    /// Returns the matching rows of a segment, for the full filter or for all parts but one.
    pub(super) fn rows(&self, segment: usize, without: Option<usize>) -> &RowSet {
        match (&self.segments[segment], without) {
            (None, _) => &RowSet::None,
            (Some(found), None) => &found.rows,
            (Some(found), Some(part)) => found.without.get(part).unwrap_or(&found.rows),
        }
    }

    /// Returns the number of matches of all parts but one.
    pub fn matched_without(&self, snapshot: &Snapshot, part: usize) -> u64 {
        let segments = snapshot.segments.iter().enumerate();
        segments
            .map(|(at, segment)| self.rows(at, Some(part)).count(segment.rows) as u64)
            .sum()
    }
}

impl SegmentMatch {
    fn new(snapshot: &Snapshot, at: usize, parts: &[Part], without: Without) -> Self {
        let segment = &snapshot.segments[at];
        let vocabulary = &snapshot.vocabulary;
        if without == Without::Nothing || parts.len() < 2 {
            let mut rows = RowSet::All;
            for part in parts {
                if matches!(rows, RowSet::None) {
                    break;
                }
                rows = rows.and(part.rows(segment, vocabulary));
            }
            let others = vec![RowSet::All; parts.len()];
            return Self {
                count: rows.count(segment.rows),
                rows,
                without: others,
            };
        }
        // For each part, the AND of all parts before it and all parts after it.
        let each: Vec<RowSet> = parts
            .iter()
            .map(|part| part.rows(segment, vocabulary))
            .collect();
        let mut without = Vec::with_capacity(each.len());
        let mut before = RowSet::All;
        for rows in &each {
            without.push(before.clone());
            before = before.and(rows.clone());
        }
        let mut after = RowSet::All;
        for (rows, others) in each.iter().zip(&mut without).rev() {
            *others = others.clone().and(after.clone());
            after = after.and(rows.clone());
        }
        Self {
            count: before.count(segment.rows),
            rows: before,
            without,
        }
    }
}
