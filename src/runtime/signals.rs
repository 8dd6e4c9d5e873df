//! Signals as events: the ones that end the program, and the one that says it goes on after a stop.

use std::io;
use std::thread;

use crossbeam_channel::Sender;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use super::Event;

/// Starts to listen. Closing the handle ends the thread.
pub(super) fn start(to: Sender<Event>) -> io::Result<Handle> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGCONT])?;
    let handle = signals.handle();
    thread::spawn(move || {
        for number in signals.forever() {
            let event = if number == SIGCONT {
                Event::Continued
            } else {
                Event::Signal(number)
            };
            if to.send(event).is_err() {
                return;
            }
        }
    });
    Ok(handle)
}
