//! What the screen and `query` ask the query worker, and what it answers. Everything is owned or shared: an answer
//! stays valid while the index grows.

use std::sync::Arc;

use super::insight::{LineageTable, LineageWant, News, NewsWant};
use crate::aggregate::Bins;
pub use crate::aggregate::{Anchor, Arrivals, FIRST_SEEN, FacetOrder, Gap, Group, USERS};
use crate::index::Usage;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::model::{Defect, EventId, EventKey, Mark, Row, Value};
use crate::query::{Chip, Filter, Node, TimeRange};

/// One question. A newer question makes older ones stale: the worker drops them unanswered.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Counted up by the asker; comes back in the answer.
    pub id: u64,
    pub filter: Arc<Filter>,
    pub wants: Wants,
    /// Answer on the data of the answer before, so that nothing that came since is seen or counted.
    pub frozen: bool,
    /// Leaves aside what sources held at a start.
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

/// What the visible panes need. Parts left out cost nothing.
#[derive(Clone, Debug, Default)]
pub struct Wants {
    pub window: Option<WindowWant>,
    pub facets: Vec<FacetWant>,
    pub histogram: Option<HistogramWant>,
    /// All fields of this event.
    pub detail: Option<EventId>,
    pub seek: Option<SeekWant>,
    pub range: Option<RangeWant>,
    /// For an empty result: what each chip costs ([`Answer::dropped`]).
    pub explain: bool,
    /// The records that could not be read ([`Answer::defects`]).
    pub defects: bool,
    /// What everything loaded takes in memory ([`Answer::usage`]).
    pub usage: bool,
    pub group: Option<GroupWant>,
    pub gaps: Option<GapsWant>,
    pub hits: Option<HitsWant>,
    /// Counts under other filters than the one in force.
    pub beside: Vec<SideQueryWant>,
    pub news: Option<NewsWant>,
    pub lineage: Option<LineageWant>,
    /// Events wherever they are, shown or not ([`Answer::records`]).
    pub records: Vec<EventKey>,
}

/// A piece of the list in time order (ties by source, then by position).
#[derive(Clone, Debug, PartialEq)]
pub struct WindowWant {
    pub anchor: Anchor,
    /// Rows wanted before the anchor, and from the anchor on (the anchor's row included).
    pub before: usize,
    pub after: usize,
    /// Names of the fields whose values the rows carry.
    pub columns: Vec<Arc<str>>,
    /// Another order than that of time; ranks and anchors then count in that order.
    pub order: Option<Sort>,
    /// Which rows hold a value that no event before them has ([`Window::firsts`]). Only of use when everything is
    /// loaded: what comes later may be older.
    pub firsts: bool,
    /// An event whose rank is wanted as well ([`Window::also`]).
    pub also: Option<EventId>,
}

/// An order of the list by the values of a field; events without it come last, ties are by time.
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
    /// How many values; picked values come in addition, wherever they stand.
    pub limit: usize,
    /// Only values that match this fuzzily, best first.
    pub find: Option<String>,
}

/// The matches by the combinations of values of some fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupWant {
    pub fields: Vec<Arc<str>>,
    pub order: GroupOrder,
    /// Smallest first rather than largest first; ties are by count, most first, then by key either way.
    pub ascending: bool,
    /// How many rows at most.
    pub limit: usize,
    /// Into how many parts the time they span is cut for [`Group::over_time`]; 0: not at all.
    pub bins: usize,
    /// Leaves aside the picks of the field, of which there is one.
    pub facet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupOrder {
    Count,
    Failed,
    /// How many users.
    Users,
    /// First those that were refused (403) and later admitted, by how often they were refused.
    Admitted,
    /// Time of the oldest event.
    First,
    /// Time of the newest event.
    Last,
    /// The values, by bytes.
    Key,
    /// The value of the field at this place alone.
    Value(usize),
}

/// How many events another filter matches, and values under it.
#[derive(Clone, Debug, PartialEq)]
pub struct SideQueryWant {
    pub filter: Arc<Filter>,
    pub facets: Vec<FacetWant>,
    pub histogram: Option<HistogramWant>,
}

/// Counts over time of the filtered events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistogramWant {
    /// At most this many bins.
    pub bins: usize,
    /// The width of a bin; else it is chosen from round steps.
    pub step: Option<i64>,
    /// The span to cover; where it has no end, to the oldest or the newest match.
    pub range: Option<TimeRange>,
    /// The clock at whose full hours and midnights bins begin.
    pub zone: Zone,
}

/// The nearest match of the filter, after or before an event, that is what is sought.
#[derive(Clone, Debug)]
pub struct SeekWant {
    pub from: EventId,
    pub forward: bool,
    pub what: SeekTarget,
}

/// What is sought among the matches.
#[derive(Clone, Debug, PartialEq)]
pub enum SeekTarget {
    /// What also matches a query.
    Query(Arc<Node>),
    /// What holds a value that no loaded event before it has, of one of the fields [`FIRST_SEEN`].
    FirstSeen,
}

/// The matches from one event to another, both included, in the order of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeWant {
    /// In any order.
    pub ends: (EventId, EventId),
    /// How many at most, from the first on.
    pub most: usize,
    /// Names of the fields whose values the rows carry.
    pub columns: Vec<Arc<str>>,
    /// The order of the list where it is not that of time.
    pub order: Option<Sort>,
    /// The records as they were read are wanted as well.
    pub records: bool,
}

/// The answer to a [`RangeWant`]; empty where the filter hides one of the ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Range {
    pub rows: Vec<Row>,
    /// One for each row, where asked for.
    pub records: Vec<Arc<str>>,
}

/// The pauses of instances ([`Answer::gaps`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapsWant {
    /// Generation of the data the asker knows them of, 0 for none; there is no answer of the same.
    pub newer_than: u64,
}

/// How many matches of the filter also match a query.
#[derive(Clone, Debug)]
pub struct HitsWant {
    pub query: Arc<Node>,
    /// The event whose place among them is wanted.
    pub at: Option<EventId>,
}

/// The answer to a [`HitsWant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hits {
    pub total: u64,
    /// Place of the event among them, from 0; `None` where it is none of them.
    pub rank: Option<u64>,
}

/// The answer to one [`Ask`].
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub id: u64,
    /// Generation of the snapshot it was computed on; grows.
    pub generation: u64,
    /// Events loaded, and those that match.
    pub total: u64,
    pub matched: u64,
    /// False: counts so far, more parts of the same answer follow.
    pub complete: bool,
    /// Segments looked at, and how many there are to look at.
    pub looked_at: (usize, usize),
    /// Oldest and newest time among the matches.
    pub span: Option<(Nanos, Nanos)>,
    pub window: Option<Window>,
    pub facets: Vec<FacetTable>,
    pub histogram: Option<Histogram>,
    pub detail: Option<Detail>,
    /// With a whole answer.
    pub range: Option<Range>,
    /// `Some(None)`: sought and not found.
    pub seek: Option<Option<EventId>>,
    pub dropped: Vec<Dropped>,
    pub defects: Option<Vec<Arc<Defect>>>,
    pub usage: Option<Arc<Usage>>,
    pub group: Option<GroupTable>,
    /// With a whole answer: the pauses of each instance that are longer than usual, by their end, over all
    /// events whatever the filter.
    pub gaps: Option<Arc<Vec<Gap>>>,
    /// With a whole answer.
    pub hits: Option<Hits>,
    /// One for each of [`Wants::beside`], in that order.
    pub beside: Vec<SideQuery>,
    /// With a whole answer.
    pub news: Option<News>,
    /// With a whole answer.
    pub lineage: Option<LineageTable>,
    /// One for each of [`Wants::records`], in that order, `None` for what is not loaded; empty until all is
    /// looked at.
    pub records: Vec<Option<Detail>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Rank of the first row among the matches, 0 for the oldest.
    pub first: u64,
    /// Index of the anchor's row in `rows`; `None` only when `rows` is empty.
    pub anchor: Option<usize>,
    pub rows: Vec<Row>,
    /// Marks with the index of the row they stand before (`rows.len()`: after the last).
    pub marks: Vec<(usize, Mark)>,
    /// Values first seen, as index of the row and name of the field; by index. With a whole answer where asked for.
    pub firsts: Vec<(usize, Arc<str>)>,
    /// Rank of the event that was asked for as well; `None` where the filter hides it.
    pub also: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FacetTable {
    pub field: Arc<str>,
    /// Distinct values among the matches (missing not counted).
    pub distinct: u64,
    /// Matches without the field.
    pub missing: u64,
    /// With `find`: how many of the distinct values match it; else `distinct`.
    pub found: u64,
    /// Picked values first where they fall outside the limit; `None` as value is "missing".
    pub values: Vec<FacetValue>,
    /// How many of them, at the end, are there only for being picked: the find leaves them out.
    pub kept: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FacetValue {
    pub value: Value,
    pub count: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// None where their step would take more of them than are wanted.
    pub bins: Bins,
    /// Per bin: all matches, and those with a status of 400 or more.
    pub counts: Vec<u64>,
    pub failed: Vec<u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupTable {
    pub fields: Vec<Arc<str>>,
    /// Combinations there are, shown or not.
    pub total: u64,
    /// Those with events of one user only, and those that were refused and later admitted.
    pub single: u64,
    pub admitted: u64,
    pub rows: Vec<Group>,
    /// There are more than [`MOST_GROUPS`]: none is counted.
    pub is_over: bool,
}

/// Groups that are counted at most, each in about 400 bytes.
pub const MOST_GROUPS: usize = 1_000_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideQuery {
    pub matched: u64,
    /// Oldest and newest time among them.
    pub span: Option<(Nanos, Nanos)>,
    pub facets: Vec<FacetTable>,
    pub histogram: Option<Histogram>,
}

/// Every field of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    pub id: EventId,
    pub time: Option<Nanos>,
    pub offset: i32,
    /// Rank of the event among the matches; `None` when the filter hides it.
    pub rank: Option<u64>,
    /// Name of the source it came from.
    pub source: Arc<str>,
    /// Logged fields in catalogue order (missing ones included, with `None`), then reserved and unknown
    /// fields the record has, then derived fields.
    pub fields: Vec<DetailField>,
    /// The record as it was read.
    pub raw: Arc<str>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DetailField {
    pub name: Arc<str>,
    pub value: Value,
}

/// What an empty result would become without one chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    pub chip: Chip,
    pub matched: u64,
}
