//! A `regtrail query --follow` that runs: its lines as they come, signals, its end.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// No test waits longer than this for anything.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A running query.
pub(crate) struct Following {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
    said: Vec<String>,
}

/// How it ended: exit code, lines that were not taken before, all that was said on standard error.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) lines: Vec<String>,
    pub(crate) err: String,
}

/// The binary, alone in the world, with arguments for `query --follow`.
pub(crate) fn query(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regtrail"));
    command.args(["query", "--follow"]).args(args);
    command.env_clear().env("HOME", "/nonexistent");
    command.stdin(Stdio::null());
    command
}

/// An event with a number, a second apart from its neighbours.
pub(crate) fn record(n: usize) -> String {
    let (minute, second) = (n / 60 % 60, n % 60);
    let hour = n / 3600 % 24;
    let action = if n.is_multiple_of(10) {
        "DeleteTag"
    } else {
        "GetBlob"
    };
    format!(
        "{{\"time\":\"2024-04-12T{hour:02}:{minute:02}:{second:02}Z\",\"action\":\"{action}\",\"http_request_id\":\"r-{n}\"}}"
    )
}

pub(crate) fn records(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|n| record(n) + "\n").collect()
}

impl Following {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::spawn(query(args))
    }

    /// With something to write to its standard input.
    pub(crate) fn fed(args: &[&str]) -> (Self, ChildStdin) {
        let mut command = query(args);
        command.stdin(Stdio::piped());
        let mut following = Self::spawn(command);
        let stdin = following.child.stdin.take().expect("a pipe");
        (following, stdin)
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let lines = forward(child.stdout.take().expect("a pipe"));
        let errors = forward(child.stderr.take().expect("a pipe"));
        Self {
            child,
            lines,
            errors,
            said: Vec::new(),
        }
    }

    /// The next line.
    pub(crate) fn line(&mut self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| {
            let said: Vec<String> = self.errors.try_iter().collect();
            panic!("no line: {error}; {:?} {said:?}", self.said)
        })
    }

    pub(crate) fn take(&mut self, n: usize) -> Vec<String> {
        (0..n).map(|_| self.line()).collect()
    }

    /// Waits until something with these words is said on standard error.
    pub(crate) fn says(&mut self, words: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.said.iter().any(|line| line.contains(words)) {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.errors.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("not said: {words}; {:?}", self.said));
            self.said.push(line);
        }
    }

    /// Takes lines, of both outputs, until they are as wanted.
    pub(crate) fn until(
        &mut self,
        lines: &mut Vec<String>,
        wanted: impl Fn(&[String], &[String]) -> bool,
    ) {
        let until = Instant::now() + PATIENCE;
        while !wanted(lines, &self.said) {
            assert!(Instant::now() < until, "{lines:?} {:?}", self.said);
            // Whichever comes first; the other is looked for soon.
            lines.extend(self.lines.recv_timeout(Duration::from_millis(20)));
            lines.extend(self.lines.try_iter());
            self.said.extend(self.errors.try_iter());
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().cast_signed()).expect("a process");
        kill_process(pid, signal).expect("it runs");
    }

    /// Ends it by a signal.
    pub(crate) fn interrupt(self) -> Ended {
        self.signal(Signal::INT);
        self.end()
    }

    /// Sends a signal that ends it as one. Gives the signal that has ended it.
    pub(crate) fn killed(mut self, signal: Signal) -> i32 {
        use std::os::unix::process::ExitStatusExt as _;
        self.signal(signal);
        let status = self.child.wait().expect("it ran");
        status.signal().expect("a signal ends it")
    }

    /// Waits until it has ended.
    pub(crate) fn end(mut self) -> Ended {
        let until = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end: {:?}", self.said),
            }
        }
        let status = self.child.wait().expect("it ran");
        self.said.extend(self.errors.iter());
        Ended {
            code: status.code().expect("no signal ends it"),
            lines,
            err: self.said.join("\n"),
        }
    }
}

impl Ended {
    pub(crate) fn ids(&self) -> Vec<usize> {
        self.lines.iter().map(|line| id(line)).collect()
    }
}

/// The number of an event.
pub(crate) fn id(line: &str) -> usize {
    let at = line.find("r-").expect("an id") + 2;
    let mut digits = line[at..].split(|c: char| !c.is_ascii_digit());
    let number = digits.next().and_then(|digits| digits.parse().ok());
    number.expect("a number")
}

/// Lines of an output.
fn forward(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (to, lines) = channel();
    std::thread::spawn(move || {
        let mut lines = BufReader::new(from).lines();
        while let Some(Ok(line)) = lines.next() {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
