//! When to draw: on request only, soon after input, a little later after data, never twice in between.

use std::time::{Duration, Instant};

/// Least time between frames, after input and after data.
const INPUT: Duration = Duration::from_millis(16);
const DATA: Duration = Duration::from_millis(33);

/// Why a frame is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Input,
    Data,
}

#[derive(Debug, Default)]
pub(super) struct Pace {
    wanted: Option<Cause>,
    last: Option<Instant>,
}

impl Pace {
    /// Wants a frame. Input wins over data.
    pub(super) fn request(&mut self, cause: Cause) {
        if self.wanted != Some(Cause::Input) {
            self.wanted = Some(cause);
        }
    }

    /// When the wanted frame is due, not before `now`; `None` while none is wanted.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let least = match self.wanted? {
            Cause::Input => INPUT,
            Cause::Data => DATA,
        };
        Some(self.last.map_or(now, |last| (last + least).max(now)))
    }

    pub(super) fn drawn(&mut self, now: Instant) {
        self.wanted = None;
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_needs_no_timer_and_a_burst_one_frame() {
        let mut pace = Pace::default();
        let start = Instant::now();
        assert_eq!(pace.due(start), None);
        pace.request(Cause::Data);
        assert_eq!(pace.due(start), Some(start), "the first frame at once");
        pace.drawn(start);
        assert_eq!(pace.due(start), None);
        for _ in 0..100 {
            pace.request(Cause::Data);
        }
        assert_eq!(pace.due(start), Some(start + DATA));
        pace.request(Cause::Input);
        pace.request(Cause::Data);
        assert_eq!(pace.due(start), Some(start + INPUT));
        let late = start + DATA * 9;
        assert_eq!(pace.due(late), Some(late));
    }
}
