//! Search for an event by the keys that are stable across sessions: its request id and time.

use crate::index::{Place, Segment, Snapshot};
use crate::model::{EventKey, id};

/// Finds the first event with this request id at this time, or `None` if it is not loaded. Reads only the events of
/// that instant.
pub fn find(snapshot: &Snapshot, key: &EventKey) -> Option<Place> {
    let rows = |segment: &Segment| match key.time {
        None => 0..segment.untimed,
        Some(time) => {
            let end = time
                .checked_add(1)
                .map_or(segment.rows, |t| segment.lower_bound(t));
            segment.lower_bound(time)..end
        }
    };
    snapshot
        .segments
        .iter()
        .enumerate()
        .find_map(|(at, segment)| {
            let row = rows(segment).find(|row| {
                let request = segment.value(&snapshot.vocabulary, *row, id::REQUEST_ID);
                request.as_deref() == Some(&*key.request)
            })?;
            Some(Place { segment: at, row })
        })
}
