//! Events that wake the following loop: engine status, signals, a closed standard output. Only the newest status is
//! kept, so that nothing accumulates while the reader of the output is slow.

use std::fs;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::engine::Status;
use crate::failure::code;

/// Maximum time without progress of the output after a signal; then the process exits.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reason to end before the sources do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Signal,
    /// The reader of standard output has closed it.
    Closed,
}

/// Shared state for wake-ups.
#[derive(Debug)]
pub(super) struct Post {
    status: Mutex<Option<Arc<Status>>>,
    end: Mutex<Option<End>>,
    bell: Sender<()>,
    /// True while data is being written; `written` counts the completed writes.
    writing: AtomicBool,
    written: AtomicU64,
    /// Exit code if the process ended now.
    code: AtomicU8,
}

impl Post {
    /// Creates the state, and the channel that signals changes.
    pub(super) fn new() -> (Arc<Self>, Receiver<()>) {
        let (bell, rings) = bounded(1);
        let post = Self {
            status: Mutex::default(),
            end: Mutex::default(),
            bell,
            writing: AtomicBool::default(),
            written: AtomicU64::default(),
            code: AtomicU8::new(code::NOTHING),
        };
        (Arc::new(post), rings)
    }

    fn ring(&self) {
        // Full means that a wake-up is pending already.
        let _ = self.bell.try_send(());
    }

    pub(super) fn put(&self, status: Arc<Status>) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
        self.ring();
    }

    pub(super) fn take(&self) -> Option<Arc<Status>> {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Requests the end; the first reason counts.
    fn end(&self, end: End) {
        self.end
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(end);
        self.ring();
    }

    pub(super) fn ended(&self) -> Option<End> {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_code(&self, code: u8) {
        self.code.store(code, Ordering::Relaxed);
    }

    /// Starts the threads that watch for signals and for a closed output.
    pub(super) fn listen(self: &Arc<Self>) -> io::Result<()> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        if !is_ignored(SIGHUP) {
            signals.add_signal(SIGHUP)?;
        }
        let post = self.clone();
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                let mut signals = signals.forever();
                if signals.next().is_none() {
                    return;
                }
                post.end(End::Signal);
                let watcher = post.clone();
                thread::spawn(move || watcher.leave_when_stuck());
                if signals.next().is_some() {
                    post.leave();
                }
            })?;
        let post = self.clone();
        thread::Builder::new()
            .name("output".into())
            .spawn(move || {
                if is_closed_some_day() {
                    post.end(End::Closed);
                }
            })?;
        Ok(())
    }

    /// Exits the process if the reader of its output stops reading.
    fn leave_when_stuck(&self) {
        let (mut seen, mut since) = (0, Instant::now());
        loop {
            thread::sleep(PATIENCE / 10);
            let written = self.written.load(Ordering::Relaxed);
            if written != seen || !self.writing.load(Ordering::Relaxed) {
                (seen, since) = (written, Instant::now());
            } else if since.elapsed() >= PATIENCE {
                self.leave();
            }
        }
    }

    fn leave(&self) -> ! {
        std::process::exit(self.code.load(Ordering::Relaxed).into())
    }
}

/// Waits until the reader of standard output closes it; returns false if that cannot be detected.
fn is_closed_some_day() -> bool {
    let stdout = io::stdout();
    loop {
        let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
        match poll(&mut fds, None) {
            Ok(_) if !fds[0].revents().is_empty() => return true,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Returns true if the process was started with this signal ignored, as by `nohup`; false if the system does not report
/// it.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Standard output that records its progress.
pub(super) struct Output<W> {
    to: W,
    post: Arc<Post>,
}

impl<W: Write> Output<W> {
    pub(super) fn new(to: W, post: Arc<Post>) -> Self {
        Self { to, post }
    }

    fn watched<T>(&mut self, write: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        self.post.writing.store(true, Ordering::Relaxed);
        let result = write(&mut self.to);
        self.post.writing.store(false, Ordering::Relaxed);
        self.post.written.fetch_add(1, Ordering::Relaxed);
        if result.is_ok() {
            // Provisional: the final code is set after printing.
            let order = Ordering::Relaxed;
            let of = &self.post.code;
            let _ = of.compare_exchange(code::NOTHING, code::MATCHED, order, order);
        }
        result
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.watched(|to| to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.watched(Write::flush)
    }
}
