//! Channel from a source to the engine: bounded, so that slow processing of events slows the source down.

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

/// Item sent by a source, in order.
#[derive(Debug)]
pub enum Delivery {
    /// Records with their position in a file or stream.
    Block(Block),
    /// Part of a file with a record in each line, to be read by the decoder. Parts of one file may arrive in any order.
    Range(FileRange),
    /// Change of the source's state.
    State(SourceState),
    /// Total number of bytes to read.
    Total(u64),
    /// Note: shown in the message line and as the source's note.
    Note(String),
    /// Mark at this position of the list: rotated, truncated, reconnected after a gap.
    Mark(String),
    /// Mark at a position at which data is known to be missing: it could not be read, and will not be.
    Lost(String),
    /// Bytes known to be unread at the source; 0 once it has caught up.
    Behind(u64),
    /// Successful poll of a source that polls.
    Polled,
    /// Parts of the source and the position in each, one per line: shards with their cursors.
    Parts(Vec<String>),
    /// File that appeared in a followed directory, to be opened as a source of its own.
    Found(PathBuf),
    /// Rejected record or response: the reason, and bytes for the sample.
    Defect { reason: String, sample: Vec<u8> },
}

impl Delivery {
    /// Creates a block of whole records as JSON text: one or more lines, each an object or an array of objects.
    /// `offset` is the position of the first byte within everything this source has delivered.
    pub fn lines(bytes: Vec<u8>, offset: u64) -> Self {
        Self::Block(Block {
            bytes: bytes.into(),
            offset,
            ..Block::default()
        })
    }
}

/// Bytes that contain records.
#[derive(Debug, Default)]
pub struct Block {
    pub bytes: Buffer,
    /// Positions of the records.
    pub records: Records,
    /// Position of the first byte in the source, and its line number from 0 if known.
    pub offset: u64,
    pub line: Option<u64>,
    /// Parts of these bytes that the source itself could not read.
    pub flaws: Vec<Flaw>,
    /// Flaws beyond [`crate::decode::MAX_FLAWS`].
    pub more_flaws: u64,
    /// Oddities of these bytes.
    pub odd: Oddities,
}

/// Positions of the records in a block.
#[derive(Debug, Default)]
pub enum Records {
    /// Each line is a record, or JSON text that contains records.
    #[default]
    Lines,
    /// At these ranges.
    At(Vec<Range<usize>>),
    /// Every row of a table is a record.
    Rows(Arc<Header>),
}

/// The lines of a file that start at or after `start` and before `end`.
#[derive(Clone, Debug)]
pub struct FileRange {
    pub file: Arc<File>,
    /// Name of the file for display.
    pub name: Arc<str>,
    pub start: u64,
    pub end: u64,
}

/// A source's end of the channel. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed {
    to: mpsc::Sender<Delivery>,
    stop: watch::Receiver<bool>,
    hurry: Arc<Notify>,
    block: u64,
}

/// Size to which blocks grow while more data is available; a smaller block is sent as soon as there is none. Each block
/// becomes a segment of about 30,000 events as JSON, or 60,000 as a table. A third of this size loads as fast in less
/// memory, but makes three times the segments, and every query a third slower.
const BLOCK: u64 = 28 << 20;

/// Stop of the source by the engine: the source should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl Feed {
    /// Creates a feed with room for `capacity` deliveries, its receiving end, and the switch that stops it.
    pub fn new(capacity: usize) -> (Self, mpsc::Receiver<Delivery>, watch::Sender<bool>) {
        let (switch, stop) = watch::channel(false);
        let (feed, from) = Self::with(capacity, stop, Arc::default());
        (feed, from, switch)
    }

    /// Creates a feed with an existing stop switch and retry notification.
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

    /// Limits blocks to this many bytes, for a memory limit.
    #[must_use]
    pub fn in_blocks(self, bytes: u64) -> Self {
        let block = BLOCK.min(bytes);
        Self { block, ..self }
    }

    /// Bytes to which a block grows while more data is available.
    pub(super) fn block(&self) -> u64 {
        self.block
    }

    /// Returns a feed that ignores the stop, for the rest of the data of a stopped source.
    pub(super) fn last(&self) -> Self {
        Self {
            stop: watch::channel(false).1,
            ..self.clone()
        }
    }

    /// Returns the notification that ends all current waits of the source ([`Feed::rest`]).
    pub fn hurry(&self) -> Arc<Notify> {
        self.hurry.clone()
    }

    /// Waits before the next retry or look; the user can cut the wait short.
    pub async fn rest(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.hurry.notified() => {}
        }
    }

    /// Reports that the source failed and waits until the user requests a retry.
    pub async fn fail(&self, why: String) -> Result<(), Stopped> {
        // Created before the state is sent, so that no early request is lost.
        let again = self.hurry.notified();
        self.send(Delivery::State(SourceState::Failed { why }))
            .await?;
        again.await;
        Ok(())
    }

    /// Sends a delivery; waits while the engine is behind.
    pub async fn send(&self, delivery: Delivery) -> Result<(), Stopped> {
        if *self.stop.borrow() {
            return Err(Stopped);
        }
        self.to.send(delivery).await.map_err(|_| Stopped)
    }

    /// Like [`Self::send`], for threads outside the runtime.
    pub fn send_blocking(&self, delivery: Delivery) -> Result<(), Stopped> {
        if *self.stop.borrow() {
            return Err(Stopped);
        }
        self.to.blocking_send(delivery).map_err(|_| Stopped)
    }

    /// Completes when the engine stops the source.
    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // An error means that the engine is gone, which has the same effect on a source.
        let _ = stop.wait_for(|stopped| *stopped).await;
    }

    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }
}
