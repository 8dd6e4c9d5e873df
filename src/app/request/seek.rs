//! What is sought or selected in the list, wherever it lies: asked of the engine, and what is done when it comes. And
//! pieces of the list themselves.

use std::sync::Arc;

use super::Topics;
use crate::app::{App, Effect};
use crate::engine::{Anchor, Range, RangeWant, SeekTarget, SeekWant, Window};
use crate::model::EventId;
use crate::overlays::marks::MOST as MOST_MARKS;
use crate::widgets::chips::field_name;
use crate::widgets::text;

/// What is done with the events of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Mark,
    /// Copied as lines of the list.
    Lines,
    /// Copied as the records that were read.
    Records,
}

/// Events that are copied at most.
const MOST_COPIES: usize = 100_000;

impl App {
    /// Looks for an event; the list goes there when it is found.
    pub fn seek(&mut self, seek: SeekWant) {
        self.asking.seek = Some(seek);
        self.need(Topics::SEEK);
    }

    /// Goes to what was sought, or says that there is none.
    pub(super) fn sought(&mut self, found: Option<EventId>) {
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

    /// Says what is first seen in the event that was gone to for that, once it is here.
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

    /// Shows a piece of the list, where it is surely the one that was asked for.
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

    /// Begins to select events from the one under the cursor on. Says whether there is one.
    pub fn select(&mut self) -> bool {
        let begun = self.panes.list.select();
        if begun {
            // Windows that are on their way know nothing of it.
            self.need(Topics::WINDOW);
        }
        begun
    }

    /// Does something with all selected events, and drops the selection. Says why not, where that is so.
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

    /// Does with the events of a selection what they were asked for.
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

    /// What is being done with a selection, in a word.
    pub(in crate::app) fn using(&self) -> &'static str {
        match self.asking.range {
            Some((_, Use::Mark)) => "marking",
            _ => "copying",
        }
    }

    /// What of a selection is asked.
    pub(super) fn range_want(&self) -> Option<RangeWant> {
        self.asking.range.as_ref().map(|(want, _)| want.clone())
    }
}

/// Whether a window of an answer that is not complete is the right one: the newest events are looked at
/// first, and an event that is there is the one meant. Anything else may be a stand-in for what comes later.
fn is_sure(window: &Window, anchor: Anchor) -> bool {
    match anchor {
        Anchor::Newest => true,
        Anchor::Event { id, by: 0 } => window.rows.iter().any(|row| row.id == id),
        Anchor::Event { .. } | Anchor::Oldest | Anchor::Time(_) | Anchor::Rank(_) => false,
    }
}
