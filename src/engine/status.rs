//! Events and status that the engine sends unasked.

use std::sync::Arc;
use std::time::Duration;

use super::request::Answer;
use crate::index::Evicted;
use crate::model::Remarks;
use crate::model::time::{Nanos, SECOND};
use crate::source::SourceState;

/// Event sent by the engine to the code that started it.
#[derive(Clone, Debug)]
pub enum EngineEvent {
    /// Change of status: sent at most about 20 times a second, always after the last change.
    Status(Arc<Status>),
    Answer(Box<Answer>),
    /// Progress of the last pass of the request with this id; the result is not known before the end of the pass.
    Progress {
        id: u64,
        done: usize,
        all: usize,
    },
    /// Progress of an export.
    Writing(Writing),
}

/// Progress of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    pub id: u64,
    pub step: WriteStep,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteStep {
    /// The target file can be written.
    Begun,
    /// Percentage of the work done.
    Done(u8),
    /// The file exists, with this many bytes, and overwriting was not requested.
    Exists(u64),
    Written {
        events: u64,
        bytes: u64,
        /// Number of marked events that are not loaded, if marked events were requested.
        missing: u64,
    },
    /// Nothing was written and no file remains; the text gives the reason and the remedy.
    Failed(String),
    /// Stopped on request; no file remains.
    Stopped,
}

/// State of the whole engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Generation of the newest published snapshot; an increase means that responses may be outdated.
    pub generation: u64,
    pub events: u64,
    pub defects: u64,
    /// Number of records that are neither events nor defects.
    pub skipped: u64,
    /// Time of the oldest and newest event loaded.
    pub span: Option<(Nanos, Nanos)>,
    /// Bytes the index takes.
    pub memory: u64,
    /// Time during which at least one source was connecting or loading.
    pub loading: Duration,
    /// Events evicted from `events` because of the memory limit.
    pub evicted: Evicted,
    pub sources: Vec<SourceStatus>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SourceStatus {
    pub name: Arc<str>,
    pub state: SourceState,
    pub events: u64,
    pub defects: u64,
    /// Remarks on its records, including those that are neither events nor defects.
    pub remarks: Arc<Remarks>,
    /// Bytes read so far, and in total if known.
    pub bytes: u64,
    pub bytes_total: Option<u64>,
    /// Events received during the last second.
    pub rate: u64,
    /// Time of its newest event.
    pub newest: Option<Nanos>,
    /// By the clock of this machine: start of the state, arrival of the last events, and last response to a polling
    /// source.
    pub since: Nanos,
    pub received: Option<Nanos>,
    pub polled: Option<Nanos>,
    /// Average events per second while live; 0 until some have arrived.
    pub usual: f64,
    /// Bytes known to be unread at the source.
    pub behind: u64,
    /// Places at which data is known to be missing; each is a mark in the list.
    pub losses: u64,
    /// True if everything that existed at the start has been loaded.
    pub whole: bool,
    /// Estimated seconds left while loading, at the current speed.
    pub eta: Option<u64>,
    /// The newest note: rotated, truncated, reconnected; empty if there is none.
    pub note: String,
    /// Distinct notes, oldest first, and the number of further ones that were not kept.
    pub said: Arc<[Arc<str>]>,
    pub unsaid: u64,
    /// True if there was something to load before it went live: a stream has no history of its own.
    pub loads: bool,
    /// The newest failure, even if it has passed: its start and its description.
    pub trouble: Option<(Nanos, Arc<str>)>,
    /// Its parts and the position in each: shards with their cursors.
    pub parts: Arc<[String]>,
}

impl SourceStatus {
    /// Initial status of a source.
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

    /// Seconds until the next retry at a time of this machine's clock, if one is pending.
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
