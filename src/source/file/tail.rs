//! Read position in one file, and reading from there.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::holes;
use super::identity::{Change, Identity};
use super::trace::{Trace, bytes_at, clamped};
use crate::source::SourceError;
use crate::source::feed::{Block, Delivery, Feed, Stopped};
use crate::source::splitter::Splitter;

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Bytes before the read position that are compared to detect a rewrite in place.
const BEFORE: usize = 2048;

/// Time after which a record without a newline counts as complete, if it parses.
const SETTLED: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Tail {
    pub(super) file: Arc<File>,
    pub(super) identity: Identity,
    pub(super) offset: u64,
    pub(super) splitter: Splitter,
    /// Trace of the content read; kept while the file has the name.
    trace: Option<Trace>,
    /// Arrival of the last data; reset once the incomplete record was checked.
    grown: Option<Instant>,
}

impl Tail {
    pub(super) fn new(file: Arc<File>, offset: u64, splitter: Splitter) -> io::Result<Self> {
        let identity = Identity::of(&file)?;
        Ok(Self::known(file, identity, offset, splitter))
    }

    /// Creates a tail for a file whose identity is known.
    pub(super) fn known(
        file: Arc<File>,
        identity: Identity,
        offset: u64,
        splitter: Splitter,
    ) -> Self {
        Self {
            file,
            identity,
            offset,
            splitter,
            trace: None,
            grown: (offset > 0).then(Instant::now),
        }
    }

    /// Starts to keep a trace of the content, including the part already read.
    pub(super) fn remember(&mut self) -> io::Result<()> {
        self.trace = Some(Trace::of(&self.file, self.offset)?);
        Ok(())
    }

    pub(super) fn take_trace(&mut self) -> Trace {
        self.trace.take().unwrap_or_default()
    }

    /// Detects changes, given the file that now has the name.
    pub(super) fn change(&mut self, now: &File) -> io::Result<Change> {
        let change = self.identity.compare(now, self.offset)?;
        if change != Change::None {
            return Ok(change);
        }
        let Some(trace) = &self.trace else {
            return Ok(change);
        };
        // Lines inserted, removed or changed in length move the end of the content.
        let (at, bytes) = trace.end(BEFORE);
        Ok(if bytes_at(now, at, bytes.len())? == bytes {
            Change::None
        } else {
            Change::Rewritten
        })
    }

    /// Reads to the current end of the file. Returns true if there was new data.
    pub(super) async fn drain(&mut self, feed: &Feed) -> Result<bool, SourceError> {
        let start = self.offset;
        self.read(feed, u64::MAX, true).await?;
        Ok(self.offset > start)
    }

    /// Reads up to an offset and discards the records. Returns true if there were any.
    pub(super) async fn skip(&mut self, feed: &Feed, end: u64) -> Result<bool, SourceError> {
        self.read(feed, end, false).await
    }

    /// Reads and sends the records up to an offset, and on to the end of a record, but not beyond `most`.
    pub(super) async fn hand_on(
        &mut self,
        feed: &Feed,
        end: u64,
        most: u64,
    ) -> Result<(), SourceError> {
        self.read(feed, end, true).await?;
        while self.offset < most && !self.splitter.is_even() {
            let ahead = (most - self.offset).min(BEFORE as u64);
            let bytes =
                bytes_at(&self.file, self.offset, clamped(ahead)).map_err(|e| self.failed(&e))?;
            let line = memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1);
            if line == 0 {
                break;
            }
            self.read(feed, self.offset + line as u64, true).await?;
        }
        Ok(())
    }

    /// Returns true if there were complete records.
    async fn read(&mut self, feed: &Feed, end: u64, hand_on: bool) -> Result<bool, SourceError> {
        let mut chunk = Vec::new();
        let (mut behind, mut any) = (false, false);
        while self.offset < end {
            // The last bytes in the trace are read again, to check that this is still the same content.
            let last = self.trace.as_ref().map(|trace| trace.end(BEFORE));
            let last = last.filter(|(at, bytes)| at + bytes.len() as u64 == self.offset);
            let (at, known) = last.unwrap_or((self.offset, &[]));
            let want = CHUNK.min(clamped(end - self.offset));
            chunk.resize(known.len() + want, 0);
            let read = match self.file.read_at(&mut chunk, at) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failed(&error)),
            };
            let (again, new) = chunk[..read].split_at(known.len().min(read));
            // Truncated and rewritten since the comparison: the next look detects it.
            if !known.starts_with(again) {
                break;
            }
            if new.is_empty() {
                let more = bytes_at(&self.file, self.offset, 1).map_err(|e| self.failed(&e))?;
                if more.is_empty() {
                    break;
                }
                continue;
            }
            self.offset += new.len() as u64;
            self.grown = Some(Instant::now());
            if let Some(trace) = &mut self.trace {
                trace.push(new);
            }
            let blocks = self.splitter.push(new);
            any |= !blocks.is_empty();
            if hand_on {
                deliver(feed, blocks).await?;
            } else {
                tokio::task::yield_now().await;
            }
            if new.len() == CHUNK {
                let len = self.file.metadata().map_or(0, |meta| meta.len());
                if new.iter().all(|byte| *byte == 0) {
                    self.skip_hole(len.min(end))?;
                }
                behind = true;
                feed.send(Delivery::Behind(len.saturating_sub(self.offset)))
                    .await?;
            }
        }
        if behind {
            feed.send(Delivery::Behind(0)).await?;
        }
        if !hand_on {
            // A complete record here was also complete in the content read before.
            any |= !self.splitter.settle().is_empty();
        }
        Ok(any)
    }

    /// Skips a hole, which may be large, as far as the file system knows its end.
    fn skip_hole(&mut self, end: u64) -> Result<(), SourceError> {
        let data = holes::data(&self.file, self.offset, end);
        let skipped = self.splitter.skip(data.saturating_sub(self.offset));
        self.offset += skipped;
        if skipped > 0 && self.trace.is_some() {
            self.remember().map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    fn failed(&self, error: &io::Error) -> SourceError {
        SourceError::unread(self.offset, error)
    }

    /// Time until an incomplete record is checked again, if there is one.
    pub(super) fn unsettled(&self) -> Option<Duration> {
        let grown = self.grown.filter(|_| !self.splitter.is_even())?;
        Some(SETTLED.saturating_sub(grown.elapsed()))
    }

    /// Sends a complete record without a newline if no data arrived for a while. Returns true if it was due for the
    /// check.
    pub(super) async fn settle(&mut self, feed: &Feed) -> Result<bool, SourceError> {
        let is_due = self.unsettled() == Some(Duration::ZERO);
        if is_due {
            self.grown = None;
            deliver(feed, self.splitter.settle().into_iter().collect()).await?;
        }
        Ok(is_due)
    }

    /// Sends the rest when the engine stops the source: up to the end of the file, unless it is far.
    pub(super) async fn end(&mut self, feed: &Feed) -> Result<(), SourceError> {
        self.read(feed, self.offset + CHUNK as u64, true).await?;
        if self
            .file
            .metadata()
            .is_ok_and(|meta| meta.len() <= self.offset)
        {
            self.finish(feed).await?;
        }
        Ok(())
    }

    /// Sends the rest of a file that no longer grows.
    pub(super) async fn finish(&mut self, feed: &Feed) -> Result<(), SourceError> {
        Ok(deliver(feed, self.splitter.finish()).await?)
    }
}

async fn deliver(feed: &Feed, blocks: Vec<Block>) -> Result<(), Stopped> {
    for block in blocks {
        feed.send(Delivery::Block(block)).await?;
    }
    Ok(())
}
