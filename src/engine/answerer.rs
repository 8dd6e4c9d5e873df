//! The contract between the query worker and what answers its questions: the data in memory, or a service.

use std::sync::atomic::{AtomicU64, Ordering};

use super::request::{Answer, Ask};
use super::status::EngineEvent;

/// Answers questions, one after the other.
pub trait Answerer: Send {
    /// Returns the whole answer, or `None` once [`Asker::is_gone`], which must be checked every few milliseconds.
    /// Sends parts to the asker while it takes longer than a frame.
    fn answer(&mut self, ask: &Ask, asker: &Asker<'_>) -> Option<Answer>;
}

/// The receiver of an answer.
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
