//! Answers from what is loaded.
//!
//! It works in steps over the segments (newest first) and looks between steps whether a newer question has come: then it
//! drops the one it is at. A question that takes longer than a frame is answered in parts, marked as such. Passes over
//! all matches that follow (an order, groups) tell how far they are, and stop for a newer question as well.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::answerer::{Answerer, Asker};
use super::execute::{Execution, Executor};
use super::request::{Answer, Ask};
use super::shared::Shared;
use crate::index::Snapshot;

/// Segments looked at between two looks at whether a newer question has come.
const STEP: usize = 32;

/// A first part is sent when the whole takes longer: so soon that it is put together and drawn within a frame of 16 ms.
const FRAME: Duration = Duration::from_millis(8);

/// Further parts follow at this pace.
const PACE: Duration = Duration::from_millis(120);

/// Answers after which memory of conditions is looked through.
const TIDY: u64 = 32;

/// Answers from the newest snapshot.
#[derive(Debug)]
pub(super) struct InMemory {
    shared: Arc<Shared>,
    questioner: Executor,
    answered: u64,
    /// The data of the newest answer.
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
