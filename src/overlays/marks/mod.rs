//! Events marked by the user, with notes, in time order. They are identified by request id and time, so that they are
//! found again after a reload and in another source.

mod list;

use std::collections::BTreeMap;

use crate::config::{MARK_FIELDS, Marked, MarksWork};
use crate::engine::Noted;
use crate::model::{EventId, EventKey, Row};
use crate::panes::list::{UNNAMED, columns, key};
use crate::widgets::ListCursor;

pub use list::MarkList;

/// Maximum number of marks; they are meant for events that the user inspects one by one.
pub const MOST: usize = 1_000;

/// Marked events, and the state of commands on them.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    all: BTreeMap<EventKey, Marked>,
    pub cursor: ListCursor,
    /// Mark set last.
    latest: Option<EventKey>,
    /// Event selected in the mark list for a comparison.
    pub chosen: Option<EventKey>,
    /// Event whose note is being edited; true if started from the mark list.
    pub noting: Option<(Marked, bool)>,
}

fn marked(row: &Row) -> Marked {
    let EventKey { time, request } = key(row);
    let value = |field: &&str| columns::value(row, field).map(str::to_owned);
    Marked {
        request: request.to_string(),
        time,
        offset: row.offset,
        note: String::new(),
        values: MARK_FIELDS.iter().map(value).collect(),
    }
}

impl Marks {
    pub fn new(remembered: Vec<Marked>) -> Self {
        Self {
            all: remembered.into_iter().map(|m| (m.key(), m)).collect(),
            ..Self::default()
        }
    }

    /// Marks or unmarks an event. Returns true if it is marked now, and the change to store.
    pub fn toggle(&mut self, row: &Row) -> (bool, Option<MarksWork>) {
        let key = key(row);
        if self.all.contains_key(&key) {
            return (false, self.remove(&key));
        }
        self.latest = Some(key);
        (true, self.put(marked(row)))
    }

    /// Marks events. Returns the number of newly marked ones, and the change to store.
    pub fn add(&mut self, rows: &[Row]) -> (usize, Option<MarksWork>) {
        let is_new = |row: &&Row| self.get(row).is_none();
        let new: Vec<Marked> = rows.iter().filter(is_new).map(marked).collect();
        self.all.extend(new.iter().map(|m| (m.key(), m.clone())));
        let many = new.len();
        let kept: Vec<Marked> = new.into_iter().filter(|m| is_kept(&m.key())).collect();
        (many, (!kept.is_empty()).then_some(MarksWork::Put(kept)))
    }

    /// Removes the mark under the cursor of the list.
    pub fn remove_focused(&mut self) -> Option<MarksWork> {
        let key = self.focused()?.key();
        self.remove(&key)
    }

    fn remove(&mut self, key: &EventKey) -> Option<MarksWork> {
        self.all.remove(key);
        self.cursor.step(0, self.all.len());
        is_kept(key).then(|| MarksWork::Drop(key.clone()))
    }

    fn put(&mut self, marked: Marked) -> Option<MarksWork> {
        let key = marked.key();
        self.all.insert(key.clone(), marked.clone());
        is_kept(&key).then(|| MarksWork::Put(vec![marked]))
    }

    /// Starts editing the note of an event. Returns its current note.
    pub fn begin_note(&mut self, row: &Row) -> String {
        let marked = self.get(row).cloned().unwrap_or_else(|| marked(row));
        let note = marked.note.clone();
        self.noting = Some((marked, false));
        note
    }

    /// Starts editing the note of the event under the cursor of the mark list.
    pub fn begin_note_focused(&mut self) -> Option<String> {
        let marked = self.focused()?.clone();
        let note = marked.note.clone();
        self.noting = Some((marked, true));
        Some(note)
    }

    /// Stores the edited note and marks its event; an empty text removes the note.
    pub fn end_note(&mut self, note: &str) -> Option<MarksWork> {
        let (mut marked, _) = self.noting.take()?;
        note.clone_into(&mut marked.note);
        self.latest = Some(marked.key());
        self.put(marked)
    }

    pub fn get(&self, row: &Row) -> Option<&Marked> {
        self.all.get(&key(row))
    }

    pub fn find(&self, key: &EventKey) -> Option<&Marked> {
        self.all.get(key)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn all(&self) -> impl Iterator<Item = &Marked> {
        self.all.values()
    }

    /// All marks, in the form needed for exports.
    pub fn noted(&self) -> Vec<Noted> {
        let noted = |(key, marked): (&EventKey, &Marked)| Noted {
            key: key.clone(),
            id: (key.request.strip_prefix(UNNAMED))
                .and_then(|number| number.parse().ok())
                .map(EventId),
            note: marked.note.clone(),
        };
        self.all.iter().map(noted).collect()
    }

    pub fn focused(&self) -> Option<&Marked> {
        self.all.values().nth(self.cursor.at)
    }

    /// Nearest marked event after or before a row.
    pub fn next(&self, row: &Row, forward: bool) -> Option<EventKey> {
        let at = key(row);
        let found = if forward {
            let after = (std::ops::Bound::Excluded(at), std::ops::Bound::Unbounded);
            self.all.range(after).next()
        } else {
            self.all.range(..at).next_back()
        };
        found.map(|(key, _)| key.clone())
    }

    /// Event to compare with: the mark set last, or else the nearest one.
    pub fn other(&self, row: &Row) -> Option<EventKey> {
        let here = key(row);
        let latest = self
            .latest
            .clone()
            .filter(|key| *key != here && self.all.contains_key(key));
        latest
            .or_else(|| self.next(row, false))
            .or_else(|| self.next(row, true))
    }
}

/// Returns true if an event can be found again in another session.
fn is_kept(key: &EventKey) -> bool {
    !key.request.starts_with(UNNAMED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventId;

    fn row(id: u64, time: i64, request: Option<&str>) -> Row {
        let request_last = [None; 10].into_iter().chain([request]);
        Row {
            id: EventId(id),
            time: Some(time),
            offset: 0,
            values: request_last.map(|value| value.map(Into::into)).collect(),
        }
    }

    #[test]
    fn marks_are_walked_by_time_and_not_in_a_circle() {
        let mut marks = Marks::default();
        for (id, time) in [(1, 30), (2, 10), (3, 20)] {
            assert!(marks.toggle(&row(id, time, None)).0);
        }
        let time = |key: Option<EventKey>| key.and_then(|key| key.time);
        assert_eq!(time(marks.next(&row(2, 10, None), true)), Some(20));
        assert_eq!(time(marks.next(&row(9, 15, None), false)), Some(10));
        assert_eq!(marks.next(&row(1, 30, None), true), None);
        assert_eq!(marks.toggle(&row(3, 20, None)), (false, None));
        assert_eq!(marks.len(), 2);
    }

    #[test]
    fn the_same_event_of_another_source_is_marked_and_has_its_note() {
        let mut marks = Marks::default();
        let (_, work) = marks.toggle(&row(1, 30, Some("r1")));
        let Some(MarksWork::Put(saved)) = work else {
            panic!("it has a request id: {work:?}")
        };
        let mut again = Marks::new(saved);
        let elsewhere = row(77, 30, Some("r1"));
        assert!(again.get(&elsewhere).is_some());
        assert!(again.get(&row(1, 31, Some("r1"))).is_none());
        assert_eq!(again.begin_note(&elsewhere), "");
        assert!(matches!(again.end_note("odd"), Some(MarksWork::Put(m)) if m[0].note == "odd"));
        assert_eq!(again.begin_note(&elsewhere), "odd");
        assert!(matches!(
            again.toggle(&elsewhere),
            (false, Some(MarksWork::Drop(_)))
        ));
    }
}
