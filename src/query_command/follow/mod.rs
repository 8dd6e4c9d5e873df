//! `regtrail query --follow`: prints events or summaries as they arrive, until the sources end or the user stops it.
//!
//! The data that sources contain at the start is loaded first and printed in time order; after that, each event is
//! printed when it arrives. A snapshot may merge segments that were separate in an earlier one, so printed events are
//! identified by their ids. Printed events are evicted; summaries need them, and keep them.

mod absent;
mod events;
mod form;
mod pace;
mod post;
mod sums;

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use self::form::Form;
pub(super) use self::pace::pace;
use self::post::{End, Output, Post};
use super::Read;
use super::notices::Notices;
use super::outcome::failure;
use super::report_evicted;
use crate::cli;
use crate::engine::{Engine, EngineEvent, SourceState, SourceStatus, Status};
use crate::failure::{Failure, code, complain};
use crate::filter_args::FilterFiles;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::source::Spec;

/// A source that is still connecting after this time does not delay the others.
const GRACE: Duration = Duration::from_secs(2);

/// Interval of checks for files that do not exist yet.
const LOOK: Duration = Duration::from_millis(100);

/// Maximum time for sources to stop.
const STOPPING: Duration = Duration::from_secs(1);

/// Size of the index in bytes from which a message says that summaries keep every event.
const LARGE: u64 = 1 << 30;

/// A stream of an endpoint that is silent for this long has delivered its backlog.
#[cfg(feature = "http")]
const SETTLE: Duration = Duration::from_millis(20);

/// Options of the run.
pub(super) struct Asked<'a> {
    pub(super) query: &'a cli::Query,
    pub(super) files: &'a FilterFiles,
    /// Interval between summary lines.
    pub(super) every: Duration,
    pub(super) now: Nanos,
    pub(super) zone: Zone,
}

/// Follows the sources and prints. Returns the exit code.
pub(super) fn run(
    asked: &Asked<'_>,
    specs: Vec<Spec>,
    missing: &[String],
    notices: Notices,
) -> Result<u8, Failure> {
    for why in missing {
        complain(why);
    }
    if specs.is_empty() {
        return Ok(code::SOURCE);
    }
    let (post, rings) = Post::new();
    post.listen()?;
    let to = post.clone();
    let engine = Engine::start_below(asked.query.input.memory_limit.max_memory, move |event| {
        if let EngineEvent::Status(status) = event {
            to.put(status);
        }
    })?;
    let mut follow = Follow {
        asked,
        engine,
        post,
        notices,
        status: Arc::default(),
        awaited: Vec::new(),
        looked: Instant::now(),
        failed: HashSet::new(),
        missing: !missing.is_empty(),
        opened: Instant::now(),
        form: None,
        missed: 0,
    };
    for spec in specs {
        follow.open(spec);
    }
    let stdout = io::stdout();
    let output = Output::new(stdout.lock(), follow.post.clone());
    let mut out = io::BufWriter::with_capacity(1 << 16, output);
    let result = follow.run(&rings, &mut out);
    // Prevents a second attempt to write the rest when the buffer is dropped.
    drop(out.into_parts());
    match result {
        // The reader has closed the output: a normal end.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        other => other?,
    }
    Ok(follow.end())
}

struct Follow<'a> {
    asked: &'a Asked<'a>,
    engine: Engine,
    post: Arc<Post>,
    notices: Notices,
    status: Arc<Status>,
    /// Files that do not exist yet, and patterns without a match; `looked` is the time of the last check.
    awaited: Vec<Spec>,
    looked: Instant,
    /// Failed sources, by index.
    failed: HashSet<usize>,
    /// True if an argument is not a source.
    missing: bool,
    opened: Instant,
    /// `None` until the data present at the start is loaded.
    form: Option<Form<'a>>,
    /// Number of events evicted before they were printed, as last reported.
    missed: u64,
}

impl Follow<'_> {
    fn run(&mut self, rings: &Receiver<()>, out: &mut impl Write) -> Result<(), Failure> {
        loop {
            // A wake-up without changes costs nothing.
            let _ = match self.pause() {
                Some(pause) => rings.recv_timeout(pause).ok(),
                None => rings.recv().ok(),
            };
            self.hear();
            let end = self.post.ended();
            match end {
                Some(End::Closed) => return Ok(()),
                Some(End::Signal) => self.stop(rings),
                None => {}
            }
            let over = end.is_some() || self.is_over();
            if self.form.is_none() && (over || self.is_loaded()) {
                self.form = Some(self.begin()?);
            }
            self.print(over, out)?;
            self.post.set_code(self.code());
            let full = matches!(&self.form, Some(Form::Events(printer)) if printer.is_full());
            if over || full {
                return Ok(());
            }
        }
    }

    /// Maximum time to sleep if nothing happens.
    fn pause(&self) -> Option<Duration> {
        let look = (!self.awaited.is_empty()).then_some(LOOK);
        let own = match &self.form {
            None => GRACE.checked_sub(self.opened.elapsed()),
            Some(Form::Sums(sums)) => Some(sums.pause()),
            _ => None,
        };
        look.into_iter().chain(own).min()
    }

    /// Opens a source. One that does not exist is awaited: its writer may not have started yet.
    fn open(&mut self, spec: Spec) {
        if let Some(why) = absent::why(&spec) {
            self.notices.once(format!("{spec}: {why}"));
            return self.awaited.push(spec);
        }
        let spec = match spec {
            #[cfg(feature = "http")]
            Spec::Http(mut settings) => {
                settings.settle = settings.settle.min(SETTLE);
                Spec::Http(settings)
            }
            other => other,
        };
        let input = &self.asked.query.input;
        self.engine.open_as(spec, true, input.written());
    }

    /// Checks for awaited sources.
    fn look(&mut self) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        for spec in std::mem::take(&mut self.awaited) {
            if absent::why(&spec).is_some() {
                self.awaited.push(spec);
                continue;
            }
            self.notices.once(format!("{spec}: appeared"));
            self.open(match spec {
                Spec::File(path) if path.is_dir() => Spec::Directory(path),
                other => other,
            });
        }
        self.looked = Instant::now();
    }

    /// Handles a new status and prints its messages.
    fn hear(&mut self) {
        self.look();
        let Some(status) = self.post.take() else {
            return;
        };
        self.status = status;
        self.notices.hear(&self.status);
        for (at, source) in self.status.sources.iter().enumerate() {
            if let SourceState::Failed { why } = &source.state
                && self.failed.insert(at)
            {
                complain(why);
            }
        }
        let engine = &self.engine;
        self.notices
            .defects(self.status.defects, || engine.defects());
        let bounded = self.asked.query.input.memory_limit.max_memory.is_some();
        if self.status.memory > LARGE && !bounded && matches!(self.form, Some(Form::Sums(_))) {
            let text = "summaries keep every event: the index now uses more than 1 GiB; set --max-memory to limit it";
            self.notices.once(text.into());
        }
    }

    /// Returns true if the status includes all opened sources.
    fn is_reported_by_all(&self) -> bool {
        self.status.sources.len() == self.engine.opened()
    }

    /// Returns true if no more data can arrive.
    fn is_over(&self) -> bool {
        let all = self.status.sources.iter().all(has_ended);
        all && self.awaited.is_empty() && self.is_reported_by_all()
    }

    /// Returns true if the data present at the start is loaded.
    fn is_loaded(&self) -> bool {
        let sources = &self.status.sources;
        let patient = self.opened.elapsed() < GRACE || sources.iter().all(|s| s.events == 0);
        let is_loaded = |source: &SourceStatus| match source.state {
            SourceState::Loading => source.whole,
            SourceState::Connecting | SourceState::Awaiting => source.whole || !patient,
            _ => true,
        };
        self.is_reported_by_all() && sources.iter().all(is_loaded)
    }

    /// Returns true if the results cover all data.
    fn is_complete(&self) -> bool {
        let is_complete = |source: &SourceStatus| {
            let troubled = matches!(
                source.state,
                SourceState::Retrying { .. } | SourceState::Failed { .. }
            );
            source.whole && source.losses == 0 && !troubled
        };
        !self.missing
            && self.failed.is_empty()
            && self.awaited.is_empty()
            && self.status.evicted.events == 0
            && self.status.sources.iter().all(is_complete)
    }

    /// Prints new data; at the end, everything that is left.
    fn print(&mut self, over: bool, out: &mut impl Write) -> Result<(), Failure> {
        if !over && !self.is_reported_by_all() {
            return Ok(()); // The state of a source found just now is unknown.
        }
        let complete = self.is_complete();
        match &mut self.form {
            None => {}
            Some(Form::Sums(sums)) => {
                sums.skip(&self.engine, &self.status.sources);
                let read = Read::of(&self.status, complete);
                sums.print(&self.engine, read, over, out)?;
                out.flush()?;
            }
            Some(Form::Events(printer)) => {
                let snapshot = self.engine.snapshot();
                self.engine.set_printing(true);
                let sources = &self.status.sources;
                let ready = |source: u32| {
                    let of = sources.get(source as usize);
                    over || of.is_some_and(|source| source.whole || has_ended(source))
                };
                let printed = printer.print(&snapshot, sources, ready, &mut self.notices, out);
                if over && !printer.is_full() {
                    printer.end(&snapshot, out)?;
                }
                self.engine.evicted(printed?);
                out.flush()?;
                self.engine.set_printing(false);
                let missed = printer.missed(&snapshot, ready);
                if missed > self.missed && (over || self.missed == 0) {
                    complain(&format!(
                        "{missed} events were evicted before they could be printed; raise --max-memory"
                    ));
                    self.missed = missed;
                }
            }
        }
        Ok(())
    }

    /// Stops the sources, and waits for their end for a limited time.
    fn stop(&mut self, rings: &Receiver<()>) {
        self.engine.stop_sources();
        self.awaited_too_long();
        let until = Instant::now() + STOPPING;
        while !self.status.sources.iter().all(has_ended) || !self.is_reported_by_all() {
            if rings.recv_deadline(until).is_err() {
                return;
            }
            self.hear();
        }
    }

    /// Gives up on awaited sources and counts them as missing.
    fn awaited_too_long(&mut self) {
        self.missing |= !std::mem::take(&mut self.awaited).is_empty();
    }

    fn code(&self) -> u8 {
        let some = match &self.form {
            None => false,
            Some(Form::Events(printer)) => printer.printed > 0,
            Some(Form::Sums(sums)) => sums.matched > 0,
        };
        // A source that was never reached is missing, like a file that never appeared.
        let is_unreached = |source: &SourceStatus| {
            let reached = source.whole || source.events > 0;
            !reached && source.trouble.is_some()
        };
        let failed = self.missing
            || !self.awaited.is_empty()
            || !self.failed.is_empty()
            || self.status.sources.iter().any(is_unreached);
        match (failed, some) {
            (true, _) => code::SOURCE,
            (false, true) => code::MATCHED,
            (false, false) => code::NOTHING,
        }
    }

    /// Prints the final messages. Returns the exit code.
    fn end(mut self) -> u8 {
        self.awaited_too_long();
        let status = self.status.clone();
        let defects = self.engine.defects();
        for (at, source) in status.sources.iter().enumerate() {
            if let Some(why) = failure(source, &defects)
                && self.failed.insert(at)
            {
                complain(&why);
            }
        }
        self.notices.end(&status);
        if let Some(Form::Events(printer)) = &self.form {
            super::events::tell_lost(printer.lost);
        }
        if matches!(self.form, Some(Form::Sums(_))) {
            report_evicted(status.evicted, self.asked.zone);
        }
        self.code()
    }
}

fn has_ended(source: &SourceStatus) -> bool {
    matches!(
        source.state,
        SourceState::Done | SourceState::Stopped | SourceState::Failed { .. }
    )
}
