//! Requests on a snapshot: the events that match a filter, and their counts.
//!
//! A filter is a conjunction of parts (the typed query, the picks of each field, the time range). Each predicate of a
//! part is tested against the distinct values once, then turned into one set of rows per segment, which is cached.
//! Parts are combined with word-wide ANDs. Facets are counted by the ordinals of a few columns, and from a segment's
//! column totals if no rows need to be read. [`Matches`] and [`FacetSums`] are carried over from one snapshot to the
//! next, so adding a value, undoing, or new segments cost only the difference. This module has no threads of its own
//! (`rayon` spreads the segments), no clock and no screen.

mod address;
mod arrivals;
mod bins;
mod change;
mod code_counts;
mod combinations;
mod condition;
mod detail;
mod facet;
mod facet_sums;
mod find;
mod first_seen;
mod gaps;
mod group;
mod histogram;
mod lineage;
mod matches;
mod plan;
mod predicate;
mod progress;
mod row_set;
mod seek;
mod seen;
mod sort;
mod window;

pub use arrivals::Arrivals;
pub use bins::Bins;
pub use change::{Change, Changed, Deeds, ENOUGH, PARTS, SURGE, changes, new_pairs, weigh};
pub use detail::detail;
pub use facet::{
    FacetCounts, FacetOrder, count as count_facets, counts as facet_counts, table as facet_table,
};
pub use facet_sums::{FacetSums, Memory};
pub use find::find;
pub use first_seen::{FIRST_SEEN, FirstSeen};
pub use gaps::{Gap, Gaps};
pub use group::{Group, USERS, Ungrouped, group, over_time};
pub use histogram::histogram;
pub use lineage::{Lineage, NewValues, PULLS, Pulls, Step, StepKind, Version, lineage};
pub use matches::{Matches, SegmentMatch, Without};
pub use plan::{Part, Plan, Planner, failed};
pub use progress::{Progress, UNWATCHED};
pub use row_set::RowSet;
pub use seen::{Seen, is_new, seen};
pub use sort::sorted;
pub use window::{Anchor, Places, in_order, rank_of, seek, window};
