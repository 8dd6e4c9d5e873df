//! The one channel of the loop, and what wakes it.

use std::io;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::app::Message;
use crate::engine::EngineEvent;

/// What wakes the loop.
#[derive(Debug)]
pub(super) enum Event {
    Input(crossterm::event::Event),
    Engine(EngineEvent),
    Signal(i32),
    /// The process goes on after it was stopped.
    Continued,
    /// The terminal has said what its background is.
    Background {
        light: bool,
    },
    /// The reader of the terminal ended, for this reason.
    InputEnded(io::Error),
    /// No program of the system took this for the clipboard.
    Uncopied {
        text: String,
        what: String,
    },
    /// Something that was done beside the loop is done.
    Done(Box<Message>),
}

/// The one channel of the loop. It stands before the engine starts, so that the engine's events come straight to it.
#[derive(Debug)]
pub struct Inbox {
    pub(super) to: Sender<Event>,
    pub(super) events: Receiver<Event>,
}

impl Default for Inbox {
    fn default() -> Self {
        let (to, events) = unbounded();
        Self { to, events }
    }
}

impl Inbox {
    /// Where the engine's events go.
    pub fn of_engine(&self) -> impl Fn(EngineEvent) + Send + Sync + 'static {
        let to = self.to.clone();
        move |event| {
            // The screen may be gone already; then nobody wants to know.
            let _ = to.send(Event::Engine(event));
        }
    }
}
