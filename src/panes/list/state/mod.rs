//! The event list without its looks: a window of rows, the cursor, and which part of them is in view.
//!
//! The view is anchored to an event at a screen row. Row numbers serve only inside one window: when another
//! window arrives, the event under the cursor is looked up in it and put back on the same screen row.

mod gaps;

use super::columns::{self, Columns};
use crate::engine::{Anchor, Gap, Window};
use crate::model::time::Nanos;
use crate::model::zone::{Day, Zone};
use crate::model::{EventId, Row};

/// Pages of rows that are asked for on each side of the cursor.
const PAGES: usize = 3;

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// An event, by its index in the window.
    Row(usize),
    /// The first event after this line, by index, is on another day than the one before.
    Day(usize),
    /// A mark, by its index among the marks of the window.
    Mark(usize),
    /// A pause of an instance that is longer than usual ends with an event, by index; the pause by its index
    /// among the gaps.
    Gap(usize, usize),
}

/// What has to be fetched for the list to show what was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    pub anchor: Anchor,
    pub before: usize,
    pub after: usize,
}

#[derive(Debug)]
pub struct ListState {
    window: Window,
    lines: Vec<Line>,
    zone: Zone,
    /// Rows of the pane, without heading.
    height: usize,
    /// Index of the row under the cursor; meaningless while there are no rows.
    cursor: usize,
    /// The screen row the cursor stands on.
    at: usize,
    /// The newest event stays under the cursor as events come in.
    follow: bool,
    /// Where to go that lies outside the window; the cursor goes there when the window arrives.
    going: Option<Anchor>,
    /// The event that was under the cursor before a filter left nothing.
    last: Option<EventId>,
    columns: Columns,
    /// Pauses that are shown, by their end.
    gaps: Vec<Gap>,
    /// Columns that are scrolled out of view, after the first.
    pub skip: usize,
}

impl ListState {
    pub fn new(zone: Zone) -> Self {
        Self {
            window: Window::default(),
            lines: Vec::new(),
            zone,
            height: 1,
            cursor: 0,
            at: 0,
            follow: true,
            going: None,
            last: None,
            columns: Columns::default(),
            gaps: Vec::new(),
            skip: 0,
        }
    }

    pub fn row(&self, index: usize) -> Option<&Row> {
        self.window.rows.get(index)
    }

    pub fn window(&self) -> &Window {
        &self.window
    }

    /// The event under the cursor.
    pub fn focused(&self) -> Option<&Row> {
        self.window.rows.get(self.cursor)
    }

    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn is_following(&self) -> bool {
        self.follow
    }

    /// Whether the cursor is on its way to rows that are not here.
    pub fn is_going(&self) -> bool {
        self.going.is_some()
    }

    /// Rank of the event under the cursor among the matches.
    pub fn rank(&self) -> Option<u64> {
        self.focused()
            .map(|_| self.window.first + self.cursor as u64)
    }

    /// The lines in view, at most as many as the pane has rows for.
    pub fn visible(&self) -> &[Line] {
        let top = self
            .line_of_cursor()
            .saturating_sub(self.at)
            .min(self.lines.len());
        let end = (top + self.room()).min(self.lines.len());
        &self.lines[top..end]
    }

    /// How many of `matched` events lie below the last one in view.
    pub fn newer(&self, matched: u64) -> u64 {
        let last = self.visible().iter().rev().find_map(|line| match line {
            Line::Row(index) => Some(*index as u64),
            _ => None,
        });
        last.map_or(0, |last| {
            matched.saturating_sub(self.window.first + last + 1)
        })
    }

    /// Rows for lines: a held view keeps its last row for the count of newer events.
    pub fn room(&self) -> usize {
        if self.follow || self.height < 3 {
            self.height
        } else {
            self.height - 1
        }
    }

    /// Tells the list how many rows it has. Says whether more must be fetched for them.
    pub fn resize(&mut self, height: usize) -> bool {
        let height = height.max(1);
        if height == self.height {
            return false;
        }
        let grown = height > self.height;
        self.height = height;
        self.place();
        grown
    }

    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Shows other columns; their values have to be fetched.
    pub fn set_columns(&mut self, columns: Columns) {
        self.columns = columns;
        self.skip = 0;
        // What rows carry for columns of before stands where other values will.
        for row in &mut self.window.rows {
            row.values.truncate(columns::usual_values());
        }
    }

    pub fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
        self.arrange();
    }

    /// What to ask for: the way to where the cursor is going, else the neighbourhood of the cursor.
    pub fn fetch(&self) -> Fetch {
        let margin = self.height * PAGES;
        let (before, after) = (margin, margin + self.height);
        let focused = self.focused().map(|row| row.id).or(self.last);
        let anchor = match (self.going, focused) {
            (Some(anchor), _) => anchor,
            (None, Some(id)) if !self.follow => Anchor::Event { id, by: 0 },
            _ => Anchor::Newest,
        };
        match anchor {
            Anchor::Newest => Fetch {
                anchor,
                before: before + after,
                after: 1,
            },
            _ => Fetch {
                anchor,
                before,
                after,
            },
        }
    }

    /// Takes in a window that was fetched. `fetched` is the anchor it was asked with.
    pub fn arrive(&mut self, window: Window, fetched: Anchor) {
        let focused = self.focused().map(|row| row.id).or(self.last);
        self.last = focused;
        let moved = self.going.is_some_and(|going| going == fetched);
        let anchor = window
            .anchor
            .unwrap_or(0)
            .min(window.rows.len().saturating_sub(1));
        let found = focused.and_then(|id| window.rows.iter().position(|row| row.id == id));
        self.cursor = match (self.follow, moved, found) {
            (true, ..) => window.rows.len().saturating_sub(1),
            (false, false, Some(index)) => index,
            _ => anchor,
        };
        if moved {
            self.at = match fetched {
                Anchor::Oldest => 0,
                Anchor::Newest => self.room(),
                Anchor::Time(_) => self.room() / 3,
                Anchor::Event { by, .. } if by > 0 => self.room(),
                Anchor::Event { by, .. } if by < 0 => 0,
                Anchor::Event { .. } => self.at,
            };
            self.going = None;
        }
        self.window = window;
        self.arrange();
    }

    /// Moves the cursor by events; the view moves no more than it must. Says whether something must be
    /// fetched for it.
    pub fn step(&mut self, by: i64, matched: u64) -> bool {
        self.travel(by, matched, false)
    }

    /// Moves by pages or parts of them: the view moves along and the cursor stays on its screen row.
    pub fn page(&mut self, by: i64, matched: u64) -> bool {
        self.travel(by, matched, true)
    }

    fn travel(&mut self, by: i64, matched: u64, along: bool) -> bool {
        let Some(row) = self.focused() else {
            return false;
        };
        let id = row.id;
        if by < 0 {
            self.follow = false;
        }
        if let Some(Anchor::Event { id, by: pending }) = self.going {
            self.going = Some(Anchor::Event {
                id,
                by: pending + by,
            });
            return true;
        }
        let last = self.window.rows.len() as i64 - 1;
        let target = self.cursor as i64 + by;
        let outside =
            (target < 0 && self.window.first > 0) || (target > last && self.more_after(matched));
        if outside {
            self.going = Some(Anchor::Event { id, by });
        }
        let target = target.clamp(0, last) as usize;
        if along {
            self.cursor = target;
            self.place();
        } else {
            self.go_to(target);
        }
        outside || self.is_near_edge(matched)
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

    /// The first row in the window past the cursor (before it) that passes a test.
    pub fn find(&self, forward: bool, test: impl Fn(&Row) -> bool) -> Option<EventId> {
        let rows = &self.window.rows;
        let passes = |index: &usize| rows.get(*index).is_some_and(&test);
        let found = if forward {
            (self.cursor + 1..rows.len()).find(passes)
        } else {
            (0..self.cursor).rev().find(passes)
        };
        found.map(|index| rows[index].id)
    }

    fn more_after(&self, matched: u64) -> bool {
        self.window.first + (self.window.rows.len() as u64) < matched
    }

    fn is_near_edge(&self, matched: u64) -> bool {
        let margin = self.height * 3 / 2;
        let below = self.window.rows.len() - self.cursor;
        (self.cursor < margin && self.window.first > 0)
            || (below < margin && self.more_after(matched))
    }

    /// Puts the cursor on a row of the window; the view moves no more than it must.
    fn go_to(&mut self, index: usize) {
        let top = self.line_of_cursor() as i64 - self.at as i64;
        self.cursor = index;
        self.at = (self.line_of_cursor() as i64 - top).max(0) as usize;
        self.place();
    }

    /// Keeps the cursor in view, and no empty rows where there are lines to fill them.
    fn place(&mut self) {
        let line = self.line_of_cursor();
        let room = self.room();
        self.at = self.at.min(room.saturating_sub(1)).min(line);
        let below = self.lines.len().saturating_sub(line + 1);
        if self.follow {
            // What happened after the newest event is in view as well.
            self.at = room.saturating_sub(1 + below).min(line);
        }
        let empty = room.saturating_sub(self.at + 1).saturating_sub(below);
        self.at = (self.at + empty).min(room.saturating_sub(1)).min(line);
        // The line that says which day it is comes into view with the first event of the window.
        if line == self.at + 1
            && self.at + 1 < room
            && matches!(self.lines.first(), Some(Line::Day(_)))
        {
            self.at += 1;
        }
    }

    fn line_of_cursor(&self) -> usize {
        self.lines
            .iter()
            .position(|line| *line == Line::Row(self.cursor))
            .unwrap_or(0)
    }

    /// Builds the lines: rows with a line before each first event of a day, the pauses, and the marks.
    fn arrange(&mut self) {
        self.lines.clear();
        let mut day: Option<Day> = None;
        let mut marks = self.window.marks.iter().enumerate().peekable();
        let mut last: Option<Nanos> = None;
        for (index, row) in self.window.rows.iter().enumerate() {
            while let Some((mark, _)) = marks.next_if(|(_, (before, _))| *before <= index) {
                self.lines.push(Line::Mark(mark));
            }
            if let Some(gap) = last.zip(row.time).and_then(|(a, b)| self.longest_gap(a, b)) {
                self.lines.push(Line::Gap(index, gap));
            }
            last = row.time;
            let new = row.time.map(|time| self.zone.day(time, row.offset));
            if new.is_some() && new != day {
                self.lines.push(Line::Day(index));
                day = new;
            }
            self.lines.push(Line::Row(index));
        }
        self.lines.extend(marks.map(|(mark, _)| Line::Mark(mark)));
        self.place();
    }
}
