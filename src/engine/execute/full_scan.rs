//! Passes over all matches, run once all segments are processed: sorting by a field, grouping, fetching the events of a
//! selection. Each pass reports progress and can be stopped.

use super::{Execution, Executor, group};
use crate::aggregate::Progress;
use crate::engine::request::{Ask, GroupTable, Range, Sort};
use crate::engine::window::range;

/// Results of the passes.
#[derive(Debug, Default)]
pub(in crate::engine) struct FullScan {
    pub(in crate::engine) group: Option<GroupTable>,
    pub(in crate::engine) range: Option<Range>,
}

impl Executor {
    /// Runs all passes of a request whose segments are processed. The order of the list is cached. `None` if it was
    /// stopped.
    pub(in crate::engine) fn passes(
        &self,
        open: &Execution,
        ask: &Ask,
        watch: Progress<'_>,
    ) -> Option<FullScan> {
        let Execution {
            snapshot, matches, ..
        } = open;
        let wants = &ask.wants;
        let sorted = |sort: &Sort| self.sorted.get(snapshot, matches, &ask.filter, sort, watch);
        if let Some(sort) = wants.window.as_ref().and_then(|want| want.order.as_ref()) {
            sorted(sort)?;
        }
        let mut passes = FullScan::default();
        if let Some(want) = &wants.group {
            passes.group = Some(group::group(open, want, watch)?);
        }
        if let Some(want) = &wants.range {
            let order = match &want.order {
                Some(sort) => Some(sorted(sort)?),
                None => None,
            };
            let order = order.as_ref().map(|order| order.as_slice());
            passes.range = Some(range(snapshot, matches, want, order, watch)?);
        }
        Some(passes)
    }
}
