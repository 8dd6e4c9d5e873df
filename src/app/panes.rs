//! State of the four panes, and the view settings of the list.

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

/// State of each pane.
#[derive(Debug)]
pub struct Panes {
    pub list: ListState,
    pub facets: FacetsState,
    pub histogram: HistogramState,
    pub detail: DetailState,
}

impl Panes {
    /// `fields` are names or aliases of facet fields; empty for the defaults.
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

/// Facets of the given fields (names or aliases), or the default facets.
pub(super) fn facets(fields: &[String]) -> FacetsState {
    if fields.is_empty() {
        return FacetsState::new();
    }
    FacetsState::of(fields.iter().map(|name| full_name(name)))
}

/// View settings of the list.
#[derive(Debug, Default)]
pub struct View {
    /// The view is frozen while events arrive.
    pub paused: bool,
    /// Number of events received before the view was held, or up to now while it follows.
    pub(super) received: u64,
    /// Sort order of the list, if not by time.
    pub sort: Option<Sort>,
    /// Open context of an event.
    pub context: Option<Context>,
    /// Way back from a drill-down.
    pub(super) trail: Option<DrillDown>,
}
