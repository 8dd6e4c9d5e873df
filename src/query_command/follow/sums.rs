//! Summaries of a growing log: one line of JSON at the start, one at every tick with a change, and one at the end.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::Read;
use super::super::summary::Question;
use crate::engine::{Engine, SourceStatus};
use crate::failure::Failure;

/// Printer of summaries.
pub(super) struct Sums<'a> {
    question: Question<'a>,
    every: Duration,
    /// Earliest time of the next line; `None` before the first.
    due: Option<Instant>,
    /// Content of the last line: generation of the data, and numbers about the data read.
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

    /// Updates the history that is not counted, if any.
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

    /// Prints a line if one is due; at the end in any case.
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
        // Missed ticks are not made up for.
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
