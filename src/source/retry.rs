//! Waits between retries, and the limit of retries. Each protocol decides which failures to retry.

use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// Rules for retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Upper bound of the first wait; it doubles with every failure in a row.
    pub first: Duration,
    /// Longest wait, unless the server requests a longer one.
    pub cap: Duration,
    /// Failures in a row after which to give up; `None` retries indefinitely.
    pub give_up: Option<u32>,
    /// Errors that waiting does not fix are retried when the user requests it, instead of ending the source.
    pub on_request: bool,
}

impl Policy {
    /// Policy for followed sources: never gives up.
    pub fn patient() -> Self {
        Self {
            first: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            give_up: None,
            on_request: false,
        }
    }

    /// Policy for sources read once: about a minute of retries.
    pub fn limited() -> Self {
        Self {
            give_up: Some(8),
            ..Self::patient()
        }
    }
}

/// Longest wait requested by a server that is honored if the policy gives up.
const LONGEST_ONCE: Duration = Duration::from_mins(2);

/// Longest wait honored from a server's `Retry-After`.
const LONGEST_ASKED: Duration = Duration::from_mins(10);

/// Counts failures in a row and computes the wait after each.
#[derive(Debug)]
pub struct Backoff {
    policy: Policy,
    failures: u32,
}

impl Backoff {
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            failures: 0,
        }
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns the wait before the next retry, between half the upper bound and the upper bound, and no shorter than
    /// the server requested (`asked`); `None`: give up.
    pub fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.failures += 1;
        if self
            .policy
            .give_up
            .is_some_and(|limit| self.failures >= limit || asked > Some(LONGEST_ONCE))
        {
            return None;
        }
        let doubled = self
            .policy
            .first
            .saturating_mul(1 << (self.failures - 1).min(20));
        let most = doubled.min(self.policy.cap);
        let wait = most / 2 + (most / 2).mul_f64(chance());
        Some(wait.max(asked.unwrap_or_default().min(LONGEST_ASKED)))
    }

    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

/// Returns a number in [0, 1) that differs from call to call; only suitable for spreading waits.
fn chance() -> f64 {
    let bits = std::hash::RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// Parses a `Retry-After` header: seconds, or an HTTP date.
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = header.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(header.trim()).ok()?;
    (at.with_timezone(&Utc) - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_are_spread() {
        let mut backoff = Backoff::new(Policy {
            cap: Duration::from_secs(3),
            ..Policy::patient()
        });
        for most in [500, 1000, 2000, 3000, 3000] {
            let wait = backoff.next(None).expect("patient");
            assert!(
                wait >= Duration::from_millis(most / 2) && wait <= Duration::from_millis(most),
                "{wait:?}"
            );
        }
        backoff.succeeded();
        assert!(backoff.next(None).expect("patient") <= Duration::from_millis(500));
        assert!(
            (0..8)
                .map(|_| chance())
                .collect::<Vec<_>>()
                .windows(2)
                .any(|w| (w[0] - w[1]).abs() > 1e-9)
        );
    }

    #[test]
    fn gives_up_after_the_limit_and_honours_what_the_server_asks() {
        let mut backoff = Backoff::new(Policy {
            give_up: Some(2),
            ..Policy::patient()
        });
        assert_eq!(
            backoff.next(Some(Duration::from_secs(7))),
            Some(Duration::from_secs(7))
        );
        assert_eq!(backoff.next(None), None);
        // A query that waits for the end does not wait an hour.
        let asked = Some(Duration::from_secs(1_000_000_000));
        assert_eq!(Backoff::new(Policy::limited()).next(asked), None);
        let patient = Backoff::new(Policy::patient()).next(asked);
        assert_eq!(patient, Some(LONGEST_ASKED));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = DateTime::from_timestamp(1_712_912_310, 0).expect("in range");
        assert_eq!(retry_after(" 7", now), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Fri, 12 Apr 2024 08:58:40 GMT", now),
            Some(Duration::from_secs(10))
        );
        assert_eq!(retry_after("Fri, 12 Apr 2024 08:00:00 GMT", now), None);
        assert_eq!(retry_after("soon", now), None);
    }
}
