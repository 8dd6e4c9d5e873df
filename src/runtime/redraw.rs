//! When to draw: on request only, an answer that is waited for at once, soon after input, a little later after data.

use std::time::{Duration, Instant};

/// Least time between frames, after input and after data.
const INPUT: Duration = Duration::from_millis(16);
const DATA: Duration = Duration::from_millis(33);

/// Why a frame is wanted, the most urgent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    Data,
    Input,
    /// The first of an answer that a person waits for: at most one for each thing that was asked.
    Answer,
}

#[derive(Debug, Default)]
pub(super) struct Redraw {
    wanted: Option<Cause>,
    last: Option<Instant>,
    /// The last question of which some answer was wanted at once.
    seen: u64,
}

impl Redraw {
    /// Wants a frame. The most urgent cause wins.
    pub(super) fn request(&mut self, cause: Cause) {
        self.wanted = self.wanted.max(Some(cause));
    }

    /// Wants a frame at once for the first of an answer to a question; more of it comes as data does.
    pub(super) fn answered(&mut self, question: u64) {
        if self.seen < question {
            self.seen = question;
            self.request(Cause::Answer);
        }
    }

    /// When the wanted frame is due, not before `now`; `None` while none is wanted.
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
