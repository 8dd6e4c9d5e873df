//! Statistics the writer keeps for one source: received, pending and rejected data.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use super::first_defects::{FirstDefects, Placed};
use super::message::Decoded;
use super::notes::Notes;
use super::rate::{Rate, clock};
use super::status::SourceStatus;
use crate::decode::Flaw;
use crate::model::time::{Nanos, SECOND};
use crate::model::{Defect, DefectKind, Mark, Remarks};
use crate::source::{Delivery, SourceState, encoding};

#[derive(Debug)]
pub(super) struct SourceStats {
    pub(super) name: Arc<str>,
    /// Newest state the source reported; number of tasks it had sent by then (the state is shown once these have
    /// arrived); and true if it has not been applied yet.
    wanted: (SourceState, u64, bool),
    /// Marks, each with the number of tasks that precede it.
    marks: VecDeque<(u64, String)>,
    state: SourceState,
    since: Nanos,
    received: Option<Nanos>,
    polled: Option<Nanos>,
    /// Start of the live state, and events since then.
    live: Option<(Nanos, u64)>,
    behind: u64,
    losses: u64,
    trouble: Option<(Nanos, Arc<str>)>,
    parts: Arc<[String]>,
    end: Option<End>,
    /// Sequence number of the next decoded task to append, and the tasks that arrived ahead of it.
    next: u64,
    early: BTreeMap<u64, Decoded>,
    done: u64,
    events: u64,
    bytes: u64,
    total: Option<u64>,
    pub(super) newest: Option<Nanos>,
    notes: Notes,
    loads: bool,
    oddities: encoding::Remarks,
    pub(super) defect_count: u64,
    kept: FirstDefects,
    remarks: Arc<Remarks>,
    /// Message of the first error response that arrived in place of records.
    answer: Option<String>,
    defects_changed: bool,
    /// Number of lines of each range read, by its start.
    lines: BTreeMap<u64, u64>,
    /// Ids reserved and not assigned yet; small segments that may be merged: first id and rows.
    pub(super) ids: Range<u64>,
    pub(super) small: Vec<(u64, usize)>,
    rate: Rate,
    started: Instant,
}

/// End of a source.
#[derive(Debug)]
struct End {
    tasks: u64,
    error: Option<String>,
    stopped: bool,
}

impl SourceStats {
    pub(super) fn new(name: Arc<str>) -> Self {
        let now = Instant::now();
        Self {
            name,
            wanted: (SourceState::Connecting, 0, false),
            marks: VecDeque::new(),
            state: SourceState::Connecting,
            since: clock(),
            received: None,
            polled: None,
            live: None,
            behind: 0,
            losses: 0,
            trouble: None,
            parts: Arc::default(),
            end: None,
            next: 0,
            early: BTreeMap::new(),
            done: 0,
            events: 0,
            bytes: 0,
            total: None,
            newest: None,
            notes: Notes::default(),
            loads: false,
            oddities: encoding::Remarks::default(),
            defect_count: 0,
            kept: FirstDefects::default(),
            remarks: Arc::default(),
            answer: None,
            defects_changed: false,
            lines: BTreeMap::new(),
            ids: 0..0,
            small: Vec::new(),
            rate: Rate::new(now),
            started: now,
        }
    }

    /// Queues a decoded task and returns the tasks that are now due, in the order in which the source sent them.
    pub(super) fn in_order(&mut self, decoded: Decoded) -> Vec<Decoded> {
        self.early.insert(decoded.seq, decoded);
        let mut ready = Vec::new();
        while let Some(decoded) = self.early.remove(&self.next) {
            self.next += 1;
            ready.push(decoded);
        }
        if self.early.is_empty() {
            // Clearing an empty map keeps its memory, and each of many small files may have a map.
            self.early = BTreeMap::new();
        }
        ready
    }

    /// Tasks that wait for their turn.
    pub(super) fn early(&mut self) -> impl Iterator<Item = &mut Decoded> {
        self.early.values_mut()
    }

    /// Forgets the evicted segment that starts with an id: neither it nor the ones before it can be merged any more.
    pub(super) fn forget(&mut self, first_id: u64) {
        if let Some(at) = self.small.iter().position(|(first, _)| *first == first_id) {
            self.small.drain(..=at);
        }
    }

    /// Accounts for a decoded task.
    pub(super) fn account(&mut self, decoded: &Decoded) {
        self.done += 1;
        self.bytes += decoded.bytes;
        self.oddities.add(&decoded.odd);
        let before = self.events;
        for segment in &decoded.segments {
            self.events += segment.rows as u64;
            self.rate.count(segment.rows as u64);
            self.newest = self.newest.max(segment.span().map(|(_, newest)| newest));
        }
        if self.events > before {
            self.received = Some(clock());
            if let Some((_, events)) = &mut self.live {
                *events += self.events - before;
            }
        }
        if let Some((start, lines)) = decoded.lines_of_range {
            self.lines.insert(start, lines);
            self.defects_changed |= self.defect_count > 0;
        }
        if let Some(error) = &decoded.failed {
            self.fail(error.clone());
        }
        let range = decoded.lines_of_range.map(|(start, _)| start);
        if !decoded.remarks.is_empty() {
            Arc::make_mut(&mut self.remarks).append(&decoded.remarks);
        }
        let count = decoded.more_flaws + decoded.flaws.len() as u64;
        self.defect_count += count;
        self.defects_changed |= count > 0;
        for (line, flaw) in &decoded.flaws {
            if flaw.kind == DefectKind::Answer {
                self.answer.get_or_insert_with(|| flaw.reason.clone());
            }
            self.kept.add(range, *line, flaw.clone());
        }
    }

    fn fail(&mut self, why: String) {
        let end = self.end.get_or_insert(End {
            tasks: u64::MAX,
            error: None,
            stopped: false,
        });
        end.error.get_or_insert(why);
    }

    fn note_defect(&mut self, reason: String, sample: &[u8]) {
        self.defect_count += 1;
        self.defects_changed = true;
        let flaw = Flaw {
            kind: DefectKind::Syntax,
            offset: self.bytes,
            reason,
            sample: Defect::sample_of(sample),
        };
        self.kept.add(None, None, flaw);
    }

    pub(super) fn ended(&mut self, tasks: u64, error: Option<String>, stopped: bool) {
        let failed = self.end.take().and_then(|end| end.error);
        self.end = Some(End {
            tasks,
            error: error.or(failed),
            stopped,
        });
    }

    /// Records a report of the source, effective after the given number of tasks.
    pub(super) fn says(&mut self, delivery: Delivery, tasks: u64) {
        match delivery {
            Delivery::State(state) => self.wanted = (state, tasks, true),
            Delivery::Total(bytes) => self.total = Some(bytes),
            Delivery::Note(text) => self.notes.add(text),
            Delivery::Mark(text) => self.marks.push_back((tasks, text)),
            Delivery::Lost(text) => {
                self.losses += 1;
                self.marks.push_back((tasks, text));
            }
            Delivery::Behind(bytes) => self.behind = bytes,
            Delivery::Polled => self.polled = Some(clock()),
            Delivery::Parts(parts) => self.parts = parts.into(),
            Delivery::Defect { reason, sample } => self.note_defect(reason, &sample),
            // These are decoded or opened elsewhere.
            Delivery::Block(_) | Delivery::Range(_) | Delivery::Found(_) => {}
        }
    }

    /// Takes the marks whose position has been reached; the last one becomes the note.
    pub(super) fn marks_due(&mut self) -> Vec<Mark> {
        let mut due = Vec::new();
        while let Some((_, text)) = self.marks.pop_front_if(|(tasks, _)| *tasks <= self.done) {
            self.notes.add(text.clone());
            let time = self.newest.unwrap_or(0);
            due.push(Mark { time, text });
        }
        due
    }

    pub(super) fn is_busy(&self) -> bool {
        self.state.is_busy()
    }

    /// Returns true if the displayed rate may be outdated.
    pub(super) fn is_moving(&self) -> bool {
        self.rate.is_moving()
    }

    /// Updates the state: a reported state takes effect once everything the source sent before it has arrived.
    pub(super) fn settle(&mut self) {
        self.settle_state();
        if self.is_busy() {
            return;
        }
        for remark in self.oddities.due(self.state != SourceState::Live) {
            self.notes.add(remark);
        }
    }

    fn settle_state(&mut self) {
        let state = match &self.end {
            Some(end) if self.done >= end.tasks => match &end.error {
                Some(why) => SourceState::Failed { why: why.clone() },
                None if end.stopped => SourceState::Stopped,
                None => SourceState::Done,
            },
            None if self.done >= self.wanted.1 => self.wanted.0.clone(),
            Some(_) | None => return,
        };
        // A source may report that it is done before its end arrives.
        let state = match (&self.answer, state) {
            (Some(words), SourceState::Done) => SourceState::Failed {
                why: format!("{}: {words}", self.name),
            },
            (_, state) => state,
        };
        if state == self.state && !self.wanted.2 {
            return;
        }
        self.wanted.2 = false;
        let now = clock();
        if let SourceState::Retrying { why, .. } | SourceState::Failed { why } = &state {
            self.trouble = Some((now, why.as_str().into()));
        }
        self.loads |= state == SourceState::Loading;
        if state == SourceState::Live && self.live.is_none() {
            self.live = Some((now, 0));
            // Events loaded before going live do not count towards the rate.
            self.rate = Rate::new(Instant::now());
        }
        self.since = now;
        self.state = state;
    }

    /// Number of records that are neither events nor defects.
    pub(super) fn skipped(&self) -> u64 {
        self.remarks.skipped()
    }

    pub(super) fn take_defects_changed(&mut self) -> bool {
        std::mem::take(&mut self.defects_changed)
    }

    /// Returns the kept defects, with line numbers if all lines before them have been counted.
    pub(super) fn defects(&self) -> impl Iterator<Item = Arc<Defect>> {
        let mut starts: BTreeMap<u64, u64> = BTreeMap::new();
        let mut sum = 0;
        // Ranges are contiguous but read from last to first: line numbers are known only once the start of the file has
        // been read.
        let from_start = self
            .lines
            .first_key_value()
            .is_some_and(|(start, _)| *start == 0);
        for (start, lines) in &self.lines {
            starts.insert(*start, sum);
            sum += lines;
        }
        self.kept.iter().map(move |Placed { range, line, flaw }| {
            let before = match range {
                None => Some(0),
                Some(start) => starts.get(start).copied().filter(|_| from_start),
            };
            let line = line.and_then(|line| Some(before? + line + 1));
            Arc::new(Defect {
                kind: flaw.kind,
                source: self.name.clone(),
                line,
                offset: flaw.offset,
                reason: flaw.reason.clone(),
                sample: flaw.sample.clone(),
            })
        })
    }

    /// Events per second while live, from the start of the live state to the newest event.
    fn usual(&self) -> f64 {
        match (self.live, self.received) {
            (Some((start, events)), Some(last)) if events > 0 => {
                events as f64 / ((last - start) as f64 / SECOND as f64).max(1.0)
            }
            _ => 0.0,
        }
    }

    pub(super) fn status(&mut self) -> SourceStatus {
        let now = Instant::now();
        self.rate.look(now);
        let eta = self
            .total
            .filter(|_| self.is_busy() && self.bytes > 0)
            .map(|total| {
                let elapsed = now.duration_since(self.started).as_secs_f64();
                (elapsed / self.bytes as f64 * total.saturating_sub(self.bytes) as f64).ceil()
                    as u64
            });
        SourceStatus {
            name: self.name.clone(),
            state: self.state.clone(),
            events: self.events,
            defects: self.defect_count,
            remarks: self.remarks.clone(),
            bytes: self.bytes,
            bytes_total: self.total,
            rate: self.rate.last(),
            newest: self.newest,
            since: self.since,
            received: self.received,
            polled: self.polled,
            usual: self.usual(),
            behind: self.behind,
            losses: self.losses,
            whole: self.live.is_some() || self.state == SourceState::Done,
            eta,
            note: self.notes.newest.clone(),
            said: self.notes.all.clone(),
            unsaid: self.notes.left_out,
            loads: self.loads,
            trouble: self.trouble.clone(),
            parts: self.parts.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(seq: u64) -> Decoded {
        Decoded {
            seq,
            ..Decoded::default()
        }
    }

    #[test]
    fn a_mark_waits_for_the_blocks_before_it() {
        let mut book = SourceStats::new("log".into());
        book.says(Delivery::Lost("rotated".into()), 2);
        assert!(book.marks_due().is_empty());
        let ready = book.in_order(decoded(1));
        assert!(ready.is_empty(), "the first one is still out");
        for decoded in book.in_order(decoded(0)) {
            book.account(&decoded);
        }
        let due = book.marks_due();
        assert_eq!((due.len(), book.notes.newest.as_str()), (1, "rotated"));
        assert!(book.marks_due().is_empty());
        assert_eq!(book.status().losses, 1);
    }

    #[test]
    fn history_is_no_rate_at_which_events_come_to_a_log() {
        let mut book = SourceStats::new("log".into());
        book.says(Delivery::State(SourceState::Loading), 0);
        book.settle();
        book.rate.count(30_000);
        assert!(book.is_moving(), "while it loads its speed is shown");
        book.says(Delivery::State(SourceState::Live), 0);
        book.settle();
        assert!(!book.is_moving());
        book.rate.count(1);
        book.says(Delivery::State(SourceState::Live), 0);
        book.settle();
        assert!(book.is_moving(), "only what came before it went live");
    }

    #[test]
    fn trouble_is_remembered_when_it_has_passed_and_a_new_try_begins_its_state_anew() {
        let mut book = SourceStats::new("log".into());
        let retrying = SourceState::Retrying {
            seconds: 8,
            why: "refused".into(),
        };
        book.says(Delivery::State(retrying.clone()), 0);
        book.settle();
        let first = book.status().since;
        book.says(Delivery::State(retrying), 0);
        book.settle();
        assert!(
            book.status().since > first,
            "the seconds count from the newest try"
        );
        book.says(Delivery::State(SourceState::Live), 0);
        book.settle();
        let status = book.status();
        assert_eq!(status.state, SourceState::Live);
        assert_eq!(
            status.trouble.map(|(_, why)| why.to_string()),
            Some("refused".into())
        );
    }
}
