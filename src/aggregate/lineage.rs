//! History of the tags of a repository: pushes, overwrites and deletes in order, with the pulls of each version until
//! the next change of its tag. Works on the matches of a filter, which selects repository and tag.
//!
//! Only loaded events count: a push to a tag that was pushed before, and not deleted in between, is an overwrite.
//! Failed attempts are steps that change nothing. A pull is a request for a manifest by its tag; the log does not
//! contain the tag for requests by digest.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::matches::Matches;
use super::plan::Part;
use super::seen::{first_loaded, is_new};
use crate::index::{MISSING, Ordinal, Place, Rank, Snapshot};
use crate::model::time::Nanos;
use crate::model::{EventId, FieldId, Value, id, name};

/// Kind of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    Pushed,
    /// A push over an earlier push.
    Overwritten,
    Deleted,
    /// All tags were deleted with the repository.
    Dropped,
    PushFailed,
    DeleteFailed,
}

impl StepKind {
    /// Returns true if the step changes the tag.
    pub fn changes(self) -> bool {
        !matches!(self, Self::PushFailed | Self::DeleteFailed)
    }
}

/// Number of pulls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulls {
    pub count: u64,
    pub users: u64,
    pub addresses: u64,
    /// Failed pulls, which no other number includes.
    pub failed: u64,
}

/// A push or a delete.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub event: EventId,
    pub time: Option<Nanos>,
    pub deed: StepKind,
    pub tag: Value,
    pub user: Value,
    pub ip: Value,
    pub status: Value,
    pub network: Value,
    /// Its values that are new in the loaded data ([`super::is_new`]).
    pub new: NewValues,
    /// Times of the changes that start and end the version shown here.
    pub since: Option<Nanos>,
    pub until: Option<Nanos>,
}

/// Values of a step that are new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewValues {
    pub user: bool,
    pub ip: bool,
    pub network: bool,
}

impl NewValues {
    pub fn any(self) -> bool {
        self.user || self.ip || self.network
    }
}

/// A version of a tag that was pulled: the time from one change of the tag to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Index of the step that starts it; `None` before the first change of the tag.
    pub step: Option<usize>,
    pub tag: Value,
    /// Times of the changes that start and end it.
    pub since: Option<Nanos>,
    pub until: Option<Nanos>,
    pub pulls: Pulls,
}

/// The steps, oldest first, and the pulled versions in the order of their steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    pub steps: Vec<Step>,
    pub versions: Vec<Version>,
}

impl Lineage {
    /// Removes the oldest steps, with their versions, so that `most` remain. Returns their number.
    pub fn keep_newest(&mut self, most: usize) -> usize {
        let more = self.steps.len().saturating_sub(most);
        self.steps.drain(..more);
        self.versions.retain_mut(|version| match &mut version.step {
            Some(step) if *step < more => false,
            Some(step) => {
                *step -= more;
                true
            }
            None => true,
        });
        more
    }
}

/// Actions that count as a pull.
pub const PULLS: [&str; 2] = ["GetImageManifest", "HeadImageManifest"];

/// Class of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Push,
    Delete,
    Drop,
    Pull,
    Other,
}

impl Act {
    fn of(action: &str) -> Self {
        match action {
            "PutImageManifest" => Self::Push,
            "DeleteTag" | "DeleteImageManifest" => Self::Delete,
            "DeleteRepository" => Self::Drop,
            action if PULLS.contains(&action) => Self::Pull,
            _ => Self::Other,
        }
    }
}

/// An event that is part of a lineage.
#[derive(Clone, Copy, Debug)]
struct Found {
    place: Place,
    act: Act,
    failed: bool,
}

/// Reads the fields of a row by ordinal.
struct Reader<'a> {
    snapshot: &'a Snapshot,
    acts: Vec<Act>,
}

impl<'a> Reader<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let values = snapshot.vocabulary.values(id::ACTION);
        let act = |ordinal| Act::of(values.get(ordinal).unwrap_or_default());
        Self {
            snapshot,
            acts: (0..values.len()).map(act).collect(),
        }
    }

    fn ordinal(&self, place: Place, field: FieldId) -> Ordinal {
        match self.snapshot.vocabulary.access(field) {
            Some((column, access)) => {
                access.of(self.snapshot.segments[place.segment].ordinal(column, place.row))
            }
            None => MISSING,
        }
    }

    fn act(&self, place: Place) -> Act {
        let ordinal = self.ordinal(place, id::ACTION) as usize;
        self.acts.get(ordinal).copied().unwrap_or(Act::Other)
    }

    /// Returns the tag, or [`MISSING`] if it is missing or empty.
    fn tag(&self, place: Place) -> Ordinal {
        let ordinal = self.ordinal(place, id::TAG);
        let text = self.snapshot.vocabulary.values(id::TAG).get(ordinal);
        if text.is_none_or(str::is_empty) {
            MISSING
        } else {
            ordinal
        }
    }

    fn value(&self, place: Place, field: FieldId) -> Value {
        let text = self.snapshot.value(place, field)?;
        Some(Arc::from(&*text))
    }
}

/// The changes of each tag with their ranks, oldest first, as indexes of steps.
type Versions = HashMap<Ordinal, Vec<(Rank, usize)>>;

/// Builds the lineage of the matches. `failed` selects the failed attempts, see [`super::failed`]. Costs a pass over
/// the matches.
pub fn lineage(snapshot: &Snapshot, matches: &Matches, failed: &Part) -> Lineage {
    let reader = Reader::new(snapshot);
    let acts = |at: usize| {
        let segment = &snapshot.segments[at];
        let failing = failed.rows(segment, &snapshot.vocabulary);
        let mut changes = Vec::new();
        let mut pulls = Vec::new();
        matches.rows(at, None).for_each(segment.rows, |row| {
            let place = Place { segment: at, row };
            let found = Found {
                place,
                act: reader.act(place),
                failed: failing.contains(row),
            };
            match found.act {
                Act::Push | Act::Delete | Act::Drop => changes.push(found),
                Act::Pull => pulls.push(found),
                Act::Other => {}
            }
        });
        (changes, pulls)
    };
    let segments = 0..snapshot.segments.len();
    let (changes, pulls): (Vec<_>, Vec<_>) = segments.into_par_iter().map(acts).unzip();
    let mut changes: Vec<Found> = changes.into_iter().flatten().collect();
    changes.sort_by_key(|found| snapshot.rank(found.place));
    let (mut steps, versions) = steps(&reader, &changes);
    mark_new(snapshot, &mut steps);
    let versions = count_pulls(&reader, &pulls, &versions);
    Lineage { steps, versions }
}

/// Field, its value in a step, and the mark of a new value.
type Marker = (&'static str, fn(&Step) -> &Value, fn(&mut NewValues));

/// Marks the values of steps that are new in the loaded data.
fn mark_new(snapshot: &Snapshot, steps: &mut [Step]) {
    let Some(span) = snapshot.span() else {
        return;
    };
    let parts: [Marker; 3] = [
        (name::USER, |step| &step.user, |new| new.user = true),
        (name::IP, |step| &step.ip, |new| new.ip = true),
        (
            name::NETWORK,
            |step| &step.network,
            |new| new.network = true,
        ),
    ];
    for (field, value, mark) in parts {
        let values: HashSet<Value> = steps.iter().map(|step| value(step).clone()).collect();
        let values: Vec<Value> = values.into_iter().flatten().map(Some).collect();
        let firsts = first_loaded(snapshot, &field.into(), &values);
        let new = values.iter().zip(firsts);
        let new = new.filter(|(_, first)| first.is_some_and(|first| is_new(first, span)));
        let new: HashSet<&Value> = new.map(|(value, _)| value).collect();
        for step in steps.iter_mut() {
            if new.contains(value(step)) {
                mark(&mut step.new);
            }
        }
    }
}

/// Returns the steps, oldest first.
fn steps(reader: &Reader<'_>, changes: &[Found]) -> (Vec<Step>, Versions) {
    let snapshot = reader.snapshot;
    let mut steps: Vec<Step> = Vec::new();
    let mut versions = Versions::new();
    for Found { place, act, failed } in changes {
        let (tag, rank, at) = (reader.tag(*place), snapshot.rank(*place), steps.len());
        let last = versions.get(&tag).and_then(|all| all.last());
        let last = last.map(|(_, step)| *step);
        let there = last.is_some_and(|step| {
            matches!(steps[step].deed, StepKind::Pushed | StepKind::Overwritten)
        });
        let deed = match (act, failed) {
            (Act::Push, true) => StepKind::PushFailed,
            (_, true) => StepKind::DeleteFailed,
            (Act::Push, false) if there => StepKind::Overwritten,
            (Act::Push, false) => StepKind::Pushed,
            (Act::Drop, false) => StepKind::Dropped,
            (_, false) => StepKind::Deleted,
        };
        let since = if deed.changes() {
            rank.time
        } else {
            last.and_then(|step| steps[step].time)
        };
        steps.push(Step {
            event: snapshot.id(*place),
            time: rank.time,
            deed,
            tag: reader.value(*place, id::TAG).filter(|tag| !tag.is_empty()),
            user: reader.value(*place, id::USER),
            ip: reader.value(*place, id::IP),
            status: reader.value(*place, id::STATUS),
            network: reader.value(*place, id::NETWORK),
            new: NewValues::default(),
            since,
            until: None,
        });
        match deed {
            StepKind::Dropped => {
                for all in versions.values_mut() {
                    all.push((rank, at));
                }
            }
            deed if deed.changes() && tag != MISSING => {
                versions.entry(tag).or_default().push((rank, at));
            }
            _ => {}
        }
    }
    // Set the end of each version: the next change of its tag.
    let mut next: HashMap<Value, Nanos> = HashMap::new();
    let mut dropped = None;
    for step in steps.iter_mut().rev() {
        let own = next.get(&step.tag).copied();
        step.until = own.into_iter().chain(dropped).min();
        match (step.deed, step.time) {
            (StepKind::Dropped, Some(time)) => dropped = Some(time),
            (deed, Some(time)) if deed.changes() => {
                next.insert(step.tag.clone(), time);
            }
            _ => {}
        }
    }
    (steps, versions)
}

#[derive(Default)]
struct Tally {
    count: u64,
    failed: u64,
    users: HashSet<Ordinal>,
    addresses: HashSet<Ordinal>,
}

/// Counts the pulls of each version.
fn count_pulls(reader: &Reader<'_>, pulls: &[Vec<Found>], changes: &Versions) -> Vec<Version> {
    // By tag, then by the number of changes of the tag before.
    let mut tallies: HashMap<(Ordinal, usize), Tally> = HashMap::new();
    for Found { place, failed, .. } in pulls.iter().flatten() {
        let tag = reader.tag(*place);
        if tag == MISSING {
            continue;
        }
        let rank = reader.snapshot.rank(*place);
        let after = changes
            .get(&tag)
            .map_or(0, |all| all.partition_point(|(change, _)| *change < rank));
        let tally = tallies.entry((tag, after)).or_default();
        if *failed {
            tally.failed += 1;
            continue;
        }
        tally.count += 1;
        tally.users.insert(reader.ordinal(*place, id::USER));
        tally.addresses.insert(reader.ordinal(*place, id::IP));
    }
    let tags = reader.snapshot.vocabulary.values(id::TAG);
    let version = |((tag, after), tally): ((Ordinal, usize), Tally)| {
        let changes = changes.get(&tag).map_or(&[][..], Vec::as_slice);
        let start = after.checked_sub(1).map(|before| changes[before]);
        Version {
            step: start.map(|(_, step)| step),
            tag: tags.get(tag).map(Arc::from),
            since: start.and_then(|(rank, _)| rank.time),
            until: changes.get(after).and_then(|(rank, _)| rank.time),
            pulls: Pulls {
                count: tally.count,
                users: tally.users.len() as u64,
                addresses: tally.addresses.len() as u64,
                failed: tally.failed,
            },
        }
    };
    let mut versions: Vec<Version> = tallies.into_iter().map(version).collect();
    versions.sort_by(|a, b| (a.step, &a.tag).cmp(&(b.step, &b.tag)));
    versions
}
