//! I/O, threads and time around the core: sources are read, decoded, appended to the index and asked.

mod request;
mod status;

pub use request::{
    Anchor, Answer, Ask, Detail, DetailField, Dropped, FacetOrder, FacetTable, FacetValue, FacetWant, Histogram,
    HistogramWant, SeekWant, Wants, Window, WindowWant,
};
pub use status::{EngineEvent, SourceState, SourceStatus, Status};
