//! Where events come from. A source is a task that reads bytes and hands them on through a [`Feed`]; it
//! knows nothing of fields, indexes or screens.

pub mod demo;
#[cfg(feature = "http")]
mod environment;
mod error;
mod failure;
mod feed;
pub mod file;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
mod outlet;
#[cfg(feature = "http")]
pub mod retry;
mod scheme;
#[cfg(feature = "http")]
mod secret;
#[cfg(feature = "http")]
mod seen;
#[cfg(feature = "http")]
pub mod sls;
mod state;
pub mod stdin;
mod stream;

#[cfg(feature = "http")]
pub use environment::Environment;
pub use error::SourceError;
pub use failure::Failure;
pub use feed::{Block, Delivery, Feed, FileRange, Stopped};
pub use scheme::{SCHEMES, Scheme, Spec, SpecError, expand};
#[cfg(feature = "http")]
pub use secret::Secret;
pub use state::SourceState;
