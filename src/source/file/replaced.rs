//! A file that has taken the place of what was read, until it is decided what it is: the same log, the same log with
//! changes, or another one.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::time::{Duration, Instant, SystemTime};

use super::comparison::{Before, Comparison, Verdict};
use super::siblings::Sibling;
use super::trace::{bytes_at, clamped};
use crate::source::SourceError;
use crate::source::feed::{Delivery, Feed};
use crate::source::splitter::Splitter;

/// A file that has changes is decided on once it has not been written to for so long, and in any case after this: an
/// editor may still be writing it.
const AT_REST: Duration = Duration::from_millis(300);
const AT_LATEST: Duration = Duration::from_secs(3);

/// After how long it is said that a file holds nothing new.
const STILL: Duration = Duration::from_secs(2);

/// Bytes in which the first lines are counted.
const FIRST: usize = 64 << 10;

/// How a file came to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It was given the name.
    Renamed,
    /// It was written where the old content was.
    InPlace,
}

impl How {
    /// What it is called where nothing of the old content is in the new one.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Renamed => "rotated",
            Self::InPlace => "truncated",
        }
    }
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) comparison: Comparison,
    /// Stands where reading stopped.
    pub(super) splitter: Splitter,
    pub(super) how: How,
    /// A copy of what was read that holds more of it: read where this is another log.
    pub(super) longer: Option<Sibling>,
    /// That it is another log has been said.
    pub(super) is_marked: bool,
    /// That it holds nothing new has been said.
    pub(super) is_told: bool,
    began: Instant,
    /// Length and time of change, and since when these are the same.
    state: (u64, Option<SystemTime>),
    since: Instant,
}

/// What is to be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// There is nothing new in it so far; `still`: and that does not seem to change.
    Wait { still: bool },
    /// Go on where reading stopped.
    Continue,
    /// Read it but for the first bytes, and these.
    Read {
        same: u64,
        again: Option<Range<u64>>,
    },
}

impl Held {
    pub(super) fn new(before: Before, read: u64, splitter: Splitter, how: How) -> Self {
        let now = Instant::now();
        Self {
            comparison: Comparison::new(before, read),
            splitter,
            how,
            longer: None,
            is_marked: false,
            is_told: false,
            began: now,
            state: (u64::MAX, None),
            since: now,
        }
    }

    /// Looks at the file again. With `force` what differs is decided on at once.
    pub(super) fn decide(&mut self, now: &File, force: bool) -> io::Result<Decision> {
        let meta = now.metadata()?;
        let state = (meta.len(), meta.modified().ok());
        if state != self.state {
            self.state = state;
            self.since = Instant::now();
        }
        Ok(match self.comparison.look(now)? {
            Verdict::Continues => Decision::Continue,
            Verdict::Begins => Decision::Wait {
                still: self.since.elapsed() >= STILL,
            },
            Verdict::Differs(same) => {
                let waits = self.since.elapsed() < AT_REST && self.began.elapsed() < AT_LATEST;
                if waits && !force && !self.is_other(now, same)? {
                    return Ok(Decision::Wait { still: false });
                }
                let again = self.comparison.again(now, same)?;
                Decision::Read { same, again }
            }
        })
    }

    /// Hands on the last record of what was written over, which had no line end but is whole.
    pub(super) async fn settle(&mut self, feed: &Feed) -> Result<(), SourceError> {
        if self.began.elapsed() >= STILL {
            for block in self.splitter.settle() {
                feed.send(Delivery::Block(block)).await?;
            }
        }
        Ok(())
    }

    /// Hands on what is left of what was written over.
    pub(super) async fn end(&mut self, feed: &Feed) -> Result<(), SourceError> {
        if self.how == How::InPlace {
            for block in self.splitter.finish() {
                feed.send(Delivery::Block(block)).await?;
            }
        }
        Ok(())
    }

    /// Whether it differs in its first record: then it is most likely another log, and written to already.
    fn is_other(&self, now: &File, same: u64) -> io::Result<bool> {
        if same >= FIRST as u64 {
            return Ok(false);
        }
        let start = bytes_at(now, 0, clamped(same))?;
        let lines = memchr::memchr_iter(b'\n', &start).count();
        Ok(lines <= usize::from(self.splitter.is_table()))
    }
}
