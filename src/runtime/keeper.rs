//! Companion process that restores the terminal if the explorer cannot: when it runs out of memory, crashes or is
//! killed by a signal that cannot be caught.
//!
//! It is the same program with the argument [`ARGUMENT`]. It stores the settings of the terminal, then waits on a pipe
//! that closes when the explorer ends, however it ends. Bytes on the pipe say if the explorer owns the terminal at the
//! moment. It runs in its own session, so that keys and the end of the shell do not affect it.
//!
//! It also writes for the explorer to a terminal that accepts no output. While a thread waits for the terminal to
//! accept a text, the system blocks every other write to it, and the explorer ends together with that thread.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::setsid;
use rustix::termios::{OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};

use super::terminal::LEAVE;

/// First and only argument of this process.
pub const ARGUMENT: &str = "--keep-terminal";

const TAKEN: u8 = b'T';
const LEFT: u8 = b'L';
const ABANDONED: u8 = b'A';
const READY: u8 = b'R';

/// Maximum time for the process to start; it takes a few milliseconds, mostly in parallel with other work.
const PATIENCE: Duration = Duration::from_millis(500);

/// Maximum time to wait for the terminal to accept the restoring text, and the interval between attempts. A connection
/// may stall, and a shell may be first in line to write.
const GIVING: Duration = Duration::from_mins(1);
const TRY: Duration = Duration::from_millis(50);

/// Message for an end that the explorer could not report.
const TOLD: &str =
    "regtrail: ended unexpectedly (out of memory, crash or SIGKILL); the terminal was restored\n";

/// Pipe to the process. Process-wide like the terminal itself: a panic hook uses it too.
static PIPE: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Last byte sent, received or not.
static SAID: AtomicU8 = AtomicU8::new(LEFT);

/// Companion process, for as long as the explorer owns the terminal.
pub(super) struct Keeper(Option<Child>);

impl Keeper {
    /// Starts the process, before the terminal is changed. If the system cannot start it, only an uncatchable end
    /// leaves the terminal changed.
    pub(super) fn start() -> Self {
        Self(start().ok())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(pipe().take());
        if let Some(child) = &mut self.0 {
            // It ends because the pipe is closed.
            let _ = child.wait();
        }
    }
}

fn pipe() -> std::sync::MutexGuard<'static, Option<ChildStdin>> {
    PIPE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start() -> io::Result<Child> {
    let tty = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let mut child = Command::new(env::current_exe()?)
        .arg(ARGUMENT)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::from(tty))
        .spawn()?;
    let ready = child.stdout.take().is_some_and(|mut stdout| {
        let patience = Timespec {
            tv_sec: 0,
            tv_nsec: PATIENCE.subsec_nanos().into(),
        };
        let mut fds = [PollFd::new(&stdout, PollFlags::IN)];
        let came = poll(&mut fds, Some(&patience)).is_ok_and(|count| count > 0);
        let mut byte = [0];
        came && stdout.read(&mut byte).is_ok_and(|count| count == 1) && byte[0] == READY
    });
    if !ready {
        child.kill()?;
        child.wait()?;
        return Err(io::ErrorKind::TimedOut.into());
    }
    *pipe() = child.stdin.take();
    Ok(child)
}

fn say(byte: u8) {
    SAID.store(byte, Ordering::SeqCst);
    if let Some(pipe) = &mut *pipe() {
        // If the process is gone, there is nothing to keep.
        let _ = pipe.write_all(&[byte]);
    }
}

/// Reports that the explorer owns the terminal from now on.
pub(super) fn taken() {
    say(TAKEN);
}

/// Reports that the terminal was restored.
pub(super) fn left() {
    say(LEFT);
}

/// Restores a terminal that accepts no output, without waiting. If nothing can be written to it now, the process does
/// it later. No effect if the terminal was restored already.
pub(super) fn abandoned() {
    if SAID.load(Ordering::SeqCst) == TAKEN {
        say(if leave_at_once() { LEFT } else { ABANDONED });
    }
}

/// Drops pending output, and writes the restoring text if the terminal accepts it immediately.
fn leave_at_once() -> bool {
    let tty = OpenOptions::new().write(true).open("/dev/tty");
    tty.is_ok_and(|tty| {
        drop_output(&tty);
        is_written(&tty, LEAVE, Duration::ZERO)
    })
}

/// Runs as the companion process. The terminal is at standard error.
pub fn keep() -> ExitCode {
    let _ = setsid(); // Fails only if this is a session already.
    let tty = io::stderr();
    let Ok(before) = tcgetattr(&tty) else {
        return ExitCode::FAILURE;
    };
    let mut out = io::stdout();
    if out.write_all(&[READY]).and_then(|()| out.flush()).is_err() {
        return ExitCode::FAILURE;
    }
    let said = io::stdin().lock().bytes().map_while(Result::ok).last();
    let reported = match said {
        Some(TAKEN) => TOLD,
        Some(ABANDONED) => "",
        _ => return ExitCode::SUCCESS,
    };
    let _ = tcsetattr(&tty, OptionalActions::Now, &before);
    let text = [LEAVE, reported].concat();
    if !is_written(&tty, &text, GIVING) {
        drop_output(&tty);
        is_written(&tty, &text, Duration::ZERO);
    }
    ExitCode::SUCCESS
}

/// Writes a text to a terminal that may accept nothing for a while, or never again. Returns true if it accepted
/// everything in time. The descriptor must not be shared.
fn is_written(tty: impl AsFd, text: &str, patience: Duration) -> bool {
    let flags = fcntl_getfl(&tty).unwrap_or(OFlags::WRONLY);
    if fcntl_setfl(&tty, flags | OFlags::NONBLOCK).is_err() {
        return false;
    }
    let until = Instant::now() + patience;
    let mut left = text.as_bytes();
    while !left.is_empty() {
        match rustix::io::write(&tty, left) {
            Ok(count) => left = &left[count..],
            Err(Errno::INTR) => {}
            // Not `poll`: on some systems it does not support terminals.
            Err(Errno::AGAIN) if Instant::now() < until => thread::sleep(TRY),
            Err(_) => return false,
        }
    }
    true
}

/// Drops the pending output of a terminal.
fn drop_output(tty: impl AsFd) {
    // If that fails, the terminal is gone.
    let _ = tcflush(tty, QueueSelector::OFlush);
}
