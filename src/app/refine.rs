//! Changes of the filter by a person, and what follows from each: every pane asks anew, the cursor stays.

use super::App;
use super::request::Topics;
use super::view_state::ViewState;
use crate::model::Value;
use crate::query::{Filter, PickState, TimeRange};

/// What can be done to one value of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refinement {
    /// Include it, or drop it from the picks where it is one already.
    Toggle,
    Include,
    Exclude,
    /// The field's picks become this one value.
    Only,
}

impl App {
    /// Changes the filter by one undoable step. Says whether that changed anything.
    pub fn refine(&mut self, change: impl FnOnce(&mut Filter)) -> bool {
        self.refine_with(ViewState::default(), change)
    }

    /// The same where looks change along with the filter; they are given as they were before.
    pub fn refine_with(&mut self, looks: ViewState, change: impl FnOnce(&mut Filter)) -> bool {
        let mut filter = (**self.filters.current()).clone();
        change(&mut filter);
        let changed = self.filters.change(filter, looks);
        if changed {
            self.need_all();
        }
        changed
    }

    pub fn refine_value(&mut self, field: &str, value: &Value, how: Refinement) {
        self.refine(|filter| {
            let now = filter.state(field, value);
            match how {
                Refinement::Toggle if now == PickState::None => {
                    filter.set(field, value, PickState::Include);
                }
                Refinement::Toggle => filter.set(field, value, PickState::None),
                // The same key again takes it back: include and exclude are states, not steps.
                Refinement::Include if now == PickState::Include => {
                    filter.set(field, value, PickState::None);
                }
                Refinement::Exclude if now == PickState::Exclude => {
                    filter.set(field, value, PickState::None);
                }
                Refinement::Include => filter.set(field, value, PickState::Include),
                Refinement::Exclude => filter.set(field, value, PickState::Exclude),
                Refinement::Only => filter.only(field, value),
            }
        });
    }

    pub fn set_range(&mut self, range: TimeRange) {
        self.refine(|filter| filter.range = range);
    }

    pub fn undo(&mut self) {
        let mut filters = std::mem::take(&mut self.filters);
        let looks = filters.undo(|looks| self.looks_like(looks));
        self.filters = filters;
        self.went(looks, "nothing to undo");
    }

    pub fn redo(&mut self) {
        let mut filters = std::mem::take(&mut self.filters);
        let looks = filters.redo(|looks| self.looks_like(looks));
        self.filters = filters;
        self.went(looks, "nothing to redo");
    }

    fn went(&mut self, looks: Option<ViewState>, nothing: &str) {
        match looks {
            Some(looks) => {
                self.look(looks);
                self.need_all();
            }
            None => self.tell(nothing),
        }
    }

    pub fn toggle_bypass(&mut self) {
        if self.leave_context() {
            return;
        }
        if self.filters.current().is_all() {
            return self.tell("no filter to bypass");
        }
        self.filters.toggle_bypass();
        self.need_all();
    }

    pub fn set_follow(&mut self, follow: bool) {
        if follow {
            // What is newest is the last event by time only.
            self.set_sort(None);
        }
        self.panes.list.set_follow(follow);
        self.view.paused &= !follow;
        if follow {
            self.need(Topics::WINDOW);
        }
    }
}
