//! Where the list is on its way to, and what is said of work that takes long.

use super::asking::Parts;
use super::{App, Times};
use crate::engine::{Anchor, Gap};
use crate::model::EventKey;
use crate::model::time::{Nanos, SECOND};

/// Work that takes longer is shown, and can be stopped.
pub(super) const SLOW: Nanos = SECOND / 5;

impl App {
    /// What a person has waited for long enough to be told.
    pub fn slow_work(&self) -> Option<&'static str> {
        let (parts, since) = self.waited_for()?;
        if self.clock < since + SLOW {
            return None;
        }
        Some(match parts {
            parts if parts.has(Parts::SEEK) => "searching",
            parts if parts.has(Parts::GROUP) => "grouping",
            parts if parts.has(Parts::WINDOW) && self.sort.is_some() => "sorting",
            _ => "counting",
        })
    }

    /// Whether the screen changes by the passing of time alone.
    pub fn is_ticking(&self) -> bool {
        self.is_live() || self.times == Times::Ages || self.slow_work().is_some()
    }

    /// Goes back from a question that takes long: to the order of time, or to the filter before. Says whether
    /// there was anything to go back from.
    pub fn stop_asking(&mut self) -> bool {
        if self.slow_work().is_none() {
            return false;
        }
        if self.sort.is_some() {
            self.set_sort(None);
            self.tell("stopped: the list is by time again");
        } else {
            self.undo();
            self.tell("stopped: the filter before is back");
        }
        true
    }

    /// Shows the pauses of the instances that the picks leave.
    pub(super) fn place_gaps(&mut self) {
        let filter = self.filters.effective();
        let pick = filter.pick("instance_id");
        let shown = |gap: &&Gap| {
            pick.is_none_or(|pick| {
                (pick.include.is_empty() || pick.include.contains(&gap.instance))
                    && !pick.exclude.contains(&gap.instance)
            })
        };
        let gaps = self.gaps.iter().flat_map(|gaps| gaps.iter());
        let gaps = gaps.filter(shown).cloned().collect();
        self.list.set_gaps(gaps);
    }

    /// Goes to an event or a time, wherever it lies.
    pub fn go(&mut self, anchor: Anchor) {
        self.list.go(anchor);
        self.need(Parts::WINDOW);
    }

    /// Goes to an event by what it is known by, whatever source it is in.
    pub fn go_to(&mut self, key: EventKey) {
        self.list.go_to_event(key);
        self.need(Parts::WINDOW);
    }
}
