//! Matches grouped by the combinations of values of given fields.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::combinations::{Combinations, Tally};
use super::matches::Matches;
use super::plan::Part;
use super::progress::Progress;
use crate::index::{Access, ColumnId, Dictionary, MISSING, Ordinal, Segment, Snapshot};
use crate::model::time::Nanos;
use crate::model::{FieldId, Value, id};

/// One combination.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// One value per field, in the order of the fields.
    pub key: Vec<Value>,
    pub count: u64,
    /// Events with a status of 400 or more.
    pub failed: u64,
    /// Number of users, counted up to [`USERS`].
    pub users: u8,
    /// Events with status 403, and true if a 2xx came after the first of them.
    pub forbidden: u64,
    pub admitted: bool,
    /// Times of the oldest and newest event; `None` if none of them has a time.
    pub first: Option<Nanos>,
    pub last: Option<Nanos>,
    /// Counts in buckets of equal width, filled by [`over_time`] on request.
    pub over_time: Vec<u64>,
}

/// Limit up to which the distinct users of a group are counted.
pub const USERS: u8 = 10;

/// Classes of status values, by the ordinals of the status column.
struct Statuses<'a> {
    column: Option<(ColumnId, Access<'a>)>,
    forbidden: Option<Ordinal>,
    ok: Vec<bool>,
}

impl<'a> Statuses<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let values = snapshot.vocabulary.values(id::STATUS);
        let text = |ordinal: Ordinal| values.get(ordinal).unwrap_or_default();
        Self {
            column: snapshot.vocabulary.access(id::STATUS),
            forbidden: (0..values.len()).find(|&ordinal| text(ordinal) == "403"),
            ok: (0..values.len())
                .map(|ordinal| text(ordinal).len() == 3 && text(ordinal).starts_with('2'))
                .collect(),
        }
    }

    /// Returns two flags of a row: forbidden (403) and admitted (2xx).
    fn of_row(&self, segment: &Segment, row: usize) -> (bool, bool) {
        let Some((column, access)) = &self.column else {
            return (false, false);
        };
        let ordinal = access.of(segment.ordinal(*column, row));
        let ok = self.ok.get(ordinal as usize).copied();
        (Some(ordinal) == self.forbidden, ok.unwrap_or(false))
    }
}

/// Numbering of the values of a field.
enum Numbered<'a> {
    /// A field name that does not occur.
    Absent,
    Column(FieldId, ColumnId, Access<'a>),
    /// A typed column, numbered in order of occurrence.
    Typed(FieldId, Mutex<Dictionary>),
}

impl Numbered<'_> {
    fn ordinal(&self, snapshot: &Snapshot, segment: &Segment, row: usize) -> Ordinal {
        match self {
            Self::Absent => MISSING,
            Self::Column(_, column, access) => access.of(segment.ordinal(*column, row)),
            Self::Typed(field, seen) => match segment.value(&snapshot.vocabulary, row, *field) {
                Some(text) => seen
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .intern(&text),
                None => MISSING,
            },
        }
    }

    fn value(&self, snapshot: &Snapshot, ordinal: Ordinal) -> Value {
        match self {
            Self::Column(field, ..) => snapshot
                .vocabulary
                .values(*field)
                .get(ordinal)
                .map(Arc::from),
            Self::Typed(_, seen) if ordinal != MISSING => Some(
                seen.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get(ordinal)
                    .into(),
            ),
            Self::Absent | Self::Typed(..) => None,
        }
    }
}

fn numbered<'a>(snapshot: &'a Snapshot, fields: &[Arc<str>]) -> Vec<Numbered<'a>> {
    let vocabulary = &snapshot.vocabulary;
    let of = |name: &Arc<str>| match vocabulary.field(name) {
        None => Numbered::Absent,
        Some(field) => match vocabulary.access(field) {
            Some((column, access)) => Numbered::Column(field, column, access),
            None => Numbered::Typed(field, Mutex::default()),
        },
    };
    fields.iter().map(of).collect()
}

/// Reason for a result without groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ungrouped {
    /// The pass was stopped.
    Stopped,
    /// The number of groups exceeds the limit.
    TooMany,
}

/// A pass over all segments.
struct Pass<'a> {
    done: AtomicUsize,
    all: usize,
    stopped: AtomicBool,
    watch: Progress<'a>,
    /// Limit on the number of combinations.
    most: usize,
    is_over: AtomicBool,
}

impl<'a> Pass<'a> {
    fn new(all: usize, watch: Progress<'a>, most: usize) -> Self {
        Self {
            done: AtomicUsize::new(0),
            all,
            stopped: AtomicBool::new(false),
            watch,
            most,
            is_over: AtomicBool::new(false),
        }
    }

    fn found(&self, all: usize) {
        if all > self.most {
            self.is_over.store(true, Ordering::Relaxed);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || self.is_over.load(Ordering::Relaxed)
    }

    fn did_one(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !(self.watch)(done, self.all) {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    fn end(&self) -> Result<(), Ungrouped> {
        match (&self.stopped, &self.is_over) {
            (stopped, _) if stopped.load(Ordering::Relaxed) => Err(Ungrouped::Stopped),
            (_, over) if over.load(Ordering::Relaxed) => Err(Ungrouped::TooMany),
            _ => Ok(()),
        }
    }
}

/// Fills [`Group::over_time`] of the given groups: counts in buckets of one width from a start on. Costs a pass over
/// the matches. Returns false if the pass was stopped.
pub fn over_time(
    snapshot: &Snapshot,
    matches: &Matches,
    fields: &[Arc<str>],
    without: Option<usize>,
    (start, step, bins): (Nanos, i64, usize),
    groups: &mut [Group],
    watch: Progress<'_>,
) -> bool {
    let numbered = numbered(snapshot, fields);
    let places: HashMap<&[Value], usize> = groups
        .iter()
        .enumerate()
        .map(|(at, group)| (&*group.key, at))
        .collect();
    let pass = Pass::new(snapshot.segments.len(), watch, usize::MAX);
    let count = |at: usize| {
        let segment = &snapshot.segments[at];
        let mut counts = vec![0u64; places.len() * bins];
        if pass.is_stopped() {
            return counts;
        }
        let mut known: HashMap<Vec<Ordinal>, Option<usize>> = HashMap::new();
        let mut key = Vec::with_capacity(numbered.len());
        matches.rows(at, without).for_each(segment.rows, |row| {
            let Some(time) = segment.time(row) else {
                return;
            };
            key.clear();
            key.extend(numbered.iter().map(|n| n.ordinal(snapshot, segment, row)));
            let place = known.get(&key).copied().unwrap_or_else(|| {
                let values: Vec<Value> = numbered
                    .iter()
                    .zip(&key)
                    .map(|(n, ordinal)| n.value(snapshot, *ordinal))
                    .collect();
                let place = places.get(&*values).copied();
                known.insert(key.clone(), place);
                place
            });
            let bin = time.saturating_sub(start).div_euclid(step.max(1));
            if let Some(place) = place
                && (0..bins as i64).contains(&bin)
            {
                counts[place * bins + bin as usize] += 1;
            }
        });
        pass.did_one();
        counts
    };
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        a.iter_mut().zip(&b).for_each(|(all, one)| *all += one);
        a
    };
    let none = || vec![0; places.len() * bins];
    let counts = (0..snapshot.segments.len())
        .into_par_iter()
        .map(count)
        .reduce(none, add);
    for (group, counts) in groups.iter_mut().zip(counts.chunks(bins.max(1))) {
        group.over_time = counts.to_vec();
    }
    !pass.is_stopped()
}

/// Groups the matches of all parts of the filter but one by the values of the fields: highest count first, ties by
/// value. Stops early if there are more than `most` groups, before they take much memory, or if the request is
/// cancelled.
pub fn group(
    snapshot: &Snapshot,
    matches: &Matches,
    fields: &[Arc<str>],
    failed: &Part,
    without: Option<usize>,
    most: usize,
    watch: Progress<'_>,
) -> Result<Vec<Group>, Ungrouped> {
    let pass = Pass::new(snapshot.segments.len(), watch, most);
    let vocabulary = &snapshot.vocabulary;
    let numbered = numbered(snapshot, fields);
    let statuses = Statuses::of(snapshot);
    let user = vocabulary.access(id::USER);
    let none = || Combinations::of(numbered.len());
    let fold = |mut found: Combinations, at: usize| {
        if pass.is_stopped() {
            return found;
        }
        let segment = &snapshot.segments[at];
        let rows = matches.rows(at, without);
        let failing = failed.rows(segment, vocabulary);
        let mut key = Vec::with_capacity(numbered.len());
        rows.for_each(segment.rows, |row| {
            key.clear();
            key.extend(numbered.iter().map(|n| n.ordinal(snapshot, segment, row)));
            let tally = found.at(&key);
            let time = segment.time(row);
            tally.event(time, failing.contains(row));
            if let Some((column, access)) = &user {
                tally.user(access.of(segment.ordinal(*column, row)));
            }
            match statuses.of_row(segment, row) {
                (true, _) => tally.forbidden(time),
                (_, true) => tally.admitted(time),
                _ => {}
            }
        });
        pass.found(found.len());
        pass.did_one();
        found
    };
    // Several threads may have counted the same combinations, so only the union gives their number.
    let join = |a: Combinations, b: Combinations| {
        let (mut large, small) = if a.len() < b.len() { (b, a) } else { (a, b) };
        if !pass.is_stopped() {
            large.add(&small);
            pass.found(large.len());
        }
        large
    };
    let found = (0..snapshot.segments.len())
        .into_par_iter()
        .fold(none, fold)
        .reduce(none, join);
    pass.end()?;
    let group = |(key, tally): (&[Ordinal], &Tally)| Group {
        key: numbered
            .iter()
            .zip(key)
            .map(|(n, ordinal)| n.value(snapshot, *ordinal))
            .collect(),
        count: tally.count,
        failed: tally.failed,
        users: tally.users(),
        forbidden: tally.forbidden,
        admitted: tally.is_admitted(),
        first: tally.span().map(|(first, _)| first),
        last: tally.span().map(|(_, last)| last),
        over_time: Vec::new(),
    };
    let mut groups: Vec<Group> = found.iter().map(group).collect();
    drop(found);
    groups.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    Ok(groups)
}
