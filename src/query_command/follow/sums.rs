//! Sums of a log that grows: one line of JSON now, at every tick in which something changed, and at the end.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::Read;
use super::super::summary::Question;
use crate::engine::{Engine, SourceStatus};
use crate::failure::Failure;

/// Prints sums.
pub(super) struct Sums<'a> {
    question: Question<'a>,
    every: Duration,
    /// When the next line may be printed; `None` before the first.
    due: Option<Instant>,
    /// What the last line is of: the generation of the data, and what was read.
    known: Option<(u64, Read)>,
    last: String,
    pub(super) matched: u64,
}

impl<'a> Sums<'a> {
    pub(super) fn new(question: Question<'a>, every: Duration) -> Self {
        Self {
            question,
            every,
            due: None,
            known: None,
            last: String::new(),
            matched: 0,
        }
    }

    /// Takes in what is history, where that is not counted.
    pub(super) fn skip(&mut self, engine: &Engine, sources: &[SourceStatus]) {
        if let Some(later) = &mut self.question.later {
            let sources = sources.iter().map(|source| (source.whole, source.loads));
            Arc::make_mut(later).look(&engine.snapshot(), sources);
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
        engine: &Engine,
        read: Read,
        end: bool,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let now = Instant::now();
        if !end && self.due.is_some_and(|due| now < due) {
            return Ok(());
        }
        // Ticks that were slept through are not made up for.
        let next = self.due.map_or(now, |due| due) + self.every;
        self.due = Some(next.max(now));
        if self.known != Some((engine.snapshot().generation, read)) {
            let summary = self.question.ask(engine, read)?;
            self.known = Some((summary.answer.generation, read));
            self.matched = summary.answer.matched;
            let line = summary.json().to_string();
            if line == self.last && !end {
                return Ok(());
            }
            self.last = line;
        } else if !end {
            return Ok(());
        }
        writeln!(out, "{}", self.last).map_err(Failure::Output)
    }
}
