//! Sources of events. A source is a task that reads bytes and sends them through a [`Feed`]; it knows nothing of
//! fields, indexes or screens.

mod archive;
mod buffer;
#[cfg_attr(
    not(feature = "parquet"),
    expect(dead_code, reason = "only Parquet needs it")
)]
mod catch_panic;
#[cfg(feature = "http")]
mod dedup;
pub mod demo;
pub mod encoding;
#[cfg(feature = "http")]
mod environment;
mod error;
mod failure;
mod feed;
pub mod file;
#[cfg(feature = "http")]
pub mod http;
mod intake;
mod interruptible;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet_absent.rs"]
mod parquet;
mod pattern;
mod reads;
#[cfg(feature = "http")]
mod record_writer;
#[cfg(feature = "http")]
pub mod retry;
mod scheme;
#[cfg(feature = "http")]
mod secret;
#[cfg(feature = "http")]
pub mod sls;
#[cfg(feature = "http")]
mod small_file;
mod splitter;
mod state;
pub mod stdin;
mod stream;

pub use archive::{ARCHIVES, Archive};
pub use buffer::Buffer;
pub use catch_panic::{is_contained, silence_contained_panics};
pub use encoding::Written;
#[cfg(feature = "http")]
pub use environment::Environment;
pub use error::SourceError;
pub use error::unread;
pub use failure::Failure;
pub use feed::{Block, Delivery, Feed, FileRange, Records, Stopped};
pub use pattern::fixed_part;
pub use scheme::{SCHEMES, Scheme, Spec, SpecError, expand, is_passing};
#[cfg(feature = "http")]
pub use secret::Secret;
pub use state::SourceState;
