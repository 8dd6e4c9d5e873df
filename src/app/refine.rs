//! Filter changes by the user, and their consequences: every pane is requested again, the cursor stays.

use super::App;
use super::request::Topics;
use super::view_state::ViewState;
use crate::model::Value;
use crate::query::{Filter, PickState, TimeRange};

/// Change of one value of one field in the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refinement {
    /// Include the value, or remove it if it is picked already.
    Toggle,
    Include,
    Exclude,
    /// Make the value the only pick of its field.
    Only,
    /// Make the value the only condition of the filter; the time range is kept.
    Pivot,
}

impl App {
    /// Changes the filter as one undo step. Returns true if the events shown may differ.
    pub fn refine(&mut self, change: impl FnOnce(&mut Filter)) -> bool {
        self.refine_with(ViewState::default(), change)
    }

    /// Like [`Self::refine`], for changes that also touch the view state; `looks` is the state before the change.
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
                // The same key again removes the pick: include and exclude are states, not steps.
                Refinement::Include if now == PickState::Include => {
                    filter.set(field, value, PickState::None);
                }
                Refinement::Exclude if now == PickState::Exclude => {
                    filter.set(field, value, PickState::None);
                }
                Refinement::Include => filter.set(field, value, PickState::Include),
                Refinement::Exclude => filter.set(field, value, PickState::Exclude),
                Refinement::Only => filter.only(field, value),
                Refinement::Pivot => {
                    let range = filter.range;
                    *filter = Filter::default();
                    filter.range = range;
                    filter.only(field, value);
                }
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
            // The newest event is the last one in time order only.
            self.set_sort(None);
        }
        self.panes.list.set_follow(follow);
        self.view.paused &= !follow;
        if follow {
            self.need(Topics::WINDOW);
        }
    }
}
