//! One audit event as the outside sees it: its id, and a row of the values somebody asked for.
//!
//! Events live as ordinals in the index; these types carry them out of it.

use std::sync::Arc;

use super::time::Nanos;

/// Global number of an event, given when it enters the index and stable for the whole session, whatever
/// segments are merged later. Not an order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub u64);

/// Text of one field of one event; `None` is "the record does not have this field".
pub type Value = Option<Arc<str>>;

/// One event of a window of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: EventId,
    /// Nanoseconds since the epoch; `None` where neither `time` nor `__time__` could be read.
    pub time: Option<Nanos>,
    /// The record's own offset from UTC in seconds (0 where it has none).
    pub offset: i32,
    /// One value for each column asked for, in that order.
    pub values: Vec<Value>,
}

/// What tells an event from others wherever it was read: its request id, with its time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    pub time: Option<Nanos>,
    pub request: Arc<str>,
}

/// Something that happened to a source at a place in time: rotation, truncation, a reconnect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Time of the newest event of the source when it happened; the mark is shown after it.
    pub time: Nanos,
    pub text: String,
}
