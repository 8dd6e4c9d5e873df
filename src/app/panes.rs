//! The state of the four panes, and how the list is looked at.

use super::context::Context;
use super::drill_down::DrillDown;
use super::full_name;
use crate::engine::Sort;
use crate::model::zone::Zone;
use crate::panes::detail::DetailState;
use crate::panes::facets::FacetsState;
use crate::panes::histogram::HistogramState;
use crate::panes::list::ListState;
use crate::panes::list::columns::Columns;

/// The state of each pane.
#[derive(Debug)]
pub struct Panes {
    pub list: ListState,
    pub facets: FacetsState,
    pub histogram: HistogramState,
    pub detail: DetailState,
}

impl Panes {
    /// `fields` are those of the facets by any of their names; none for the usual ones.
    pub(super) fn new(zone: Zone, columns: &Columns, fields: &[String]) -> Self {
        let mut list = ListState::new(zone);
        list.set_columns(columns.clone());
        Self {
            list,
            facets: facets(fields),
            histogram: HistogramState::default(),
            detail: DetailState::default(),
        }
    }
}

/// The facets of some fields by any of their names, or else the usual ones.
pub(super) fn facets(fields: &[String]) -> FacetsState {
    if fields.is_empty() {
        return FacetsState::new();
    }
    FacetsState::of(fields.iter().map(|name| full_name(name)))
}

/// How the events are looked at.
#[derive(Debug, Default)]
pub struct View {
    /// The view stands still while events come in.
    pub paused: bool,
    /// Another order of the list than that of time.
    pub sort: Option<Sort>,
    /// The event whose neighbours are shown.
    pub context: Option<Context>,
    /// The way back from the events of a line of an overlay.
    pub(super) trail: Option<DrillDown>,
}
