//! What the engine says of itself without being asked.

use std::sync::Arc;
use std::time::Duration;

use super::request::Answer;
use crate::index::Evicted;
use crate::model::Remarks;
use crate::model::time::{Nanos, SECOND};
use crate::source::SourceState;

/// Everything the engine sends to whoever started it.
#[derive(Clone, Debug)]
pub enum EngineEvent {
    /// Something changed: sent at most about 20 times a second, always after the last change.
    Status(Arc<Status>),
    Answer(Box<Answer>),
    /// How far the last pass of the question with this number is; what is being worked out is not known before its end.
    Progress {
        id: u64,
        done: usize,
        all: usize,
    },
    /// How writing a file goes.
    Writing(Writing),
}

/// How writing a file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    pub id: u64,
    pub step: WriteStep,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteStep {
    /// The file can be written where it is wanted.
    Begun,
    /// So much of the work is done, in per cent.
    Done(u8),
    /// There is a file already, of so many bytes, and it is not to be replaced.
    Exists(u64),
    Written {
        events: u64,
        bytes: u64,
        /// Marked events that are not loaded, where marked ones were asked for.
        missing: u64,
    },
    /// Nothing was written, and nothing is left of it: for this reason, with what to do.
    Failed(String),
    /// It was told to stop; nothing is left of it.
    Stopped,
}

/// State of the whole engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Generation of the newest published snapshot; when it grows, answers may be outdated.
    pub generation: u64,
    pub events: u64,
    pub defects: u64,
    /// Records that are neither events nor defects.
    pub skipped: u64,
    /// Time of the oldest and newest event loaded.
    pub span: Option<(Nanos, Nanos)>,
    /// Bytes the index takes.
    pub memory: u64,
    /// Time in which at least one source was connecting or loading.
    pub loading: Duration,
    /// What is missing of `events` since the index would have outgrown its ceiling.
    pub let_go: Evicted,
    pub sources: Vec<SourceStatus>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SourceStatus {
    pub name: Arc<str>,
    pub state: SourceState,
    pub events: u64,
    pub defects: u64,
    /// What is to be said of its records, those included that are neither events nor defects.
    pub remarks: Arc<Remarks>,
    /// Bytes read so far, and in all where that is known.
    pub bytes: u64,
    pub bytes_total: Option<u64>,
    /// Events that came in during the last second.
    pub rate: u64,
    /// Time of its newest event.
    pub newest: Option<Nanos>,
    /// By the clock of this machine: when the state began, when events last came in, and when a source that
    /// asks again and again last had an answer.
    pub since: Nanos,
    pub received: Option<Nanos>,
    pub polled: Option<Nanos>,
    /// Events a second that came while it was live, on average; 0 until some have.
    pub usual: f64,
    /// Bytes that are known to wait at the source.
    pub behind: u64,
    /// Places where something is known to be missing; each is a mark in the list.
    pub losses: u64,
    /// Whether everything there was at the start has been loaded.
    pub whole: bool,
    /// Seconds left at the present speed, while loading.
    pub eta: Option<u64>,
    /// The newest thing worth telling: rotated, truncated, reconnected; empty for nothing.
    pub note: String,
    /// All that was worth telling, each text once, oldest first; and how many more there were when these were enough.
    pub said: Arc<[Arc<str>]>,
    pub unsaid: u64,
    /// Whether there was something to load before it went live: a stream has no history of its own.
    pub loads: bool,
    /// The newest trouble, also when it has passed: when it began, and what it was.
    pub trouble: Option<(Nanos, Arc<str>)>,
    /// What it is made of and how far each part is read: shards with their cursors.
    pub parts: Arc<[String]>,
}

impl SourceStatus {
    /// A source of this name of which nothing is known yet.
    pub fn new(name: Arc<str>) -> Self {
        Self {
            name,
            state: SourceState::Connecting,
            events: 0,
            defects: 0,
            remarks: Arc::default(),
            bytes: 0,
            bytes_total: None,
            rate: 0,
            newest: None,
            since: 0,
            received: None,
            polled: None,
            usual: 0.0,
            behind: 0,
            losses: 0,
            whole: false,
            eta: None,
            note: String::new(),
            said: Arc::default(),
            unsaid: 0,
            loads: false,
            trouble: None,
            parts: Arc::default(),
        }
    }

    /// Seconds until the next try at a time of this machine's clock, while one is waited for.
    pub fn retry_in(&self, clock: Nanos) -> Option<u64> {
        let SourceState::Retrying { seconds, .. } = self.state else {
            return None;
        };
        let passed = (clock - self.since).div_euclid(SECOND).max(0) as u64;
        Some(seconds.saturating_sub(passed))
    }
}

impl Status {
    pub fn is_loading(&self) -> bool {
        self.sources.iter().any(|s| s.state.is_busy())
    }

    pub fn is_live(&self) -> bool {
        self.sources.iter().any(|s| s.state == SourceState::Live)
    }
}
