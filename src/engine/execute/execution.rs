//! A filter held against a snapshot, segment by segment: its matches and the counts of its facets so far. What is
//! known of a segment stays known for later questions with the same filter, and for newer snapshots.

use std::sync::Arc;

use crate::aggregate::{Arrivals, FacetSums, Matches, Memory, Part, Plan, Without};
use crate::index::Snapshot;
use crate::query::Filter;

/// What matches depend on, beside the snapshot.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) filter: Filter,
    /// Each term of the typed query is a part.
    pub(super) terms: bool,
    pub(super) without: Without,
    pub(super) later: Option<Arc<Arrivals>>,
}

/// A question being answered, or one that was.
#[derive(Debug)]
pub(in crate::engine) struct Execution {
    key: Key,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) plan: Plan,
    pub(super) matches: Matches,
    pub(super) sums: FacetSums,
    /// Segments not looked at yet, the newest last.
    pub(super) left: Vec<usize>,
    pub(super) failed: Part,
    pub(super) seek: Option<Part>,
    pub(super) hits: Option<Part>,
    /// The same events under other filters.
    pub(super) beside: Vec<Execution>,
}

impl Execution {
    pub(super) fn new(key: Key, snapshot: Arc<Snapshot>, failed: Part) -> Self {
        Self {
            key,
            matches: Matches::new(&snapshot),
            snapshot,
            plan: Plan::default(),
            sums: FacetSums::default(),
            left: Vec::new(),
            failed,
            seek: None,
            hits: None,
            beside: Vec::new(),
        }
    }

    pub(in crate::engine) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Leaves the memory of its counts to others.
    pub(super) fn end(self, memory: &mut Memory) {
        memory.keep(self.sums);
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Goes over to a newer snapshot; what is known of segments that are still there stays.
    pub(super) fn carry(&mut self, snapshot: &Arc<Snapshot>) {
        if Arc::ptr_eq(&self.snapshot, snapshot) {
            return;
        }
        self.sums
            .keep_only(snapshot, &self.snapshot, &self.plan, &self.matches);
        self.matches = std::mem::take(&mut self.matches).carried(&self.snapshot, snapshot);
        self.snapshot = snapshot.clone();
    }

    /// Takes a plan for the snapshot of the day, made of the same filter, and what facets are to be counted.
    pub(super) fn go_on(&mut self, plan: Plan, facets: &[Arc<str>], memory: &mut Memory) {
        self.sums.become_of(&self.snapshot, &plan, facets, memory);
        self.plan = plan;
        let Self {
            snapshot,
            matches,
            sums,
            ..
        } = self;
        let segments = snapshot.segments.iter().zip(&matches.segments).enumerate();
        let mut left: Vec<usize> = segments
            .filter(|(_, (segment, found))| found.is_none() || !sums.holds(segment))
            .map(|(at, _)| at)
            .collect();
        left.sort_by_key(|at| snapshot.segments[*at].span().map(|(_, newest)| newest));
        self.left = left;
    }

    /// Segments that are not looked at yet, under the filter that has most of them left.
    pub(super) fn most_left(&self) -> usize {
        let beside = self.beside.iter().map(Self::most_left);
        beside.fold(self.left.len(), usize::max)
    }

    /// Looks at some more segments, the newest first; true when all are done, under the other filters as well.
    pub(in crate::engine) fn step(&mut self, segments: usize) -> bool {
        let from = self.left.len().saturating_sub(segments);
        let now = self.left.split_off(from);
        self.matches
            .extend(&self.snapshot, &self.plan, &now, self.key.without);
        self.sums
            .add(&self.snapshot, &self.plan, &self.matches, &now);
        for other in &mut self.beside {
            other.step(segments);
        }
        self.most_left() == 0
    }
}
