//! Where events come from. A source is a task that reads bytes and hands them on through a [`Feed`]; it
//! knows nothing of fields, indexes or screens.

mod archive;
#[cfg_attr(
    not(feature = "parquet"),
    expect(dead_code, reason = "only Parquet needs it")
)]
mod contain;
pub mod demo;
mod error;
mod feed;
pub mod file;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet_absent.rs"]
mod parquet;
mod scheme;
mod state;
pub mod stdin;
mod stream;

pub use archive::{ARCHIVES, Archive};
pub use contain::{is_contained, silence_contained_panics};
pub use error::SourceError;
pub use feed::{Block, Delivery, Feed, FileRange, Records, Stopped};
pub use scheme::{SCHEMES, Scheme, Spec, SpecError, expand};
pub use state::SourceState;
