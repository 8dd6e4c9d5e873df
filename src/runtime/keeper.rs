//! A process beside the explorer that gives the terminal back where the explorer cannot: when it runs out of memory,
//! crashes or is killed in a way that nobody can catch.
//!
//! It is the same program under [`ARGUMENT`]. It remembers how the terminal is set, then waits on a pipe that closes when
//! the explorer ends, however it ends; bytes on it say whether the terminal is the explorer's at the moment. In a session
//! of its own it minds neither keys nor the end of the shell.
//!
//! It also writes what the explorer cannot write by itself to a terminal that takes no output: as long as a thread waits
//! for the terminal to take a text, the system lets no other write to it, and the explorer ends with that thread.

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

/// The first and only argument of this process.
pub const ARGUMENT: &str = "--keep-terminal";

const TAKEN: u8 = b'T';
const LEFT: u8 = b'L';
const ABANDONED: u8 = b'A';
const READY: u8 = b'R';

/// How long the process may take to begin; it takes some milliseconds, most of them beside other things.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long what gives the terminal back may wait until that takes it, and how often it is tried. A connection may stall,
/// and a shell may be the first that waits to write.
const GIVING: Duration = Duration::from_mins(1);
const TRY: Duration = Duration::from_millis(50);

/// What is said of an end that the explorer could say nothing of.
const TOLD: &str =
    "regtrail: ended unexpectedly (out of memory, crash or SIGKILL); the terminal was restored\n";

/// The way to the process. Process-wide like the terminal itself: a panic hook uses it, too.
static PIPE: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// What was said last, be there anybody to hear it or not.
static SAID: AtomicU8 = AtomicU8::new(LEFT);

/// The process, as long as the explorer has the terminal.
pub(super) struct Keeper(Option<Child>);

impl Keeper {
    /// Starts it, while the terminal is as it was. Without one, where the system has none to spare, only what cannot be
    /// caught leaves the terminal as it is then.
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
        // Where it is gone, nothing is kept.
        let _ = pipe.write_all(&[byte]);
    }
}

/// Says that the terminal is the explorer's from now on.
pub(super) fn taken() {
    say(TAKEN);
}

/// Says that the terminal was given back.
pub(super) fn left() {
    say(LEFT);
}

/// Gives back a terminal that takes no output, without waiting for it. Where nothing can be written to it now, that is
/// left to the process. It does nothing where the terminal was given back.
pub(super) fn abandoned() {
    if SAID.load(Ordering::SeqCst) == TAKEN {
        say(if leave_at_once() { LEFT } else { ABANDONED });
    }
}

/// Drops what waits for the terminal, and writes what gives it back, if it takes that at once.
fn leave_at_once() -> bool {
    let tty = OpenOptions::new().write(true).open("/dev/tty");
    tty.is_ok_and(|tty| {
        drop_output(&tty);
        is_written(&tty, LEAVE, Duration::ZERO)
    })
}

/// Runs as that process. The terminal is at standard error.
pub fn keep() -> ExitCode {
    let _ = setsid(); // It fails only where this is a session already.
    let tty = io::stderr();
    let Ok(before) = tcgetattr(&tty) else {
        return ExitCode::FAILURE;
    };
    let mut out = io::stdout();
    if out.write_all(&[READY]).and_then(|()| out.flush()).is_err() {
        return ExitCode::FAILURE;
    }
    let said = io::stdin().lock().bytes().map_while(Result::ok).last();
    let told = match said {
        Some(TAKEN) => TOLD,
        Some(ABANDONED) => "",
        _ => return ExitCode::SUCCESS,
    };
    let _ = tcsetattr(&tty, OptionalActions::Now, &before);
    let text = [LEAVE, told].concat();
    if !is_written(&tty, &text, GIVING) {
        drop_output(&tty);
        is_written(&tty, &text, Duration::ZERO);
    }
    ExitCode::SUCCESS
}

/// Writes a text to a terminal that may take nothing for a while, or never again. Says whether it took all of it in time.
/// The descriptor must be one that nobody else has.
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
            // Not `poll`: there are systems on which it knows no terminals.
            Err(Errno::AGAIN) if Instant::now() < until => thread::sleep(TRY),
            Err(_) => return false,
        }
    }
    true
}

/// Drops what waits for a terminal.
fn drop_output(tty: impl AsFd) {
    // Where that cannot be done, the terminal is gone.
    let _ = tcflush(tty, QueueSelector::OFlush);
}
