//! Current filter, with undo and redo, and a switch that bypasses it temporarily.

use std::sync::Arc;

use super::view_state::ViewState;
use crate::query::Filter;

/// Maximum number of changes that can be undone.
const DEPTH: usize = 500;

/// Undo step: the filter before the change, and the view state that the change touched.
#[derive(Debug)]
struct Step {
    filter: Arc<Filter>,
    looks: ViewState,
}

/// The filter with its history.
#[derive(Debug, Default)]
pub struct Filters {
    current: Arc<Filter>,
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// While set, every event is shown, independent of the current filter.
    bypassed: bool,
    everything: Arc<Filter>,
    /// Filter in effect while the context of an event is open.
    aside: Option<Arc<Filter>>,
}

impl Filters {
    pub fn new(filter: Filter) -> Self {
        Self {
            current: Arc::new(filter),
            ..Self::default()
        }
    }

    /// Filter that the chips show, bypassed or not.
    pub fn current(&self) -> &Arc<Filter> {
        &self.current
    }

    /// Filter that decides which events are shown.
    pub fn effective(&self) -> &Arc<Filter> {
        if let Some(aside) = &self.aside {
            aside
        } else if self.bypassed {
            &self.everything
        } else {
            &self.current
        }
    }

    pub fn is_bypassed(&self) -> bool {
        self.bypassed
    }

    /// Puts `filter` into effect temporarily; the current filter is kept for later.
    pub fn set_aside(&mut self, filter: Filter) {
        self.aside = Some(Arc::new(filter));
    }

    pub fn is_aside(&self) -> bool {
        self.aside.is_some()
    }

    pub fn end_aside(&mut self) {
        self.aside = None;
    }

    /// Replaces the current filter as one undo step. `looks` is the state before the change of everything in the view
    /// that changes along with it. Returns true if the events shown may differ. A change ends the bypass, so that the
    /// user sees its effect.
    pub fn change(&mut self, filter: Filter, looks: ViewState) -> bool {
        let bypassed = std::mem::take(&mut self.bypassed) | self.aside.take().is_some();
        if filter == *self.current {
            if looks != ViewState::default() {
                self.note(looks);
            }
            return bypassed;
        }
        let old = std::mem::replace(&mut self.current, Arc::new(filter));
        self.push(Step { filter: old, looks });
        true
    }

    /// Adds an undo step for a change of view state alone; `looks` is the state before the change.
    pub fn note(&mut self, looks: ViewState) {
        let filter = self.current.clone();
        self.push(Step { filter, looks });
    }

    fn push(&mut self, step: Step) {
        self.undo.push(step);
        if self.undo.len() > DEPTH {
            self.undo.remove(0);
        }
        self.redo.clear();
    }

    /// Drops the undo steps that touched only the table of groups, when the table is closed.
    pub fn forget_group(&mut self) {
        let is_group =
            |step: &Step| Arc::ptr_eq(&step.filter, &self.current) && step.looks.is_group();
        while self.undo.last().is_some_and(is_group) {
            self.undo.pop();
        }
    }

    /// Undoes one change. `now` captures the current view state for redo. Returns the view state to restore; `None` if
    /// there is nothing to undo.
    pub fn undo(&mut self, now: impl FnOnce(&ViewState) -> ViewState) -> Option<ViewState> {
        let step = self.undo.pop()?;
        let (looks, ahead) = self.swap(step, now);
        self.redo.push(ahead);
        Some(looks)
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// Redoes one undone change; the counterpart of [`Self::undo`].
    pub fn redo(&mut self, now: impl FnOnce(&ViewState) -> ViewState) -> Option<ViewState> {
        let step = self.redo.pop()?;
        let (looks, behind) = self.swap(step, now);
        self.undo.push(behind);
        Some(looks)
    }

    fn swap(&mut self, step: Step, now: impl FnOnce(&ViewState) -> ViewState) -> (ViewState, Step) {
        let looks = now(&step.looks);
        let filter = std::mem::replace(&mut self.current, step.filter);
        self.bypassed = false;
        self.aside = None;
        (step.looks, Step { filter, looks })
    }

    /// Toggles between all events and the current filter.
    pub fn toggle_bypass(&mut self) {
        self.bypassed = !self.bypassed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::PickState;

    fn undo(filters: &mut Filters) -> bool {
        filters.undo(Clone::clone).is_some()
    }

    fn redo(filters: &mut Filters) -> bool {
        filters.redo(Clone::clone).is_some()
    }

    fn picked(user: &str) -> Filter {
        let mut filter = Filter::default();
        filter.set("user", &Some(user.into()), PickState::Include);
        filter
    }

    #[test]
    fn undo_and_redo_walk_the_same_way() {
        let mut filters = Filters::default();
        assert!(
            filters.change(picked("a"), ViewState::default())
                && filters.change(picked("b"), ViewState::default())
        );
        assert!(
            !filters.change(picked("b"), ViewState::default()),
            "no change, nothing to undo"
        );
        assert!(undo(&mut filters));
        assert_eq!(**filters.current(), picked("a"));
        assert!(redo(&mut filters) && !redo(&mut filters));
        assert_eq!(**filters.current(), picked("b"));
        assert!(undo(&mut filters) && undo(&mut filters) && !undo(&mut filters));
        assert!(filters.current().is_all());
    }

    #[test]
    fn a_new_change_forgets_what_was_undone() {
        let mut filters = Filters::default();
        filters.change(picked("a"), ViewState::default());
        undo(&mut filters);
        filters.change(picked("b"), ViewState::default());
        assert!(!redo(&mut filters));
    }

    #[test]
    fn bypass_shows_everything_and_keeps_the_chips() {
        let mut filters = Filters::new(picked("a"));
        filters.toggle_bypass();
        assert!(filters.effective().is_all());
        assert_eq!(**filters.current(), picked("a"));
        filters.toggle_bypass();
        assert_eq!(**filters.effective(), picked("a"));
    }
}
