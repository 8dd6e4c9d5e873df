//! The terminal after the explorer: in a pseudo-terminal, on every way out, it is as it was before.
//!
//! The explorer under test is this very test binary, started again for one test that is the explorer.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty};
use regtrail::engine::{Ask, EngineEvent, SourceAction, SourceState, WriteWant};
use regtrail::overlays::Wanted;
use regtrail::runtime::{EngineHandle, Inbox, Options, run};
use regtrail::theme::Theme;

use crate::fake::Fake;
use crate::pty;

/// Says how the child ends; without it the test that is the child does nothing.
const HOW: &str = "REGTRAIL_TEST_CHILD";

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

struct Engine {
    fake: Fake,
    to: Box<dyn Fn(EngineEvent)>,
    how: String,
}

impl EngineHandle for Engine {
    fn ask(&self, ask: Ask) {
        let answer = self.fake.answer(&ask);
        (self.to)(EngineEvent::Answer(Box::new(answer)));
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
    let inbox = Inbox::default();
    let to = Box::new(inbox.of_engine());
    let fake = Fake::sample(100);
    let status = fake.status(SourceState::Done);
    to(EngineEvent::Status(Arc::new(status)));
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
        hints: None,
    };
    let status = run(&engine, inbox, options).expect("the terminal is there");
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
        let (left, reported) = (text.find("\x1b[?1049l"), text.find("forced"));
        assert!(
            left.is_some() && left < reported,
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

/// The explorer on a log of ten events, started by a shell, to which the terminal belongs: what that waits for at last keeps
/// the terminal there. Gives the explorer's process as well.
#[cfg(target_os = "linux")]
fn in_a_shell(home: &pty::Home) -> (pty::Terminal, u32) {
    let script = shell_script(home, &home.log(10));
    let mut terminal = pty::Terminal::start(home, &["sh", "-c", &script]);
    terminal.wait_for("10/10");
    let process = process(home).expect("written");
    (terminal, process)
}

/// What a shell runs: it writes down the process, and how that ended.
#[cfg(target_os = "linux")]
fn shell_script(home: &pty::Home, log: &std::path::Path) -> String {
    let (home, program, log) = (home.path().display(), pty::PROGRAM, log.display());
    let inner = format!("echo $$ >{home}/pid; exec {program} {log}");
    format!(
        "sh -c '{inner}'; echo $? >{home}/code.tmp; mv {home}/code.tmp {home}/code; \
         echo the shell is back; read end"
    )
}

#[cfg(target_os = "linux")]
fn process(home: &pty::Home) -> Option<u32> {
    let text = std::fs::read_to_string(home.path().join("pid")).ok()?;
    text.trim().parse().ok()
}

/// Waits until what the shell started has ended. Gives its exit code; `meanwhile` is done until then.
#[cfg(target_os = "linux")]
fn ended(home: &pty::Home, mut meanwhile: impl FnMut()) -> u32 {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        if let Ok(code) = std::fs::read_to_string(home.path().join("code")) {
            return code.trim().parse().expect("a number");
        }
        assert!(std::time::Instant::now() < until, "it does not end");
        meanwhile();
        std::thread::yield_now();
    }
}

/// Proves that the terminal is as before, and that it was said why.
#[cfg(target_os = "linux")]
fn is_restored_after_a_crash(terminal: &mut pty::Terminal) {
    terminal.wait_raw("the terminal was restored");
    // The shell may be back first: then its words vanish with the screen that is left.
    terminal.wait_raw("the shell is back");
    terminal.wait_raw("\x1b[?1049l\x1b[?25h");
    terminal.wait_raw("\x1b[?2004l");
    assert_eq!(terminal.modes(), terminal.before);
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_caught_restores_the_terminal_too() {
    let home = pty::Home::new();
    let (mut terminal, process) = in_a_shell(&home);
    kill(signal_hook::consts::SIGKILL, process);
    assert_eq!(ended(&home, || {}), 137);
    is_restored_after_a_crash(&mut terminal);
}

#[cfg(target_os = "linux")]
#[test]
fn a_fault_of_the_program_restores_the_terminal_too() {
    use rustix::process::{Pid, Signal, kill_process};
    let home = pty::Home::new();
    let (mut terminal, process) = in_a_shell(&home);
    let process = Pid::from_raw(process.cast_signed()).expect("a process");
    // The runtime looks whether the first one was an overflow of a stack, and takes the next one for what it is.
    let code = ended(&home, || {
        // It may have ended by now.
        let _ = kill_process(process, Signal::SEGV);
    });
    assert_eq!(code, 139);
    is_restored_after_a_crash(&mut terminal);
}

#[cfg(target_os = "linux")]
#[test]
fn running_out_of_memory_restores_the_terminal_too() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let home = pty::Home::new();
    let (mut terminal, process) = in_a_shell(&home);
    let nothing = Rlimit {
        current: Some(1 << 20),
        maximum: Some(1 << 20),
    };
    let process = Pid::from_raw(process.cast_signed()).expect("a process");
    prlimit(Some(process), Resource::As, nothing).expect("it runs");
    // What is pasted has to be kept somewhere.
    terminal.keys("f\x1b[200~");
    let text = "x".repeat(1024);
    assert_eq!(ended(&home, || terminal.keys(&text)), 134);
    is_restored_after_a_crash(&mut terminal);
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

/// Reads what the other side of a terminal has for it until a text has come.
#[cfg(target_os = "linux")]
fn read_until(master: &dyn MasterPty, text: &str) -> String {
    let mut reader = master.try_clone_reader().expect("a reader");
    let (to, blocks) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut block = [0; 4096];
        while let Ok(count @ 1..) = std::io::Read::read(&mut reader, &mut block) {
            if to.send(block[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut seen = Vec::new();
    loop {
        let known = String::from_utf8_lossy(&seen);
        if known.contains(text) {
            return known.into_owned();
        }
        let block = blocks.recv_timeout(PATIENCE);
        seen.extend(block.unwrap_or_else(|_| panic!("{text:?} never came")));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_takes_no_output_is_left_all_the_same_when_a_signal_ends_the_explorer() {
    use portable_pty::{PtySize, native_pty_system};
    for signal in [
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
        signal_hook::consts::SIGINT,
    ] {
        let home = pty::Home::new();
        let log = home.log(500);
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
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", &shell_script(&home, &log)]);
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        let mut child = pair.slave.spawn_command(command).expect("starts");
        let until = std::time::Instant::now() + PATIENCE;
        let process = loop {
            if let Some(process) = process(&home).filter(|process| is_writing(*process)) {
                break process;
            }
            assert!(
                std::time::Instant::now() < until,
                "it never fills the terminal"
            );
            std::thread::yield_now();
        };
        kill(signal, process);
        let began = std::time::Instant::now();
        assert_eq!(ended(&home, || {}), 128 + signal.cast_unsigned());
        assert!(began.elapsed() < std::time::Duration::from_secs(10));
        assert_eq!(pty::state(&*pair.master), before, "signal {signal}");
        // Somebody reads again.
        let text = read_until(&*pair.master, "\x1b[?1049l\x1b[?25h");
        assert!(text.contains("\x1b[?2004l"), "signal {signal}");
        assert!(!text.contains("ended unexpectedly"), "signal {signal}");
        // It waits for a line.
        child.kill().expect("the shell is there");
        child.wait().expect("a child");
    }
}

/// What terminals say of their background.
const LIGHT: &str = "\x1b]11;rgb:ffff/ffff/dddd\x07";
const DARK: &str = "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\";

/// Colours that only the dark theme has (cyan), and only the light one (blue).
const OF_DARK: &str = "38;5;6";
const OF_LIGHT: &str = "38;5;4";

#[test]
fn keys_that_are_typed_before_the_screen_is_there_reach_the_explorer_in_their_order() {
    let home = pty::Home::new();
    let log = home.log(10);
    for answer in ["", LIGHT, DARK] {
        let mut terminal = pty::Terminal::explorer(&home, &[log.to_str().expect("UTF-8")]);
        terminal.keys("fzx");
        terminal.wait_raw("\x1b]11;?");
        terminal.keys(&format!("q{answer}w"));
        terminal.wait_for("zxqw");
        assert!(!terminal.text().contains("rgb"), "{}", terminal.text());
    }
}

#[test]
fn the_background_decides_on_the_colours_whenever_the_terminal_tells_it() {
    let home = pty::Home::new();
    let log = home.log(10);
    let asked = || {
        let mut terminal = pty::Terminal::explorer(&home, &[log.to_str().expect("UTF-8")]);
        terminal.wait_raw("\x1b]11;?");
        terminal
    };
    let mut terminal = asked();
    terminal.keys(DARK);
    terminal.wait_raw(OF_DARK);
    let mut terminal = asked();
    terminal.keys(LIGHT);
    terminal.wait_raw(OF_LIGHT);
    // From far away.
    let mut terminal = asked();
    terminal.wait_for("10/10");
    terminal.wait_raw(OF_DARK);
    terminal.keys(LIGHT);
    terminal.wait_raw(OF_LIGHT);
    terminal.quit();
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
    // Nor do they wait for the next key.
    terminal.keys("\x1b");
    terminal.wait_without("HELP");
}
