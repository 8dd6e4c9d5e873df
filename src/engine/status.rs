//! What the engine says of itself without being asked.

use std::sync::Arc;
use std::time::Duration;

use super::Answer;
use crate::index::LetGo;
use crate::model::time::Nanos;
use crate::source::SourceState;

/// Everything the engine sends to whoever started it.
#[derive(Clone, Debug)]
pub enum EngineEvent {
    /// Something changed: sent at most about 20 times a second, always after the last change.
    Status(Arc<Status>),
    Answer(Box<Answer>),
}

/// State of the whole engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Generation of the newest published snapshot; when it grows, answers may be outdated.
    pub generation: u64,
    pub events: u64,
    pub defects: u64,
    /// Time of the oldest and newest event loaded.
    pub span: Option<(Nanos, Nanos)>,
    /// Bytes the index takes.
    pub memory: u64,
    /// Time in which at least one source was connecting or loading.
    pub loading: Duration,
    /// What is missing of `events` since the index would have outgrown its ceiling.
    pub let_go: LetGo,
    pub sources: Vec<SourceStatus>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SourceStatus {
    pub name: Arc<str>,
    pub state: SourceState,
    pub events: u64,
    pub defects: u64,
    /// Bytes read so far, and in all where that is known.
    pub bytes: u64,
    pub bytes_total: Option<u64>,
    /// Events that came in during the last second.
    pub rate: u64,
    /// Time of its newest event.
    pub newest: Option<Nanos>,
    /// Seconds left at the present speed, while loading.
    pub eta: Option<u64>,
    /// The newest thing worth telling: rotated, truncated, reconnected; empty for nothing.
    pub note: String,
}

impl Status {
    pub fn is_loading(&self) -> bool {
        self.sources.iter().any(|s| s.state.is_busy())
    }

    pub fn is_live(&self) -> bool {
        self.sources.iter().any(|s| s.state == SourceState::Live)
    }
}
