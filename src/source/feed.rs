//! The way from a source to the engine: bounded, so that a slow reader of events slows the source down.

use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};

use super::SourceState;
use super::buffer::Buffer;
use crate::decode::table::Header;
use crate::decode::{Flaw, Oddities};

/// What a source hands on, in order.
#[derive(Debug)]
pub enum Delivery {
    /// Records with their place in a file or stream.
    Block(Block),
    /// Part of a file in which each line is a record: to be read by whoever decodes it. Parts of one file
    /// need not come in order.
    Range(FileRange),
    /// The source's state changed.
    State(SourceState),
    /// How much there is to read in all, in bytes.
    Total(u64),
    /// Something worth telling once: goes to the message line and to the source's note.
    Note(String),
    /// Something that belongs at this place in the list: rotated, truncated, reconnected after a gap.
    Mark(String),
    /// A mark where something is known to be missing: it could not be read, and will not be.
    Lost(String),
    /// Bytes that are known to wait at the source; 0 once it has been caught up with.
    Behind(u64),
    /// The source, one that has to ask again and again, has just been given an answer.
    Polled,
    /// What the source is made of and how far each part is read, a line each: shards with their cursors.
    Parts(Vec<String>),
    /// A file that appeared in a followed directory: to be read as a source of its own.
    Found(PathBuf),
    /// A record or an answer that could not be read: reason, and the bytes for the sample.
    Defect { reason: String, sample: Vec<u8> },
}

impl Delivery {
    /// Whole records as JSON text: one or more lines, each an object or an array of objects. `offset` is the
    /// position of the first byte within everything this source has delivered.
    pub fn lines(bytes: Vec<u8>, offset: u64) -> Self {
        Self::Block(Block {
            bytes: bytes.into(),
            offset,
            ..Block::default()
        })
    }
}

/// Bytes with records in them.
#[derive(Debug, Default)]
pub struct Block {
    pub bytes: Buffer,
    /// Where the records are.
    pub records: Records,
    /// Position of the first byte in the source, and its line number from 0 where that is known.
    pub offset: u64,
    pub line: Option<u64>,
    /// What the source itself could not read in these bytes.
    pub flaws: Vec<Flaw>,
    /// Flaws beyond [`crate::decode::MAX_FLAWS`].
    pub more_flaws: u64,
    /// What was odd about them.
    pub odd: Oddities,
}

/// How records lie in a block.
#[derive(Debug, Default)]
pub enum Records {
    /// Each line is one, or JSON text with records in it.
    #[default]
    Lines,
    /// At these places.
    At(Vec<Range<usize>>),
    /// Whole rows of a table.
    Rows(Arc<Header>),
}

/// The lines of a file that start at `start` or after it and before `end`.
#[derive(Clone, Debug)]
pub struct FileRange {
    pub file: Arc<File>,
    /// Of the file, as it is shown.
    pub name: Arc<str>,
    pub start: u64,
    pub end: u64,
}

/// A source's end of the way. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed {
    to: mpsc::Sender<Delivery>,
    stop: watch::Receiver<bool>,
    hurry: Arc<Notify>,
    block: u64,
}

/// Blocks grow to this while more is waiting; less is handed on as soon as nothing is. Each becomes a segment: of
/// about 30,000 events as JSON, 60,000 as a table. A third of it loads as fast in less memory, but makes three times
/// the segments, and every question a third slower.
const BLOCK: u64 = 28 << 20;

/// The engine does not want any more: the source should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl Feed {
    /// A feed with room for `capacity` deliveries, its receiving end, and the switch that stops it.
    pub fn new(capacity: usize) -> (Self, mpsc::Receiver<Delivery>, watch::Sender<bool>) {
        let (switch, stop) = watch::channel(false);
        let (feed, from) = Self::with(capacity, stop, Arc::default());
        (feed, from, switch)
    }

    /// The same with a switch and a notice that were there before.
    pub fn with(
        capacity: usize,
        stop: watch::Receiver<bool>,
        hurry: Arc<Notify>,
    ) -> (Self, mpsc::Receiver<Delivery>) {
        let (to, from) = mpsc::channel(capacity);
        let feed = Self {
            to,
            stop,
            hurry,
            block: BLOCK,
        };
        (feed, from)
    }

    /// The same with blocks of at most so many bytes, where memory is short.
    #[must_use]
    pub fn in_blocks(self, bytes: u64) -> Self {
        let block = BLOCK.min(bytes);
        Self { block, ..self }
    }

    /// Bytes a block grows to while more is waiting.
    pub(super) fn block(&self) -> u64 {
        self.block
    }

    /// The same way for what is left to hand on once the engine wants the source to end.
    pub(super) fn last(&self) -> Self {
        Self {
            stop: watch::channel(false).1,
            ..self.clone()
        }
    }

    /// Whoever notifies its waiters ends the rest that the source and its parts take at the moment
    /// ([`Feed::rest`]).
    pub fn hurry(&self) -> Arc<Notify> {
        self.hurry.clone()
    }

    /// Waits before the next try or the next look; shorter where the user wants it now.
    pub async fn rest(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.hurry.notified() => {}
        }
    }

    /// Tells that the source failed and waits until the user wants another try.
    pub async fn fail(&self, why: String) -> Result<(), Stopped> {
        // A wish counts from here on, not only once it is waited for.
        let again = self.hurry.notified();
        self.send(Delivery::State(SourceState::Failed { why }))
            .await?;
        again.await;
        Ok(())
    }

    /// Hands something on; waits while the engine is behind.
    pub async fn send(&self, delivery: Delivery) -> Result<(), Stopped> {
        if *self.stop.borrow() {
            return Err(Stopped);
        }
        self.to.send(delivery).await.map_err(|_| Stopped)
    }

    /// The same from a thread outside the runtime.
    pub fn send_blocking(&self, delivery: Delivery) -> Result<(), Stopped> {
        if *self.stop.borrow() {
            return Err(Stopped);
        }
        self.to.blocking_send(delivery).map_err(|_| Stopped)
    }

    /// Completes when the engine wants the source to end.
    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // An error means that the engine is gone, which is the same to a source.
        let _ = stop.wait_for(|stopped| *stopped).await;
    }

    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }
}
