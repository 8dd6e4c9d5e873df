//! Clock and event rate of the source statistics.

use std::time::{Duration, Instant};

use crate::model::time::Nanos;

/// Current time of the machine's clock.
pub fn clock() -> Nanos {
    chrono::Utc::now().timestamp_nanos_opt().unwrap_or(0)
}

/// Rate of events, measured over the last second.
#[derive(Debug)]
pub(super) struct Rate {
    since: Instant,
    events: u64,
    last: u64,
}

impl Rate {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: now,
            events: 0,
            last: 0,
        }
    }

    pub(super) fn count(&mut self, events: u64) {
        self.events += events;
    }

    /// Starts the next interval if the current one has lasted a second.
    pub(super) fn look(&mut self, now: Instant) {
        let window = now.duration_since(self.since);
        if window >= Duration::from_secs(1) {
            self.last = (self.events as f64 / window.as_secs_f64()) as u64;
            self.events = 0;
            self.since = now;
        }
    }

    /// Events per second in the last interval, which took a second or somewhat more.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Returns true if the last rate may be outdated.
    pub(super) fn is_moving(&self) -> bool {
        self.last > 0 || self.events > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_by_the_second_and_none_is_left_over() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        assert!(!rate.is_moving());
        rate.count(30);
        rate.look(start + Duration::from_millis(999));
        assert_eq!((rate.last(), rate.is_moving()), (0, true));
        rate.look(start + Duration::from_secs(2));
        assert_eq!(rate.last(), 15);
        rate.look(start + Duration::from_secs(3));
        assert_eq!((rate.last(), rate.is_moving()), (0, false));
    }
}
