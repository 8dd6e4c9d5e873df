//! The decode pool: threads that turn bytes into segments.
//!
//! Each thread has its own decoder and seals segments itself, so that the writer only appends them.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::message::{Decoded, ToWriter};
use super::range::{self, Newlines, READ};
use super::shared::Shared;
use crate::decode::Decoder;
use crate::index::Interner;
use crate::source::{Block, FileRange, Records};

/// Work for the pool.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) source: u32,
    /// Sequence number within the source; the writer appends blocks in this order.
    pub(super) seq: u64,
    pub(super) work: Work,
    /// Raised when loading of the source is stopped: parts of a file that have not begun are dropped.
    pub(super) stop: Arc<AtomicBool>,
}

impl Task {
    /// An empty result of this task.
    fn decoded(&self, interner: &Arc<Interner>) -> Decoded {
        Decoded {
            source: self.source,
            seq: self.seq,
            interner: interner.clone(),
            ..Decoded::default()
        }
    }
}

#[derive(Debug)]
pub(super) enum Work {
    Block(Block),
    Range(FileRange),
}

/// Bytes after which an idle worker renews its decoder: the value cache is worth its memory only while loading.
const RENEW: u64 = 64 << 20;

pub(super) fn start(
    shared: &Arc<Shared>,
    writer: &mpsc::Sender<ToWriter>,
) -> io::Result<mpsc::Sender<Task>> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    // A waiting block takes memory: one is enough, since the next is cut while it is decoded.
    let (tasks, queue) = mpsc::channel(1);
    let queue = Arc::new(Mutex::new(queue));
    for n in 0..threads {
        let worker = Worker {
            queue: queue.clone(),
            writer: writer.clone(),
            decoder: Decoder::new(shared.interner()),
            interner: shared.interner(),
            shared: shared.clone(),
            taken: 0,
            buffer: Vec::new(),
        };
        std::thread::Builder::new()
            .name(format!("decode-{n}"))
            .spawn(move || worker.run())?;
    }
    Ok(tasks)
}

struct Worker {
    /// The worker that holds the lock waits for the next task; the others wait for the lock.
    queue: Arc<Mutex<mpsc::Receiver<Task>>>,
    writer: mpsc::Sender<ToWriter>,
    decoder: Decoder,
    /// The dictionaries the decoder writes to.
    interner: Arc<Interner>,
    shared: Arc<Shared>,
    taken: u64,
    buffer: Vec<u8>,
}

impl Worker {
    fn run(mut self) {
        let queue = self.queue.clone();
        loop {
            let task = {
                let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                if queue.is_empty() && self.taken > RENEW {
                    self.renew();
                    self.buffer = Vec::new();
                }
                queue.blocking_recv()
            };
            let Some(task) = task else { return };
            if !Arc::ptr_eq(&self.interner, &self.shared.interner()) {
                self.renew();
            }
            let sent = if matches!(task.work, Work::Range(_)) && task.stop.load(Ordering::Relaxed) {
                self.send(task.decoded(&self.interner))
            } else {
                self.task(task)
            };
            if sent.is_none() {
                return; // The writer has ended, and so has the engine.
            }
        }
    }

    /// Replaces the decoder by a new one on the current dictionaries.
    fn renew(&mut self) {
        self.interner = self.shared.interner();
        self.decoder = Decoder::new(self.interner.clone());
        self.taken = 0;
    }

    fn send(&self, decoded: Decoded) -> Option<()> {
        self.writer
            .blocking_send(ToWriter::Decoded(Box::new(decoded)))
            .ok()
    }

    fn task(&mut self, task: Task) -> Option<()> {
        let mut decoded = task.decoded(&self.interner);
        match task.work {
            Work::Block(block) => self.block(block, &mut decoded),
            Work::Range(range) => {
                if let Err(error) = self.range(&range, &mut decoded) {
                    decoded.failed = Some(error.to_string());
                }
            }
        }
        self.taken += decoded.bytes;
        self.send(decoded)
    }

    fn block(&mut self, block: Block, decoded: &mut Decoded) {
        decoded.bytes = block.bytes.len() as u64;
        self.decoder.begin(decoded.source);
        match &block.records {
            Records::At(records) => {
                self.decoder.records(&block.bytes, records, block.offset);
            }
            Records::Lines => {
                self.decoder.lines(&block.bytes, block.offset);
            }
            Records::Rows(header) => {
                header.decode(&block.bytes, block.offset, &mut self.decoder);
            }
        }
        decoded.odd = block.odd;
        decoded.more_flaws = block.more_flaws;
        decoded.odd.add(&self.decoder.take_oddities());
        let (segments, mut flaws) = self.decoder.finish();
        flaws.extend(block.flaws);
        decoded.segments = segments;
        decoded.remarks = self.decoder.take_remarks();
        decoded.more_flaws += self.decoder.take_more_flaws();
        let mut newlines = Newlines::of(&block.bytes);
        decoded.flaws = flaws
            .into_iter()
            .map(|flaw| {
                let before = newlines.before((flaw.offset - block.offset) as usize);
                (block.line.map(|first| first + before), flaw)
            })
            .collect();
    }

    /// Reads and decodes the lines that start in a range.
    fn range(&mut self, range: &FileRange, decoded: &mut Decoded) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.decoder.begin(decoded.source);
        let lines = range::read(&mut self.decoder, range, &mut buffer, decoded);
        decoded.odd.add(&self.decoder.take_oddities());
        let (segments, _) = self.decoder.finish();
        decoded.segments = segments;
        decoded.remarks = self.decoder.take_remarks();
        decoded.more_flaws += self.decoder.take_more_flaws();
        decoded.bytes = range.end - range.start;
        if buffer.len() <= READ * 4 {
            self.buffer = buffer; // Drops a buffer that grew for a long line.
        }
        decoded.lines_of_range = Some((range.start, lines?));
        Ok(())
    }
}
