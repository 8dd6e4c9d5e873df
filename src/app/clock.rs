//! The present time, and how times are shown and typed.

use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::query::TimeRange;

/// The present time, and how times are shown.
#[derive(Debug)]
pub struct Clock {
    /// The present time, as of the newest [`super::Message::Clock`].
    pub now: Nanos,
    /// The zone that times are shown in, and that of the machine.
    pub zone: Zone,
    pub local: Zone,
    pub times: Times,
    /// Ranges that were typed, with the words, the newest last.
    pub typed: Vec<(TimeRange, String)>,
}

/// How the list shows the time of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// By the clock in use.
    #[default]
    Clock,
    /// Relative to now.
    Ages,
}
