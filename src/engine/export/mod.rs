//! Events written to a file: beside everything else, with a word on how far it is, and as a whole or not at all.
//!
//! A thread of its own takes the data the screen was answered from last, so that what is written is what is shown,
//! whatever comes in meanwhile. At most one file is written at a time.

mod file;
mod job;
mod pulse;
mod report;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::request::Sort;
use super::shared::Shared;
use super::status::{EngineEvent, WriteStep, Writing};
use crate::model::zone::Zone;
use crate::model::{EventId, EventKey, Value};
use crate::query::Filter;

/// What is to be written, and where.
#[derive(Clone, Debug)]
pub struct WriteWant {
    /// Counted up by the asker; comes back with all news.
    pub id: u64,
    pub path: PathBuf,
    /// A file that is there already is replaced.
    pub overwrite: bool,
    pub filter: Arc<Filter>,
    /// The order of the list where it is not that of time.
    pub order: Option<Sort>,
    pub zone: Zone,
    /// What a person marked: with notes, by time.
    pub marked: Vec<Noted>,
    pub content: WriteContent,
}

/// What stands in the file.
#[derive(Clone, Debug)]
pub enum WriteContent {
    Events {
        /// One of [`crate::export::formats`], by its name.
        format: &'static str,
        /// Fields of a table. Records are written as they were read.
        columns: Vec<String>,
        /// Above a table for people.
        title: String,
        /// Only those that are marked, whatever the filter.
        marked: bool,
    },
    /// The report on an incident, in Markdown.
    Report(ReportWords),
}

/// What a report says that the events do not tell.
#[derive(Clone, Debug, Default)]
pub struct ReportWords {
    pub title: String,
    /// What was looked at, as name and text; what the events tell comes in addition.
    pub scope: Vec<(String, String)>,
    /// The conditions of the filter.
    pub filter: Vec<String>,
    pub command: String,
}

/// A marked event with its note.
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    pub key: EventKey,
    /// Where the event has no request id to be known by.
    pub id: Option<EventId>,
    pub note: String,
}

/// The file that is being written.
#[derive(Debug, Default)]
pub(super) struct Writer(Mutex<Option<Running>>);

#[derive(Debug)]
struct Running {
    stop: Arc<AtomicBool>,
    /// Closed at the end.
    end: Receiver<()>,
}

/// How long the end of the program waits for a file that is told to stop, so that nothing is left of it.
const PATIENCE: Duration = Duration::from_millis(500);

impl Writer {
    /// Starts to write. What comes of it is told by events.
    pub(super) fn start(
        &self,
        want: WriteWant,
        shared: &Shared,
        emit: Arc<dyn Fn(EngineEvent) + Send + Sync>,
    ) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = want.id;
        let tell =
            Arc::new(move |step: WriteStep| emit(EngineEvent::Writing(Writing { id, step })));
        let is_busy = |running: &Running| {
            running.end.try_recv() == Err(crossbeam_channel::TryRecvError::Empty)
        };
        if running.as_ref().is_some_and(is_busy) {
            return tell(WriteStep::Failed(
                "another export is running: wait for it, or press esc to stop it".into(),
            ));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let (alive, end) = bounded::<()>(0);
        let snapshot = shared.answered();
        let (raised, told) = (stop.clone(), tell.clone());
        let work = move || {
            let end = job::run(&want, &snapshot, &raised, &*told);
            // Whoever hears of the end can begin the next one.
            drop(alive);
            told(end);
        };
        match std::thread::Builder::new()
            .name("export".into())
            .spawn(work)
        {
            Ok(_) => *running = Some(Running { stop, end }),
            Err(error) => tell(WriteStep::Failed(format!(
                "cannot start the export: {error}"
            ))),
        }
    }

    /// Tells the file that is being written to stop.
    pub(super) fn stop(&self) {
        if let Some(running) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            running.stop.store(true, Ordering::Release);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
        if let Some(running) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner) {
            let _ = running.end.recv_timeout(PATIENCE);
        }
    }
}

/// The notes of marked events, as a cell of a table each.
fn note(noted: Option<&Noted>) -> Value {
    noted
        .filter(|noted| !noted.note.is_empty())
        .map(|noted| noted.note.as_str().into())
}
