//! Timing of redraws: on request only; awaited answers at once, input soon, data a little later.

use std::time::{Duration, Instant};

/// Minimum time between frames, after input and after data.
const INPUT: Duration = Duration::from_millis(16);
const DATA: Duration = Duration::from_millis(33);

/// Cause of a redraw, the most urgent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    Data,
    Input,
    /// First part of an answer that the user waits for; at most one per request.
    Answer,
}

#[derive(Debug, Default)]
pub(super) struct Redraw {
    wanted: Option<Cause>,
    last: Option<Instant>,
    /// Last request for which an answer was drawn at once.
    seen: u64,
}

impl Redraw {
    /// Requests a redraw; the most urgent cause wins.
    pub(super) fn request(&mut self, cause: Cause) {
        self.wanted = self.wanted.max(Some(cause));
    }

    /// Requests an immediate redraw for the first part of an answer; later parts count as data.
    pub(super) fn answered(&mut self, question: u64) {
        if self.seen < question {
            self.seen = question;
            self.request(Cause::Answer);
        }
    }

    /// Time of the next requested frame, not before `now`; `None` if none is requested.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let least = match self.wanted? {
            Cause::Input => INPUT,
            Cause::Data => DATA,
            Cause::Answer => Duration::ZERO,
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
        let mut pace = Redraw::default();
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
        pace.answered(1);
        pace.request(Cause::Data);
        assert_eq!(pace.due(start), Some(start), "what is waited for");
        pace.drawn(start);
        pace.answered(1);
        assert_eq!(pace.due(start), None, "but once");
        pace.request(Cause::Data);
        assert_eq!(pace.due(start), Some(start + DATA));
        let late = start + DATA * 9;
        assert_eq!(pace.due(late), Some(late));
    }
}
