//! A piece of the list as the screen gets it: places found, rows filled with the values of the columns.

use std::sync::Arc;

use super::request::{Anchor, Window, WindowWant};
use crate::aggregate::{self, Around, Matches};
use crate::index::{Place, Snapshot};
use crate::model::{EventId, FieldId, Mark, Row};

/// A piece of the matches in the order of time.
pub(super) fn window(snapshot: &Snapshot, matches: &Matches, want: &WindowWant) -> Window {
    let around = match want.anchor {
        Anchor::Oldest => Around::Oldest,
        Anchor::Newest => Around::Newest,
        Anchor::Event { id, by } => Around::Event { id, by },
        Anchor::Time(time) => Around::Time(time),
    };
    let columns = columns(snapshot, want);
    let found = aggregate::window(snapshot, matches, around, want.before, want.after);
    let rows: Vec<Row> = found
        .places
        .iter()
        .map(|place| row(snapshot, *place, &columns))
        .collect();
    let times = rows.iter().map(|row| row.time);
    let (oldest, newest) = (times.clone().flatten().min(), times.flatten().max());
    let at_start = found.first == 0;
    let at_end = found.first + rows.len() as u64 >= matches.matched;
    let let_go = let_go_mark(snapshot);
    let from = |mark: &Mark| oldest.is_some_and(|o| o <= mark.time);
    let marks = let_go
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
    }
}

/// Where the data begins to be whole, once older events were let go.
fn let_go_mark(snapshot: &Snapshot) -> Option<Mark> {
    let gone = snapshot.let_go;
    let events = if gone.events == 1 { "event" } else { "events" };
    gone.newest.map(|time| Mark {
        time,
        text: format!(
            "whole from here on: {} older {events} let go, the ceiling of memory is reached",
            gone.events
        ),
    })
}

fn columns(snapshot: &Snapshot, want: &WindowWant) -> Vec<Option<FieldId>> {
    let field = |name: &Arc<str>| snapshot.vocabulary.field(name);
    want.columns.iter().map(field).collect()
}

/// A piece of the matches in another order than that of time.
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
    let nearest = |around: Around| {
        let found = aggregate::window(snapshot, matches, around, 0, 1);
        let id = snapshot.id(*found.places.first()?);
        sorted.iter().position(|other| *other == id)
    };
    let (at, by) = match want.anchor {
        Anchor::Oldest => (Some(0), 0),
        Anchor::Newest => (Some(last), 0),
        Anchor::Event { id, by } => (nearest(Around::Event { id, by: 0 }), by),
        Anchor::Time(time) => (nearest(Around::Time(time)), 0),
    };
    let anchor = (at.unwrap_or(0) as i64)
        .saturating_add(by)
        .clamp(0, last as i64) as usize;
    let first = anchor.saturating_sub(want.before);
    let end = (anchor + want.after.max(1)).min(sorted.len());
    let columns = columns(snapshot, want);
    let rows = sorted[first..end].iter();
    Window {
        first: first as u64,
        anchor: Some(anchor - first),
        rows: rows
            .filter_map(|id| Some(row(snapshot, snapshot.find(*id)?, &columns)))
            .collect(),
        marks: Vec::new(),
    }
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
