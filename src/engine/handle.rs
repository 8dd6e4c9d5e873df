//! The engine as its user sees it: open sources, ask, stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc, watch};

use super::message::ToWriter;
use super::pool::{self, Task, Work};
use super::request::Ask;
use super::shared::Shared;
use super::status::EngineEvent;
use super::worker;
use super::writer::Writer;
use crate::decode::formats::FormatId;
use crate::index::Snapshot;
use crate::model::Defect;
use crate::source::{Delivery, Feed, Records, SourceError, Spec, demo, file, stdin};
#[cfg(feature = "http")]
use crate::source::{http, sls};

/// Everything that runs: sources, decoders, the writer and the query worker. Dropping it ends them.
pub struct Engine {
    runtime: Option<Runtime>,
    tasks: mpsc::Sender<Task>,
    writer: mpsc::Sender<ToWriter>,
    shared: Arc<Shared>,
    asks: Sender<Ask>,
    /// Raised by a newer question or by the end, so that the worker leaves what it is at.
    newest: Arc<std::sync::atomic::AtomicU64>,
    sources: Mutex<Vec<Running>>,
    /// Files read at a time: more would only take turns.
    reading: Arc<Semaphore>,
}

struct Running {
    stop: watch::Sender<bool>,
    flag: Arc<AtomicBool>,
}

/// Deliveries that may wait between a source and the pool.
const FEED: usize = 4;

/// What may wait for the writer.
const INBOX: usize = 256;

impl Engine {
    /// Starts the threads. `emit` is called from them with everything the engine has to say, and must not
    /// block for long.
    pub fn start(emit: impl Fn(EngineEvent) + Send + Sync + 'static) -> std::io::Result<Self> {
        Self::start_below(None, emit)
    }

    /// The same with a ceiling: bytes the index may take before its oldest segments are let go, see
    /// [`super::Status::let_go`]. What decoding and answering need for the moment is not counted.
    pub fn start_below(
        ceiling: Option<u64>,
        emit: impl Fn(EngineEvent) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sources")
            .enable_all()
            .build()?;
        let emit: Arc<dyn Fn(EngineEvent) + Send + Sync> = Arc::new(emit);
        let shared = Arc::new(Shared::default());
        let (writer, inbox) = mpsc::channel(INBOX);
        let tasks = pool::start(&shared, &writer)?;
        let book_keeper = Writer::new(shared.clone(), ceiling, emit.clone());
        // A clock of its own: the writer outlives the sources' runtime by a moment.
        let clock = Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || clock.block_on(book_keeper.run(inbox)))?;
        let (asks, questions): (Sender<Ask>, Receiver<Ask>) = crossbeam_channel::unbounded();
        let newest = Arc::new(std::sync::atomic::AtomicU64::new(0));
        worker::start(questions, shared.clone(), newest.clone(), emit)?;
        let reading = Arc::new(Semaphore::new(4));
        Ok(Self {
            runtime: Some(runtime),
            tasks,
            writer,
            shared,
            asks,
            newest,
            sources: Mutex::default(),
            reading,
        })
    }

    /// Starts reading a single source (see [`crate::source::expand`]).
    pub fn open(&self, spec: Spec, follow: bool) {
        self.open_as(spec, follow, None);
    }

    /// The same, with what it is written in said rather than found.
    pub fn open_as(&self, spec: Spec, follow: bool, format: Option<FormatId>) {
        let Some(runtime) = &self.runtime else { return };
        let (feed, deliveries, stop) = Feed::new(FEED);
        let flag = Arc::new(AtomicBool::new(false));
        let source = {
            let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            sources.push(Running {
                stop,
                flag: flag.clone(),
            });
            (sources.len() - 1) as u16
        };
        let name: Arc<str> = spec.to_string().into();
        let pump = Pump {
            source,
            flag,
            tasks: self.tasks.clone(),
            writer: self.writer.clone(),
            handed: 0,
        };
        let reading = self.reading.clone();
        runtime.spawn(async move {
            if pump
                .writer
                .send(ToWriter::Source { source, name })
                .await
                .is_err()
            {
                return;
            }
            let running = tokio::spawn(run(spec, feed, follow, format, reading));
            pump.run(deliveries, running).await;
        });
    }

    /// Asks; the answer comes as an event. A newer question makes this one stale.
    pub fn ask(&self, ask: Ask) {
        self.newest.store(ask.id, Ordering::Release);
        // The worker ends only with the engine.
        let _ = self.asks.send(ask);
    }

    /// Stops all loading and following; what is loaded stays.
    pub fn stop_sources(&self) {
        for running in &*self.sources.lock().unwrap_or_else(PoisonError::into_inner) {
            running.flag.store(true, Ordering::Relaxed);
            // A source that has ended does not listen any more.
            let _ = running.stop.send(true);
        }
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot()
    }

    pub fn defects(&self) -> Arc<[Arc<Defect>]> {
        self.shared.defects()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.newest.store(u64::MAX, Ordering::Release);
        self.stop_sources();
        if let Some(runtime) = self.runtime.take() {
            // Quitting never waits: a read that hangs is left to the end of the process.
            runtime.shutdown_background();
        }
    }
}

async fn run(
    spec: Spec,
    feed: Feed,
    follow: bool,
    format: Option<FormatId>,
    reading: Arc<Semaphore>,
) -> Result<(), SourceError> {
    match spec {
        Spec::File(path) => {
            let settings = file::Settings {
                path,
                follow,
                format,
            };
            file::run(feed, settings, &reading).await
        }
        Spec::Stdin => stdin::run(feed, format).await,
        Spec::Demo { events, rate, seed } => {
            let now = chrono::Utc::now().timestamp_nanos_opt().unwrap_or(0);
            demo::run(
                feed,
                demo::Settings {
                    events,
                    rate,
                    seed,
                    now,
                },
            )
            .await;
            Ok(())
        }
        #[cfg(feature = "http")]
        Spec::Http(settings) => {
            let settings = if follow { *settings } else { settings.once() };
            Ok(http::run(feed, settings).await?)
        }
        #[cfg(feature = "http")]
        Spec::Sls(settings) => {
            let settings = if follow { *settings } else { settings.once() };
            Ok(sls::run(feed, settings).await?)
        }
        Spec::Directory(_) | Spec::Glob(_) | Spec::Profile(_) => Err(SourceError::Failed(
            "a name of sources where one source was expected".to_owned(),
        )),
    }
}

/// Takes a source's deliveries to the pool and the writer.
struct Pump {
    source: u16,
    flag: Arc<AtomicBool>,
    tasks: mpsc::Sender<Task>,
    writer: mpsc::Sender<ToWriter>,
    handed: u64,
}

type Ended = tokio::task::JoinHandle<Result<(), SourceError>>;

impl Pump {
    async fn run(mut self, mut deliveries: mpsc::Receiver<Delivery>, running: Ended) {
        // Ends when the source has dropped its feed, that is, with the source.
        while let Some(delivery) = deliveries.recv().await {
            if self.deliver(delivery).await.is_none() {
                return; // The engine is gone.
            }
        }
        let (error, stopped) = match running.await {
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
        let _ = self.writer.send(ended).await;
    }

    async fn deliver(&mut self, delivery: Delivery) -> Option<()> {
        let source = self.source;
        let message = match delivery {
            Delivery::Block(block) => return self.hand(Work::Block(block)).await,
            Delivery::Range(range) => return self.hand(Work::Range(range)).await,
            Delivery::Records { bytes, offset } => {
                let block = crate::source::Block {
                    bytes,
                    records: Records::Lines,
                    offset,
                    line: None,
                    flaws: Vec::new(),
                };
                return self.hand(Work::Block(block)).await;
            }
            Delivery::State(state) => ToWriter::State {
                source,
                state,
                tasks: self.handed,
            },
            Delivery::Total(bytes) => ToWriter::Total { source, bytes },
            Delivery::Note(text) => ToWriter::Note { source, text },
            Delivery::Mark(text) => ToWriter::Mark {
                source,
                text,
                tasks: self.handed,
            },
            Delivery::Defect { reason, sample } => ToWriter::Defect {
                source,
                reason,
                sample,
            },
        };
        self.writer.send(message).await.ok()
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

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
