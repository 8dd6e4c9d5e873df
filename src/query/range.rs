//! A range of time.

use crate::model::time::Nanos;

/// `[since, until)` in nanoseconds since the epoch; an open end is `None`. If either end is set, events without a time
/// are outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct TimeRange {
    pub since: Option<Nanos>,
    pub until: Option<Nanos>,
}

impl TimeRange {
    pub fn is_all(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    pub fn contains(&self, time: Nanos) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }
}
