//! Counts by ordinal of the columns behind the facets, added up segment by segment.
//!
//! Rows are read only if necessary: if only conditions on the column itself exclude rows, the segment's totals of that
//! column are added instead. [`super::code_counts`] counts the rows.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::code_counts::{CodeCounts, Scratch};
use super::matches::Matches;
use super::plan::{Part, Plan};
use crate::index::{Column, ColumnId, MISSING, Ordinal, Segment, Snapshot};
use crate::query::Chip;

/// A column to count under a variant of the filter. Fields that share both share the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Job {
    /// Part of the plan that is left out.
    pub(super) without: Option<usize>,
    pub(super) column: ColumnId,
}

/// Counts of the columns of a set of fields, each without the field's own picks.
#[derive(Debug, Default)]
pub struct FacetSums {
    /// Sorted so that jobs without the same part are adjacent.
    jobs: Vec<Job>,
    /// One share per thread, to be added up: by job, then by ordinal. Modulo 2^32, because one share may subtract
    /// counts that another added.
    shares: Vec<Vec<Vec<u32>>>,
    /// Numbers of the segments in the sums.
    seen: HashSet<u64>,
}

/// Returns the part of a plan that holds a field's picks.
pub(super) fn own_part(plan: &Plan, field: &Arc<str>) -> Option<usize> {
    let own = |chip: &Chip| matches!(chip, Chip::Picks(of) if of == field);
    plan.parts.iter().position(|part| own(&part.chip))
}

impl FacetSums {
    /// Resets the sums to a set of fields, unless they already cover exactly these. Fields without ordinals are left
    /// out. Reuses memory from `memory` and returns its own to it.
    pub fn become_of(
        &mut self,
        snapshot: &Snapshot,
        plan: &Plan,
        fields: &[Arc<str>],
        memory: &mut Memory,
    ) {
        let vocabulary = &snapshot.vocabulary;
        let mut jobs: Vec<Job> = Vec::new();
        for name in fields {
            if let Some((column, _)) = vocabulary.field(name).and_then(|f| vocabulary.access(f)) {
                let without = own_part(plan, name);
                jobs.push(Job { without, column });
            }
        }
        jobs.sort_by_key(|job| (job.without, job.column));
        jobs.dedup();
        if self.jobs == jobs {
            return;
        }
        memory.keep(std::mem::take(self));
        let mut share = |_| {
            let counts = jobs
                .iter()
                .map(|job| memory.take(vocabulary.ordinals(job.column)));
            counts.collect()
        };
        self.shares = (0..rayon::current_num_threads()).map(&mut share).collect();
        self.jobs = jobs;
    }

    /// Returns true if a segment need not be added.
    pub fn holds(&self, segment: &Segment) -> bool {
        self.jobs.is_empty() || self.seen.contains(&segment.number)
    }

    /// Adds the given segments that are not in the sums yet. All must have been matched.
    pub fn add(&mut self, snapshot: &Snapshot, plan: &Plan, matches: &Matches, segments: &[usize]) {
        let new = |at: &usize| self.seen.insert(snapshot.segments[*at].number);
        let new: Vec<usize> = segments.iter().copied().filter(new).collect();
        self.count(snapshot, plan, matches, &new, 1);
    }

    /// Subtracts the segments that `other` does not contain.
    pub fn keep_only(
        &mut self,
        other: &Snapshot,
        snapshot: &Snapshot,
        plan: &Plan,
        matches: &Matches,
    ) {
        let left: HashSet<u64> = other.segments.iter().map(|s| s.number).collect();
        let is_gone = |number| !left.contains(&number) && self.seen.contains(&number);
        let gone: Vec<usize> = (0..snapshot.segments.len())
            .filter(|at| is_gone(snapshot.segments[*at].number))
            .collect();
        self.count(snapshot, plan, matches, &gone, u32::MAX);
        self.seen.retain(|number| left.contains(number));
    }

    /// Counts segments with `sign` per row: 1, or -1 modulo 2^32.
    fn count(
        &mut self,
        snapshot: &Snapshot,
        plan: &Plan,
        matches: &Matches,
        segments: &[usize],
        sign: u32,
    ) {
        if self.jobs.is_empty() || segments.is_empty() {
            return;
        }
        let counting = Counting {
            snapshot,
            plan,
            matches,
            sign,
        };
        let jobs = &self.jobs;
        // Threads take the next segment from a shared counter, so none waits for another that is delayed.
        let next = AtomicUsize::new(0);
        self.shares.par_iter_mut().for_each(|counts| {
            for (job, counts) in jobs.iter().zip(&mut *counts) {
                counts.resize(snapshot.vocabulary.ordinals(job.column) as usize, 0);
            }
            let mut scratch = Scratch::default();
            while let Some(at) = segments.get(next.fetch_add(1, Ordering::Relaxed)) {
                counting.segment(*at, jobs, counts, &mut scratch);
            }
        });
    }

    /// Returns the counts of a job by value. `of` maps an ordinal to one of `values` values.
    pub(super) fn by(
        &self,
        job: Job,
        values: usize,
        of: impl Fn(Ordinal) -> Ordinal + Sync,
    ) -> Vec<u64> {
        let Some(at) = self.jobs.iter().position(|one| *one == job) else {
            return vec![0; values];
        };
        let shares = self.shares.iter().map(|share| share[at].len());
        let ordinals = shares.max().unwrap_or(0);
        let some = |ordinals: Range<usize>| {
            let mut counts = vec![0; values];
            self.each(at, ordinals, |ordinal, count| {
                counts[of(ordinal) as usize] += u64::from(count);
            });
            counts
        };
        if ordinals < MANY.max(values * 4) {
            return some(0..ordinals);
        }
        let middle = (ordinals / 2).next_multiple_of(PIECE);
        let (mut all, other) = rayon::join(|| some(0..middle), || some(middle..ordinals));
        for (all, one) in all.iter_mut().zip(other) {
            *all += one;
        }
        all
    }

    /// Calls `each` for each ordinal in a range that has a count in the job at `at`.
    fn each(&self, at: usize, ordinals: Range<usize>, mut each: impl FnMut(Ordinal, u32)) {
        let shares = || self.shares.iter().map(|share| &*share[at]);
        // Pieces on the stack need no allocation; there may be millions of ordinals.
        for first in ordinals.step_by(PIECE) {
            let mut piece = [0u32; PIECE];
            for share in shares() {
                for (all, one) in piece.iter_mut().zip(share.get(first..).unwrap_or_default()) {
                    *all = all.wrapping_add(*one);
                }
            }
            for (ordinal, count) in (first as Ordinal..).zip(piece) {
                if count > 0 {
                    each(ordinal, count);
                }
            }
        }
    }
}

const PIECE: usize = 64;

/// Number of ordinals from which two threads add them up.
const MANY: usize = 1 << 16;

/// Memory of unused counts, kept for reuse. With millions of ordinals, allocating it again costs more than counting
/// does.
#[derive(Debug, Default)]
pub struct Memory(Vec<Vec<u32>>);

/// Number of count lists whose memory is kept: two requests with ten facets and two threads.
const KEPT: usize = 40;

impl Memory {
    /// Keeps the memory of sums that are no longer used.
    pub fn keep(&mut self, sums: FacetSums) {
        self.0.extend(sums.shares.into_iter().flatten());
        self.0
            .sort_unstable_by_key(|counts| std::cmp::Reverse(counts.capacity()));
        self.0.truncate(KEPT);
    }

    /// Returns an empty list with room for `ordinals` counts, if one is kept.
    fn take(&mut self, ordinals: u32) -> Vec<u32> {
        let fits = |counts: &Vec<u32>| counts.capacity() >= ordinals as usize;
        let mut counts = match self.0.iter().rposition(fits) {
            Some(at) => self.0.remove(at),
            None => Vec::new(),
        };
        counts.clear();
        counts
    }
}

struct Counting<'a> {
    snapshot: &'a Snapshot,
    plan: &'a Plan,
    matches: &'a Matches,
    sign: u32,
}

impl Counting<'_> {
    fn segment(&self, at: usize, jobs: &[Job], counts: &mut [Vec<u32>], scratch: &mut Scratch) {
        let segment = &*self.snapshot.segments[at];
        let mut counts = counts.iter_mut();
        for jobs in jobs.chunk_by(|a, b| a.without == b.without) {
            let mut tally = CodeCounts::new(
                self.matches.rows(at, jobs[0].without),
                segment.rows,
                scratch,
            );
            for (job, counts) in jobs.iter().zip(&mut counts) {
                let add = |ordinal: Ordinal, count: u32| {
                    let sum = &mut counts[ordinal as usize];
                    *sum = sum.wrapping_add(count.wrapping_mul(self.sign));
                };
                match segment.column(job.column) {
                    None => tally.whole(MISSING, add),
                    Some(column) => match self.own(*job, segment, column) {
                        Some(totals) => self.add_own(*job, column, totals, add),
                        None => tally.column(column, add),
                    },
                }
            }
        }
    }

    /// Returns the totals of a column if only conditions on that column exclude rows of the segment.
    fn own<'s>(&self, job: Job, segment: &Segment, column: &'s Column) -> Option<&'s [u16]> {
        let totals = column.totals()?;
        let is_own = |part: &&Part| part.set().is_some_and(|(of, _)| of == job.column);
        let mut parts = self.parts(job);
        let decides = parts.clone().any(|part| is_own(&part))
            && parts.all(|part| is_own(&part) || part.is_all(segment, &self.snapshot.vocabulary));
        decides.then_some(totals)
    }

    fn add_own(
        &self,
        job: Job,
        column: &Column,
        totals: &[u16],
        mut add: impl FnMut(Ordinal, u32),
    ) {
        let sets = self.parts(job).filter_map(Part::set);
        let sets: Vec<&[bool]> = sets
            .filter(|(of, _)| *of == job.column)
            .map(|(_, set)| set)
            .collect();
        for (ordinal, total) in column.ordinals.iter().zip(totals) {
            if sets.iter().all(|set| set[*ordinal as usize]) {
                add(*ordinal, u32::from(*total));
            }
        }
    }

    fn parts(&self, job: Job) -> impl Iterator<Item = &Part> + Clone {
        let parts = self.plan.parts.iter().enumerate();
        parts
            .filter(move |(at, _)| job.without != Some(*at))
            .map(|(_, part)| part)
    }
}
