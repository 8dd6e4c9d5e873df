//! Sums of a log that grows: one line of JSON now, at every tick in which something changed, and at the end.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::{Loaded, summary};
use super::History;
use crate::aggregate::Planner;
use crate::cli::Output;
use crate::engine::SourceStatus;
use crate::failure::Failure;
use crate::index::Snapshot;
use crate::model::zone::Zone;
use crate::query::Filter;

/// Prints sums.
pub(super) struct Sums<'a> {
    output: &'a Output,
    filter: Filter,
    every: Duration,
    /// When the next line may be printed; `None` before the first.
    due: Option<Instant>,
    loaded: Loaded,
    last: String,
    pub(super) matched: u64,
}

/// What sums are made of.
pub(super) struct State {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) defects: u64,
    pub(super) skipped: u64,
    pub(super) complete: bool,
}

impl<'a> Sums<'a> {
    /// Counts all but the history, if there is one.
    pub(super) fn new(
        output: &'a Output,
        filter: Filter,
        every: Duration,
        zone: Zone,
        history: Option<History>,
    ) -> Self {
        Self {
            output,
            filter,
            every,
            due: None,
            loaded: Loaded {
                snapshot: Arc::default(),
                defects: 0,
                skipped: 0,
                complete: false,
                planner: Planner::default(),
                zone,
                columns: Vec::new(),
                stats: None,
                history,
            },
            last: String::new(),
            matched: 0,
        }
    }

    /// Takes in what is history, where that is not counted.
    pub(super) fn skip(&mut self, snapshot: &Snapshot, sources: &[SourceStatus]) {
        if let Some(history) = &mut self.loaded.history {
            history.look(snapshot, sources);
        }
    }

    /// Time until the next line may be due.
    pub(super) fn pause(&self) -> Duration {
        self.due.map_or(Duration::ZERO, |due| {
            due.saturating_duration_since(Instant::now())
        })
    }

    /// Prints a line where one is due: at the end in any case.
    pub(super) fn print(
        &mut self,
        state: State,
        end: bool,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let now = Instant::now();
        let first = self.due.is_none();
        if !end && self.due.is_some_and(|due| now < due) {
            return Ok(());
        }
        // Ticks that were slept through are not made up for.
        let next = self.due.map_or(now, |due| due) + self.every;
        self.due = Some(next.max(now));
        let known = (
            self.loaded.snapshot.generation,
            self.loaded.defects,
            self.loaded.skipped,
            self.loaded.complete,
        );
        let is_known = known
            == (
                state.snapshot.generation,
                state.defects,
                state.skipped,
                state.complete,
            );
        if first || !is_known {
            if self.loaded.snapshot.epoch != state.snapshot.epoch {
                self.loaded.planner = Planner::default();
            }
            self.loaded.snapshot = state.snapshot;
            self.loaded.defects = state.defects;
            self.loaded.skipped = state.skipped;
            self.loaded.complete = state.complete;
            let sums = summary::sum(&mut self.loaded, &self.filter, self.output)
                .map_err(Failure::Usage)?;
            let line = sums.json(&self.loaded, self.output).to_string();
            self.loaded.planner.tidy(&self.loaded.snapshot);
            self.matched = sums.matched;
            if line == self.last && !end {
                return Ok(());
            }
            self.last = line;
        } else if !end {
            return Ok(());
        }
        self.write(out).map_err(Failure::Output)
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", self.last)
    }
}
