//! Questions about a snapshot: which events match a filter, and what they add up to.
//!
//! A filter is a conjunction of parts (the typed query, the picks of each field, the time range). Each leaf
//! of each part is held against distinct values once, then turned into one set of rows a segment, which is
//! remembered; parts are combined with word-wide ANDs. Facets are counted by the ordinals of few columns, from
//! the totals that a segment has of a column wherever rows need not be looked at; [`Matches`] and [`Sums`] go
//! over from one snapshot to the next. So adding a value, undoing, or new segments cost only what changed.
//! Knows no threads of its own (segments are spread by `rayon`), no clock and no screen.

mod address;
mod bins;
mod combinations;
mod condition;
mod detail;
mod facet;
mod find;
mod first;
mod gaps;
mod group;
mod histogram;
mod later;
mod leaf;
mod lineage;
mod matches;
mod news;
mod plan;
mod rows;
mod seek;
mod sort;
mod sums;
mod tally;
mod watch;
mod window;

pub use bins::Bins;
pub use detail::detail;
pub use facet::{
    FacetCounts, FacetOrder, count as count_facets, counts as facet_counts, table as facet_table,
};
pub use find::find;
pub use first::{FIRST_SEEN, Firsts};
pub use gaps::{Gap, Gaps};
pub use group::{Group, USERS, Ungrouped, group, over_time};
pub use histogram::histogram;
pub use later::Later;
pub use lineage::{Deed, Lineage, Pulls, Step, lineage};
pub use matches::{Matches, SegmentMatch, Without};
pub use news::{Change, Changed, ENOUGH, PARTS, SURGE, changes, new_pairs};
pub use plan::{Part, Plan, Planner, failed};
pub use rows::Rows;
pub use sort::sorted;
pub use sums::{Memory, Sums};
pub use watch::{UNWATCHED, Watch};
pub use window::{Anchor, Places, in_order, rank_of, seek, window};
