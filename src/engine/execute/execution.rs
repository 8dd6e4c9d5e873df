//! A filter executed on a snapshot, segment by segment: its matches and facet counts so far. The results of a segment
//! are reused by later requests with the same filter, and on newer snapshots.

use std::sync::Arc;

use crate::aggregate::{Arrivals, FacetSums, Matches, Memory, Part, Plan, Without};
use crate::index::Snapshot;
use crate::query::Filter;

/// Everything that matches depend on, in addition to the snapshot.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) filter: Filter,
    /// True if each term of the typed query is a part.
    pub(super) terms: bool,
    pub(super) without: Without,
    pub(super) later: Option<Arc<Arrivals>>,
}

/// The execution of a request, running or finished.
#[derive(Debug)]
pub(in crate::engine) struct Execution {
    key: Key,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) plan: Plan,
    pub(super) matches: Matches,
    pub(super) sums: FacetSums,
    /// Segments not processed yet, the newest last.
    pub(super) left: Vec<usize>,
    pub(super) failed: Part,
    pub(super) seek: Option<Part>,
    pub(super) hits: Option<Part>,
    /// Executions of the side queries on the same events.
    pub(super) side: Vec<Execution>,
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
            side: Vec::new(),
        }
    }

    pub(in crate::engine) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Returns the memory of its counts for reuse.
    pub(super) fn end(self, memory: &mut Memory) {
        memory.keep(self.sums);
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Moves to a newer snapshot; the results of segments that still exist are kept.
    pub(super) fn carry(&mut self, snapshot: &Arc<Snapshot>) {
        if Arc::ptr_eq(&self.snapshot, snapshot) {
            return;
        }
        self.sums
            .keep_only(snapshot, &self.snapshot, &self.plan, &self.matches);
        self.matches = std::mem::take(&mut self.matches).carried(&self.snapshot, snapshot);
        self.snapshot = snapshot.clone();
    }

    /// Attaches the plan built from the same filter for the current snapshot, and selects the facets to count.
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

    /// Number of unprocessed segments of the filter that has most of them left.
    pub(super) fn most_left(&self) -> usize {
        let side = self.side.iter().map(Self::most_left);
        side.fold(self.left.len(), usize::max)
    }

    /// Processes some more segments, newest first; returns true once all are done, under the side queries' filters too.
    pub(in crate::engine) fn step(&mut self, segments: usize) -> bool {
        let from = self.left.len().saturating_sub(segments);
        let now = self.left.split_off(from);
        self.matches
            .extend(&self.snapshot, &self.plan, &now, self.key.without);
        self.sums
            .add(&self.snapshot, &self.plan, &self.matches, &now);
        for other in &mut self.side {
            other.step(segments);
        }
        self.most_left() == 0
    }
}
