//! I/O, threads and time around the core: sources are read, decoded, appended to the index and queried.

mod answerer;
mod execute;
mod export;
mod file_owners;
mod first_defects;
mod handle;
mod in_memory;
mod insight;
mod memory_limit;
mod message;
mod notes;
mod pool;
mod range;
mod rate;
mod request;
mod run;
mod shared;
mod sort_cache;
mod source_stats;
mod sources;
mod status;
mod window;
mod worker;
mod writer;

pub use answerer::{Answerer, Asker};
pub use handle::Engine;
pub use rate::clock;

pub use crate::source::SourceState;
pub use export::{Noted, ReportWords, WriteContent, WriteTable, WriteWant};
pub use insight::{
    Change, Changed, Deeds, Lineage, LineageTable, LineageWant, NewValues, News, NewsTable,
    NewsWant, Pulls, Span, Step, StepKind, Version,
};
pub use request::{
    Anchor, Answer, Arrivals, Ask, Detail, DetailField, Dropped, FIRST_SEEN, FacetOrder,
    FacetTable, FacetValue, FacetWant, Gap, GapsWant, Group, GroupOrder, GroupTable, GroupWant,
    Histogram, HistogramWant, Hits, HitsWant, MOST_GROUPS, Range, RangeWant, SeekTarget, SeekWant,
    Seen, SideQuery, SideQueryWant, Sort, USERS, Wants, Window, WindowWant, is_new,
};
pub use sources::SourceAction;
pub use status::{EngineEvent, SourceStatus, Status, WriteStep, Writing};
