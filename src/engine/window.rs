//! Assembles a window of the list for the screen: finds the positions and fills the rows with column values.

use std::sync::Arc;

use super::request::{Anchor, Range, RangeWant, Window, WindowWant};
use crate::aggregate::{self, Matches, Progress};
use crate::export::events;
use crate::index::{Place, Snapshot};
use crate::model::{EventId, FieldId, Mark, Row};

/// A window of the matches in time order.
pub(super) fn window(snapshot: &Snapshot, matches: &Matches, want: &WindowWant) -> Window {
    let columns = fields(snapshot, &want.columns);
    let found = aggregate::window(snapshot, matches, want.anchor, want.before, want.after);
    let rows: Vec<Row> = found
        .places
        .iter()
        .map(|place| row(snapshot, *place, &columns))
        .collect();
    let times = rows.iter().map(|row| row.time);
    let (oldest, newest) = (times.clone().flatten().min(), times.flatten().max());
    let at_start = found.first == 0;
    let at_end = found.first + rows.len() as u64 >= matches.matched;
    let evicted = evicted_mark(snapshot);
    let from = |mark: &Mark| oldest.is_some_and(|o| o <= mark.time);
    let marks = evicted
        .iter()
        .filter(|mark| at_start || from(mark))
        .chain(snapshot.marks.iter().filter(|mark| from(mark)))
        .filter(|mark| newest.is_some_and(|n| mark.time < n || at_end))
        .map(|mark| {
            (
                rows.partition_point(|row| row.time <= Some(mark.time)),
                mark.clone(),
            )
        })
        .collect();
    Window {
        first: found.first,
        anchor: found.anchor,
        rows,
        marks,
        firsts: Vec::new(),
        also: want.also.and_then(|id| rank(snapshot, matches, id)),
    }
}

/// The mark at the time from which data is complete, if older events were evicted.
fn evicted_mark(snapshot: &Snapshot) -> Option<Mark> {
    let gone = snapshot.evicted;
    let events = if gone.events == 1 { "event" } else { "events" };
    gone.newest.map(|time| Mark {
        time,
        text: format!(
            "data is complete from here on: {} older {events} evicted at the memory limit",
            gone.events
        ),
    })
}

fn fields(snapshot: &Snapshot, names: &[Arc<str>]) -> Vec<Option<FieldId>> {
    let field = |name: &Arc<str>| snapshot.vocabulary.field(name);
    names.iter().map(field).collect()
}

/// A window of the matches in another order than by time.
pub(super) fn sorted_window(
    snapshot: &Snapshot,
    matches: &Matches,
    want: &WindowWant,
    sorted: &[EventId],
) -> Window {
    let Some(last) = sorted.len().checked_sub(1) else {
        return Window::default();
    };
    // The event itself, or the match nearest to it in time.
    let nearest = |anchor: Anchor| {
        let found = aggregate::window(snapshot, matches, anchor, 0, 1);
        place_in(sorted, snapshot.id(*found.places.first()?))
    };
    let (at, by) = match want.anchor {
        Anchor::Oldest => (Some(0), 0),
        Anchor::Newest => (Some(last), 0),
        Anchor::Event { id, by } => (nearest(Anchor::Event { id, by: 0 }), by),
        Anchor::Time(_) => (nearest(want.anchor), 0),
        Anchor::Rank(rank) => (usize::try_from(rank).ok().map(|at| at.min(last)), 0),
    };
    let anchor = (at.unwrap_or(0) as i64)
        .saturating_add(by)
        .clamp(0, last as i64) as usize;
    let first = anchor.saturating_sub(want.before);
    let end = (anchor + want.after.max(1)).min(sorted.len());
    let columns = fields(snapshot, &want.columns);
    let rows = sorted[first..end].iter();
    Window {
        first: first as u64,
        anchor: Some(anchor - first),
        rows: rows
            .filter_map(|id| Some(row(snapshot, snapshot.find(*id)?, &columns)))
            .collect(),
        marks: Vec::new(),
        firsts: Vec::new(),
        also: want
            .also
            .and_then(|id| place_in(sorted, id))
            .map(|at| at as u64),
    }
}

/// Position of an event in another order than by time.
fn place_in(sorted: &[EventId], id: EventId) -> Option<usize> {
    sorted.iter().position(|other| *other == id)
}

fn rank(snapshot: &Snapshot, matches: &Matches, id: EventId) -> Option<u64> {
    aggregate::rank_of(snapshot, matches, snapshot.find(id)?)
}

/// Events of a range between two progress reports.
const BEAT: usize = 1 << 10;

/// Returns the matches from one event to another; `sorted` if they are not ordered by time. `None` if it was stopped.
pub(super) fn range(
    snapshot: &Snapshot,
    matches: &Matches,
    want: &RangeWant,
    sorted: Option<&[EventId]>,
    watch: Progress<'_>,
) -> Option<Range> {
    let ends = [want.ends.0, want.ends.1];
    let places: Vec<Place> = match sorted {
        Some(sorted) => {
            let [Some(a), Some(b)] = ends.map(|id| place_in(sorted, id)) else {
                return Some(Range::default());
            };
            let range = sorted[a.min(b)..=a.max(b)].iter().take(want.most);
            range.filter_map(|id| snapshot.find(*id)).collect()
        }
        None => {
            let [Some(a), Some(b)] = ends.map(|id| rank(snapshot, matches, id)) else {
                return Some(Range::default());
            };
            let id = if a < b { ends[0] } else { ends[1] };
            let many = (a.abs_diff(b) + 1).min(want.most as u64) as usize;
            let anchor = Anchor::Event { id, by: 0 };
            aggregate::window(snapshot, matches, anchor, 0, many).places
        }
    };
    let columns = fields(snapshot, &want.columns);
    let mut found = Range::default();
    let mut raw = Vec::new();
    for (at, place) in places.iter().enumerate() {
        if at.is_multiple_of(BEAT) && !watch(at, places.len()) {
            return None;
        }
        found.rows.push(row(snapshot, *place, &columns));
        if want.records {
            raw.clear();
            events::json(snapshot, *place, &mut raw);
            found.records.push(String::from_utf8_lossy(&raw).into());
        }
    }
    Some(found)
}

/// Returns the values first seen in some rows, as row index and field name.
pub(super) fn firsts(
    snapshot: &Snapshot,
    firsts: &aggregate::FirstSeen,
    rows: &[Row],
) -> Vec<(usize, Arc<str>)> {
    let of = |(at, row): (usize, &Row)| {
        let place = snapshot.find(row.id);
        let fields = place
            .into_iter()
            .flat_map(|place| firsts.of(snapshot, place));
        fields
            .map(|field| (at, snapshot.vocabulary.name(field)))
            .collect::<Vec<_>>()
    };
    rows.iter().enumerate().flat_map(of).collect()
}

fn row(snapshot: &Snapshot, place: Place, columns: &[Option<FieldId>]) -> Row {
    let segment = &snapshot.segments[place.segment];
    Row {
        id: snapshot.id(place),
        time: segment.time(place.row),
        offset: segment
            .spelled(&snapshot.vocabulary, place.row)
            .map_or(0, |(_, offset)| offset),
        values: columns
            .iter()
            .map(|field| {
                field
                    .and_then(|field| snapshot.value(place, field))
                    .map(Arc::from)
            })
            .collect(),
    }
}
