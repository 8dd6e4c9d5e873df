//! Bytes that come one after another: standard input, pipes, compressed files, the growing end of a file.
//! A [`Splitter`] cuts them into blocks of whole records.

use std::io::{self, Read};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::feed::{Block, Delivery, Feed};
use super::{SourceError, Stopped};
use crate::decode::detect::{self, Framing};
use crate::decode::{Flaw, Framer, Piece};
use crate::model::Defect;

/// Blocks grow to this while more is waiting; less is handed on as soon as nothing is.
const BLOCK: usize = 8 << 20;

/// Bytes asked for at a time.
const READ: usize = 1 << 18;

/// Reads to the end. `more` tells whether reading again would answer at once.
pub(super) fn read(
    feed: &Feed,
    reader: &mut impl Read,
    more: &dyn Fn() -> bool,
) -> Result<(), SourceError> {
    let mut splitter = Splitter::default();
    read_with(feed, reader, more, &mut splitter)?;
    splitter.end(feed)
}

/// The same with a splitter that is used further.
pub(super) fn read_with(
    feed: &Feed,
    reader: &mut impl Read,
    more: &dyn Fn() -> bool,
    splitter: &mut Splitter,
) -> Result<(), SourceError> {
    let mut chunk = vec![0; READ];
    let mut waiting = Vec::new();
    loop {
        let read = match reader.read(&mut chunk) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                deliver(feed, splitter.push(&waiting))?;
                return Err(SourceError::Failed(format!(
                    "cut short after {} bytes: {error}",
                    splitter.position()
                )));
            }
        };
        waiting.extend_from_slice(&chunk[..read]);
        if read == 0 || waiting.len() >= BLOCK || !more() {
            deliver(feed, splitter.push(&waiting))?;
            waiting.clear();
        }
        if read == 0 {
            if splitter.is_nonsense() {
                return Err(SourceError::NotALog("the input".into()));
            }
            return Ok(());
        }
        if feed.is_stopped() {
            return Err(SourceError::Stopped);
        }
    }
}

fn deliver(feed: &Feed, blocks: Vec<Block>) -> Result<(), Stopped> {
    blocks
        .into_iter()
        .try_for_each(|block| feed.send_blocking(Delivery::Block(block)))
}

/// Asks the system whether a descriptor can be read without waiting.
pub(super) fn readable<F: AsFd>(file: &F) -> impl Fn() -> bool {
    move || {
        let mut fds = [PollFd::new(file, PollFlags::IN)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        matches!(poll(&mut fds, Some(&now)), Ok(n) if n > 0)
    }
}

/// The decompressed content where the first bytes are those of a known archive.
pub(super) fn decompressed<R: Read + Send + 'static>(
    head: &[u8],
    open: impl FnOnce() -> io::Result<R>,
) -> io::Result<Option<Box<dyn Read + Send>>> {
    Ok(match head {
        [0x1f, 0x8b, ..] => Some(Box::new(flate2::read::MultiGzDecoder::new(open()?))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Box::new(zstd::Decoder::new(open()?)?)),
        _ => None,
    })
}

/// Cuts bytes into blocks of whole records; keeps the rest until more comes.
#[derive(Debug)]
pub(super) struct Splitter {
    /// `None` until enough is there to tell.
    framing: Option<Framing>,
    framer: Framer,
    /// What has not been handed on.
    rest: Vec<u8>,
    /// Position of the rest in the source, and its line number from 0.
    offset: u64,
    line: Option<u64>,
    nonsense: bool,
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            framing: None,
            framer: Framer::default(),
            rest: Vec::new(),
            offset: 0,
            line: Some(0),
            nonsense: false,
        }
    }
}

impl Splitter {
    pub(super) fn lines() -> Self {
        Self {
            framing: Some(Framing::Lines),
            ..Self::default()
        }
    }

    pub(super) fn documents() -> Self {
        Self {
            framing: Some(Framing::Documents),
            ..Self::default()
        }
    }

    /// Continues at a position; where that is not where it stands, line numbers are unknown from there.
    pub(super) fn seek(&mut self, offset: u64) {
        if offset != self.position() {
            self.rest.clear();
            self.offset = offset;
            self.line = None;
        }
    }

    /// Bytes taken in so far.
    pub(super) fn position(&self) -> u64 {
        self.offset + self.rest.len() as u64
    }

    /// Whether there was something, and nothing of it looked like records.
    pub(super) fn is_nonsense(&self) -> bool {
        self.nonsense
    }

    /// Takes bytes in, gives whole records out.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Block> {
        self.rest.extend_from_slice(bytes);
        self.cut(false)
    }

    /// What is left at the end of the source.
    pub(super) fn finish(&mut self) -> Vec<Block> {
        self.cut(true)
    }

    pub(super) fn end(&mut self, feed: &Feed) -> Result<(), SourceError> {
        deliver(feed, self.finish())?;
        if self.nonsense {
            return Err(SourceError::NotALog("the input".into()));
        }
        Ok(())
    }

    fn cut(&mut self, at_end: bool) -> Vec<Block> {
        let framing = if let Some(framing) = self.framing {
            framing
        } else {
            // A complete first line is enough to tell; without one, wait for a fair amount.
            let blank = self.rest.trim_ascii_start().is_empty();
            let enough = self.rest.len() >= detect::HEAD || self.rest.contains(&b'\n');
            if blank || !(at_end || enough) {
                return Vec::new();
            }
            match detect::framing(&self.rest) {
                Some(framing) => *self.framing.insert(framing),
                None if at_end || self.rest.len() >= detect::HEAD => {
                    self.nonsense = true;
                    self.framing = Some(Framing::Lines);
                    return Vec::new();
                }
                None => return Vec::new(),
            }
        };
        let block = match framing {
            Framing::Lines => {
                let end = if at_end {
                    self.rest.len()
                } else {
                    memchr::memrchr(b'\n', &self.rest).map_or(0, |i| i + 1)
                };
                self.take(end, None, Vec::new())
            }
            Framing::Documents => {
                let mut pieces = Vec::new();
                let end = self.framer.push(&self.rest, at_end, &mut pieces);
                let mut records = Vec::with_capacity(pieces.len());
                let mut flaws = Vec::new();
                for piece in pieces {
                    match piece {
                        Piece::Record(range) => records.push(range),
                        Piece::Bad {
                            range,
                            kind,
                            reason,
                        } => flaws.push(Flaw {
                            kind,
                            offset: self.offset + range.start as u64,
                            reason: reason.to_owned(),
                            sample: Defect::sample_of(&self.rest[range]),
                        }),
                    }
                }
                self.take(end, Some(records), flaws)
            }
        };
        block.into_iter().collect()
    }

    fn take(
        &mut self,
        end: usize,
        records: Option<Vec<std::ops::Range<usize>>>,
        flaws: Vec<Flaw>,
    ) -> Option<Block> {
        if end == 0 || self.nonsense {
            return None;
        }
        let rest = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, rest);
        let block = Block {
            offset: self.offset,
            line: self.line,
            flaws,
            records,
            bytes,
        };
        self.offset += end as u64;
        self.line = self
            .line
            .map(|line| line + memchr::memchr_iter(b'\n', &block.bytes).count() as u64);
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records and their lines, whatever the pieces in which the text comes.
    fn split(text: &str, piece: usize) -> Vec<(String, u64)> {
        let mut splitter = Splitter::default();
        let mut blocks: Vec<Block> = text
            .as_bytes()
            .chunks(piece)
            .flat_map(|bytes| splitter.push(bytes))
            .collect();
        blocks.extend(splitter.finish());
        let mut out = Vec::new();
        for block in blocks {
            assert_eq!(
                &text.as_bytes()[block.offset as usize..][..block.bytes.len()],
                block.bytes
            );
            let ranges = block.records.clone().unwrap_or_else(|| {
                let mut at = 0;
                block
                    .bytes
                    .split_inclusive(|b| *b == b'\n')
                    .map(|l| {
                        at += l.len();
                        at - l.len()..at
                    })
                    .collect()
            });
            for range in ranges {
                let before = memchr::memchr_iter(b'\n', &block.bytes[..range.start]).count() as u64;
                let record = String::from_utf8_lossy(&block.bytes[range])
                    .trim()
                    .to_owned();
                out.push((record, block.line.expect("known") + before + 1));
            }
        }
        out
    }

    #[test]
    fn pieces_do_not_matter_and_lines_are_right() {
        let lines = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}";
        let pretty = "[\n{\n\"a\":1},\n\n{\"a\":2}]\n{\"a\":3}";
        for piece in [1, 3, 8, 100] {
            assert_eq!(
                split(lines, piece)
                    .iter()
                    .map(|(_, line)| *line)
                    .collect::<Vec<_>>(),
                [1, 2, 3]
            );
            assert_eq!(
                split(pretty, piece)
                    .iter()
                    .map(|(_, line)| *line)
                    .collect::<Vec<_>>(),
                [2, 5, 6]
            );
        }
    }

    #[test]
    fn text_that_is_no_log_is_said_to_be_none() {
        let mut splitter = Splitter::default();
        assert!(splitter.push(b"once upon a time\nthere was\n").is_empty());
        assert!(splitter.finish().is_empty());
        assert!(splitter.is_nonsense());
        let mut blank = Splitter::default();
        blank.push(b"\n\n");
        blank.finish();
        assert!(!blank.is_nonsense());
    }
}
