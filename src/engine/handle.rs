//! Handle of the engine: open sources, send requests, stop.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_channel::{Sender, bounded, unbounded};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use super::export::{self, WriteWant};
use super::in_memory::InMemory;
use super::memory_limit::block_below;
use super::pool;
use super::request::{Answer, Ask};
use super::shared::Shared;
use super::sources::{SourceAction, Sources};
use super::status::EngineEvent;
use super::worker::{self, Question};
use super::writer::Writer;
use crate::index::Snapshot;
use crate::model::Defect;
use crate::source::{Spec, Written};

/// The running engine: sources, decoders, the writer and the query worker. Dropping it ends them.
pub struct Engine {
    runtime: Option<Runtime>,
    sources: Arc<Sources>,
    shared: Arc<Shared>,
    questions: Sender<Question>,
    /// Raised by a newer request or by shutdown, so that the worker abandons its current request.
    newest: Arc<std::sync::atomic::AtomicU64>,
    exports: export::Writer,
    emit: Arc<dyn Fn(EngineEvent) + Send + Sync>,
}

/// Messages that may wait for the writer.
const INBOX: usize = 256;

impl Engine {
    /// Starts the threads. `emit` is called from them with every event of the engine, and must not block for long.
    pub fn start(emit: impl Fn(EngineEvent) + Send + Sync + 'static) -> std::io::Result<Self> {
        Self::start_below(None, emit)
    }

    /// Starts the threads with a memory limit: bytes the index may take before its oldest segments are evicted, see
    /// [`super::Status::evicted`]. Temporary memory of decoding and querying is not counted.
    pub fn start_below(
        memory_limit: Option<u64>,
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
        let book_keeper = Writer::new(shared.clone(), memory_limit, emit.clone());
        // A runtime of its own: the writer outlives the sources' runtime by a moment.
        let clock = Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || clock.block_on(book_keeper.run(inbox)))?;
        let (questions, inbox) = unbounded();
        let newest = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let answerer = Box::new(InMemory::new(shared.clone()));
        worker::start(inbox, answerer, newest.clone(), emit.clone())?;
        let sources = Arc::new(Sources::new(
            runtime.handle().clone(),
            tasks,
            writer,
            block_below(memory_limit),
        ));
        Ok(Self {
            runtime: Some(runtime),
            sources,
            shared,
            questions,
            newest,
            exports: export::Writer::default(),
            emit,
        })
    }

    /// Starts reading a source: a single one or, with `follow`, also a directory or a pattern whose new files become
    /// sources of their own (see [`crate::source::expand`]).
    pub fn open(&self, spec: Spec, follow: bool) {
        self.open_as(spec, follow, Written::default());
    }

    /// Starts reading a source whose format is given instead of detected.
    pub fn open_as(&self, spec: Spec, follow: bool, written: impl Into<Written>) {
        let how = if follow { ", following it" } else { "" };
        log::info!("opening {spec}{how}");
        self.sources.open(spec, follow, written.into());
    }

    /// Announces a source that will be opened: files with the same content are read once, in whatever order they are
    /// opened.
    pub fn announce(&self, spec: &Spec) {
        self.sources.announce(spec);
    }

    /// Applies an action to a source. Sources are numbered in the order of opening. The outcome shows in its state.
    pub fn act(&self, source: usize, action: SourceAction) {
        self.sources.act(source, action);
    }

    /// Sends a request; the response arrives as an event. A newer request makes this one stale.
    pub fn ask(&self, ask: Ask) {
        self.question(ask, None);
    }

    /// Sends a request and waits for the complete response, which is not sent as an event. `None` if a newer request
    /// made it stale.
    pub fn answer(&self, ask: Ask) -> Option<Answer> {
        let (reply, answer) = bounded(1);
        self.question(ask, Some(reply));
        answer.recv().ok()
    }

    fn question(&self, ask: Ask, reply: Option<Sender<Answer>>) {
        self.newest.store(ask.id, Ordering::Release);
        // The worker ends only with the engine.
        let _ = self.questions.send(Question { ask, reply });
    }

    /// Starts to export a file in the background; progress arrives as events.
    pub fn write(&self, want: WriteWant) {
        self.exports.start(want, &self.shared, self.emit.clone());
    }

    /// Stops the running export, if any, and removes its file.
    pub fn stop_writing(&self) {
        self.exports.stop();
    }

    /// Stops all loading and following; loaded events stay.
    pub fn stop_sources(&self) {
        self.sources.stop();
    }

    /// Number of sources opened so far, including those found by other sources.
    pub fn opened(&self) -> usize {
        self.sources.opened()
    }

    /// Evicts segments by their numbers: all of their events have been printed and will not be requested again.
    /// Segments that have been merged with others since then stay.
    pub fn evicted(&self, printed: impl IntoIterator<Item = u64>) {
        self.shared.add_printed(printed);
    }

    /// Sets if events are being printed. While they are, the events that wait to be printed are bounded: beyond that,
    /// sources wait.
    pub fn set_printing(&self, printing: bool) {
        self.shared.set_printing(printing);
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
            // Quitting never waits: a hanging read ends with the process.
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
