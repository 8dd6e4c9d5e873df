//! The running sources: opens them, forwards their deliveries to the pool and the writer, pauses, retries and stops
//! them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, mpsc, watch};

use super::file_owners::FileOwners;
use super::message::ToWriter;
use super::pool::{Task, Work};
use super::run;
use crate::source::{Delivery, Feed, SourceError, SourceState, Spec, Written, file};

/// Deliveries that may wait between a source and the pool.
const FEED: usize = 1;

/// Non-following sources read at a time: more would only take memory. Enough for endpoints with slow responses.
const TURNS: usize = 16;

/// Action of a user on a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceAction {
    /// Retry or poll now. A source that ended without an event is opened again.
    Retry,
    /// Read nothing from it until [`SourceAction::Resume`].
    Pause,
    Resume,
    /// End it; events already read stay.
    Stop,
}

pub(super) struct Sources {
    runtime: Handle,
    tasks: mpsc::Sender<Task>,
    writer: mpsc::Sender<ToWriter>,
    running: Mutex<Vec<Running>>,
    /// Permits for files read at a time: more files would only take turns.
    reading: Arc<Semaphore>,
    /// Permits for non-following sources read at a time.
    turns: Arc<Semaphore>,
    claims: file::Fingerprints,
    twins: file::Twins,
    finders: FileOwners,
    /// Most bytes of a block.
    block: u64,
}

struct Running {
    spec: Spec,
    follow: bool,
    written: Written,
    stop: watch::Sender<bool>,
    hold: watch::Sender<bool>,
    hurry: Arc<Notify>,
    flag: Arc<AtomicBool>,
    /// True if it has ended and sent nothing.
    in_vain: Arc<AtomicBool>,
}

impl Sources {
    pub(super) fn new(
        runtime: Handle,
        tasks: mpsc::Sender<Task>,
        writer: mpsc::Sender<ToWriter>,
        block: u64,
    ) -> Self {
        Self {
            runtime,
            tasks,
            writer,
            running: Mutex::default(),
            reading: Arc::new(Semaphore::new(4)),
            turns: Arc::new(Semaphore::new(TURNS)),
            claims: file::Fingerprints::default(),
            twins: file::Twins::default(),
            finders: FileOwners::default(),
            block,
        }
    }

    fn name(&self, source: u32) -> String {
        let running = self.running();
        let running = running.get(source as usize);
        running.map_or_else(String::new, |running| running.spec.to_string())
    }

    fn running(&self) -> MutexGuard<'_, Vec<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces a source that will be opened to those opened before it.
    pub(super) fn announce(&self, spec: &Spec) {
        if let Spec::File(path) = spec {
            self.twins.name(path);
        }
    }

    /// Opens a source with the next number.
    pub(super) fn open(self: &Arc<Self>, spec: Spec, follow: bool, written: Written) {
        self.announce(&spec);
        let mut running = self.running();
        let source = running.len() as u32;
        running.push(self.start(source, spec, follow, written));
    }

    /// Number of sources opened.
    pub(super) fn opened(&self) -> usize {
        self.running().len()
    }

    pub(super) fn act(self: &Arc<Self>, source: usize, action: SourceAction) {
        let mut all = self.running();
        let Some(running) = all.get_mut(source) else {
            return;
        };
        match action {
            SourceAction::Retry if running.in_vain.load(Ordering::Acquire) => {
                let (spec, follow, written) =
                    (running.spec.clone(), running.follow, running.written);
                *running = self.start(source as u32, spec, follow, written);
            }
            SourceAction::Retry => running.hurry.notify_waiters(),
            SourceAction::Pause => _ = running.hold.send_replace(true),
            SourceAction::Resume => _ = running.hold.send_replace(false),
            SourceAction::Stop => running.stop(),
        }
    }

    /// Stops all sources; loaded events stay.
    pub(super) fn stop(&self) {
        self.running().iter().for_each(Running::stop);
    }

    fn start(self: &Arc<Self>, source: u32, spec: Spec, follow: bool, written: Written) -> Running {
        let (stop, stopped) = watch::channel(false);
        let (hold, held) = watch::channel(false);
        let running = Running {
            spec: spec.clone(),
            follow,
            written,
            stop,
            hold,
            hurry: Arc::default(),
            flag: Arc::default(),
            in_vain: Arc::default(),
        };
        let name: Arc<str> = spec.to_string().into();
        let (flag, hurry) = (running.flag.clone(), running.hurry.clone());
        let in_vain = running.in_vain.clone();
        let sources = self.clone();
        // Sources that follow run indefinitely and need no permit. The others hold nothing until it is their turn: they
        // may be a hundred thousand files.
        let turn = (!follow).then(|| self.turns.clone());
        self.runtime.spawn(async move {
            let opened = ToWriter::Source { source, name };
            if sources.writer.send(opened).await.is_err() {
                return;
            }
            let _turn = match turn {
                Some(turns) => turns.acquire_owned().await.ok(),
                None => None,
            };
            let run = async {
                let (feed, deliveries) = Feed::with(FEED, stopped, hurry);
                let feed = feed.in_blocks(sources.block);
                let pump = Pump {
                    source,
                    flag,
                    hold: held,
                    tasks: sources.tasks.clone(),
                    writer: sources.writer.clone(),
                    handed: 0,
                    state: SourceState::Connecting,
                    sources: sources.clone(),
                    shares: HashSet::new(),
                    written,
                };
                let reading = sources.reading.clone();
                let known = (sources.claims.clone(), sources.twins.clone());
                let task = tokio::spawn(run::run(spec, feed, follow, written, reading, known));
                pump.run(deliveries, task).await
            };
            let handed = Box::pin(run).await;
            in_vain.store(handed == Some(0), Ordering::Release);
        });
        running
    }
}

impl Running {
    fn stop(&self) {
        self.flag.store(true, Ordering::Relaxed);
        // A source that has ended does not listen any more.
        let _ = self.stop.send(true);
        self.hold.send_replace(false);
    }
}

/// Forwards the deliveries of a source to the pool and the writer.
struct Pump {
    source: u32,
    flag: Arc<AtomicBool>,
    hold: watch::Receiver<bool>,
    tasks: mpsc::Sender<Task>,
    writer: mpsc::Sender<ToWriter>,
    handed: u64,
    /// State the source reported last.
    state: SourceState,
    /// Opens the files that the source finds.
    sources: Arc<Sources>,
    /// Other sources that had already claimed files found here.
    shares: HashSet<u32>,
    written: Written,
}

type Ended = tokio::task::JoinHandle<Result<(), SourceError>>;

impl Pump {
    /// Runs until the source ends. Returns the number of tasks sent, or `None` if the engine ended first.
    async fn run(
        mut self,
        mut deliveries: mpsc::Receiver<Delivery>,
        mut running: Ended,
    ) -> Option<u64> {
        let mut end = None;
        loop {
            if *self.hold.borrow_and_update() {
                self.held().await?;
            }
            let delivery = tokio::select! {
                Ok(()) = self.hold.changed() => continue,
                delivery = deliveries.recv() => delivery,
                ended = &mut running, if end.is_none() => {
                    // A thread that waits for a pipe may still hold a sender; anything it sends is not wanted.
                    deliveries.close();
                    end = Some(ended);
                    continue;
                }
            };
            let Some(delivery) = delivery else { break };
            self.deliver(delivery).await?;
        }
        let end = match end {
            Some(end) => end,
            None => running.await,
        };
        let (error, stopped) = match end {
            Ok(Ok(())) => (None, self.flag.load(Ordering::Relaxed)),
            Ok(Err(SourceError::Stopped)) => (None, true),
            Ok(Err(error)) => (Some(error.to_string()), false),
            Err(panic) => (Some(format!("internal error: {panic}")), false),
        };
        let ended = ToWriter::Ended {
            source: self.source,
            tasks: self.handed,
            error,
            stopped,
        };
        self.writer.send(ended).await.ok()?;
        Some(self.handed)
    }

    /// Reads nothing from the source until it is resumed: the queue is short, so the source soon blocks.
    async fn held(&mut self) -> Option<()> {
        self.say(Delivery::State(SourceState::Paused)).await?;
        // An error means that the sender is gone, so it can never be resumed.
        self.hold.wait_for(|held| !held).await.ok()?;
        self.say(Delivery::State(self.state.clone())).await
    }

    async fn say(&mut self, delivery: Delivery) -> Option<()> {
        let message = ToWriter::Says {
            source: self.source,
            delivery,
            tasks: self.handed,
        };
        self.writer.send(message).await.ok()
    }

    async fn deliver(&mut self, delivery: Delivery) -> Option<()> {
        match delivery {
            Delivery::Block(block) => return self.hand(Work::Block(block)).await,
            Delivery::Range(range) => return self.hand(Work::Range(range)).await,
            Delivery::Found(path) => {
                return match self.sources.finders.claim(&path, self.source) {
                    Ok(()) => {
                        self.sources.open(Spec::File(path), true, self.written);
                        Some(())
                    }
                    Err(other) if self.shares.insert(other) => {
                        let name = self.sources.name(other);
                        let text = format!(
                            "files that are also in {name} are read once, as part of {name}"
                        );
                        self.say(Delivery::Note(text)).await
                    }
                    Err(_) => Some(()),
                };
            }
            Delivery::State(ref state) => self.state.clone_from(state),
            _ => {}
        }
        self.say(delivery).await
    }

    async fn hand(&mut self, work: Work) -> Option<()> {
        let task = Task {
            source: self.source,
            seq: self.handed,
            work,
            stop: self.flag.clone(),
        };
        self.handed += 1;
        self.tasks.send(task).await.ok()
    }
}
