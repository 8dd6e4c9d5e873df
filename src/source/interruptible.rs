//! Reader that ends when the engine stops its source, even if the other end has not closed.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::oneshot;

use super::SourceError;
use super::feed::Feed;

/// Longest time until a stop is noticed, in nanoseconds.
const LOOK: i64 = 50_000_000;

/// Longest wait for the thread after a stop, if it waits for something else, such as the other end of a pipe to be
/// opened.
const ENDING: Duration = Duration::from_secs(1);

/// Reads a descriptor. After a stop it ends, as if the other end had closed, so that a record without a newline is not
/// lost.
pub(super) struct InterruptibleReader<'a, F> {
    file: F,
    feed: &'a Feed,
    /// Bytes still read after a stop: those written before it.
    left: usize,
}

/// Largest capacity of a pipe.
const HELD: usize = 1 << 20;

impl<'a, F> InterruptibleReader<'a, F> {
    pub(super) fn new(file: F, feed: &'a Feed) -> Self {
        Self {
            file,
            feed,
            left: HELD,
        }
    }
}

impl<F: Read + AsFd> Read for InterruptibleReader<'_, F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let stopped = self.feed.is_stopped();
            let pause = Timespec {
                tv_sec: 0,
                tv_nsec: if stopped { 0 } else { LOOK },
            };
            let mut fds = [PollFd::new(&self.file, PollFlags::IN)];
            match poll(&mut fds, Some(&pause)) {
                Ok(0) if stopped => return Ok(0),
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // The read reports any error.
                Ok(_) | Err(_) if stopped => {
                    let most = out.len().min(self.left);
                    let read = self.file.read(&mut out[..most])?;
                    self.left -= read;
                    return Ok(read);
                }
                Ok(_) | Err(_) => return self.file.read(out),
            }
        }
    }
}

/// Waits for a reading thread; after a stop only briefly.
pub(super) async fn ended(
    feed: &Feed,
    reading: oneshot::Receiver<Result<(), SourceError>>,
    what: &str,
) -> Result<(), SourceError> {
    let broke_off = || {
        Err(SourceError::Failed(format!(
            "{what}: reading was interrupted"
        )))
    };
    let mut reading = reading;
    tokio::select! {
        result = &mut reading => return result.unwrap_or_else(|_| broke_off()),
        () = feed.stopped() => {}
    }
    let _ = tokio::time::timeout(ENDING, reading).await;
    Err(SourceError::Stopped)
}
