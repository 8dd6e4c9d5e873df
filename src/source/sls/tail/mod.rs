//! Reading by shard, in the order of receipt: complete, without a filter.
//!
//! Every shard has a task; the list of shards is requested again periodically. After a split or merge the parents
//! become read-only: they are read to their end, and the new shards from their beginning.

mod shard;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::DateTime;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::shard::{Reading, ShardMessage, ShardReader};
use super::checkpoint::{Checkpoints, Position, State};
use super::client::{Client, Place};
use super::model::Shard;
use super::retry::RetryPolicy;
use super::{End, Settings};
use crate::source::SourceState;
use crate::source::dedup::{RecentRecords, digest};
use crate::source::failure::printable;
use crate::source::record_writer::RecordWriter;
use crate::source::{Delivery, Failure, Feed};

/// Records remembered, to drop those read again after a cursor became invalid.
const REMEMBERED: usize = 500_000;

pub(super) async fn run(feed: Feed, client: Arc<Client>, settings: &Settings) -> Result<(), End> {
    let patience = RetryPolicy::new(feed.clone(), settings.retry.clone());
    let logstore = format!("{}/{}", settings.address.host(), settings.address.logstore);
    let keeper = Keeper::load(settings.checkpoints.clone(), logstore)?;
    let (tell, reported) = mpsc::channel(16);
    let mut tail = Tail {
        settings,
        client,
        patience,
        outlet: RecordWriter::new(feed),
        seen: RecentRecords::new(REMEMBERED),
        resumed: !keeper.state.shards.is_empty(),
        keeper,
        shards: BTreeMap::new(),
        tell,
        tasks: JoinSet::new(),
        relist: Arc::new(Notify::new()),
    };
    if tail.resumed {
        tail.outlet.note("resumed from the last checkpoint").await?;
    }
    let shards = tail.patience.with(|| tail.client.shards()).await?;
    tail.patience.state(SourceState::Loading).await?;
    let start = settings.since.map_or(Place::Begin, Place::Time);
    tail.list(&shards, start);
    tail.read(reported).await
}

struct Tail<'a> {
    settings: &'a Settings,
    client: Arc<Client>,
    patience: RetryPolicy,
    outlet: RecordWriter,
    seen: RecentRecords,
    keeper: Keeper,
    /// True if reading started from a checkpoint.
    resumed: bool,
    shards: BTreeMap<i64, Known>,
    tell: mpsc::Sender<ShardMessage>,
    tasks: JoinSet<()>,
    /// Wakes the task that reads the list of shards.
    relist: Arc<Notify>,
}

/// State of a shard.
struct Known {
    read_only: Arc<AtomicBool>,
    caught_up: bool,
    ended: bool,
    at: Option<Position>,
}

impl Known {
    /// Describes a shard: `shard 3, read-only: caught up, received to 2024-04-12 08:58:30Z, cursor MTcx…`.
    fn describe(&self, id: i64) -> String {
        let mut text = format!("shard {id}");
        if self.read_only.load(Ordering::Relaxed) {
            text += ", read-only";
        }
        text += match (self.ended, self.caught_up) {
            (true, _) => ": read to the end",
            (_, true) => ": caught up",
            _ => ": loading",
        };
        if let Some(position) = &self.at {
            let received = position
                .received
                .and_then(|at| DateTime::from_timestamp(at, 0));
            if let Some(at) = received {
                text += &at.format(", received to %F %TZ").to_string();
            }
            text = text + ", cursor " + &printable(&position.cursor);
        }
        text
    }
}

impl Tail<'_> {
    /// Updates the list of shards: new ones are read from `start`, or from their saved position.
    fn list(&mut self, shards: &[Shard], start: Place) {
        for shard in shards {
            if let Some(known) = self.shards.get(&shard.id) {
                known.read_only.store(shard.read_only, Ordering::Relaxed);
                continue;
            }
            let kept = self.keeper.state.shards.get(&shard.id).cloned();
            let read_only = Arc::new(AtomicBool::new(shard.read_only));
            let ended = kept.as_ref().is_some_and(|position| position.drained);
            self.shards.insert(
                shard.id,
                Known {
                    read_only: read_only.clone(),
                    caught_up: ended,
                    ended,
                    at: kept.clone(),
                },
            );
            if ended {
                continue;
            }
            // A shard missing in the checkpoint was created since then.
            let start = if self.resumed && kept.is_none() {
                Place::Begin
            } else {
                start
            };
            let reader = ShardReader {
                id: shard.id,
                reading: Reading {
                    client: self.client.clone(),
                    patience: self.patience.clone(),
                    tuning: self.settings.tuning.clone(),
                    follow: self.settings.follow,
                    until: self.settings.until,
                },
                read_only,
                start,
                position: kept.unwrap_or_default(),
                tell: self.tell.clone(),
            };
            self.tasks.spawn(reader.run());
        }
    }

    async fn read(&mut self, mut reported: mpsc::Receiver<ShardMessage>) -> Result<(), End> {
        let now = self.client.now().timestamp();
        if self.settings.follow && self.settings.until.is_none_or(|until| until > now) {
            self.tasks.spawn(relist(
                self.client.clone(),
                self.patience.clone(),
                self.settings.tuning.relist,
                self.relist.clone(),
                self.tell.clone(),
            ));
        }
        let mut save_at = Instant::now() + self.settings.tuning.save;
        self.progress().await?;
        while !self.is_over() {
            let news = tokio::select! {
                news = reported.recv() => news,
                () = tokio::time::sleep_until(save_at), if self.keeper.dirty => None,
            };
            if let Some(news) = news {
                self.take(news).await?;
            }
            if self.keeper.dirty && Instant::now() >= save_at {
                self.keeper.save();
                save_at = Instant::now() + self.settings.tuning.save;
            }
            if let Some(outage) = self.patience.outage() {
                let seconds = outage.as_secs_f64();
                let mark =
                    format!("reconnected after {seconds:.0} s; events from the outage were read");
                self.outlet.mark(mark).await?;
            }
        }
        self.keeper.save();
        self.outlet.state(SourceState::Done).await?;
        Ok(())
    }

    fn is_over(&self) -> bool {
        let awaits_more = self.settings.follow && self.settings.until.is_none();
        !awaits_more && self.shards.values().all(|shard| shard.ended)
    }

    async fn take(&mut self, news: ShardMessage) -> Result<(), End> {
        match news {
            ShardMessage::Batch {
                shard,
                records,
                position,
            } => {
                for record in &records {
                    if self.seen.is_new(digest(record)) {
                        self.outlet.record(record).await?;
                    }
                }
                self.outlet.flush().await?;
                self.seen.turn();
                if let Some(known) = self.shards.get_mut(&shard) {
                    known.at = Some(position.clone());
                }
                self.keeper.set(shard, position);
                self.describe().await?;
            }
            ShardMessage::CaughtUp { shard } => {
                if let Some(known) = self.shards.get_mut(&shard) {
                    known.caught_up = true;
                }
                self.outlet.say(Delivery::Polled).await?;
                self.describe().await?;
                self.progress().await?;
            }
            ShardMessage::Ended {
                shard,
                position,
                note,
            } => {
                if let Some(known) = self.shards.get_mut(&shard) {
                    known.caught_up = true;
                    known.ended = true;
                }
                self.keeper.set(shard, position);
                if let Some(note) = note {
                    self.outlet.note(note).await?;
                }
                self.relist.notify_one();
                self.describe().await?;
                self.progress().await?;
            }
            ShardMessage::Shards(shards) => {
                self.list(&shards, Place::Begin);
                self.describe().await?;
            }
            ShardMessage::Mark(text) => self.outlet.mark(text).await?,
            ShardMessage::Lost(text) => self.outlet.lost(text).await?,
            ShardMessage::Failed(end) => return Err(end),
        }
        Ok(())
    }

    /// Sends the position of each shard.
    async fn describe(&mut self) -> Result<(), End> {
        let parts = (self.shards.iter())
            .map(|(id, shard)| shard.describe(*id))
            .collect();
        Ok(self.outlet.parts(parts).await?)
    }

    /// Sets the state to live once all shards have caught up.
    async fn progress(&mut self) -> Result<(), End> {
        if self.settings.follow && self.shards.values().all(|shard| shard.caught_up) {
            self.patience.state(SourceState::Live).await?;
        }
        Ok(())
    }
}

/// Requests the list of shards periodically.
async fn relist(
    client: Arc<Client>,
    patience: RetryPolicy,
    every: std::time::Duration,
    wanted: Arc<Notify>,
    tell: mpsc::Sender<ShardMessage>,
) {
    loop {
        tokio::select! {
            () = sleep(every) => {}
            () = wanted.notified() => {}
        }
        let news = match patience.with(|| client.shards()).await {
            Ok(shards) => ShardMessage::Shards(shards),
            Err(end) => ShardMessage::Failed(end),
        };
        let failed = matches!(news, ShardMessage::Failed(_));
        if tell.send(news).await.is_err() || failed {
            return;
        }
    }
}

/// The state and its storage. Saved when dropped, so that every exit keeps the positions.
struct Keeper {
    to: Option<Arc<dyn Checkpoints>>,
    state: State,
    dirty: bool,
}

impl Keeper {
    fn load(to: Option<Arc<dyn Checkpoints>>, logstore: String) -> Result<Self, End> {
        let failed = |e: std::io::Error| {
            Failure::new(
                format!("cannot read the checkpoints: {e}"),
                "remove the file to start from --since",
            )
        };
        let loaded = to
            .as_ref()
            .map(|to| to.load())
            .transpose()
            .map_err(failed)?
            .flatten();
        let state = loaded.filter(|state| state.logstore == logstore);
        let state = state.unwrap_or(State {
            logstore,
            shards: BTreeMap::new(),
        });
        Ok(Self {
            to,
            state,
            dirty: false,
        })
    }

    fn set(&mut self, shard: i64, position: Position) {
        if let Some(position) = Some(position).filter(|p| !p.cursor.is_empty()) {
            self.dirty = self.to.is_some();
            self.state.shards.insert(shard, position);
        }
    }

    /// A failure to save only means that records are read again later, which is no reason to stop now.
    fn save(&mut self) {
        if self.dirty
            && let Some(to) = &self.to
        {
            self.dirty = to.save(&self.state).is_err();
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.save();
    }
}
