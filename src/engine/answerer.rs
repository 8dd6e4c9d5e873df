//! Who answers questions. The worker knows no more of it than this, so what is asked may be in memory or at a service.

use std::sync::atomic::{AtomicU64, Ordering};

use super::request::{Answer, Ask};
use super::status::EngineEvent;

/// Answers questions, one after the other.
pub trait Answerer: Send {
    /// The whole answer; `None` where nobody waits for it any more, which is to be looked for every few milliseconds.
    /// What takes long is told to the asker in parts.
    fn answer(&mut self, ask: &Ask, asker: &Asker<'_>) -> Option<Answer>;
}

/// Whoever waits for an answer.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    pub(super) id: u64,
    /// The newest question there is.
    pub(super) newest: &'a AtomicU64,
    /// Takes parts; nobody does where the whole is waited for.
    pub(super) emit: Option<&'a (dyn Fn(EngineEvent) + Send + Sync)>,
}

impl Asker<'_> {
    /// Whether a newer question has made this one stale, or everything ends.
    pub fn is_gone(&self) -> bool {
        self.newest.load(Ordering::Acquire) > self.id
    }

    /// Whether parts are of use: they may cost as much as the whole.
    pub fn takes_parts(&self) -> bool {
        self.emit.is_some()
    }

    /// Tells what is known so far: an answer that is not complete.
    pub fn part(&self, answer: Answer) {
        self.tell(EngineEvent::Answer(Box::new(answer)));
    }

    /// Tells how far a pass is of which nothing is known before its end.
    pub fn progress(&self, done: usize, all: usize) {
        let id = self.id;
        self.tell(EngineEvent::Progress { id, done, all });
    }

    fn tell(&self, event: EngineEvent) {
        if let Some(emit) = self.emit {
            emit(event);
        }
    }
}

impl std::fmt::Debug for Asker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}
