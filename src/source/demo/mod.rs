//! Synthetic registry traffic: believable, and byte-identical for a given seed on every machine and in every version.
//!
//! A day of five instances (production, staging and development in two regions), 3,000 repositories with Zipf
//! popularity, about 5,000 identities, clusters, builds, people, and everyday failures: typos, refusals, throttling,
//! two windows of faults. Load follows the hours of a working day. Nothing here reads a clock; only the task in [`run`]
//! waits.
//!
//! # The incident
//!
//! A history contains one incident: the fixed password of the RAM user `ci-deploy@acme` has leaked. In order, within
//! the last three and a half hours before the end:
//!
//! 1. `status:401` rises: about 60 wrong passwords for `ci-deploy@acme` from 203.0.113.66, a new address, over the
//!    Internet, while this user otherwise comes from the build VPC only. These events name the user and no identity.
//! 2. Refusals (403) once the password is right.
//! 3. Some 180 repositories are read in 13 minutes by `python-requests` (client `python`), with `GetTags`, an
//!    undocumented action.
//! 4. Fifteen images are pulled completely with skopeo.
//! 5. `payment/payment-gateway` in production: the tag that the build had pushed five hours before is pushed again from
//!    that address. Two pushes of one image, two addresses.
//! 6. About 30 production nodes pull it.
//! 7. Two dozen `DeleteTag` within a minute, half of them in that repository, to hide the traces.
//!
//! The picks `ip` 203.0.113.66, then `image` of the push, reveal all of it. Short histories have a short incident,
//! those of less than 1,000 events have none.

mod activity;
mod builds;
mod incident;
mod names;
mod people;
mod queue;
mod record;
mod repositories;
mod rhythm;
mod rng;
mod task;
mod world;

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use crate::model::time::{Nanos, SECOND};
use incident::Script;
use queue::Queue;
use record::{Event, Writer};
use rhythm::{HOUR, MINUTE, Pace};
use rng::Rng;
use world::World;

pub use task::{Settings, run};

/// Maximum delay of delivery to the log, which also bounds the disorder of lines.
pub const DELAY: Nanos = 2 * SECOND;

/// Minimum number of events of a history with the incident.
const INCIDENT: u64 = 1000;

/// Minimum number of events for an incident that is clear enough for the hints of the explorer.
pub const PLAIN_INCIDENT: u64 = 20_000;

/// Address that the incident comes from.
pub const ADDRESS: &str = "203.0.113.66";

/// Parameters of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub seed: u64,
    /// Number of events, spread over the 24 hours before `end`.
    pub events: u64,
    /// Time before which all events occur; at least a day after the epoch.
    pub end: Nanos,
}

/// Generator of log lines.
pub struct Generator {
    world: World,
    rng: Rng,
    pace: Pace,
    queue: Queue,
    script: Script,
    writer: Writer,
    /// Number of the newest tag of each repository.
    heads: Vec<u32>,
    /// Time spans of faults, each with its instance.
    faults: Vec<(Range<Nanos>, u8)>,
    /// Maximum number of events, and the time before which they occur.
    limit: u64,
    end: Nanos,
    /// Maximum number of callers in one burst: short histories have small bursts.
    crowd: u32,
    /// Divisor of the debt (see `paid`): an activity pays that part of it. Short histories have no room for a long
    /// debt.
    share: u64,
    /// Time before which no further event is generated.
    clock: Nanos,
    /// Number of events whose time has passed. Events generated beyond that number are a debt that is paid off
    /// gradually, so that a burst is not followed by silence.
    paid: u64,
}

impl Generator {
    /// Creates a history of exactly `config.events` events.
    pub fn new(config: Config) -> Self {
        let Config { seed, events, end } = config;
        let share = (events / 800).clamp(1, 12);
        let minutes =
            |from: Nanos, length: Nanos| end - from * MINUTE..end - (from - length) * MINUTE;
        let mut generator = Self {
            pace: Pace::day(seed, events, end),
            script: if events < INCIDENT {
                Script::default()
            } else {
                Script::new(seed, events, end)
            },
            faults: vec![(minutes(560, 7), 1), (minutes(56, 4), 3)],
            limit: events,
            end,
            crowd: (events / 4000).clamp(3, 64) as u32,
            share,
            paid: (events / 16).min(6 * share),
            clock: end - 24 * HOUR,
            ..Self::live(seed, end, 1)
        };
        generator.rng = Rng::new(rng::mix(seed, 1));
        generator
    }

    /// Creates an endless stream of events from `now` on, `rate` a second, in the world of the history with an equal
    /// seed.
    pub fn live(seed: u64, now: Nanos, rate: u32) -> Self {
        let world = World::new(seed, now);
        Self {
            heads: world.repositories.iter().map(|r| r.tags).collect(),
            world,
            rng: Rng::new(rng::mix(seed, 2)),
            pace: Pace::Live {
                start: now,
                rate: u64::from(rate.max(1)),
            },
            queue: Queue::default(),
            script: Script::default(),
            writer: Writer::new(),
            faults: Vec::new(),
            limit: u64::MAX,
            end: Nanos::MAX,
            crowd: rate.clamp(3, 64),
            share: 12,
            clock: now,
            paid: 0,
        }
    }

    /// Continues live after the end of the history, with the tags that were pushed in it.
    #[must_use]
    pub fn into_live(self, seed: u64, now: Nanos, rate: u32) -> Self {
        Self {
            heads: self.heads,
            ..Self::live(seed, now, rate)
        }
    }

    /// Appends the next event as one line with a line feed; false once the history is complete.
    pub fn next_into(&mut self, out: &mut Vec<u8>) -> bool {
        self.advance();
        let Some(event) = self.queue.pop() else {
            return false;
        };
        self.writer.write(&self.world, &event, out);
        true
    }

    /// Time at which the next event reaches the log; `None` once the history is complete.
    pub fn due(&mut self) -> Option<Nanos> {
        self.advance();
        self.queue.due()
    }

    /// Generates events until none can precede the first in the queue.
    fn advance(&mut self) {
        while self.queue.pushed() < self.limit
            && self.queue.due().is_none_or(|due| due > self.clock)
        {
            let debt = self.queue.pushed().saturating_sub(self.paid);
            let pay = (debt / self.share).max(debt.min(3)).max(1);
            // Kept before the end, so that every activity leaves an event in time.
            let next = self.pace.time(self.paid + pay).min(self.end - 2 * DELAY);
            if let Some(time) = self.script.due().filter(|time| *time <= next) {
                self.clock = self.clock.max(time);
                self.incident();
            } else {
                self.clock = self.clock.max(next);
                self.paid += pay;
                let kind = rhythm::kind(&mut self.rng, self.clock);
                let time = self.clock + Nanos::from(self.rng.below(DELAY as u32));
                self.perform(kind, time);
            }
        }
    }

    /// Queues an event for delivery, unless it exceeds the number or the end.
    fn push(&mut self, event: Event) {
        let delay = Nanos::from(self.rng.below(DELAY as u32));
        if event.time < self.end && self.queue.pushed() < self.limit {
            self.queue.push(event.time + delay, event);
        }
    }
}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator")
            .field("limit", &self.limit)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// Writes a history of `events` events, one a line.
pub fn write(events: u64, seed: u64, end: Nanos, out: &mut impl Write) -> io::Result<()> {
    const BLOCK: usize = 256 * 1024;
    let mut generator = Generator::new(Config { seed, events, end });
    let mut block = Vec::with_capacity(BLOCK + 4096);
    while generator.next_into(&mut block) {
        if block.len() >= BLOCK {
            out.write_all(&block)?;
            block.clear();
        }
    }
    out.write_all(&block)?;
    out.flush()
}

#[cfg(test)]
mod tests;
