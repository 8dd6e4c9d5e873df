//! Where the list goes: to an end, to an event or a time that may be anywhere, back to a place on the screen.

use super::{Line, ListState, columns};
use crate::engine::Anchor;
use crate::model::{EventId, EventKey, Row, name};

/// Before the number of an event that has no request id: it is known only as long as the session lasts.
pub const UNNAMED: char = '#';

/// What an event is known by, whatever source it is in.
pub fn key(row: &Row) -> EventKey {
    let request = columns::value(row, name::REQUEST_ID).filter(|id| !id.is_empty());
    EventKey {
        time: row.time,
        request: request.map_or_else(|| format!("{UNNAMED}{}", row.id.0).into(), Into::into),
    }
}

impl ListState {
    /// Puts the cursor on a line in view, where that is an event.
    pub fn point(&mut self, line: usize) {
        let found = self.visible().get(line).copied();
        if let Some(Line::Row(index)) = found {
            self.follow &= index + 1 == self.window.rows.len();
            self.go_to(index);
        }
    }

    /// Goes to the oldest match, or to the newest one and stays with it.
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

    /// Goes to the last row without staying with it: in another order than that of time it is not the newest.
    pub fn go_to_end(&mut self) {
        self.follow = false;
        self.going = Some(Anchor::Newest);
    }

    /// Goes to an event or a time that may be anywhere.
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

    /// Goes to an event that may be anywhere, known by its key.
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

    /// Goes to an event, which is to stand on a screen row.
    pub fn go_back(&mut self, id: EventId, at: usize) {
        self.follow = false;
        self.going = Some(Anchor::Event { id, by: 0 });
        self.returning = Some(at);
    }

    /// Begins anew at the first row of another order.
    pub fn go_to_start(&mut self) {
        self.follow = false;
        self.going = Some(Anchor::Oldest);
    }

    /// Whether the rows are in another order than that of time: no days and pauses then.
    pub fn set_sorted(&mut self, sorted: bool) {
        self.sorted = sorted;
        self.arrange();
    }

    /// Stays where it is as events come in.
    pub fn hold(&mut self) {
        self.follow = false;
    }
}
