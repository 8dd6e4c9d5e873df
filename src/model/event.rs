//! Public form of one audit event: its id, and a row of requested values.
//!
//! Events are stored as ordinals in the index; these types carry them out of it.

use std::sync::Arc;

use super::time::Nanos;

/// Global number of an event, assigned on entry into the index and stable for the whole session, even if segments are
/// merged later. It does not imply an order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub u64);

/// Text of one field of one event; `None` if the record does not have the field.
pub type Value = Option<Arc<str>>;

/// One event of a window of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: EventId,
    /// Nanoseconds since the epoch; `None` if neither `time` nor `__time__` could be parsed.
    pub time: Option<Nanos>,
    /// Offset from UTC that the record states, in seconds (0 if it states none).
    pub offset: i32,
    /// Values of the requested columns, in that order.
    pub values: Vec<Value>,
}

/// Identity of an event across sources: its request id and time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    pub time: Option<Nanos>,
    pub request: Arc<str>,
}

/// Incident in a source at a point in time: a rotation, truncation or reconnect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Time of the newest event of the source at the incident; the mark is shown after that event.
    pub time: Nanos,
    pub text: String,
}
