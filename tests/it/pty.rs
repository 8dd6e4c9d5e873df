//! A program in a pseudo-terminal, with what its screen shows.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_regtrail");

/// A home of its own for a program: no configuration and no state of whoever runs the tests.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file of the configuration.
    pub(crate) fn configure(&self, name: &str, text: &str) {
        let directory = self.path().join("config/regtrail");
        std::fs::create_dir_all(&directory).expect("a directory");
        std::fs::write(directory.join(name), text).expect("written");
    }

    /// Synthetic traffic in a file: always the same events.
    pub(crate) fn log(&self, events: u64) -> PathBuf {
        let path = self.path().join("audit.ndjson");
        let file = std::fs::File::create(&path).expect("a file");
        let mut out = std::io::BufWriter::new(file);
        let end = 1_785_542_400 * regtrail::model::time::SECOND;
        regtrail::source::demo::write(events, 1, end, &mut out).expect("written");
        out.flush().expect("written");
        path
    }
}

/// A program that was started in a pseudo-terminal of 36 rows and 120 columns, and what it writes there.
pub(crate) struct Spawned {
    pub(crate) master: Box<dyn MasterPty + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    pub(crate) output: Receiver<Vec<u8>>,
    pub(crate) screen: vt100::Parser,
    /// The state of the terminal before.
    pub(crate) before: String,
}

pub(crate) fn spawn(command: CommandBuilder) -> Spawned {
    let size = PtySize {
        rows: 36,
        cols: 120,
        ..PtySize::default()
    };
    let pair = native_pty_system()
        .openpty(size)
        .expect("a pseudo-terminal");
    let before = state(&*pair.master);
    let child = pair.slave.spawn_command(command).expect("starts");
    // Kept open by the reader's side only: the end of the child ends the output.
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let (to, output) = channel();
    std::thread::spawn(move || {
        let mut block = [0; 4096];
        while let Ok(count) = reader.read(&mut block) {
            if count == 0 || to.send(block[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    Spawned {
        master: pair.master,
        child,
        output,
        screen: vt100::Parser::new(cells(size.rows), cells(size.cols), 0),
        before,
    }
}

/// The modes of a terminal.
pub(crate) fn state(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}

/// A program and its terminal.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    pub(crate) raw: Vec<u8>,
    /// How the terminal was set before the program began.
    pub(crate) before: String,
}

fn cells(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("some")
}

impl Terminal {
    pub(crate) fn start(home: &Home, words: &[&str]) -> Self {
        let mut command = CommandBuilder::new(words[0]);
        command.args(&words[1..]);
        command.env_clear();
        for (name, value) in [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("TERM", "xterm-256color"),
            ("TZ", "UTC"),
            ("PS1", "prompt> "),
        ] {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        command.env("XDG_CONFIG_HOME", home.path().join("config"));
        command.env("XDG_STATE_HOME", home.path().join("state"));
        command.cwd(home.path());
        let spawned = spawn(command);
        Self {
            writer: spawned.master.take_writer().expect("taken once"),
            master: spawned.master,
            child: spawned.child,
            output: spawned.output,
            screen: spawned.screen,
            raw: Vec::new(),
            before: spawned.before,
        }
    }

    /// The explorer on arguments.
    pub(crate) fn explorer(home: &Home, arguments: &[&str]) -> Self {
        Self::start(home, &[&[PROGRAM], arguments].concat())
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        self.writer
            .write_all(keys.as_bytes())
            .expect("the terminal takes keys");
    }

    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until the screen is as wanted.
    pub(crate) fn wait(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !wanted(&self.text()) {
            let left = until.saturating_duration_since(Instant::now());
            let block = self.output.recv_timeout(left).unwrap_or_default();
            assert!(!block.is_empty(), "{what} never came:\n{}", self.text());
            self.screen.process(&block);
            self.raw.extend_from_slice(&block);
        }
    }

    /// Waits until something was written to the terminal, be it seen or not.
    pub(crate) fn wait_raw(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self
            .raw
            .windows(text.len())
            .any(|part| part == text.as_bytes())
        {
            let left = until.saturating_duration_since(Instant::now());
            let block = self.output.recv_timeout(left).unwrap_or_default();
            assert!(!block.is_empty(), "{text:?} never came:\n{}", self.text());
            self.screen.process(&block);
            self.raw.extend_from_slice(&block);
        }
    }

    /// Waits until the screen shows a text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Waits until the screen no longer shows a text.
    pub(crate) fn wait_without(&mut self, text: &str) {
        self.wait(&format!("a screen without {text}"), |screen| {
            !screen.contains(text)
        });
    }

    /// How the terminal is set: raw or not, what is echoed.
    pub(crate) fn modes(&self) -> String {
        format!("{:?}", self.master.get_termios())
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Leaves the explorer by its key, and waits for its end.
    pub(crate) fn quit(mut self) {
        self.keys("Q");
        assert_eq!(self.child.wait().expect("a child").exit_code(), 0);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end();
    }
}
