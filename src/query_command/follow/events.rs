//! Printing of events as they arrive: each exactly once, independent of merged segments, and evicted afterwards.

use std::collections::HashSet;
use std::io::Write;

use super::super::events::{NO_NOTES, columns, records};
use super::super::notices::Notices;
use crate::aggregate::{Matches, Planner, Without, in_order};
use crate::cli::Output;
use crate::engine::SourceStatus;
use crate::export::Stream;
use crate::export::events::{Records, is_for_people, sheet};
use crate::index::{Place, Snapshot};
use crate::model::zone::Zone;
use crate::query::Filter;

/// Number of rows built and printed at a time.
const ROWS: usize = 1024;

/// Maximum number of fields reported as having no column.
const NAMES: usize = 20;

/// Events to print.
pub(super) struct Wanted {
    pub(super) filter: Filter,
    /// Skips the events that sources contained at the start. This is the filter for streams, which have no history; it
    /// includes the start time.
    pub(super) only_new: Option<Filter>,
    /// Number of sources open at the start.
    pub(super) at_start: usize,
}

/// Printer of events; keeps track of those already printed.
pub(super) struct Printer<'a> {
    output: &'a Output,
    format: &'a str,
    /// Default columns: those of the saved view.
    of_view: Vec<String>,
    zone: Zone,
    wanted: Wanted,
    planner: Planner,
    epoch: u64,
    /// Id ranges processed, of the data in memory then: start and end, in order.
    seen: Vec<(u64, u64)>,
    /// Total number of events processed.
    looked: u64,
    /// Sources whose history has been processed.
    begun: HashSet<u32>,
    /// Table rows; `None` before the columns are known.
    rows: Option<Stream>,
    /// Fields reported as having no column.
    unnamed: HashSet<String>,
    pub(super) printed: u64,
    /// Values printed partly as U+FFFD.
    pub(super) lost: u64,
}

impl<'a> Printer<'a> {
    pub(super) fn new(
        output: &'a Output,
        format: &'a str,
        of_view: Vec<String>,
        zone: Zone,
        wanted: Wanted,
    ) -> Self {
        Self {
            output,
            format,
            of_view,
            zone,
            wanted,
            planner: Planner::default(),
            epoch: 0,
            seen: Vec::new(),
            looked: 0,
            begun: HashSet::new(),
            rows: None,
            unnamed: HashSet::new(),
            printed: 0,
            lost: 0,
        }
    }

    /// Returns true once the requested number of events has been printed.
    pub(super) fn is_full(&self) -> bool {
        self.output.limit.is_some_and(|limit| self.left(limit) == 0)
    }

    fn left(&self, limit: usize) -> usize {
        limit.saturating_sub(usize::try_from(self.printed).unwrap_or(usize::MAX))
    }

    /// Prints the new events of the `ready` sources in time order. Returns the numbers of the segments that are printed
    /// completely.
    pub(super) fn print(
        &mut self,
        snapshot: &Snapshot,
        sources: &[SourceStatus],
        ready: impl Fn(u32) -> bool,
        notices: &mut Notices,
        out: &mut impl Write,
    ) -> std::io::Result<Vec<u64>> {
        if self.epoch != snapshot.epoch {
            (self.planner, self.epoch) = (Planner::default(), snapshot.epoch);
        }
        let segments = &snapshot.segments;
        let ready = |at: &usize| ready(segments[*at].source);
        let done: Vec<usize> = (0..segments.len()).filter(ready).collect();
        let is_new = |at: &usize| {
            let segment = &segments[*at];
            let end = segment.first_id + segment.rows as u64;
            !self.is_seen_whole(segment.first_id, end)
        };
        let new: Vec<usize> = done.iter().copied().filter(is_new).collect();
        let places = self.matches(snapshot, &new, sources);
        self.rows(snapshot, &places, notices, out)?;
        self.printed += places.len() as u64;
        for at in &new {
            let segment = &segments[*at];
            let ids = segment.first_id..segment.first_id + segment.rows as u64;
            self.looked += ids.filter(|id| !self.is_seen(*id)).count() as u64;
        }
        self.seen.clear();
        for at in &done {
            let segment = &segments[*at];
            self.begun.insert(segment.source);
            let (start, end) = (segment.first_id, segment.first_id + segment.rows as u64);
            match self.seen.last_mut() {
                Some((_, last)) if *last == start => *last = end,
                _ => self.seen.push((start, end)),
            }
        }
        self.planner.tidy(snapshot);
        Ok(done.iter().map(|at| segments[*at].number).collect())
    }

    /// New matches, up to the remaining limit.
    fn matches(
        &mut self,
        snapshot: &Snapshot,
        new: &[usize],
        sources: &[SourceStatus],
    ) -> Vec<Place> {
        if new.is_empty() {
            return Vec::new();
        }
        let mut matches = Matches::new(snapshot);
        let plan = self.planner.plan(&self.wanted.filter, snapshot);
        if let Some(filter) = &self.wanted.only_new {
            let source = |at: usize| snapshot.segments[at].source;
            let is_stream = |at: usize| {
                let status = sources.get(source(at) as usize);
                status.is_some_and(|status| !status.loads)
            };
            let is_history = |at: usize| {
                (source(at) as usize) < self.wanted.at_start && !self.begun.contains(&source(at))
            };
            let (streams, others): (Vec<usize>, Vec<usize>) =
                new.iter().copied().partition(|at| is_stream(*at));
            let later: Vec<usize> = others.into_iter().filter(|at| !is_history(*at)).collect();
            let by_time = self.planner.plan(filter, snapshot);
            matches.extend(snapshot, &by_time, &streams, Without::Nothing);
            matches.extend(snapshot, &plan, &later, Without::Nothing);
        } else {
            matches.extend(snapshot, &plan, new, Without::Nothing);
        }
        let places = in_order(snapshot, &matches);
        let places = places.filter(|place| !self.is_seen(snapshot.id(*place).0));
        let left = self
            .output
            .limit
            .map_or(usize::MAX, |limit| self.left(limit));
        places.take(left).collect()
    }

    fn rows(
        &mut self,
        snapshot: &Snapshot,
        places: &[Place],
        notices: &mut Notices,
        out: &mut impl Write,
    ) -> std::io::Result<()> {
        if let Some(records) = records(self.format, self.output) {
            debug_assert_eq!(records, Records::Lines);
            self.lost += records.write(snapshot, places.iter().copied(), out)?;
            return Ok(());
        }
        // CSV has a column for every field of the records, so its columns are known with the first event only.
        let known = self.format != "csv" || !self.output.columns.is_empty();
        if self.rows.is_none() {
            if places.is_empty() && !known {
                return Ok(());
            }
            self.begin(snapshot, places, out)?;
        } else if !known {
            self.tell_unnamed(snapshot, places, notices);
        }
        let Some(rows) = &mut self.rows else {
            return Ok(());
        };
        let zone = is_for_people(self.format).then_some(self.zone);
        for part in places.chunks(ROWS) {
            let names = rows.headings().to_vec();
            let sheet = sheet(snapshot, part.iter().copied(), names, zone, NO_NOTES);
            rows.write(sheet.rows.collect(), out)?;
        }
        Ok(())
    }

    /// Chooses the columns and prints the headings, with widths for the first rows.
    fn begin(
        &mut self,
        snapshot: &Snapshot,
        places: &[Place],
        out: &mut impl Write,
    ) -> std::io::Result<()> {
        let names = columns(snapshot, &self.of_view, places, self.output, self.format);
        let rows = Stream::of(self.format, names);
        self.rows = rows.map(|rows| rows.for_spreadsheet(self.output.for_spreadsheet));
        match &mut self.rows {
            Some(rows) if places.is_empty() => rows.write(Vec::new(), out),
            _ => Ok(()),
        }
    }

    /// Reports fields without a column, once each: they appeared after the columns were chosen.
    fn tell_unnamed(&mut self, snapshot: &Snapshot, places: &[Place], notices: &mut Notices) {
        let vocabulary = &snapshot.vocabulary;
        let Some(rows) = &self.rows else { return };
        for field in vocabulary.record_fields() {
            let name = vocabulary.name(field);
            if self.unnamed.len() >= NAMES
                || self.unnamed.contains(&*name)
                || rows.headings().iter().any(|column| **column == *name)
                || !places.iter().any(|p| snapshot.value(*p, field).is_some())
            {
                continue;
            }
            notices.once(format!(
                "field {name} has no column: it first appeared after the header was printed; name columns with --columns, or use -o ndjson"
            ));
            self.unnamed.insert(name.to_string());
        }
    }

    /// Prints the headings if no event was printed.
    pub(super) fn end(&mut self, snapshot: &Snapshot, out: &mut impl Write) -> std::io::Result<()> {
        if records(self.format, self.output).is_none() && self.rows.is_none() {
            self.begin(snapshot, &[], out)?;
        }
        Ok(())
    }

    /// Number of events that were evicted before they were processed. Events of sources that are not ready are still
    /// waiting.
    pub(super) fn missed(&self, snapshot: &Snapshot, ready: impl Fn(u32) -> bool) -> u64 {
        let came = snapshot.events + snapshot.evicted.events + snapshot.evicted.printed;
        let waiting = snapshot.segments.iter().filter(|s| !ready(s.source));
        let waiting: u64 = waiting.map(|segment| segment.rows as u64).sum();
        came.saturating_sub(self.looked + waiting)
    }

    /// Returns true if an event has been processed.
    fn is_seen(&self, id: u64) -> bool {
        self.is_seen_whole(id, id + 1)
    }

    fn is_seen_whole(&self, start: u64, end: u64) -> bool {
        let after = self.seen.partition_point(|(first, _)| *first <= start);
        let before = after.checked_sub(1).map(|at| self.seen[at]);
        before.is_some_and(|(_, last)| last >= end)
    }
}
