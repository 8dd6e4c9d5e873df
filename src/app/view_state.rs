//! View state that undo restores in addition to the filter: the table of groups, the columns and the facets.

use std::sync::Arc;

use super::App;
use super::request::Topics;
use crate::overlays::{GroupView, Overlay};
use crate::panes::facets::FacetsState;
use crate::panes::list::columns::Columns;

/// Fields of the columns and of the facets.
pub type ShownFields = (Vec<Arc<str>>, Vec<Arc<str>>);

/// State before a change, of the parts that the change touched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewState {
    /// Open table of groups, or `Some(None)` if none was open.
    pub group: Option<Option<GroupView>>,
    pub shown: Option<ShownFields>,
}

impl ViewState {
    /// Returns true if the change touched only the table of groups.
    pub fn is_group(&self) -> bool {
        self.group.is_some() && self.shown.is_none()
    }
}

impl App {
    /// Current state of the table of groups.
    pub fn group_looks(&self) -> ViewState {
        let group = match &self.overlay {
            Some(Overlay::Group(view)) => Some(view.question()),
            _ => None,
        };
        ViewState {
            group: Some(group),
            shown: None,
        }
    }

    /// Current columns and facets.
    pub fn shown_looks(&self) -> ViewState {
        let facets = self.panes.facets.fields().cloned();
        ViewState {
            group: None,
            shown: Some((self.panes.list.columns().names(), facets.collect())),
        }
    }

    /// Current state of the parts that `other` has.
    pub(super) fn looks_like(&self, other: &ViewState) -> ViewState {
        ViewState {
            group: other.group.as_ref().and_then(|_| self.group_looks().group),
            shown: other.shown.as_ref().and_then(|_| self.shown_looks().shown),
        }
    }

    /// Restores a view state.
    pub(super) fn look(&mut self, looks: ViewState) {
        match looks.group {
            Some(Some(view)) => {
                self.open(view);
            }
            Some(None) if matches!(self.overlay, Some(Overlay::Group(_))) => self.overlay = None,
            Some(None) | None => {}
        }
        let Some((columns, facets)) = looks.shown else {
            return;
        };
        if columns != self.panes.list.columns().names() {
            self.panes.list.set_columns(Columns::of(&columns));
            self.need(Topics::WINDOW);
        }
        let now = self.panes.facets.fields();
        if !now.eq(facets.iter()) {
            self.panes.facets = FacetsState::of(facets.iter().map(|field| &**field));
        }
    }
}
