//! The contract between the query worker and the component that executes its requests: the in-memory index or a
//! service.

use std::sync::atomic::{AtomicU64, Ordering};

use super::request::{Answer, Ask};
use super::status::EngineEvent;

/// Executes requests, one at a time.
pub trait Answerer: Send {
    /// Returns the complete response, or `None` once [`Asker::is_gone`], which must be checked every few milliseconds.
    /// Sends partial responses to the asker if it takes longer than a frame.
    fn answer(&mut self, ask: &Ask, asker: &Asker<'_>) -> Option<Answer>;
}

/// Receiver of a response.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    pub(super) id: u64,
    /// Id of the newest request.
    pub(super) newest: &'a AtomicU64,
    /// Receives partial responses; `None` if the caller waits for the complete one.
    pub(super) emit: Option<&'a (dyn Fn(EngineEvent) + Send + Sync)>,
}

impl Asker<'_> {
    /// Returns true if a newer request has made this one stale, or if the engine is shutting down.
    pub fn is_gone(&self) -> bool {
        self.newest.load(Ordering::Acquire) > self.id
    }

    /// Returns true if partial responses are of use: each may cost as much as the complete one.
    pub fn takes_parts(&self) -> bool {
        self.emit.is_some()
    }

    /// Sends an incomplete response.
    pub fn part(&self, answer: Answer) {
        self.tell(EngineEvent::Answer(Box::new(answer)));
    }

    /// Reports the progress of a pass that has no result before its end.
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
