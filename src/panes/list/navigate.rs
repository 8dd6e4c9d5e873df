//! Navigation in the list: to an end, to any event or time, back to a position on the screen.

use super::{Line, ListState, columns};
use crate::engine::Anchor;
use crate::model::{EventId, EventKey, Row, name};

/// Prefix of the number that identifies an event without a request id; valid for this session only.
pub const UNNAMED: char = '#';

/// Key of an event, independent of its source.
pub fn key(row: &Row) -> EventKey {
    let request = columns::value(row, name::REQUEST_ID).filter(|id| !id.is_empty());
    EventKey {
        time: row.time,
        request: request.map_or_else(|| format!("{UNNAMED}{}", row.id.0).into(), Into::into),
    }
}

impl ListState {
    /// Moves the cursor to a visible line, if it is an event.
    pub fn point(&mut self, line: usize) {
        let found = self.visible().get(line).copied();
        if let Some(Line::Row(index)) = found {
            self.follow &= index + 1 == self.window.rows.len();
            self.go_to(index);
        }
    }

    /// Moves to the oldest match and ends follow mode. Returns true if rows must be fetched.
    pub fn go_oldest(&mut self) -> bool {
        self.follow = false;
        if self.window.first == 0 && !self.window.rows.is_empty() {
            self.at = 0;
            self.go_to(0);
            return self.window.rows.len() < self.height;
        }
        self.going = Some(Anchor::Oldest);
        true
    }

    pub fn set_follow(&mut self, follow: bool) {
        self.follow = follow;
        self.going = follow.then_some(Anchor::Newest);
        self.place();
    }

    /// Moves to the last row without follow mode: in another order than time, it is not the newest.
    pub fn go_to_end(&mut self) {
        self.follow = false;
        self.going = Some(Anchor::Newest);
    }

    /// Moves to any event or time.
    pub fn go(&mut self, anchor: Anchor) {
        self.follow = anchor == Anchor::Newest;
        if let Anchor::Event { id, by: 0 } = anchor
            && let Some(index) = self.window.rows.iter().position(|row| row.id == id)
        {
            self.go_to(index);
            return;
        }
        self.going = Some(anchor);
    }

    /// Moves to any event, by its key.
    pub fn go_to_event(&mut self, key: EventKey) {
        self.follow = false;
        let here = self
            .window
            .rows
            .iter()
            .position(|row| self::key(row) == key);
        if let Some(index) = here {
            return self.go_to(index);
        }
        self.going = Some(key.time.map_or(Anchor::Oldest, Anchor::Time));
        self.wanted = Some(key);
    }

    /// Moves to an event and places it at a screen row.
    pub fn go_back(&mut self, id: EventId, at: usize) {
        self.follow = false;
        self.going = Some(Anchor::Event { id, by: 0 });
        self.returning = Some(at);
    }

    /// Moves to the first row, after the order has changed.
    pub fn go_to_start(&mut self) {
        self.follow = false;
        self.going = Some(Anchor::Oldest);
    }

    /// Sets if rows are in another order than time; such lists show no days and gaps.
    pub fn set_sorted(&mut self, sorted: bool) {
        self.sorted = sorted;
        self.arrange();
    }

    /// Ends follow mode: the view stays while events arrive.
    pub fn hold(&mut self) {
        self.follow = false;
    }
}
