//! A process beside the explorer that gives the terminal back where the explorer cannot: when it runs out of memory,
//! crashes or is killed in a way that nobody can catch.
//!
//! It is the same program under [`ARGUMENT`]. It remembers how the terminal is set, then waits on a pipe that closes when
//! the explorer ends, however it ends; bytes on it say whether the terminal is the explorer's at the moment. In a session
//! of its own it minds neither keys nor the end of the shell.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::setsid;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::terminal::LEAVE;

/// The first and only argument of this process.
pub const ARGUMENT: &str = "--keep-terminal";

const TAKEN: u8 = b'T';
const LEFT: u8 = b'L';
const READY: u8 = b'R';

/// How long the process may take to begin; it takes some milliseconds, most of them beside other things.
const PATIENCE: Duration = Duration::from_millis(500);

/// The way to the process. Process-wide like the terminal itself: a panic hook uses it, too.
static PIPE: Mutex<Option<ChildStdin>> = Mutex::new(None);

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
    let is_taken = io::stdin()
        .lock()
        .bytes()
        .map_while(Result::ok)
        .fold(false, |_, byte| byte == TAKEN);
    if is_taken {
        let _ = tcsetattr(&tty, OptionalActions::Now, &before);
        let told = "regtrail: ended without a word (out of memory, a crash or SIGKILL); the terminal was restored\n";
        let _ = tty.lock().write_all([LEAVE, told].concat().as_bytes());
    }
    ExitCode::SUCCESS
}

/// Writes what gives the terminal back to one that takes no output: what waits for it is dropped, and nothing is waited
/// for.
pub(super) fn leave_at_once() {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let open = OpenOptions::new()
        .write(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open("/dev/tty");
    if let Ok(tty) = open {
        drop_output(&tty);
        let _ = (&tty).write_all(LEAVE.as_bytes());
    }
}

fn drop_output(tty: &File) {
    let _ = rustix::termios::tcflush(tty, rustix::termios::QueueSelector::OFlush);
}
