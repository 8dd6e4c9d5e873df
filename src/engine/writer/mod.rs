//! The single writer: appends segments, keeps the statistics of every source, publishes snapshots.

mod announce;
mod printed;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::memory_limit::MemoryLimit;
use super::message::{Decoded, ToWriter};
use super::shared::Shared;
use super::source_stats::SourceStats;
use super::status::EngineEvent;
use crate::index::{
    Compactor, Head, Interner, MAX_ROWS, Publisher, Segment, SegmentBuilder, Snapshot,
};
use crate::model::{Defect, Mark};

/// Time between two publications: short for the eye, long enough for the work.
const INTERVAL: Duration = Duration::from_millis(40);

/// With a hundred thousand sources a status takes long to build: it is built so rarely that it takes a tenth of the
/// time.
const SHARE: u32 = 9;

/// Interval after which a displayed rate is refreshed.
const RATE_WINDOW: Duration = Duration::from_millis(1100);

/// Segments smaller than this are merged with their neighbours from the same source.
const SMALL: usize = MAX_ROWS / 8;

/// Ids reserved at a time for a source with small segments, so that neighbours stay neighbours.
const CHUNK: u64 = MAX_ROWS as u64;

pub(super) struct Writer {
    interner: Arc<Interner>,
    publisher: Publisher,
    shared: Arc<Shared>,
    emit: Arc<dyn Fn(EngineEvent) + Send + Sync>,
    books: BTreeMap<u32, SourceStats>,
    segments: Vec<Arc<Segment>>,
    marks: Vec<Mark>,
    events: u64,
    next_id: u64,
    next_number: u64,
    generation: u64,
    builder: SegmentBuilder,
    index_bytes: u64,
    memory_limit: MemoryLimit,
    /// Mappings from earlier dictionaries to later ones, as long as results may still arrive for the earlier ones.
    carriers: Vec<Compactor>,
    epoch: u64,
    /// Time in which sources were loading, and the start of the current loading phase.
    busy: Duration,
    busy_since: Option<Instant>,
}

impl Writer {
    /// `memory_limit`: limit of the index, in bytes.
    pub(super) fn new(
        shared: Arc<Shared>,
        memory_limit: Option<u64>,
        emit: Arc<dyn Fn(EngineEvent) + Send + Sync>,
    ) -> Self {
        let mut writer = Self {
            interner: shared.interner(),
            publisher: Publisher::default(),
            shared,
            emit,
            books: BTreeMap::new(),
            segments: Vec::new(),
            marks: Vec::new(),
            events: 0,
            next_id: 0,
            next_number: 0,
            generation: 0,
            builder: SegmentBuilder::default(),
            index_bytes: 0,
            memory_limit: MemoryLimit::new(memory_limit),
            carriers: Vec::new(),
            epoch: 0,
            busy: Duration::ZERO,
            busy_since: None,
        };
        // A request before the first read finds an empty log, not a snapshot without fields.
        writer.publish();
        writer
    }

    /// Runs until all senders are gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<ToWriter>) {
        let mut last = Instant::now()
            .checked_sub(INTERVAL)
            .unwrap_or_else(Instant::now);
        let (mut dirty, mut news) = (false, false); // Needs to publish; needs to send a status.
        let mut pause = INTERVAL;
        loop {
            // With no changes and every rate at zero there is no timer: an idle writer sleeps.
            let is_full = self.waits_for_printer();
            let wake = if dirty || news {
                // The very first events are published at once: the user is looking at an empty screen.
                let is_first = self.events > 0 && self.shared.snapshot().events == 0;
                Some(if is_first { last } else { last + pause })
            } else if is_full {
                Some(Instant::now() + INTERVAL)
            } else {
                let moves = self.books.values().any(SourceStats::is_moving);
                moves.then(|| Instant::now() + RATE_WINDOW)
            };
            let alarm = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = alarm => {
                    let began = Instant::now();
                    if dirty || is_full { self.publish() } else { self.tell() }
                    (last, dirty, news) = (Instant::now(), false, false);
                    pause = INTERVAL.max((last - began) * SHARE);
                }
                message = inbox.recv(), if !is_full => match message {
                    Some(message) => {
                        news = true;
                        dirty |= message.is_of_data();
                        self.take(message);
                    }
                    None => break,
                },
            }
        }
        self.publish();
    }

    fn take(&mut self, message: ToWriter) {
        match message {
            ToWriter::Source { source, name } => {
                self.books.insert(source, SourceStats::new(name));
                self.busy_since.get_or_insert_with(Instant::now);
            }
            ToWriter::Decoded(mut decoded) => {
                let source = decoded.source;
                self.carry(&mut decoded);
                let Some(book) = self.books.get_mut(&source) else {
                    return;
                };
                for decoded in book.in_order(*decoded) {
                    self.append(decoded);
                    self.settle(source);
                }
                self.evict_above_limit();
            }
            ToWriter::Says {
                source,
                delivery,
                tasks,
            } => {
                self.book(source, |book| book.says(delivery, tasks));
                self.settle(source);
            }
            ToWriter::Ended {
                source,
                tasks,
                error,
                stopped,
            } => {
                self.book(source, |book| book.ended(tasks, error, stopped));
                self.settle(source);
            }
        }
    }

    fn book(&mut self, source: u32, change: impl FnOnce(&mut SourceStats)) {
        if let Some(book) = self.books.get_mut(&source) {
            change(book);
        }
    }

    /// Applies the reported state of a source once everything it sent before has arrived.
    fn settle(&mut self, source: u32) {
        if let Some(book) = self.books.get_mut(&source) {
            book.settle();
            self.marks.extend(book.marks_due());
        }
    }

    fn append(&mut self, decoded: Decoded) {
        let Some(book) = self.books.get_mut(&decoded.source) else {
            return;
        };
        book.account(&decoded);
        let source = decoded.source;
        for segment in decoded.segments {
            self.events += segment.rows as u64;
            self.add(source, segment);
        }
    }

    /// Assigns a segment its number and ids, and merges it with small neighbours.
    fn add(&mut self, source: u32, mut segment: Segment) {
        segment.number = self.next_number;
        self.next_number += 1;
        let rows = segment.rows as u64;
        if segment.rows >= SMALL {
            segment.first_id = self.next_id;
            self.next_id += rows;
            self.insert(segment);
            return;
        }
        let next_id = &mut self.next_id;
        let Some(book) = self.books.get_mut(&source) else {
            return;
        };
        if book.ids.end - book.ids.start < rows {
            book.ids = *next_id..*next_id + CHUNK;
            *next_id += CHUNK;
            book.small.clear();
        }
        segment.first_id = book.ids.start;
        book.ids.start += rows;
        // Sizes at least double from the newest to the oldest, so that each event is merged a few times at most.
        let mut run = vec![segment.first_id];
        let mut total = segment.rows;
        while let Some((first, size)) = book.small.last().copied()
            && size < total * 2
            && size + total <= MAX_ROWS
        {
            book.small.pop();
            run.push(first);
            total += size;
        }
        let first = *run.last().unwrap_or(&segment.first_id);
        book.small.push((first, total));
        self.insert(segment);
        if run.len() > 1 {
            self.merge(first, run.len());
        }
    }

    fn insert(&mut self, segment: Segment) {
        self.index_bytes += segment.bytes() as u64;
        let at = self
            .segments
            .partition_point(|s| s.first_id < segment.first_id);
        self.segments.insert(at, Arc::new(segment));
    }

    /// Merges `count` neighbouring segments, the first of which has the id `first`.
    fn merge(&mut self, first: u64, count: usize) {
        let at = self.segments.partition_point(|s| s.first_id < first);
        let old: Vec<Arc<Segment>> = self.segments.drain(at..at + count).collect();
        for segment in &old {
            self.builder.append(segment);
        }
        self.index_bytes -= old.iter().map(|s| s.bytes() as u64).sum::<u64>();
        let head = Head {
            number: self.next_number,
            first_id: first,
            source: old[0].source,
            position: old.iter().map(|s| s.position).min().unwrap_or(0),
        };
        self.next_number += 1;
        let merged = self.builder.seal(head);
        self.insert(merged);
    }

    fn dictionary_bytes(&self) -> u64 {
        (self.interner.bytes() + self.publisher.bytes()) as u64
    }

    fn evict_above_limit(&mut self) {
        // Summing up the dictionaries takes all their locks, so only do it if needed.
        let dictionaries = self
            .memory_limit
            .limit()
            .map_or(0, |_| self.dictionary_bytes());
        while self.memory_limit.is_broken(self.index_bytes + dictionaries)
            && let Some(at) = MemoryLimit::next(&self.segments)
        {
            let segment = self.segments.remove(at);
            self.memory_limit.account(&segment);
            self.index_bytes -= segment.bytes() as u64;
            self.events -= segment.rows as u64;
            self.book(segment.source, |book| book.forget(segment.first_id));
        }
        if self.memory_limit.needs_restart(self.events, dictionaries) {
            self.restart();
        }
    }

    /// Starts new dictionaries with the entries that the remaining segments need.
    fn restart(&mut self) {
        let mut carrier = Compactor::new(self.interner.clone());
        for segment in &mut self.segments {
            let mut carried = carrier.segment(segment);
            carried.number = self.next_number;
            self.next_number += 1;
            *segment = Arc::new(carried);
        }
        self.interner = carrier.to().clone();
        self.shared.set_interner(self.interner.clone());
        self.publisher = Publisher::default();
        self.epoch += 1;
        self.memory_limit.restarted();
        self.carriers.push(carrier);
        let mut books = std::mem::take(&mut self.books);
        let early = books.values_mut().flat_map(SourceStats::early);
        early.for_each(|decoded| self.carry(decoded));
        self.books = books;
    }

    /// Moves results decoded with earlier dictionaries to the current ones.
    fn carry(&mut self, decoded: &mut Decoded) {
        for carrier in &mut self.carriers {
            if Arc::ptr_eq(carrier.from(), &decoded.interner) {
                for segment in &mut decoded.segments {
                    *segment = carrier.segment(segment);
                }
                decoded.interner = carrier.to().clone();
            }
        }
        // Dictionaries referenced only by the carrier cannot appear in results any more.
        self.carriers
            .retain(|carrier| Arc::strong_count(carrier.from()) > 1);
    }

    fn publish(&mut self) {
        self.evicted_printed();
        self.generation += 1;
        let snapshot = Arc::new(Snapshot {
            generation: self.generation,
            segments: self.segments.clone(),
            vocabulary: self.interner.publish(&mut self.publisher),
            sources: self.books.values().map(|book| book.name.clone()).collect(),
            events: self.events,
            epoch: self.epoch,
            evicted: self.memory_limit.evicted,
            marks: self.marks.as_slice().into(),
        });
        let mut changed = false;
        for book in self.books.values_mut() {
            changed |= book.take_defects_changed();
        }
        if changed {
            let defects: Vec<Arc<Defect>> =
                self.books.values().flat_map(SourceStats::defects).collect();
            *self
                .shared
                .defects
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = defects.into();
        }
        *self
            .shared
            .snapshot
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = snapshot;
        self.tell();
    }
}
