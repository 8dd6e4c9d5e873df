//! Current time, and the display and input of times.

use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::query::TimeRange;

/// Current time and the way times are displayed.
#[derive(Debug)]
pub struct Clock {
    /// Time of the newest [`super::Message::Clock`].
    pub now: Nanos,
    /// Zone in which times are displayed; `local` is the zone of the machine.
    pub zone: Zone,
    pub local: Zone,
    pub times: Times,
    /// Ranges that the user typed, with their text; newest last.
    pub typed: Vec<(TimeRange, String)>,
}

/// Display of an event's time in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// Time of day in the current zone.
    #[default]
    Clock,
    /// Relative to now.
    Ages,
}
