//! Events that a person has marked, in the order of their time.

use std::collections::BTreeMap;

use crate::model::time::Nanos;
use crate::model::{EventId, Row};

/// The marked events: what a list of them shows, by time and number.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    rows: BTreeMap<(Option<Nanos>, EventId), Row>,
    pub cursor: usize,
}

impl Marks {
    /// Marks an event, or takes its mark away. Says whether it is marked now.
    pub fn toggle(&mut self, row: &Row) -> bool {
        let key = (row.time, row.id);
        if self.rows.remove(&key).is_some() {
            self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
            return false;
        }
        self.rows.insert(key, row.clone());
        true
    }

    pub fn has(&self, row: &Row) -> bool {
        self.rows.contains_key(&(row.time, row.id))
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    pub fn focused(&self) -> Option<&Row> {
        self.rows.values().nth(self.cursor)
    }

    /// The nearest marked event after a row, or before it.
    pub fn next(&self, row: &Row, forward: bool) -> Option<EventId> {
        let at = (row.time, row.id);
        if forward {
            let after = (std::ops::Bound::Excluded(at), std::ops::Bound::Unbounded);
            self.rows.range(after).next().map(|(key, _)| key.1)
        } else {
            self.rows.range(..at).next_back().map(|(key, _)| key.1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u64, time: i64) -> Row {
        Row {
            id: EventId(id),
            time: Some(time),
            offset: 0,
            values: Vec::new(),
        }
    }

    #[test]
    fn marks_are_walked_by_time_and_not_in_a_circle() {
        let mut marks = Marks::default();
        for (id, time) in [(1, 30), (2, 10), (3, 20)] {
            assert!(marks.toggle(&row(id, time)));
        }
        assert_eq!(marks.next(&row(2, 10), true), Some(EventId(3)));
        assert_eq!(marks.next(&row(9, 15), false), Some(EventId(2)));
        assert_eq!(marks.next(&row(1, 30), true), None);
        assert!(!marks.toggle(&row(3, 20)) && marks.len() == 2);
    }
}
