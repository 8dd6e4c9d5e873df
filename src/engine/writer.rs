//! The one writer: strings segments together, keeps the books of every source, publishes snapshots.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::books::{Book, Told};
use super::pool::Task;
use super::shared::Shared;
use super::status::{EngineEvent, Status};
use crate::decode::Flaw;
use crate::index::{Head, Interner, MAX_ROWS, Publisher, Segment, SegmentBuilder, Snapshot};
use crate::model::{Defect, Mark};
use crate::source::SourceState;

/// What the writer is told.
#[derive(Debug)]
pub(super) enum ToWriter {
    Source {
        source: u16,
        name: Arc<str>,
    },
    Decoded(Box<Decoded>),
    /// The source's state, once the tasks it had handed on by then have arrived.
    State {
        source: u16,
        state: SourceState,
        tasks: u64,
    },
    Total {
        source: u16,
        bytes: u64,
    },
    Note {
        source: u16,
        text: String,
    },
    /// A mark after what the tasks the source had handed on by then came to.
    /// Where `lost`, something is known to be missing there.
    Mark {
        source: u16,
        text: String,
        lost: bool,
        tasks: u64,
    },
    /// Changes what is told of the source, not the data.
    Told {
        source: u16,
        told: Told,
    },
    Defect {
        source: u16,
        reason: String,
        sample: Vec<u8>,
    },
    /// The source handed on this many tasks and then ended.
    Ended {
        source: u16,
        tasks: u64,
        error: Option<String>,
        stopped: bool,
    },
}

/// A decoded task.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) source: u16,
    pub(super) seq: u64,
    pub(super) bytes: u64,
    pub(super) segments: Vec<Segment>,
    /// With the line number from 0: of the source, or of the range where the task was one.
    pub(super) flaws: Vec<(Option<u64>, Flaw)>,
    /// Start of the range and its number of lines.
    pub(super) lines_of_range: Option<(u64, u64)>,
    pub(super) failed: Option<String>,
}

impl Decoded {
    pub(super) fn of(task: &Task) -> Self {
        Self {
            source: task.source,
            seq: task.seq,
            bytes: 0,
            segments: Vec::new(),
            flaws: Vec::new(),
            lines_of_range: None,
            failed: None,
        }
    }
}

/// Time between two publications: short enough for the eye, long enough for the work.
const INTERVAL: Duration = Duration::from_millis(40);

/// Time over which a source's rate is taken.
const RATE_WINDOW: Duration = Duration::from_millis(1100);

/// Segments smaller than this are merged with their neighbours of the same source.
const SMALL: usize = MAX_ROWS / 8;

/// Ids reserved at a time for a source whose segments are small, so that neighbours stay neighbours.
const CHUNK: u64 = MAX_ROWS as u64;

pub(super) struct Writer {
    interner: Arc<Interner>,
    publisher: Publisher,
    shared: Arc<Shared>,
    emit: Arc<dyn Fn(EngineEvent) + Send + Sync>,
    books: BTreeMap<u16, Book>,
    segments: Vec<Arc<Segment>>,
    marks: Vec<Mark>,
    events: u64,
    next_id: u64,
    next_number: u64,
    generation: u64,
    builder: SegmentBuilder,
    index_bytes: u64,
}

impl Writer {
    pub(super) fn new(
        interner: Arc<Interner>,
        shared: Arc<Shared>,
        emit: Arc<dyn Fn(EngineEvent) + Send + Sync>,
    ) -> Self {
        let mut writer = Self {
            interner,
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
        };
        // Whoever asks before anything was read finds an empty log, not a snapshot without fields.
        writer.publish();
        writer
    }

    /// Works until everybody who could tell it something is gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<ToWriter>) {
        let mut last = Instant::now()
            .checked_sub(INTERVAL)
            .unwrap_or_else(Instant::now);
        // What has to be published, and what has to be told.
        let (mut dirty, mut news) = (false, false);
        loop {
            // With nothing new and every rate at rest there is no timer: idle means asleep.
            let wake = match (dirty || news, self.books.values().any(Book::is_moving)) {
                (true, _) => Some(last + INTERVAL),
                (false, true) => Some(Instant::now() + RATE_WINDOW),
                (false, false) => None,
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
                    if dirty { self.publish() } else { self.tell() }
                    last = Instant::now();
                    (dirty, news) = (false, false);
                }
                message = inbox.recv() => match message {
                    Some(message) => {
                        news = true;
                        dirty |= !matches!(message, ToWriter::Told { .. });
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
                self.books.insert(source, Book::new(name));
            }
            ToWriter::Decoded(decoded) => {
                let source = decoded.source;
                let Some(book) = self.books.get_mut(&source) else {
                    return;
                };
                for decoded in book.in_order(*decoded) {
                    self.append(decoded);
                    self.settle(source);
                }
            }
            ToWriter::State {
                source,
                state,
                tasks,
            } => {
                self.book(source, |book| book.says(state, tasks));
                self.settle(source);
            }
            ToWriter::Total { source, bytes } => self.book(source, |book| book.total = Some(bytes)),
            ToWriter::Note { source, text } => self.book(source, |book| book.note = text),
            ToWriter::Mark {
                source,
                text,
                lost,
                tasks,
            } => {
                self.book(source, |book| book.mark(text, lost, tasks));
                self.settle(source);
            }
            ToWriter::Told { source, told } => self.book(source, |book| book.told(told)),
            ToWriter::Defect {
                source,
                reason,
                sample,
            } => {
                self.book(source, |book| book.note_defect(reason, &sample));
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

    fn book(&mut self, source: u16, change: impl FnOnce(&mut Book)) {
        if let Some(book) = self.books.get_mut(&source) {
            change(book);
        }
    }

    /// What the source said is true once everything that it handed on before has arrived.
    fn settle(&mut self, source: u16) {
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

    /// Gives a segment its number and ids, and merges it with small neighbours.
    fn add(&mut self, source: u16, mut segment: Segment) {
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
        // Sizes at least double from the newest to the oldest: each event is merged a few times at most.
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

    /// Makes one segment of `count` neighbours, the first of which has the id `first`.
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

    fn publish(&mut self) {
        self.generation += 1;
        let snapshot = Arc::new(Snapshot {
            generation: self.generation,
            segments: self.segments.clone(),
            vocabulary: self.interner.publish(&mut self.publisher),
            sources: self.books.values().map(|book| book.name.clone()).collect(),
            events: self.events,
            marks: self.marks.as_slice().into(),
        });
        let mut changed = false;
        for book in self.books.values_mut() {
            changed |= book.take_defects_changed();
        }
        if changed {
            let defects: Vec<Arc<Defect>> = self.books.values().flat_map(Book::defects).collect();
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

    /// Tells the state of everything.
    fn tell(&mut self) {
        let status = Status {
            generation: self.generation,
            events: self.events,
            defects: self.books.values().map(|book| book.defect_count).sum(),
            span: self.shared.snapshot().span(),
            memory: self.index_bytes + self.interner.bytes() as u64,
            sources: self.books.values_mut().map(Book::status).collect(),
        };
        (self.emit)(EngineEvent::Status(Arc::new(status)));
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
