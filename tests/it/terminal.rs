//! The terminal after the explorer: in a pseudo-terminal, on every way out, it is as it was before.
//!
//! The explorer under test is this very test binary, started again for one test that is the explorer.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crossbeam_channel::{Sender, unbounded};
use portable_pty::{Child, CommandBuilder, MasterPty};
use regtrail::app::Wanted;
use regtrail::engine::{Ask, EngineEvent, SourceAction, SourceState, WriteWant};
use regtrail::runtime::{EngineHandle, Options, run};
use regtrail::theme::Theme;

use crate::fake::Fake;
use crate::pty;

/// Says how the child ends; without it the test that is the child does nothing.
const HOW: &str = "REGTRAIL_TEST_CHILD";

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

struct Engine {
    fake: Fake,
    to: Sender<EngineEvent>,
    how: String,
}

impl EngineHandle for Engine {
    fn ask(&self, ask: Ask) {
        let answer = self.fake.answer(&ask);
        let _ = self.to.send(EngineEvent::Answer(Box::new(answer)));
        // The search is the sign: it comes when the person presses the key for the next failure.
        if ask.wants.seek.is_some() {
            match self.how.as_str() {
                "panic" => panic!("forced"),
                "panic in a thread" => {
                    std::thread::spawn(|| panic!("forced"));
                }
                _ => {}
            }
        }
    }

    fn act(&self, _: usize, _: SourceAction) {}

    fn write(&self, _: WriteWant) {}

    fn stop_writing(&self) {}

    fn open(&self, _: &Wanted) -> Result<Vec<std::ffi::OsString>, String> {
        Err("nothing can be opened here".into())
    }
}

#[test]
fn the_explorer_itself() {
    let Ok(how) = std::env::var(HOW) else {
        return;
    };
    let (to, events) = unbounded();
    let fake = Fake::sample(100);
    let status = fake.status(SourceState::Done);
    to.send(EngineEvent::Status(Arc::new(status)))
        .expect("the receiver is here");
    let engine = Engine { fake, to, how };
    let options = Options {
        app: regtrail::app::Options::default(),
        theme: Theme::default(),
        light: None,
        ascii: false,
        views: None,
        marks: None,
        columns: None,
        shapes: None,
        history: None,
    };
    let status = run(&engine, events, options).expect("the terminal is there");
    std::process::exit(status.code().into());
}

/// A running explorer and its terminal.
struct Session {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    /// The state of the terminal before.
    before: String,
}

impl Session {
    fn start(how: &str) -> Self {
        let mut command = CommandBuilder::new(std::env::current_exe().expect("is running"));
        command.args([
            "--exact",
            "terminal::the_explorer_itself",
            "--nocapture",
            "--test-threads=1",
        ]);
        command.env(HOW, how);
        command.env("TERM", "xterm-256color");
        let spawned = pty::spawn(command);
        Self {
            master: spawned.master,
            child: spawned.child,
            output: spawned.output,
            seen: Vec::new(),
            before: spawned.before,
        }
    }

    /// Waits for text on the way to the terminal.
    fn wait_for(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.seen).contains(text) {
            let block = self.output.recv_timeout(PATIENCE);
            let seen = || String::from_utf8_lossy(&self.seen).into_owned();
            self.seen
                .extend(block.unwrap_or_else(|_| panic!("{text:?} never came: {:?}", seen())));
        }
    }

    fn keys(&mut self, keys: &str) {
        let mut writer = self.master.take_writer().expect("taken once");
        std::io::Write::write_all(&mut writer, keys.as_bytes()).expect("the terminal takes keys");
    }

    fn state(&self) -> String {
        pty::state(&*self.master)
    }

    /// Waits for the end, and proves the terminal to be as before.
    fn end(mut self) -> u32 {
        self.wait_for("\x1b[?1049l");
        self.wait_for("\x1b[?25h");
        let code = self.child.wait().expect("a child").exit_code();
        assert_eq!(self.state(), self.before);
        let text = String::from_utf8_lossy(&self.seen).into_owned();
        assert!(text.contains("\x1b[?2004l"), "bracketed paste is off");
        code
    }
}

/// Starts, waits for the first screen, and proves that there is something to restore.
fn started(how: &str) -> Session {
    let mut session = Session::start(how);
    session.wait_for("100/100");
    assert_ne!(session.state(), session.before, "raw mode is on");
    session
}

#[test]
fn quitting_restores_the_terminal() {
    let mut session = started("quit");
    session.keys("q");
    assert_eq!(session.end(), 0);
}

#[test]
fn signals_restore_the_terminal() {
    for (signal, code) in [
        (signal_hook::consts::SIGTERM, 143),
        (signal_hook::consts::SIGHUP, 129),
    ] {
        let session = started("signal");
        let process = session.child.process_id().expect("is running").to_string();
        let sent = std::process::Command::new("kill")
            .args([&format!("-{signal}"), &process])
            .status();
        assert!(sent.expect("kill is there").success());
        assert_eq!(session.end(), code);
    }
}

#[test]
fn a_panic_restores_the_terminal_before_it_is_told() {
    for how in ["panic", "panic in a thread"] {
        let mut session = started(how);
        session.keys("E");
        session.wait_for("forced");
        let text = String::from_utf8_lossy(&session.seen).into_owned();
        let (left, told) = (text.find("\x1b[?1049l"), text.find("forced"));
        assert!(
            left.is_some() && left < told,
            "{how}: told on the normal screen"
        );
        assert_eq!(session.end(), 101, "{how}");
    }
}
