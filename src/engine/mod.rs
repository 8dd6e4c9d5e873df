//! I/O, threads and time around the core: sources are read, decoded, appended to the index and asked.

mod answer;
mod answerer;
mod books;
mod ceiling;
mod finders;
mod handle;
mod in_memory;
mod kept;
mod leads;
mod message;
mod notes;
mod pool;
mod range;
mod rate;
mod request;
mod run;
mod shared;
mod sorted;
mod sources;
mod status;
mod window;
mod worker;
mod writer;
mod writing;

pub use answerer::{Answerer, Asker};
pub use handle::Engine;

pub use crate::source::SourceState;
pub use leads::{
    Change, Changed, Deed, Lineage, LineageTable, LineageWant, News, NewsTable, NewsWant, Pulls,
    Span, Step,
};
pub use request::{
    Anchor, Answer, Ask, Beside, BesideWant, Detail, DetailField, Dropped, FIRST_SEEN, FacetOrder,
    FacetTable, FacetValue, FacetWant, Gap, GapsWant, Group, GroupOrder, GroupTable, GroupWant,
    Histogram, HistogramWant, Hits, HitsWant, Later, MOST_GROUPS, Range, RangeWant, SeekWant, Sort,
    Sought, USERS, Wants, Window, WindowWant,
};
pub use sources::SourceAction;
pub use status::{EngineEvent, SourceStatus, Status, WriteStep, Writing};
pub use writing::{Noted, ReportWords, WriteContent, WriteWant};
