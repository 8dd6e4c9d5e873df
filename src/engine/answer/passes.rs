//! What is worked out once everything has been looked at, in passes of their own over all matches: an order by a field,
//! a table of groups, the events of a selection. Each is watched, so that it can be told and stopped.

use super::{Open, Questioner, group};
use crate::aggregate::Watch;
use crate::engine::request::{Ask, GroupTable, Range, Sort};
use crate::engine::window::range;

/// What came of the passes.
#[derive(Debug, Default)]
pub(in crate::engine) struct Passes {
    pub(in crate::engine) group: Option<GroupTable>,
    pub(in crate::engine) range: Option<Range>,
}

impl Questioner {
    /// Does all passes of a question that looked at everything. The order of the list is remembered. `None` where it was
    /// stopped.
    pub(in crate::engine) fn passes(
        &self,
        open: &Open,
        ask: &Ask,
        watch: Watch<'_>,
    ) -> Option<Passes> {
        let Open {
            snapshot, matches, ..
        } = open;
        let wants = &ask.wants;
        let sorted = |sort: &Sort| self.sorted.get(snapshot, matches, &ask.filter, sort, watch);
        if let Some(sort) = wants.window.as_ref().and_then(|want| want.order.as_ref()) {
            sorted(sort)?;
        }
        let mut passes = Passes::default();
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
