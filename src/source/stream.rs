//! Sequential bytes: standard input, pipes, compressed files. They are read to their end, and cut into blocks of whole
//! records by a [`Splitter`].

use std::cell::Cell;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::rc::Rc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::archive::{self, Input};
use super::feed::{Block, Delivery, Feed};
use super::splitter::Splitter;
use super::{SourceError, Stopped, Written, parquet, unread};
use crate::decode::detect;
use crate::decode::formats::FormatId;
use crate::model::reason;

/// Bytes requested per read.
const READ: usize = 1 << 18;

/// Reads to the end, through any archives around the content. `more` returns true if another read would not block;
/// `name` is the source's name in errors; `size` is the size of the archive in bytes, if known.
pub(super) fn read<'a>(
    feed: &Feed,
    reader: impl Read + 'a,
    more: &dyn Fn() -> bool,
    name: &str,
    written: Written,
    size: Option<u64>,
) -> Result<(), SourceError> {
    let mut splitter = Splitter::of(written);
    let packed = Rc::new(Cell::new(0));
    let reader = Counted {
        from: reader,
        read: packed.clone(),
    };
    let unpacked = archive::unpack(Input::new(reader)).and_then(|mut input| {
        let head = input.peek(detect::PARQUET.len())?;
        let parquet = written.format == Some(FormatId::Parquet)
            || (written.format.is_none() && head.starts_with(detect::PARQUET));
        Ok((input, parquet))
    });
    let (mut input, parquet) = match unpacked {
        Ok(unpacked) => unpacked,
        Err(error) => return Err(break_off(feed, &mut splitter, (name, 0), &error)),
    };
    if parquet {
        let mut bytes = Vec::new();
        return match (&mut input).take(MAX_WHOLE).read_to_end(&mut bytes) {
            Ok(read) if read as u64 == MAX_WHOLE => Err(SourceError::Failed(format!(
                "{name}: Parquet larger than {} GiB must be a regular file; unpack it first",
                MAX_WHOLE >> 30
            ))),
            Ok(_) => parquet::read_bytes(feed, bytes, name),
            Err(error) => Err(break_off(feed, &mut splitter, (name, 0), &error)),
        };
    }
    // The total is not known before the end: extrapolate from the archive's ratio so far.
    let progress = |read: u64| match size {
        Some(size) if packed.get() > 0 => {
            let total = u128::from(read) * u128::from(size) / u128::from(packed.get());
            feed.send_blocking(Delivery::Total(total as u64))
        }
        _ => Ok(()),
    };
    read_with(feed, &mut input, more, name, (&mut splitter, &progress))?;
    splitter.end(feed, name)
}

/// Counts the bytes read.
struct Counted<R> {
    from: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(out)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// Most memory for content that must be read completely first.
const MAX_WHOLE: u64 = 4 << 30;

/// Reads to the end with a splitter that remains in use; reports the number of bytes read after each block.
pub(super) fn read_with(
    feed: &Feed,
    reader: &mut impl Read,
    more: &dyn Fn() -> bool,
    name: &str,
    (splitter, progress): (&mut Splitter, &dyn Fn(u64) -> Result<(), Stopped>),
) -> Result<(), SourceError> {
    let (mut total, mut reported) = (0, 0);
    loop {
        let read = match splitter.fill(READ, |room| reader.read(room)) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                deliver(feed, splitter.push(&[]))?;
                return Err(break_off(feed, splitter, (name, total), &error));
            }
        };
        total += read as u64;
        let waiting = total - reported;
        if read == 0 || waiting >= feed.block() || !more() {
            deliver(feed, splitter.push(&[]))?;
            while splitter.is_behind() {
                deliver(feed, splitter.push(&[]))?;
            }
            progress(total)?;
            reported = total;
            splitter.check(name)?;
        }
        if read == 0 {
            return Ok(());
        }
        if feed.is_stopped() {
            return Err(SourceError::Stopped);
        }
    }
}

/// Sends the records read before the error, and describes the error with its position.
fn break_off(
    feed: &Feed,
    splitter: &mut Splitter,
    (name, at): (&str, u64),
    error: &io::Error,
) -> SourceError {
    let why = if error.raw_os_error().is_some() {
        unread(at, error)
    } else {
        format!("{error}; earlier records are kept")
    };
    match deliver(feed, splitter.break_off(&reason(error))) {
        Ok(()) => SourceError::Failed(format!("{name}: {why}")),
        Err(stopped) => stopped.into(),
    }
}

pub(super) fn deliver(feed: &Feed, blocks: Vec<Block>) -> Result<(), Stopped> {
    blocks
        .into_iter()
        .try_for_each(|block| feed.send_blocking(Delivery::Block(block)))
}

/// Returns a check that a descriptor can be read without blocking.
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
