//! What is shown beside what the filter says, as far as undo brings it back: the table of groups, and which
//! columns and facets there are.

use std::sync::Arc;

use super::App;
use super::request::Topics;
use crate::overlays::{GroupView, Overlay};
use crate::panes::facets::FacetsState;
use crate::panes::list::columns::Columns;

/// Fields of the columns and of the facets.
pub type ShownFields = (Vec<Arc<str>>, Vec<Arc<str>>);

/// The parts that a change touched, as they were before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewState {
    /// The open table of groups, or that none was open.
    pub group: Option<Option<GroupView>>,
    pub shown: Option<ShownFields>,
}

impl ViewState {
    /// Whether only the table of groups was touched.
    pub fn is_group(&self) -> bool {
        self.group.is_some() && self.shown.is_none()
    }
}

impl App {
    /// The table of groups as it is now.
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

    /// Columns and facets as they are now.
    pub fn shown_looks(&self) -> ViewState {
        let facets = self.panes.facets.fields().cloned();
        ViewState {
            group: None,
            shown: Some((self.panes.list.columns().names(), facets.collect())),
        }
    }

    /// The parts that some looks touch, as they are now.
    pub(super) fn looks_like(&self, other: &ViewState) -> ViewState {
        ViewState {
            group: other.group.as_ref().and_then(|_| self.group_looks().group),
            shown: other.shown.as_ref().and_then(|_| self.shown_looks().shown),
        }
    }

    /// Brings looks back.
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
