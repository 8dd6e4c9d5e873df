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

fn kill(signal: i32, process: u32) {
    let sent = std::process::Command::new("kill")
        .args([format!("-{signal}"), process.to_string()])
        .status();
    assert!(sent.expect("kill is there").success());
}

#[test]
fn every_signal_that_can_be_caught_restores_the_terminal() {
    use signal_hook::consts as number;
    let home = pty::Home::new();
    let log = home.log(10);
    for signal in [
        number::SIGUSR1,
        number::SIGUSR2,
        number::SIGALRM,
        number::SIGVTALRM,
        number::SIGPROF,
        number::SIGABRT,
        number::SIGXCPU,
        number::SIGSYS,
        number::SIGQUIT,
        number::SIGINT,
    ] {
        let mut terminal = pty::Terminal::explorer(&home, &[log.to_str().expect("UTF-8")]);
        terminal.wait_for("10/10");
        kill(signal, terminal.child.process_id().expect("it runs"));
        let code = terminal.child.wait().expect("a child").exit_code();
        assert_eq!(code, 128 + signal.cast_unsigned());
        assert_eq!(terminal.modes(), terminal.before, "signal {signal}");
        terminal.wait_raw("\x1b[?1049l");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_caught_restores_the_terminal_too() {
    let home = pty::Home::new();
    let log = home.log(10);
    // From a shell, to which the terminal belongs; what it waits for at last keeps it there.
    let (pid, program) = (home.path().join("pid"), pty::PROGRAM);
    let inner = format!(
        "echo $$ >{}; exec {program} {}",
        pid.display(),
        log.display()
    );
    let script = format!("sh -c '{inner}'; echo the shell is back; read end");
    let mut terminal = pty::Terminal::start(&home, &["sh", "-c", &script]);
    terminal.wait_for("10/10");
    let process = std::fs::read_to_string(&pid).expect("written");
    let process = process.trim().parse().expect("a number");
    kill(signal_hook::consts::SIGKILL, process);
    terminal.wait_for("the terminal was restored");
    // The shell may be back first: then its words vanish with the screen that is left.
    terminal.wait_raw("the shell is back");
    terminal.wait_raw("\x1b[?1049l");
    assert_eq!(terminal.modes(), terminal.before);
}

/// What a process does at the moment is writing to its standard output.
#[cfg(target_os = "linux")]
fn is_writing(process: u32) -> bool {
    let call = std::fs::read_to_string(format!("/proc/{process}/syscall")).unwrap_or_default();
    // The number of the call differs between machines, its first argument does not.
    let mut words = call.split(' ');
    let number = words.next().unwrap_or_default();
    matches!(number, "1" | "64") && words.next() == Some("0x1")
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_takes_no_output_does_not_keep_a_signal_from_ending_it() {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    let home = pty::Home::new();
    let log = home.log(500);
    for signal in [
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
        signal_hook::consts::SIGINT,
    ] {
        // The first frame is larger than what waits for a reader, and nobody reads.
        let size = PtySize {
            rows: 400,
            cols: 400,
            ..PtySize::default()
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let before = pty::state(&*pair.master);
        let mut command = CommandBuilder::new(pty::PROGRAM);
        command.arg(&log);
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        let mut child = pair.slave.spawn_command(command).expect("starts");
        let process = child.process_id().expect("it runs");
        let until = std::time::Instant::now() + PATIENCE;
        while !is_writing(process) {
            assert!(
                std::time::Instant::now() < until,
                "it never fills the terminal"
            );
            std::thread::yield_now();
        }
        kill(signal, process);
        let began = std::time::Instant::now();
        assert_eq!(
            child.wait().expect("a child").exit_code(),
            128 + signal.cast_unsigned()
        );
        assert!(began.elapsed() < std::time::Duration::from_secs(10));
        assert_eq!(pty::state(&*pair.master), before, "signal {signal}");
    }
}

#[test]
fn keys_that_look_like_a_late_answer_of_the_terminal_are_not_swallowed() {
    let home = pty::Home::new();
    let log = home.log(10);
    // The theme for the background asks, and this terminal never answers.
    let mut terminal = pty::Terminal::explorer(&home, &[log.to_str().expect("UTF-8")]);
    terminal.wait_for("10/10");
    terminal.keys("\x1b]");
    terminal.keys("?");
    terminal.wait_for("HELP");
}
