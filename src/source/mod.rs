//! Where events come from. A source is a task that reads bytes and hands them on through a [`Feed`]; it
//! knows nothing of fields, indexes or screens.

pub mod demo;
mod feed;

pub use feed::{Delivery, Feed, Stopped};
