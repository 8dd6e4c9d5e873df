//! Channel of the loop, and the events it carries.

use std::io;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::app::Message;
use crate::engine::EngineEvent;

/// Event that wakes the loop.
#[derive(Debug)]
pub(super) enum Event {
    Input(crossterm::event::Event),
    Engine(EngineEvent),
    Signal(i32),
    /// The process continues after a stop.
    Continued,
    /// The terminal has reported its background.
    Background {
        light: bool,
    },
    /// The reader of the terminal ended, for this reason.
    InputEnded(io::Error),
    /// No native program accepted this text for the clipboard.
    Uncopied {
        text: String,
        what: String,
    },
    /// Background work is done.
    Done(Box<Message>),
}

/// Channel of the loop. It exists before the engine starts, so that the engine sends its events directly to it.
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
    /// Handler for the engine's events.
    pub fn of_engine(&self) -> impl Fn(EngineEvent) + Send + Sync + 'static {
        let to = self.to.clone();
        move |event| {
            // The screen may have closed; the event is then irrelevant.
            let _ = to.send(Event::Engine(event));
        }
    }
}
