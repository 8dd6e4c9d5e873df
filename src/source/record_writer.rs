//! Collects records into blocks and sends them with their position in everything delivered.

use std::mem;
use std::time::Duration;

use super::failure::printable;
use super::{Block, Delivery, Feed, Records, Stopped};
use crate::decode::Flaw;
use crate::source::SourceState;

/// Size at which a block is sent.
const BLOCK: usize = 256 * 1024;

/// Writer of all records of a network source: each record becomes one line.
#[derive(Debug)]
pub(super) struct RecordWriter {
    feed: Feed,
    block: Vec<u8>,
    offset: u64,
    state: Option<SourceState>,
    parts: Vec<String>,
}

impl RecordWriter {
    pub(super) fn new(feed: Feed) -> Self {
        Self {
            feed,
            block: Vec::new(),
            offset: 0,
            state: None,
            parts: Vec::new(),
        }
    }

    /// Number of bytes sent and buffered so far.
    pub(super) fn bytes(&self) -> u64 {
        self.offset + self.block.len() as u64
    }

    /// Waits before the next look; the user can cut the wait short.
    pub(super) async fn rest(&self, time: Duration) {
        self.feed.rest(time).await;
    }

    /// Reports that the source failed and waits until the user requests a retry.
    pub(super) async fn fail(&mut self, why: String) -> Result<(), Stopped> {
        self.flush().await?;
        self.state = None;
        self.feed.fail(why).await
    }

    /// Adds a record. Line breaks in it can only be whitespace between tokens, since JSON escapes them in strings.
    pub(super) async fn record(&mut self, json: &[u8]) -> Result<(), Stopped> {
        let line = json.iter().map(|&byte| {
            if byte == b'\n' || byte == b'\r' {
                b' '
            } else {
                byte
            }
        });
        self.block.extend(line);
        self.block.push(b'\n');
        if self.block.len() >= BLOCK {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// Sends the buffered records.
    pub(super) async fn flush(&mut self) -> Result<(), Stopped> {
        if self.block.is_empty() {
            return Ok(());
        }
        let bytes = mem::take(&mut self.block);
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        self.feed.send(Delivery::lines(bytes, offset)).await
    }

    /// Sends records that are not lines of JSON, after the buffered ones.
    pub(super) async fn block(&mut self, mut block: Block) -> Result<(), Stopped> {
        self.flush().await?;
        block.offset = self.offset;
        self.offset += block.bytes.len() as u64;
        self.feed.send(Delivery::Block(block)).await
    }

    /// Reports a flaw at the current position.
    pub(super) async fn flaw(&mut self, flaw: Flaw) -> Result<(), Stopped> {
        let offset = self.bytes();
        self.block(Block {
            records: Records::At(Vec::new()),
            offset,
            flaws: vec![Flaw { offset, ..flaw }],
            ..Block::default()
        })
        .await
    }

    /// Sends any other delivery, after the buffered records.
    pub(super) async fn say(&mut self, delivery: Delivery) -> Result<(), Stopped> {
        self.flush().await?;
        self.feed.send(delivery).await
    }

    /// Sends a state unless it is the last one sent; each wait before a retry counts as a change.
    pub(super) async fn state(&mut self, state: SourceState) -> Result<(), Stopped> {
        self.flush().await?;
        let state = match state {
            SourceState::Retrying { seconds, why } => SourceState::Retrying {
                seconds,
                why: printable(&why),
            },
            other => other,
        };
        if self.state.as_ref() == Some(&state) && !matches!(state, SourceState::Retrying { .. }) {
            return Ok(());
        }
        self.state = Some(state.clone());
        self.feed.send(Delivery::State(state)).await
    }

    /// Sends the parts of the source unless they have not changed.
    pub(super) async fn parts(&mut self, parts: Vec<String>) -> Result<(), Stopped> {
        if self.parts == parts {
            return Ok(());
        }
        self.parts.clone_from(&parts);
        self.feed.send(Delivery::Parts(parts)).await
    }

    pub(super) async fn note(&mut self, text: impl AsRef<str>) -> Result<(), Stopped> {
        self.say(Delivery::Note(printable(text.as_ref()))).await
    }

    pub(super) async fn mark(&mut self, text: impl AsRef<str>) -> Result<(), Stopped> {
        self.say(Delivery::Mark(printable(text.as_ref()))).await
    }

    pub(super) async fn lost(&mut self, text: impl AsRef<str>) -> Result<(), Stopped> {
        self.say(Delivery::Lost(printable(text.as_ref()))).await
    }

    pub(super) async fn defect(
        &mut self,
        reason: impl Into<String>,
        sample: &[u8],
    ) -> Result<(), Stopped> {
        let sample = sample[..sample.len().min(SAMPLE)].to_vec();
        self.say(Delivery::Defect {
            reason: reason.into(),
            sample,
        })
        .await
    }
}

/// Bytes of a rejected record that are sent as its sample.
const SAMPLE: usize = 1024;
