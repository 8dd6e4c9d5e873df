//! Signals as events: the ones that end the program, and the one that says it goes on after a stop.

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

/// How long a stop may take to come into force. Where it does not (nobody is there to continue the process),
/// the explorer goes on after that.
const STOP: Duration = Duration::from_millis(200);

/// How long the loop may take to end. Where it does not, the terminal takes no output, and is left without it.
const ENDING: Duration = Duration::from_millis(700);

/// Every signal that ends a process and can be caught. Those of a fault of the program itself (SIGSEGV, SIGBUS, SIGILL,
/// SIGFPE) are left to the runtime and to the [`super::keeper`].
const ENDS: [i32; 15] = [
    SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGALRM, SIGIO, SIGPROF, SIGSYS, SIGTRAP, SIGUSR1,
    SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
];

/// The thread that listens.
pub(super) struct Signals {
    handle: Handle,
    continued: Receiver<()>,
}

/// Starts to listen.
pub(super) fn start(to: Sender<Event>) -> io::Result<Signals> {
    let mut listener = Listener::new(ENDS.into_iter().chain([SIGCONT]))?;
    let handle = listener.handle();
    let (goes_on, continued) = bounded(1);
    thread::spawn(move || {
        for number in listener.forever() {
            let event = if number == SIGCONT {
                // Whoever waits knows by one as well as by many.
                let _ = goes_on.try_send(());
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
    /// Stops the process with all of its pipeline, and returns when the shell has continued it. The stop may
    /// come a moment after the call for it: what is done meanwhile would be done to a terminal that is no
    /// longer ours.
    pub(super) fn stop(&self) -> io::Result<()> {
        while self.continued.try_recv().is_ok() {}
        kill_current_process_group(Signal::TSTP)?;
        // Time goes on during a stop, so this returns at once after it, by either way.
        let _ = self.continued.recv_timeout(STOP);
        Ok(())
    }

    /// Ends the thread.
    pub(super) fn close(&self) {
        self.handle.close();
    }
}
