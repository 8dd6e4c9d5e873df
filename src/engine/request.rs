//! Requests of the screen and of `query` to the query worker, and its responses. Everything is owned or shared: a
//! response stays valid while the index grows.

use std::sync::Arc;

use super::insight::{LineageTable, LineageWant, News, NewsWant};
use crate::aggregate::Bins;
pub use crate::aggregate::{
    Anchor, Arrivals, FIRST_SEEN, FacetOrder, Gap, Group, Seen, USERS, is_new,
};
use crate::index::Usage;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::model::{Defect, EventId, EventKey, Mark, Row, Value};
use crate::query::{Chip, Filter, Node, TimeRange};

/// One request. A newer request makes older ones stale: the worker drops them without a response.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Incremented by the asker; repeated in the response.
    pub id: u64,
    pub filter: Arc<Filter>,
    pub wants: Wants,
    /// Execute on the snapshot of the previous response, so that events received since then are neither shown nor
    /// counted.
    pub frozen: bool,
    /// Excludes the events that sources held at some start.
    pub later: Option<Arc<Arrivals>>,
}

impl Ask {
    pub fn new(id: u64, filter: Arc<Filter>, wants: Wants) -> Self {
        Self {
            id,
            filter,
            wants,
            frozen: false,
            later: None,
        }
    }
}

/// Results that the visible panes need. Parts left out cost nothing.
#[derive(Clone, Debug, Default)]
pub struct Wants {
    pub window: Option<WindowWant>,
    pub facets: Vec<FacetWant>,
    pub histogram: Option<HistogramWant>,
    /// All fields of this event.
    pub detail: Option<EventId>,
    pub seek: Option<SeekWant>,
    pub range: Option<RangeWant>,
    /// For an empty result: matches without each chip ([`Answer::dropped`]).
    pub explain: bool,
    /// The rejected records ([`Answer::defects`]).
    pub defects: bool,
    /// Memory use of everything loaded ([`Answer::usage`]).
    pub usage: bool,
    pub group: Option<GroupWant>,
    pub gaps: Option<GapsWant>,
    pub hits: Option<HitsWant>,
    /// Side queries: counts under other filters than the current one.
    pub side: Vec<SideQueryWant>,
    pub news: Option<NewsWant>,
    pub lineage: Option<LineageWant>,
    /// Events to look up, even if the filter hides them ([`Answer::records`]).
    pub records: Vec<EventKey>,
}

/// A piece of the list in time order (ties by source, then by position).
#[derive(Clone, Debug, PartialEq)]
pub struct WindowWant {
    pub anchor: Anchor,
    /// Rows wanted before the anchor, and from the anchor on (including the anchor's row).
    pub before: usize,
    pub after: usize,
    /// Names of the fields whose values the rows contain.
    pub columns: Vec<Arc<str>>,
    /// Order of the list if it is not by time; ranks and anchors then refer to that order.
    pub order: Option<Sort>,
    /// Request the rows with a value that no earlier event has ([`Window::firsts`]). Only useful once everything is
    /// loaded: events that arrive later may be older.
    pub firsts: bool,
    /// An event whose rank is requested too ([`Window::also`]).
    pub also: Option<EventId>,
}

/// Order of the list by the values of a field; events without the field come last, ties are ordered by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    pub field: Arc<str>,
    pub descending: bool,
}

/// Values of one field with counts, under the filter without the field's own picks.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetWant {
    pub field: Arc<str>,
    pub order: FacetOrder,
    /// Most values returned; picked values are added regardless of rank.
    pub limit: usize,
    /// Return only values that match this fuzzily, best first.
    pub find: Option<String>,
}

/// The matches grouped by the combinations of values of some fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupWant {
    pub fields: Vec<Arc<str>>,
    pub order: GroupOrder,
    /// Sort ascending instead of descending; ties are by count, descending, then by key, in both directions.
    pub ascending: bool,
    /// Most rows returned.
    pub limit: usize,
    /// Number of buckets for [`Group::over_time`]; 0: none.
    pub bins: usize,
    /// Ignore the filter's picks of the field; there is a single field.
    pub facet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupOrder {
    Count,
    Failed,
    /// Number of users.
    Users,
    /// Values refused (403) and later admitted come first, by number of refusals.
    Admitted,
    /// Time of the oldest event.
    First,
    /// Time of the newest event.
    Last,
    /// The values, in byte order.
    Key,
    /// The value of the field with this index.
    Value(usize),
}

/// Number of events that another filter matches, and values under it.
#[derive(Clone, Debug, PartialEq)]
pub struct SideQueryWant {
    pub filter: Arc<Filter>,
    pub facets: Vec<FacetWant>,
    pub histogram: Option<HistogramWant>,
    /// Return the times of the listed values too ([`SideQuery::seen`]).
    pub seen: bool,
}

/// Counts of the filtered events over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistogramWant {
    /// Most buckets.
    pub bins: usize,
    /// Width of a bucket; by default chosen from round steps.
    pub step: Option<i64>,
    /// Span to cover; an open end extends to the oldest or the newest match.
    pub range: Option<TimeRange>,
    /// Time zone in which buckets are aligned to full hours and midnights.
    pub zone: Zone,
}

/// Search for the nearest match of the filter, after or before an event, that satisfies `what`.
#[derive(Clone, Debug)]
pub struct SeekWant {
    pub from: EventId,
    pub forward: bool,
    pub what: SeekTarget,
}

/// Condition of a search among the matches.
#[derive(Clone, Debug, PartialEq)]
pub enum SeekTarget {
    /// Matches this query too.
    Query(Arc<Node>),
    /// Holds a value of one of the fields [`FIRST_SEEN`] that no earlier loaded event has.
    FirstSeen,
}

/// The matches from one event to another, both included, in the order of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeWant {
    /// In any order.
    pub ends: (EventId, EventId),
    /// Most rows, counted from the first.
    pub most: usize,
    /// Names of the fields whose values the rows contain.
    pub columns: Vec<Arc<str>>,
    /// Order of the list if it is not by time.
    pub order: Option<Sort>,
    /// Return the original records too.
    pub records: bool,
}

/// Response to a [`RangeWant`]; empty if the filter hides one of the ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Range {
    pub rows: Vec<Row>,
    /// One per row, if requested.
    pub records: Vec<Arc<str>>,
}

/// Request for the gaps of instances ([`Answer::gaps`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapsWant {
    /// Generation of the data whose gaps the asker already has, 0 for none; the same generation is not returned again.
    pub newer_than: u64,
}

/// Request for the number of matches of the filter that match a query too.
#[derive(Clone, Debug)]
pub struct HitsWant {
    pub query: Arc<Node>,
    /// The event whose rank among them is requested.
    pub at: Option<EventId>,
}

/// Response to a [`HitsWant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hits {
    pub total: u64,
    /// Rank of the event among them, from 0; `None` if it is not one of them.
    pub rank: Option<u64>,
}

/// Response to one [`Ask`].
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub id: u64,
    /// Generation of the snapshot it was computed on; ascending.
    pub generation: u64,
    /// Loaded events, and matching events.
    pub total: u64,
    pub matched: u64,
    /// False for a partial response with counts so far; more responses to the same request follow.
    pub complete: bool,
    /// Segments processed, and segments to process in total.
    pub looked_at: (usize, usize),
    /// Oldest and newest time among the matches.
    pub span: Option<(Nanos, Nanos)>,
    pub window: Option<Window>,
    pub facets: Vec<FacetTable>,
    pub histogram: Option<Histogram>,
    pub detail: Option<Detail>,
    /// In a complete response.
    pub range: Option<Range>,
    /// `Some(None)`: searched for and not found.
    pub seek: Option<Option<EventId>>,
    pub dropped: Vec<Dropped>,
    pub defects: Option<Vec<Arc<Defect>>>,
    pub usage: Option<Arc<Usage>>,
    pub group: Option<GroupTable>,
    /// In a complete response: the gaps of each instance that are longer than usual, ordered by end, over all events
    /// regardless of the filter.
    pub gaps: Option<Arc<Vec<Gap>>>,
    /// In a complete response.
    pub hits: Option<Hits>,
    /// One per entry of [`Wants::side`], in that order.
    pub side: Vec<SideQuery>,
    /// In a complete response.
    pub news: Option<News>,
    /// In a complete response.
    pub lineage: Option<LineageTable>,
    /// One per entry of [`Wants::records`], in that order, `None` if not loaded; empty until all segments are
    /// processed.
    pub records: Vec<Option<Detail>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Rank of the first row among the matches, 0 for the oldest.
    pub first: u64,
    /// Index of the anchor's row in `rows`; `None` only when `rows` is empty.
    pub anchor: Option<usize>,
    pub rows: Vec<Row>,
    /// Marks with the index of the row before which they belong (`rows.len()`: after the last).
    pub marks: Vec<(usize, Mark)>,
    /// Values first seen, as row index and field name, ordered by index. In a complete response, if requested.
    pub firsts: Vec<(usize, Arc<str>)>,
    /// Rank of [`WindowWant::also`]; `None` if the filter hides it.
    pub also: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FacetTable {
    pub field: Arc<str>,
    /// Distinct values among the matches (missing values are not counted).
    pub distinct: u64,
    /// Matches without the field.
    pub missing: u64,
    /// With `find`: number of distinct values that match it; otherwise equal to `distinct`.
    pub found: u64,
    /// Picked values outside the limit come first; a value of `None` is "missing".
    pub values: Vec<FacetValue>,
    /// Number of values at the end that are included only because they are picked: `find` does not match them.
    pub kept: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FacetValue {
    pub value: Value,
    pub count: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Empty if the requested step would make more buckets than requested.
    pub bins: Bins,
    /// Per bucket: all matches, and those with a status of 400 or more.
    pub counts: Vec<u64>,
    pub failed: Vec<u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupTable {
    pub fields: Vec<Arc<str>>,
    /// Number of combinations, shown or not.
    pub total: u64,
    /// Combinations with events of a single user, and combinations that were refused and later admitted.
    pub single: u64,
    pub admitted: u64,
    pub rows: Vec<Group>,
    /// True if there are more than [`MOST_GROUPS`]: then none is counted.
    pub is_over: bool,
}

/// Most groups counted; each takes about 400 bytes.
pub const MOST_GROUPS: usize = 1_000_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideQuery {
    pub matched: u64,
    /// Oldest and newest time among the matches.
    pub span: Option<(Nanos, Nanos)>,
    pub facets: Vec<FacetTable>,
    pub histogram: Option<Histogram>,
    /// Per table and value, when the value occurs. In a complete response, if requested.
    pub seen: Vec<Vec<Option<Seen>>>,
}

/// Every field of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    pub id: EventId,
    pub time: Option<Nanos>,
    pub offset: i32,
    /// Rank of the event among the matches; `None` if the filter hides it.
    pub rank: Option<u64>,
    /// Name of its source.
    pub source: Arc<str>,
    /// Logged fields in catalogue order (including missing ones, as `None`), then reserved and unknown fields of the
    /// record, then derived fields.
    pub fields: Vec<DetailField>,
    /// The original record.
    pub raw: Arc<str>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DetailField {
    pub name: Arc<str>,
    pub value: Value,
}

/// Matches that an empty result would have without one chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    pub chip: Chip,
    pub matched: u64,
}
