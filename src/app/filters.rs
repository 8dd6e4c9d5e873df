//! The filter in force, and the way back: undo, redo, and the switch that shows everything for a while.

use std::sync::Arc;

use crate::query::Filter;

/// How many changes can be undone.
const DEPTH: usize = 500;

/// The filter with its history.
#[derive(Debug, Default)]
pub struct Filters {
    current: Arc<Filter>,
    undo: Vec<Arc<Filter>>,
    redo: Vec<Arc<Filter>>,
    /// Everything is shown, whatever the filter says.
    bypassed: bool,
    everything: Arc<Filter>,
    /// Decides what is shown while the neighbours of an event are looked at.
    aside: Option<Arc<Filter>>,
}

impl Filters {
    pub fn new(filter: Filter) -> Self {
        Self {
            current: Arc::new(filter),
            ..Self::default()
        }
    }

    /// The filter as it stands on the chips, bypassed or not.
    pub fn current(&self) -> &Arc<Filter> {
        &self.current
    }

    /// The filter that decides what is shown.
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

    /// Shows what another filter lets through, the one in force kept for later.
    pub fn set_aside(&mut self, filter: Filter) {
        self.aside = Some(Arc::new(filter));
    }

    pub fn is_aside(&self) -> bool {
        self.aside.is_some()
    }

    pub fn end_aside(&mut self) {
        self.aside = None;
    }

    /// Puts another filter in force; undoable. Says whether anything changed. A change ends the bypass:
    /// whoever picks a value wants to see what it does.
    pub fn change(&mut self, filter: Filter) -> bool {
        let bypassed = std::mem::take(&mut self.bypassed) | self.aside.take().is_some();
        if filter == *self.current {
            return bypassed;
        }
        let old = std::mem::replace(&mut self.current, Arc::new(filter));
        self.undo.push(old);
        if self.undo.len() > DEPTH {
            self.undo.remove(0);
        }
        self.redo.clear();
        true
    }

    pub fn undo(&mut self) -> bool {
        let Some(filter) = self.undo.pop() else {
            return false;
        };
        self.redo.push(std::mem::replace(&mut self.current, filter));
        self.bypassed = false;
        self.aside = None;
        true
    }

    pub fn redo(&mut self) -> bool {
        let Some(filter) = self.redo.pop() else {
            return false;
        };
        self.undo.push(std::mem::replace(&mut self.current, filter));
        self.bypassed = false;
        self.aside = None;
        true
    }

    /// Shows everything, or goes back to the filter.
    pub fn toggle_bypass(&mut self) {
        self.bypassed = !self.bypassed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::PickState;

    fn picked(user: &str) -> Filter {
        let mut filter = Filter::default();
        filter.set("user", &Some(user.into()), PickState::Include);
        filter
    }

    #[test]
    fn undo_and_redo_walk_the_same_way() {
        let mut filters = Filters::default();
        assert!(filters.change(picked("a")) && filters.change(picked("b")));
        assert!(!filters.change(picked("b")), "no change, nothing to undo");
        assert!(filters.undo());
        assert_eq!(**filters.current(), picked("a"));
        assert!(filters.redo() && !filters.redo());
        assert_eq!(**filters.current(), picked("b"));
        assert!(filters.undo() && filters.undo() && !filters.undo());
        assert!(filters.current().is_all());
    }

    #[test]
    fn a_new_change_forgets_what_was_undone() {
        let mut filters = Filters::default();
        filters.change(picked("a"));
        filters.undo();
        filters.change(picked("b"));
        assert!(!filters.redo());
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
