//! Cache of the order of the list by a field, reused from one window to the next.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::request::Sort;
use crate::aggregate::{self, Matches, Progress};
use crate::index::Snapshot;
use crate::model::EventId;
use crate::query::Filter;

/// The newest order computed.
#[derive(Debug, Default)]
pub(super) struct SortCache(Mutex<Option<Known>>);

#[derive(Debug)]
struct Known {
    filter: Filter,
    sort: Sort,
    generation: u64,
    order: Arc<Vec<EventId>>,
    at: Instant,
    cost: Duration,
}

/// An order counts as fresh until its age is this many times the cost of computing it, regardless of new events.
const PATIENCE: u32 = 20;

impl Known {
    fn fits(&self, snapshot: &Snapshot, filter: &Filter, sort: &Sort) -> bool {
        let fresh =
            self.generation == snapshot.generation || self.at.elapsed() < self.cost * PATIENCE;
        fresh && self.sort == *sort && self.filter == *filter
    }
}

impl SortCache {
    /// Returns the order, cached or computed. `None` if computing it was stopped.
    pub(super) fn get(
        &self,
        snapshot: &Snapshot,
        matches: &Matches,
        filter: &Filter,
        sort: &Sort,
        watch: Progress<'_>,
    ) -> Option<Arc<Vec<EventId>>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known
            .as_ref()
            .filter(|known| known.fits(snapshot, filter, sort))
        {
            return Some(known.order.clone());
        }
        let at = Instant::now();
        // An unknown field makes everything a tie.
        let (field, descending) = match snapshot.vocabulary.field(&sort.field) {
            Some(field) => (field, sort.descending),
            None => (crate::model::id::TIME, false),
        };
        let order = aggregate::sorted(snapshot, matches, field, descending, watch)?;
        let order = Arc::new(order);
        *known = Some(Known {
            filter: filter.clone(),
            sort: sort.clone(),
            generation: snapshot.generation,
            order: order.clone(),
            at,
            cost: at.elapsed(),
        });
        Some(order)
    }
}
