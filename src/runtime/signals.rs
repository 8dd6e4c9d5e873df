//! Signals as events: those that end the program, and SIGCONT.

use std::io;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use rustix::process::{Signal, kill_current_process_group};
use signal_hook::consts::{
    SIGABRT, SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP,
    SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
};
use signal_hook::iterator::{Handle, Signals as Listener};

use super::{Event, terminal};

/// Maximum time until a stop takes effect. If it does not (there is no parent that could continue the process), the
/// explorer continues after that.
const STOP: Duration = Duration::from_millis(200);

/// Maximum time for the loop to end. After that, the terminal is assumed to accept no output, and is left without it.
const ENDING: Duration = Duration::from_millis(700);

/// All catchable signals that end a process. Those of a fault of the program itself (SIGSEGV, SIGBUS, SIGILL, SIGFPE)
/// are left to the runtime and to the [`super::keeper`].
const ENDS: [i32; 15] = [
    SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGALRM, SIGIO, SIGPROF, SIGSYS, SIGTRAP, SIGUSR1,
    SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
];

/// Thread that listens for signals.
pub(super) struct Signals {
    handle: Handle,
    continued: Receiver<()>,
}

/// Starts the thread.
pub(super) fn start(to: Sender<Event>) -> io::Result<Signals> {
    let mut listener = Listener::new(ENDS.into_iter().chain([SIGCONT]))?;
    let handle = listener.handle();
    let (continues, continued) = bounded(1);
    thread::spawn(move || {
        for number in listener.forever() {
            let event = if number == SIGCONT {
                // The waiting thread needs one message only.
                let _ = continues.try_send(());
                Event::Continued
            } else {
                end_in_any_case(number);
                Event::Signal(number)
            };
            if to.send(event).is_err() {
                return;
            }
        }
    });
    Ok(Signals { handle, continued })
}

/// Ends the process if the loop has not ended it by itself.
fn end_in_any_case(number: i32) {
    thread::spawn(move || {
        thread::sleep(ENDING);
        terminal::abandon();
        std::process::exit(128 + number);
    });
}

impl Signals {
    /// Stops the process together with its pipeline; returns when the shell has continued it. The stop may take effect
    /// a moment after the call: without waiting, code would run on a terminal that the program no longer owns.
    pub(super) fn stop(&self) -> io::Result<()> {
        while self.continued.try_recv().is_ok() {}
        kill_current_process_group(Signal::TSTP)?;
        // The time includes the stop, so this returns right after it in either case.
        let _ = self.continued.recv_timeout(STOP);
        Ok(())
    }

    /// Ends the thread.
    pub(super) fn close(&self) {
        self.handle.close();
    }
}
