//! State of the event list: a window of rows, the cursor, and the visible part.
//!
//! The view is anchored to an event at a screen row. Row numbers are valid within one window only: when another window
//! arrives, the event under the cursor is looked up in it and placed at the same screen row.

mod gaps;
mod selection;

use super::columns::Columns;
use super::lines::{Line, lines};
use crate::engine::{Anchor, Gap, Window};
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::model::{EventId, EventKey, Row};

/// Pages of rows requested on each side of the cursor.
const PAGES: usize = 3;

/// Rows to fetch for the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    pub anchor: Anchor,
    pub before: usize,
    pub after: usize,
}

#[derive(Debug)]
pub struct ListState {
    pub(super) window: Window,
    pub(super) lines: Vec<Line>,
    pub(super) zone: Zone,
    /// Rows of the pane, without the heading.
    pub(super) height: usize,
    /// Index of the row under the cursor; meaningless without rows.
    pub(super) cursor: usize,
    /// Screen row of the cursor.
    pub(super) at: usize,
    /// Follow mode: the cursor stays on the newest event as events arrive.
    pub(super) follow: bool,
    /// Target outside the window; the cursor moves there when its window arrives.
    pub(super) going: Option<Anchor>,
    /// Key of the target event, if the target is given by key; `returning` is the screen row to place it at.
    pub(super) wanted: Option<EventKey>,
    pub(super) returning: Option<usize>,
    /// Event under the cursor before a filter matched nothing.
    pub(super) last: Option<EventId>,
    /// Rows are in another order than time.
    pub(super) sorted: bool,
    pub(super) columns: Columns,
    /// Gaps shown, ordered by their end.
    pub(super) gaps: Vec<Gap>,
    /// Event at which the selection started.
    selected: Option<EventId>,
    /// Number of columns scrolled out of view, after the first one.
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
            wanted: None,
            returning: None,
            last: None,
            sorted: false,
            columns: Columns::default(),
            gaps: Vec::new(),
            selected: None,
            skip: 0,
        }
    }

    pub fn row(&self, index: usize) -> Option<&Row> {
        self.window.rows.get(index)
    }

    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Fields whose value is first seen in a row, by its index.
    pub fn firsts(&self, index: usize) -> impl Iterator<Item = &str> {
        let all = &self.window.firsts;
        let from = all.partition_point(|(row, _)| *row < index);
        let of = all[from..].iter().take_while(move |(row, _)| *row == index);
        of.map(|(_, field)| &**field)
    }

    /// Event under the cursor.
    pub fn focused(&self) -> Option<&Row> {
        self.window.rows.get(self.cursor)
    }

    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Screen row of the cursor.
    pub fn cursor_line(&self) -> usize {
        self.at
    }

    pub fn is_following(&self) -> bool {
        self.follow
    }

    /// Returns true while the cursor waits for rows of its target.
    pub fn is_going(&self) -> bool {
        self.going.is_some()
    }

    /// Rank of the event under the cursor among the matches.
    pub fn rank(&self) -> Option<u64> {
        self.focused()
            .map(|_| self.window.first + self.cursor as u64)
    }

    /// Visible lines, at most as many as the pane has rows.
    pub fn visible(&self) -> &[Line] {
        let top = self
            .line_of_cursor()
            .saturating_sub(self.at)
            .min(self.lines.len());
        let end = (top + self.room()).min(self.lines.len());
        &self.lines[top..end]
    }

    /// Number of `matched` events below the last visible one.
    pub fn newer(&self, matched: u64) -> u64 {
        let last = self.visible().iter().rev().find_map(|line| match line {
            Line::Row(index) => Some(*index as u64),
            _ => None,
        });
        last.map_or(0, |last| {
            matched.saturating_sub(self.window.first + last + 1)
        })
    }

    /// Rows for lines: without follow mode, the last row is for the number of newer events.
    pub fn room(&self) -> usize {
        if self.follow || self.height < 3 {
            self.height
        } else {
            self.height - 1
        }
    }

    /// Sets the number of rows. Returns true if rows must be fetched.
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

    /// Columns for changes; the caller must then fetch their values.
    pub fn columns_mut(&mut self) -> &mut Columns {
        &mut self.columns
    }

    /// Replaces the columns; the caller must then fetch their values.
    pub fn set_columns(&mut self, mut columns: Columns) {
        columns.carry_what(&self.columns);
        self.columns = columns;
        self.skip = 0;
    }

    pub fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
        self.arrange();
    }

    /// Rows to request: around the target of the cursor, or around the cursor.
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

    /// Applies a window, requested with the anchor `fetched`. Returns false if the event to move to is not in it.
    pub fn arrive(&mut self, window: Window, fetched: Anchor) -> bool {
        let focused = self.focused().map(|row| row.id).or(self.last);
        self.last = focused;
        let moved = self.going.is_some_and(|going| going == fetched);
        let anchor = window
            .anchor
            .unwrap_or(0)
            .min(window.rows.len().saturating_sub(1));
        let found = focused.and_then(|id| window.rows.iter().position(|row| row.id == id));
        let wanted = self.wanted.take_if(|_| moved);
        let meant = wanted
            .as_ref()
            .and_then(|key| window.rows.iter().position(|row| super::key(row) == *key));
        self.cursor = match (self.follow, moved, found) {
            (true, ..) => window.rows.len().saturating_sub(1),
            (false, false, Some(index)) => index,
            _ => meant.unwrap_or(anchor),
        };
        if moved {
            self.at = match fetched {
                Anchor::Oldest => 0,
                Anchor::Newest => self.room(),
                Anchor::Time(_) | Anchor::Rank(_) => self.room() / 3,
                Anchor::Event { by, .. } if by > 0 => self.room(),
                Anchor::Event { by, .. } if by < 0 => 0,
                Anchor::Event { .. } => self.at,
            };
            self.at = self.returning.take().unwrap_or(self.at);
            self.going = None;
        }
        self.window = window;
        self.arrange();
        wanted.is_none() || meant.is_some()
    }

    /// Moves the cursor by events; scrolls no more than necessary. Returns true if rows must be fetched.
    pub fn step(&mut self, by: i64, matched: u64) -> bool {
        self.travel(by, matched, false)
    }

    /// Moves by pages or parts of them: the view scrolls and the cursor keeps its screen row.
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

    /// Returns true if the line above the cursor is the start of a day.
    pub fn is_first_of_day(&self) -> bool {
        self.lines.contains(&Line::Day(self.cursor))
    }

    /// Time and offset of the event before the cursor, if it is loaded.
    pub fn before_cursor(&self) -> Option<(Nanos, i32)> {
        let row = self.window.rows.get(self.cursor.checked_sub(1)?)?;
        Some((row.time?, row.offset))
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

    /// Moves the cursor to a row of the window; scrolls no more than necessary.
    pub(super) fn go_to(&mut self, index: usize) {
        let top = self.line_of_cursor() as i64 - self.at as i64;
        self.cursor = index;
        self.at = (self.line_of_cursor() as i64 - top).max(0) as usize;
        self.place();
    }

    /// Keeps the cursor visible, and leaves no empty rows while there are lines to fill them.
    pub(super) fn place(&mut self) {
        let line = self.line_of_cursor();
        let room = self.room();
        self.at = self.at.min(room.saturating_sub(1)).min(line);
        let below = self.lines.len().saturating_sub(line + 1);
        if self.follow {
            // Source events after the newest event are visible as well.
            self.at = room.saturating_sub(1 + below).min(line);
        }
        let empty = room.saturating_sub(self.at + 1).saturating_sub(below);
        self.at = (self.at + empty).min(room.saturating_sub(1)).min(line);
        // The day line above the first event of the window is visible together with it.
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

    /// Rebuilds the lines.
    pub(super) fn arrange(&mut self) {
        let gap = |after, until| self.longest_gap(after, until);
        self.lines = lines(&self.window, self.zone, self.sorted, gap);
        self.place();
    }
}
