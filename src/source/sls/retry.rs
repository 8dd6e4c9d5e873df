//! Retries calls until they succeed, and reports the source's state in the meantime.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::End;
use super::error::{Class, Error};
use crate::source::SourceState;
use crate::source::failure::printable;
use crate::source::retry::{Backoff, Policy};
use crate::source::{Delivery, Failure, Feed, Stopped};

/// Retry state shared by all calls of one source. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct RetryPolicy {
    feed: Feed,
    policy: Policy,
    health: Arc<Mutex<Health>>,
}

#[derive(Debug)]
struct Health {
    /// State while all calls succeed.
    base: SourceState,
    /// The state sent last.
    reported: Option<SourceState>,
    /// Number of calls being retried.
    waiting: usize,
    since: Option<Instant>,
    /// The longest outage not reported yet.
    outage: Option<Duration>,
}

impl RetryPolicy {
    pub(super) fn new(feed: Feed, policy: Policy) -> Self {
        let base = SourceState::Connecting;
        let health = Health {
            base,
            reported: None,
            waiting: 0,
            since: None,
            outage: None,
        };
        Self {
            feed,
            policy,
            health: Arc::new(Mutex::new(health)),
        }
    }

    /// Waits before the next look; the user can cut the wait short.
    pub(super) async fn rest(&self, time: Duration) {
        self.feed.rest(time).await;
    }

    /// Sets the state that applies while all calls succeed.
    pub(super) async fn state(&self, state: SourceState) -> Result<(), Stopped> {
        let tell = self.with_health(|health| {
            health.base = state;
            health.due()
        });
        self.tell(tell).await
    }

    /// Takes the longest time that calls failed since the last query, if any did.
    pub(super) fn outage(&self) -> Option<Duration> {
        self.with_health(|health| health.outage.take())
    }

    /// Repeats a call until it succeeds, fails in a way that a retry does not fix, or the policy gives up.
    pub(super) async fn with<T, F: Future<Output = Result<T, Error>>>(
        &self,
        call: impl Fn() -> F,
    ) -> Result<T, End> {
        self.unless(|_| false, call).await
    }

    /// Like [`Self::with`], but `expected` errors that a retry does not fix are returned, since the caller handles
    /// them.
    pub(super) async fn unless<T, F: Future<Output = Result<T, Error>>>(
        &self,
        expected: impl Fn(&Error) -> bool,
        call: impl Fn() -> F,
    ) -> Result<T, End> {
        let mut backoff = Backoff::new(self.policy.clone());
        let mut waiting = Waiting {
            patience: self,
            counted: false,
        };
        loop {
            let error = match call().await {
                Ok(value) => {
                    let tell = waiting.end();
                    self.tell(tell).await?;
                    return Ok(value);
                }
                Err(error) => error,
            };
            let asked = if let Error::Refused(refusal) = &error {
                refusal.retry_after
            } else {
                None
            };
            let wait = if error.class() == Class::Backoff {
                backoff.next(asked)
            } else {
                None
            };
            let Some(wait) = wait else {
                if expected(&error) || !self.policy.on_request {
                    return Err(End::Call(error));
                }
                waiting.begin();
                let why = Failure::from(error).to_string();
                self.with_health(|health| health.reported = None);
                self.feed.fail(why).await?;
                backoff.succeeded();
                continue;
            };
            waiting.begin();
            let seconds = wait.as_secs_f64().ceil() as u64;
            self.tell(Some(SourceState::Retrying {
                seconds,
                why: printable(&error.to_string()),
            }))
            .await?;
            self.feed.rest(wait).await;
        }
    }

    async fn tell(&self, state: Option<SourceState>) -> Result<(), Stopped> {
        let Some(state) = state else { return Ok(()) };
        self.with_health(|health| health.reported = Some(state.clone()));
        self.feed.send(Delivery::State(state)).await
    }

    fn with_health<T>(&self, change: impl FnOnce(&mut Health) -> T) -> T {
        change(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Health {
    /// The state to send now, unless a call is being retried or it was sent already.
    fn due(&self) -> Option<SourceState> {
        (self.waiting == 0 && self.reported.as_ref() != Some(&self.base)).then(|| self.base.clone())
    }
}

/// Counts a call as waiting from its first failure until it ends in any way.
struct Waiting<'a> {
    patience: &'a RetryPolicy,
    counted: bool,
}

impl Waiting<'_> {
    fn begin(&mut self) {
        if !self.counted {
            self.counted = true;
            self.patience.with_health(|health| {
                health.waiting += 1;
                health.since.get_or_insert_with(Instant::now);
            });
        }
    }

    /// Ends the wait and returns the state to send.
    fn end(&mut self) -> Option<SourceState> {
        if !self.counted {
            return None;
        }
        self.counted = false;
        self.patience.with_health(|health| {
            health.waiting -= 1;
            if health.waiting == 0 {
                let outage = health.since.take().map(|since| since.elapsed());
                health.outage = health.outage.max(outage);
            }
            health.due()
        })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
