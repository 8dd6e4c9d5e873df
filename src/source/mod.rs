//! Where events come from. A source is a task that reads bytes and hands them on through a [`Feed`]; it
//! knows nothing of fields, indexes or screens.

mod error;
mod feed;

#[cfg(feature = "http")]
mod environment;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
mod outlet;
#[cfg(feature = "http")]
pub mod retry;
#[cfg(feature = "http")]
mod secret;
#[cfg(feature = "http")]
mod seen;
#[cfg(feature = "http")]
pub mod sls;

#[cfg(feature = "http")]
pub use environment::Environment;
pub use error::SourceError;
pub use feed::{Delivery, Feed, Stopped};
#[cfg(feature = "http")]
pub use secret::Secret;
