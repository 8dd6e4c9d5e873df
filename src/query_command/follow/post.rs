//! What wakes the loop that follows: news of the engine, signals, a standard output that nobody reads any more. Only
//! the newest status is kept, so that nothing piles up while the reader of the output takes its time.

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

/// After a signal, an output that takes nothing for so long is left alone.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why it ends before its sources do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Signal,
    /// Nobody reads standard output any more.
    Closed,
}

/// The one place where news waits.
#[derive(Debug)]
pub(super) struct Post {
    status: Mutex<Option<Arc<Status>>>,
    end: Mutex<Option<End>>,
    bell: Sender<()>,
    /// Whether something is being written, and how many pieces have been.
    writing: AtomicBool,
    written: AtomicU64,
    /// The exit code if it ended now.
    code: AtomicU8,
}

impl Post {
    /// The place, and the bell that rings when something is there.
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
        // Full means that it rings already.
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

    /// Asks it to end; the first reason counts.
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

    /// Listens to what may end it.
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

    /// Ends the process when the reader of its output takes nothing more.
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

/// Waits until nobody reads standard output any more; false where that cannot be known.
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

/// Whether this process was started with a signal ignored, as `nohup` does; no where the system does not say.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Standard output, with word of how far it is.
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
            // It is known better when all of it is printed.
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
