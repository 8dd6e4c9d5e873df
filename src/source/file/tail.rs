//! Where reading stands in one file, and reading on in it.

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

/// Bytes before the place of reading that are looked at for a rewriting in place.
const BEFORE: usize = 2048;

/// A record to which nothing comes for so long has been written as a whole, if it can be.
const SETTLED: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Tail {
    pub(super) file: Arc<File>,
    pub(super) identity: Identity,
    pub(super) offset: u64,
    pub(super) splitter: Splitter,
    /// Of what was read; kept while the file has the name.
    trace: Option<Trace>,
    /// When something last came, until what is left of it was looked at again.
    grown: Option<Instant>,
}

impl Tail {
    pub(super) fn new(file: Arc<File>, offset: u64, splitter: Splitter) -> io::Result<Self> {
        let identity = Identity::of(&file)?;
        Ok(Self::known(file, identity, offset, splitter))
    }

    /// One for a file whose identity is known.
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

    /// Remembers what is read from here on, and what was.
    pub(super) fn remember(&mut self) -> io::Result<()> {
        self.trace = Some(Trace::of(&self.file, self.offset)?);
        Ok(())
    }

    pub(super) fn take_trace(&mut self) -> Trace {
        self.trace.take().unwrap_or_default()
    }

    /// What has become of it, where this file has its name now.
    pub(super) fn change(&mut self, now: &File) -> io::Result<Change> {
        let change = self.identity.compare(now, self.offset)?;
        if change != Change::None {
            return Ok(change);
        }
        let Some(trace) = &self.trace else {
            return Ok(change);
        };
        // Lines that were put in, taken out or changed in length before its end moved it.
        let (at, bytes) = trace.end(BEFORE);
        Ok(if bytes_at(now, at, bytes.len())? == bytes {
            Change::None
        } else {
            Change::Rewritten
        })
    }

    /// Reads to the present end of the file. Says whether there was anything.
    pub(super) async fn drain(&mut self, feed: &Feed) -> Result<bool, SourceError> {
        let start = self.offset;
        self.read(feed, u64::MAX, true).await?;
        Ok(self.offset > start)
    }

    /// Reads up to a place without handing on the records before it. Says whether there were any.
    pub(super) async fn skip(&mut self, feed: &Feed, end: u64) -> Result<bool, SourceError> {
        self.read(feed, end, false).await
    }

    /// Reads and hands on up to a place, and further to the end of a record, but not beyond `most`.
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

    /// Says whether there were whole records.
    async fn read(&mut self, feed: &Feed, end: u64, hand_on: bool) -> Result<bool, SourceError> {
        let mut chunk = Vec::new();
        let (mut behind, mut any) = (false, false);
        while self.offset < end {
            // What was read last, where it is remembered, is read once more: it tells whether this is still the same file.
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
            // Cut off and written again since it was compared: the next look finds that out.
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
            // A record that is whole there was whole in what was read before.
            any |= !self.splitter.settle().is_empty();
        }
        Ok(any)
    }

    /// Goes on behind a hole, which may be large, as far as its system can tell where that ends.
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

    /// Time until what has no line end is looked at again, if there is something.
    pub(super) fn unsettled(&self) -> Option<Duration> {
        let grown = self.grown.filter(|_| !self.splitter.is_even())?;
        Some(SETTLED.saturating_sub(grown.elapsed()))
    }

    /// Hands on what is whole although no line end says so, once nothing came for a while. Says whether it looked.
    pub(super) async fn settle(&mut self, feed: &Feed) -> Result<bool, SourceError> {
        let is_due = self.unsettled() == Some(Duration::ZERO);
        if is_due {
            self.grown = None;
            deliver(feed, self.splitter.settle().into_iter().collect()).await?;
        }
        Ok(is_due)
    }

    /// Hands on what is left where the engine wants no more: the end of the file, unless it is far.
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

    /// Hands on what is left at the end of a file to which nothing comes any more.
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
