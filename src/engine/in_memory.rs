//! Executes requests on the loaded data.
//!
//! Works in steps over the segments (newest first), and checks between steps for a newer request: then it abandons the
//! current one. A request that takes longer than a frame gets partial responses, marked as such. The passes over all
//! matches that follow (sorting, grouping) report progress and stop for a newer request as well.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::answerer::{Answerer, Asker};
use super::execute::{Execution, Executor};
use super::request::{Answer, Ask};
use super::shared::Shared;
use crate::index::Snapshot;

/// Segments per step, between two checks for a newer request.
const STEP: usize = 32;

/// Delay after which a first partial response is sent: short enough to assemble and draw it within a frame of 16 ms.
const FRAME: Duration = Duration::from_millis(8);

/// Interval between further partial responses.
const PACE: Duration = Duration::from_millis(120);

/// Responses after which the cache of conditions is pruned.
const TIDY: u64 = 32;

/// Executes requests on the newest snapshot.
#[derive(Debug)]
pub(super) struct InMemory {
    shared: Arc<Shared>,
    questioner: Executor,
    answered: u64,
    /// Snapshot of the newest response.
    last: Option<Arc<Snapshot>>,
}

impl InMemory {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            questioner: Executor::default(),
            answered: 0,
            last: None,
        }
    }

    fn work_out(&mut self, open: &mut Execution, ask: &Ask, asker: &Asker<'_>) -> Option<Answer> {
        let defects = || ask.wants.defects.then(|| self.shared.defects());
        let mut due = Instant::now() + FRAME;
        loop {
            if asker.is_gone() {
                return None;
            }
            if open.step(STEP) {
                break;
            }
            if asker.takes_parts() && Instant::now() >= due {
                asker.part(self.questioner.answer(open, ask, defects().as_deref()));
                due = Instant::now() + PACE;
            }
        }
        let heard = Mutex::new(Instant::now());
        let watch = |done: usize, all: usize| {
            if let Ok(mut heard) = heard.try_lock()
                && heard.elapsed() >= PACE
            {
                *heard = Instant::now();
                asker.progress(done, all);
            }
            !asker.is_gone()
        };
        let passes = self.questioner.passes(open, ask, &watch)?;
        let snapshot = open.snapshot();
        self.questioner.look_for_firsts(snapshot, &ask.wants);
        let mut answer = self.questioner.answer(open, ask, defects().as_deref());
        (answer.group, answer.range) = (passes.group, passes.range);
        let gaps = ask.wants.gaps;
        answer.gaps = gaps
            .filter(|want| want.newer_than != snapshot.generation)
            .map(|_| self.questioner.gaps(snapshot));
        self.shared.set_answered(snapshot.clone());
        Some(answer)
    }
}

impl Answerer for InMemory {
    fn answer(&mut self, ask: &Ask, asker: &Asker<'_>) -> Option<Answer> {
        let snapshot = match self.last.take().filter(|_| ask.frozen) {
            Some(snapshot) => snapshot,
            None => self.shared.snapshot(),
        };
        self.answered += 1;
        if self.answered.is_multiple_of(TIDY) {
            self.questioner.tidy(&snapshot);
        }
        let mut open = self.questioner.begin(&snapshot, ask);
        let answer = self.work_out(&mut open, ask, asker);
        self.questioner.close(open);
        self.last = Some(snapshot);
        answer
    }
}
