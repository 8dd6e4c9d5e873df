//! Searches for events in all loaded data, use of selections, and arrival of list windows.

use std::sync::Arc;

use super::Topics;
use crate::app::{App, Effect};
use crate::engine::{Anchor, Range, RangeWant, SeekTarget, SeekWant, Window};
use crate::model::EventId;
use crate::overlays::marks::MOST as MOST_MARKS;
use crate::widgets::chips::field_name;
use crate::widgets::text;

/// Use of the events of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Mark,
    /// Copy as lines of the list.
    Lines,
    /// Copy as raw records.
    Records,
}

/// Maximum number of events that can be copied.
const MOST_COPIES: usize = 100_000;

impl App {
    /// Searches for an event; the list moves there once it is found.
    pub fn seek(&mut self, seek: SeekWant) {
        self.asking.seek = Some(seek);
        self.need(Topics::SEEK);
    }

    /// Moves to the event that was found, or reports that there is none.
    pub(super) fn needle(&mut self, found: Option<EventId>) {
        let seek = self.asking.seek.take();
        let first = seek
            .as_ref()
            .is_some_and(|s| s.what == SeekTarget::FirstSeen);
        let what = if first { "first-seen value" } else { "match" };
        let side = if seek.is_none_or(|seek| seek.forward) {
            "after"
        } else {
            "before"
        };
        match found {
            Some(id) => {
                self.go(Anchor::Event { id, by: 0 });
                self.asking.first = first.then_some(id);
                self.tell_first();
            }
            None => self.tell(format!("no {what} {side} this event")),
        }
    }

    /// Reports the first-seen values of the event the list moved to, once it is loaded.
    pub(super) fn tell_first(&mut self) {
        let here = self.panes.list.focused().map(|row| row.id);
        if here.is_none() || here != self.asking.first {
            return;
        }
        self.asking.first = None;
        let (Some(row), Some(long)) = (self.panes.list.focused(), self.looked_back()) else {
            return;
        };
        let value = |field: &&str| {
            let value = self.panes.list.columns().value(row, field)?;
            Some(format!("{} {value}", field_name(field)))
        };
        let firsts = self.firsts_here();
        let values: Vec<String> = firsts.iter().filter_map(value).collect();
        if !values.is_empty() {
            self.tell(format!(
                "first in loaded data ({long}): {}",
                values.join(", ")
            ));
        }
    }

    /// Shows a window of the list, if it is certain to be the requested one.
    pub(super) fn arrived(&mut self, window: Window, anchor: Anchor, complete: bool) {
        if !complete && !is_sure(&window, anchor) {
            return;
        }
        let lost = window.also.is_none() && complete && self.panes.list.selected().is_some();
        if !self.panes.list.arrive(window, anchor) {
            self.tell("event not found: it is filtered out (~ shows all) or not loaded");
        }
        self.tell_first();
        if lost && self.panes.list.unselect() {
            self.tell("selection cleared: its first event is no longer shown");
        }
    }

    /// Starts a selection at the event under the cursor. Returns false if there is none.
    pub fn select(&mut self) -> bool {
        let begun = self.panes.list.select();
        if begun {
            // Windows already requested do not include the selection.
            self.need(Topics::WINDOW);
        }
        begun
    }

    /// Uses all selected events and clears the selection. The error says why that is not possible.
    pub fn use_selection(&mut self, what: Use) -> Result<(), String> {
        let ends = self
            .panes
            .list
            .selected_ends()
            .ok_or("no events selected")?;
        let most = if what == Use::Mark {
            MOST_MARKS
        } else {
            MOST_COPIES
        };
        let many = self
            .panes
            .list
            .selection()
            .map_or(0, |(low, high)| high - low + 1);
        if many > most as u64 {
            let (many, most) = (text::grouped(many), text::grouped(most as u64));
            return Err(format!("{many} events selected; the limit is {most}"));
        }
        let range = RangeWant {
            ends,
            most,
            columns: self.panes.list.columns().fields(),
            order: self.view.sort.clone(),
            records: what == Use::Records,
        };
        self.asking.range = Some((range, what));
        self.need(Topics::RANGE);
        self.panes.list.unselect();
        Ok(())
    }

    /// Applies the use that was requested for the events of a selection.
    pub(super) fn selected(&mut self, range: &Range, effects: &mut Vec<Effect>) {
        let Some((_, what)) = self.asking.range.take() else {
            return;
        };
        let many = text::counted(range.rows.len() as u64, "event");
        let text = match what {
            Use::Mark => {
                let (new, work) = self.session.marks.add(&range.rows);
                effects.extend(work.map(Effect::Marks));
                let all = self.session.marks.len();
                let new = text::grouped(new as u64);
                return self.tell(format!("marked {many} ({new} new); {all} marked in total"));
            }
            Use::Lines => {
                let lines = range.rows.iter().map(|row| self.line_of(row));
                lines.collect::<Vec<_>>().join("\n")
            }
            Use::Records => {
                let records: Vec<&str> = range.records.iter().map(Arc::as_ref).collect();
                records.join("\n")
            }
        };
        effects.push(Effect::Copy { text, what: many });
    }

    /// Verb for the use in progress of a selection.
    pub(in crate::app) fn using(&self) -> &'static str {
        match self.asking.range {
            Some((_, Use::Mark)) => "marking",
            _ => "copying",
        }
    }

    /// Part of the request that fetches the selected events.
    pub(super) fn range_want(&self) -> Option<RangeWant> {
        self.asking.range.as_ref().map(|(want, _)| want.clone())
    }
}

/// Returns true if a window of an incomplete answer is certain to be the requested one. The newest events are processed
/// first, so the newest window is certain, and so is one that contains the requested event. Any other may be replaced
/// by later parts.
fn is_sure(window: &Window, anchor: Anchor) -> bool {
    match anchor {
        Anchor::Newest => true,
        Anchor::Event { id, by: 0 } => window.rows.iter().any(|row| row.id == id),
        Anchor::Event { .. } | Anchor::Oldest | Anchor::Time(_) | Anchor::Rank(_) => false,
    }
}
