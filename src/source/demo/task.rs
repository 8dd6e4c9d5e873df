//! Generator as a source: the history as fast as the engine accepts it, then a live tail in real time.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Config, Generator};
use crate::model::time::Nanos;
use crate::source::SourceState;
use crate::source::{Delivery, Feed, Stopped};

/// Settings of the demo source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Number of events of history, spread over the 24 hours before `now`.
    pub events: u64,
    /// Live events a second; 0 for a history only.
    pub rate: u32,
    pub seed: u64,
    /// Current time at the start of the task.
    pub now: Nanos,
}

const BATCH: usize = 1024 * 1024;
const TICK: Duration = Duration::from_millis(100);

/// Delivers the history, reports that it is live (or done, if the rate is 0), and continues until it is stopped.
pub async fn run(feed: Feed, settings: Settings) {
    // Being stopped is the normal end, and no one is left to receive an error.
    let _ = play(&feed, settings).await;
}

async fn play(feed: &Feed, settings: Settings) -> Result<(), Stopped> {
    let Settings {
        events,
        rate,
        seed,
        now,
    } = settings;
    let started = Instant::now();
    let mut offset = 0;
    feed.send(Delivery::State(SourceState::Loading)).await?;
    let mut generator = Generator::new(Config {
        seed,
        events,
        end: now,
    });
    let mut more = true;
    while more {
        let mut bytes = Vec::with_capacity(BATCH + 4096);
        while bytes.len() < BATCH && more {
            more = generator.next_into(&mut bytes);
        }
        deliver(feed, bytes, &mut offset).await?;
    }
    if rate == 0 {
        return feed.send(Delivery::State(SourceState::Done)).await;
    }
    feed.send(Delivery::State(SourceState::Live)).await?;

    let mut generator = generator.into_live(seed, now, rate);
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = feed.stopped() => return Ok(()),
            _ = ticks.tick() => {}
        }
        let clock = now + started.elapsed().as_nanos() as Nanos;
        let mut bytes = Vec::new();
        while generator.due().is_some_and(|due| due <= clock) && generator.next_into(&mut bytes) {}
        deliver(feed, bytes, &mut offset).await?;
    }
}

async fn deliver(feed: &Feed, bytes: Vec<u8>, offset: &mut u64) -> Result<(), Stopped> {
    if bytes.is_empty() {
        return Ok(());
    }
    let at = *offset;
    *offset += bytes.len() as u64;
    feed.send(Delivery::lines(bytes, at)).await
}
