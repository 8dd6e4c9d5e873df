//! Export of events to a file: in the background, with progress reports, completely or not at all.
//!
//! A thread of its own uses the snapshot of the screen's last response, so that the file contains the events shown,
//! whatever arrives in the meantime. At most one export runs at a time.

mod exposure;
mod file;
mod inputs;
mod job;
mod pulse;
mod report;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::request::{GroupWant, Sort};
use super::shared::Shared;
use super::status::{EngineEvent, WriteStep, Writing};
use crate::export::Cell;
use crate::model::zone::Zone;
use crate::model::{EventId, EventKey, Value};
use crate::query::Filter;

/// Request to export a file.
#[derive(Clone, Debug)]
pub struct WriteWant {
    /// Incremented by the asker; repeated in all progress events.
    pub id: u64,
    pub path: PathBuf,
    /// Replace an existing file.
    pub overwrite: bool,
    pub filter: Arc<Filter>,
    /// Order of the list if it is not by time.
    pub order: Option<Sort>,
    pub zone: Zone,
    /// Events marked by the user, with notes, by time.
    pub marked: Vec<Noted>,
    pub content: WriteContent,
}

/// Content of the file.
#[derive(Clone, Debug)]
pub enum WriteContent {
    Events {
        /// Name of one of [`crate::export::formats`].
        format: &'static str,
        /// Fields of a table. Formats of records contain the original records.
        columns: Vec<String>,
        /// Title above a table in a format for humans.
        title: String,
        /// Only the marked events, regardless of the filter.
        marked: bool,
    },
    /// Rows of an overlay.
    Table(Arc<WriteTable>),
    /// The report on an incident, in Markdown.
    Report(ReportWords),
    /// Complete text, such as a picture of the screen.
    Text(String),
}

/// A table that is complete, or that is counted for the file.
#[derive(Clone, Debug)]
pub struct WriteTable {
    /// Name of one of [`crate::export::EXPORTS`].
    pub format: &'static str,
    pub title: String,
    pub headings: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// If set, `rows` are only some of these groups: all of them are counted under the filter and written instead.
    pub whole: Option<GroupWant>,
}

/// Words of a report that do not come from the events.
#[derive(Clone, Debug, Default)]
pub struct ReportWords {
    pub title: String,
    /// Scope of the report, as name and text; facts from the events are added.
    pub scope: Vec<(String, String)>,
    /// Names of the sources; those that are files are listed with their hashes.
    pub sources: Vec<String>,
    /// The conditions of the filter.
    pub filter: Vec<String>,
    pub command: String,
}

/// A marked event with its note.
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    pub key: EventKey,
    /// Set if the event has no request id to identify it.
    pub id: Option<EventId>,
    pub note: String,
}

/// The running export.
#[derive(Debug, Default)]
pub(super) struct Writer(Mutex<Option<Running>>);

#[derive(Debug)]
struct Running {
    stop: Arc<AtomicBool>,
    /// Closed at its end.
    end: Receiver<()>,
}

/// Time that the end of the program waits for a stopped export to clean up.
const PATIENCE: Duration = Duration::from_millis(500);

impl Writer {
    /// Starts an export. Its outcome arrives as events.
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
        let (raised, reported) = (stop.clone(), tell.clone());
        let work = move || {
            let end = job::run(&want, &snapshot, &raised, &*reported);
            // Anyone notified of the end can start the next one.
            drop(alive);
            reported(end);
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

    /// Stops the running export.
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

/// Notes of marked events, one per cell of a table.
fn note(noted: Option<&Noted>) -> Value {
    noted
        .filter(|noted| !noted.note.is_empty())
        .map(|noted| noted.note.as_str().into())
}
