//! Diagnostics of a session: sources and their states, requests and frames with their durations.

use std::time::{Duration, Instant};

use crate::engine::{Answer, Ask, SourceState, Status};

/// Frames that take longer are logged as warnings: the screen must follow every key.
const FRAME: Duration = Duration::from_millis(16);

/// Answers that take longer are noticeable.
const ANSWER: Duration = Duration::from_millis(200);

#[derive(Debug, Default)]
pub(super) struct Timing {
    states: Vec<SourceState>,
    asked: Option<(u64, Instant)>,
}

impl Timing {
    /// Logs sources whose state has changed.
    pub(super) fn status(&mut self, status: &Status) {
        if !log::log_enabled!(log::Level::Error) {
            return;
        }
        for (at, source) in status.sources.iter().enumerate() {
            let known = self.states.get_mut(at);
            if known.as_deref() == Some(&source.state) {
                continue;
            }
            let (name, events) = (&source.name, source.events);
            match &source.state {
                SourceState::Failed { why } => {
                    log::error!("{name}: failed: {why}; {events} events");
                }
                SourceState::Retrying { why, .. } => {
                    log::warn!("{name}: retrying: {why}; {events} events");
                }
                SourceState::Missing { why } => {
                    log::warn!("{name}: missing: {why}; {events} events");
                }
                SourceState::Connecting => log::info!("{name}: connecting"),
                SourceState::Awaiting => log::info!("{name}: waiting for a writer"),
                SourceState::Loading => log::info!("{name}: loading"),
                SourceState::Live => log::info!("{name}: live; {events} events"),
                SourceState::Done => log::info!("{name}: loaded; {events} events"),
                SourceState::Paused => log::info!("{name}: paused; {events} events"),
                SourceState::Stopped => log::warn!("{name}: stopped; {events} events"),
            }
            match known {
                Some(known) => *known = source.state.clone(),
                None => self.states.push(source.state.clone()),
            }
        }
    }

    pub(super) fn asked(&mut self, ask: &Ask) {
        self.asked = Some((ask.id, Instant::now()));
    }

    /// Logs the duration of the newest request.
    pub(super) fn answered(&mut self, answer: &Answer) {
        let Some((_, at)) = self
            .asked
            .take_if(|(id, _)| *id == answer.id && answer.complete)
        else {
            return;
        };
        let took = at.elapsed();
        let (id, matched, total) = (answer.id, answer.matched, answer.total);
        if took > ANSWER {
            log::warn!("request {id}: {matched} of {total} in {took:.1?}");
        } else {
            log::debug!("request {id}: {matched} of {total} in {took:.1?}");
        }
    }

    pub(super) fn drawn(took: Duration) {
        if took > FRAME {
            log::warn!("frame took {took:.1?}");
        } else {
            log::debug!("frame took {took:.1?}");
        }
    }
}
