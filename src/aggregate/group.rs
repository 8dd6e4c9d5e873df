//! Matches by the combinations of values of some fields.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::matches::Matches;
use super::plan::Part;
use super::watch::{UNWATCHED, Watch};
use crate::index::{Access, ColumnId, Dictionary, MISSING, Ordinal, Segment, Snapshot};
use crate::model::time::Nanos;
use crate::model::{FieldId, Value, id};

/// One combination.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// One value a field, in the order of the fields.
    pub key: Vec<Value>,
    pub count: u64,
    /// Those with a status of 400 or more.
    pub failed: u64,
    /// How many users they are of, counted up to [`USERS`].
    pub users: u8,
    /// Those with status 403, and whether one with 2xx came after the first of them.
    pub forbidden: u64,
    pub admitted: bool,
    /// Times of the oldest and newest; `None` where none of them has a time.
    pub first: Option<Nanos>,
    pub last: Option<Nanos>,
    /// Counts in equal parts of a time, where asked for ([`over_time`]).
    pub over_time: Vec<u64>,
}

/// Users of a group are told apart up to so many.
pub const USERS: u8 = 10;

#[derive(Clone, Debug, Default)]
struct Tally {
    count: u64,
    failed: u64,
    first: Option<Nanos>,
    last: Option<Nanos>,
    users: Vec<Ordinal>,
    forbidden: u64,
    /// Times of the first 403 and of the last 2xx.
    first_forbidden: Option<Nanos>,
    last_ok: Option<Nanos>,
}

impl Tally {
    fn user(&mut self, user: Ordinal) {
        if self.users.len() < usize::from(USERS) && !self.users.contains(&user) {
            self.users.push(user);
        }
    }

    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.failed += other.failed;
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.max(other.last);
        other.users.into_iter().for_each(|user| self.user(user));
        self.forbidden += other.forbidden;
        let first = self
            .first_forbidden
            .into_iter()
            .chain(other.first_forbidden);
        self.first_forbidden = first.min();
        self.last_ok = self.last_ok.max(other.last_ok);
    }
}

/// What is to be told of a status, by the ordinals of its column.
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

    /// Whether a row is refused, and whether it is granted.
    fn of_row(&self, segment: &Segment, row: usize) -> (bool, bool) {
        let Some((column, access)) = &self.column else {
            return (false, false);
        };
        let ordinal = access.of(segment.ordinal(*column, row));
        let ok = self.ok.get(ordinal as usize).copied();
        (Some(ordinal) == self.forbidden, ok.unwrap_or(false))
    }
}

/// How the values of a field are numbered.
enum Numbered<'a> {
    /// A name that nothing has.
    Absent,
    Column(FieldId, ColumnId, Access<'a>),
    /// A typed column: numbered as they are met.
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

/// A pass over all segments.
struct Pass<'a> {
    done: AtomicUsize,
    all: usize,
    stopped: AtomicBool,
    watch: Watch<'a>,
    /// Combinations found so far, in each of the parts, and so many that it is given up.
    found: AtomicUsize,
    most: usize,
}

impl<'a> Pass<'a> {
    fn new(all: usize, watch: Watch<'a>) -> Self {
        Self {
            done: AtomicUsize::new(0),
            all,
            stopped: AtomicBool::new(false),
            watch,
            found: AtomicUsize::new(0),
            most: usize::MAX,
        }
    }

    fn up_to(self, most: usize) -> Self {
        Self { most, ..self }
    }

    fn found(&self, more: usize) {
        if self.found.fetch_add(more, Ordering::Relaxed) + more > self.most {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn did_one(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !(self.watch)(done, self.all) {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }
}

/// Fills [`Group::over_time`] of some groups: counts in bins of a width, from a start on. Costs a pass over the
/// matches. Says whether it came to its end.
pub fn over_time(
    snapshot: &Snapshot,
    matches: &Matches,
    fields: &[Arc<str>],
    without: Option<usize>,
    (start, step, bins): (Nanos, i64, usize),
    groups: &mut [Group],
    watch: Watch<'_>,
) -> bool {
    let numbered = numbered(snapshot, fields);
    let places: HashMap<&[Value], usize> = groups
        .iter()
        .enumerate()
        .map(|(at, group)| (&*group.key, at))
        .collect();
    let pass = Pass::new(snapshot.segments.len(), watch);
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

/// All combinations of the fields' values among the matches: most first, ties by value. `None` where there are more
/// than so many: then it is given up before they take much memory.
pub fn group(
    snapshot: &Snapshot,
    matches: &Matches,
    fields: &[Arc<str>],
    failed: &Part,
    most: usize,
) -> Option<Vec<Group>> {
    let pass = Pass::new(snapshot.segments.len(), UNWATCHED);
    // Those that are counted in parallel may be the same ones.
    let pass = pass.up_to(most.saturating_mul(2));
    let groups = gathered(snapshot, matches, fields, failed, None, &pass)?;
    (groups.len() <= most).then_some(groups)
}

/// The same among the matches of all parts of the filter but one. `None` where it was stopped.
pub fn group_without(
    snapshot: &Snapshot,
    matches: &Matches,
    fields: &[Arc<str>],
    failed: &Part,
    without: Option<usize>,
    watch: Watch<'_>,
) -> Option<Vec<Group>> {
    let pass = Pass::new(snapshot.segments.len(), watch);
    gathered(snapshot, matches, fields, failed, without, &pass)
}

fn gathered(
    snapshot: &Snapshot,
    matches: &Matches,
    fields: &[Arc<str>],
    failed: &Part,
    without: Option<usize>,
    pass: &Pass<'_>,
) -> Option<Vec<Group>> {
    let vocabulary = &snapshot.vocabulary;
    let numbered = numbered(snapshot, fields);
    let statuses = Statuses::of(snapshot);
    let user = vocabulary.access(id::USER);
    let fold = |mut tallies: HashMap<Vec<Ordinal>, Tally>, at: usize| {
        if pass.is_stopped() {
            return tallies;
        }
        let segment = &snapshot.segments[at];
        let rows = matches.rows(at, without);
        let failing = failed.rows(segment, vocabulary);
        let mut key = Vec::with_capacity(numbered.len());
        let before = tallies.len();
        rows.for_each(segment.rows, |row| {
            key.clear();
            key.extend(numbered.iter().map(|n| n.ordinal(snapshot, segment, row)));
            if !tallies.contains_key(&key) {
                tallies.insert(key.clone(), Tally::default());
            }
            let Some(tally) = tallies.get_mut(&key) else {
                return;
            };
            tally.count += 1;
            tally.failed += u64::from(failing.contains(row));
            let time = segment.time(row);
            tally.first = tally.first.into_iter().chain(time).min();
            tally.last = tally.last.max(time);
            if let Some((column, access)) = &user {
                tally.user(access.of(segment.ordinal(*column, row)));
            }
            match statuses.of_row(segment, row) {
                (true, _) => {
                    tally.forbidden += 1;
                    let first = tally.first_forbidden.into_iter().chain(time);
                    tally.first_forbidden = first.min();
                }
                (_, true) => tally.last_ok = tally.last_ok.max(time),
                _ => {}
            }
        });
        pass.found(tallies.len() - before);
        pass.did_one();
        tallies
    };
    let join = |mut a: HashMap<Vec<Ordinal>, Tally>, b: HashMap<Vec<Ordinal>, Tally>| {
        for (key, tally) in b {
            a.entry(key).or_default().add(tally);
        }
        a
    };
    let tallies = (0..snapshot.segments.len())
        .into_par_iter()
        .fold(HashMap::new, fold)
        .reduce(HashMap::new, join);
    if pass.is_stopped() {
        return None;
    }
    let mut groups: Vec<Group> = tallies
        .into_iter()
        .map(|(key, tally)| Group {
            key: numbered
                .iter()
                .zip(key)
                .map(|(n, ordinal)| n.value(snapshot, ordinal))
                .collect(),
            count: tally.count,
            failed: tally.failed,
            users: tally.users.len() as u8,
            forbidden: tally.forbidden,
            admitted: tally
                .first_forbidden
                .is_some_and(|first| tally.last_ok > Some(first)),
            first: tally.first,
            last: tally.last,
            over_time: Vec::new(),
        })
        .collect();
    groups.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    Some(groups)
}
