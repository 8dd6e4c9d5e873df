//! Drill-down from a line of an overlay to its events. Escape restores the overlay, the filter and the position in the
//! list, as long as the filter is still the one that the line set.

use std::sync::Arc;

use super::App;
use super::layout::PaneId;
use super::request::Topics;
use crate::engine::Sort;
use crate::model::EventId;
use crate::overlays::Overlay;
use crate::query::Filter;

/// State to restore when the user comes back from a drill-down.
#[derive(Clone, Debug)]
pub(super) struct DrillDown {
    overlay: Overlay,
    /// Filter that the drill-down set; `changed` is false if it equals the filter before.
    filter: Arc<Filter>,
    changed: bool,
    /// Event under the cursor, its screen row and follow mode before the drill-down.
    event: Option<EventId>,
    at: usize,
    follow: bool,
    focus: PaneId,
    sort: Option<Sort>,
}

impl App {
    /// Closes the overlay and shows the events that match `filter`, with the cursor on `to` if given. One undo step.
    pub fn set_out(&mut self, filter: Filter, to: Option<EventId>) {
        let Some(overlay) = self.overlay.take() else {
            return;
        };
        let event = self.panes.list.focused().map(|row| row.id);
        let (at, follow) = (
            self.panes.list.cursor_line(),
            self.panes.list.is_following(),
        );
        let (focus, sort) = (self.screen.focus, self.view.sort.clone());
        let changed = self.refine(|now| *now = filter);
        self.screen.focus = PaneId::List;
        if let Some(event) = to {
            self.panes.list.go_back(event, 0);
            self.need(Topics::WINDOW);
        }
        self.view.trail = Some(DrillDown {
            overlay,
            filter: Arc::clone(self.filters.current()),
            changed,
            event,
            at,
            follow,
            focus,
            sort,
        });
    }

    /// Returns true if escape leads back to an overlay.
    pub fn is_set_out(&self) -> bool {
        let here = |trail: &DrillDown| Arc::ptr_eq(&trail.filter, self.filters.current());
        self.view.trail.as_ref().is_some_and(here)
    }

    /// Title of the overlay that escape leads back to.
    pub fn set_out_from(&self) -> Option<&'static str> {
        let trail = self.view.trail.as_ref().filter(|_| self.is_set_out())?;
        Some(trail.overlay.panel().spec().title)
    }

    /// Restores the state before [`Self::set_out`]. Returns false if there is none to restore.
    pub fn come_back(&mut self) -> bool {
        if !self.is_set_out() {
            return false;
        }
        let Some(trail) = self.view.trail.take() else {
            return false;
        };
        self.overlay = Some(trail.overlay);
        if trail.changed {
            self.undo();
        }
        self.set_sort(trail.sort);
        self.screen.focus = trail.focus;
        match trail.event {
            Some(event) if !trail.follow => self.panes.list.go_back(event, trail.at),
            _ => self.panes.list.set_follow(true),
        }
        self.need_all();
        true
    }
}
