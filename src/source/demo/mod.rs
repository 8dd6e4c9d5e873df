//! Synthetic registry traffic: believable, and the same bytes for the same seed on every machine, for ever.
//!
//! A day of five instances (production, staging and development in two regions), 3,000 repositories pulled as
//! Zipf has it, about 5,000 identities, clusters, builds, people, and what goes wrong every day: typos,
//! refusals, throttling, two windows of faults. Load follows the hours of a working day. Nothing here reads a
//! clock; the task in [`run`] is the only thing that waits.
//!
//! # What can be found
//!
//! A history holds one incident: the fixed password of the RAM user `ci-deploy@acme` has leaked. In order, within
//! the last three and a half hours before the end:
//!
//! 1. `status:401` rises: about 60 wrong passwords for `ci-deploy@acme` from 203.0.113.66, an address that is
//!    nowhere before, over the Internet, while this user otherwise comes from the build VPC only. These events
//!    name the user and no identity.
//! 2. Refusals (403) once the password is right.
//! 3. Some 180 repositories are looked at in 13 minutes by `python-requests` (client `python`), with `GetTags`,
//!    an action outside the documentation.
//! 4. Fifteen images are pulled whole with skopeo.
//! 5. `payment/payment-gateway` in production: the tag that the build had pushed five hours before is pushed
//!    again from that address. Two pushes of one image, two addresses.
//! 6. About 30 production nodes pull it.
//! 7. Two dozen `DeleteTag` within a minute, half of them in that repository, to hide the traces.
//!
//! The picks `ip` 203.0.113.66, then `image` of the push, tell the whole of it. Short histories have a short
//! incident, those of less than 1,000 events have none.

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

/// Delivery to the log takes at most this long, so that lines are out of order by no more.
pub const DELAY: Nanos = 2 * SECOND;

/// A history to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub seed: u64,
    /// How many events, spread over the 24 hours before `end`.
    pub events: u64,
    /// No event is later than this; a day after the epoch at least.
    pub end: Nanos,
}

/// Makes one line after the other.
pub struct Generator {
    world: World,
    rng: Rng,
    pace: Pace,
    queue: Queue,
    script: Script,
    writer: Writer,
    /// Number of the newest tag of each repository.
    heads: Vec<u32>,
    /// When which instance fails.
    faults: Vec<(Range<Nanos>, u8)>,
    /// Most events that are made, and the time from which on none is.
    limit: u64,
    end: Nanos,
    /// Most callers of one burst: few events have small bursts.
    crowd: u32,
    /// Share of its debt (see `paid`) that an activity pays: few events have no room for a long debt.
    share: u64,
    /// No event is made for a time before this any more.
    clock: Nanos,
    /// Events whose time has passed; those that were made beyond them are paid off little by little, so that a
    /// burst does not leave silence behind.
    paid: u64,
}

impl Generator {
    /// A history of exactly `config.events` events.
    pub fn new(config: Config) -> Self {
        let Config { seed, events, end } = config;
        let share = (events / 800).clamp(1, 12);
        let minutes =
            |from: Nanos, length: Nanos| end - from * MINUTE..end - (from - length) * MINUTE;
        let mut generator = Self {
            pace: Pace::day(seed, events, end),
            script: if events < 1000 {
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

    /// Events without end from `now` on, `rate` a second, in the world of the history with the same seed.
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

    /// Goes on live where the history ended, with what was pushed in it.
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

    /// When the next event reaches the log; `None` once the history is complete.
    pub fn due(&mut self) -> Option<Nanos> {
        self.advance();
        self.queue.due()
    }

    /// Makes events until nothing can come before the first in the queue.
    fn advance(&mut self) {
        while self.queue.pushed() < self.limit
            && self.queue.due().is_none_or(|due| due > self.clock)
        {
            let debt = self.queue.pushed().saturating_sub(self.paid);
            let pay = (debt / self.share).max(debt.min(3)).max(1);
            // Held short of the end, so that whatever happens next leaves an event before it.
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

    /// Sends an event on its way, unless it is one too many or too late.
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

/// Writes a history of `events` events, a line each.
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
