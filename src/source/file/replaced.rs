//! A file that replaced the content read, until its relation is decided: the same log, the same log with changes, or
//! another one.

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

/// A changed file is decided on once it has not been written to for the first of these, and at the latest after the
/// second: an editor may still be writing it.
const AT_REST: Duration = Duration::from_millis(300);
const AT_LATEST: Duration = Duration::from_secs(3);

/// Time after which a file without new data is reported.
const STILL: Duration = Duration::from_secs(2);

/// Bytes in which the first lines are counted.
const FIRST: usize = 64 << 10;

/// Way in which the file was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Another file was renamed to the name.
    Renamed,
    /// New content was written over the old.
    InPlace,
}

impl How {
    /// Word for the change if no old content remains.
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
    /// Its state is that of the position at which reading stopped.
    pub(super) splitter: Splitter,
    pub(super) how: How,
    /// A copy of the content read that contains more of it; read if this turns out to be another log.
    pub(super) longer: Option<Sibling>,
    /// True once a mark has reported another log.
    pub(super) is_marked: bool,
    /// True once a note has reported that it has nothing new.
    pub(super) is_reported: bool,
    began: Instant,
    /// Length and modification time; `since` is the instant since which both are unchanged.
    state: (u64, Option<SystemTime>),
    since: Instant,
}

/// Decision about a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It has nothing new so far; `still`: and has not changed for a while.
    Wait { still: bool },
    /// Continue at the position at which reading stopped.
    Continue,
    /// Read it, except for its first `same` bytes and the range `again`.
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
            is_reported: false,
            began: now,
            state: (u64::MAX, None),
            since: now,
        }
    }

    /// Looks at the file again. With `force`, a difference is decided on at once.
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

    /// Sends the last record of overwritten content if it is complete and only lacks a newline.
    pub(super) async fn settle(&mut self, feed: &Feed) -> Result<(), SourceError> {
        if self.began.elapsed() >= STILL {
            for block in self.splitter.settle() {
                feed.send(Delivery::Block(block)).await?;
            }
        }
        Ok(())
    }

    /// Sends the rest of the overwritten content.
    pub(super) async fn end(&mut self, feed: &Feed) -> Result<(), SourceError> {
        if self.how == How::InPlace {
            for block in self.splitter.finish() {
                feed.send(Delivery::Block(block)).await?;
            }
        }
        Ok(())
    }

    /// Returns true if the first record differs, and is not one of the last records read: then it is most likely another
    /// log, already being written to.
    fn is_other(&self, now: &File, same: u64) -> io::Result<bool> {
        if same >= FIRST as u64 {
            return Ok(false);
        }
        let start = bytes_at(now, 0, clamped(same))?;
        let lines = memchr::memchr_iter(b'\n', &start).count();
        let differs = lines <= usize::from(self.splitter.is_table());
        Ok(differs && !self.comparison.resumes(now, same)?)
    }
}
