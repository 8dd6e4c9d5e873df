//! The terminal's events, read by a thread of their own, and as messages.

use std::thread;

use crossbeam_channel::Sender;
use crossterm::event::{self, Event as TerminalEvent, MouseButton, MouseEvent, MouseEventKind};

use super::Event;
use crate::app::Message;
use crate::app::mouse::Pointer;
use crate::keymap::{Key, KeyCode, from_crossterm};

/// Rows the wheel scrolls by.
const WHEEL: usize = 3;

/// Starts to read. The thread waits in the terminal's own wait; it ends with the process, or when nobody
/// wants its events any more.
pub(super) fn start(to: Sender<Event>) {
    thread::spawn(move || {
        loop {
            let event = match event::read() {
                Ok(event) => Event::Input(event),
                Err(error) => Event::InputEnded(error),
            };
            let ended = matches!(event, Event::InputEnded(_));
            if to.send(event).is_err() || ended {
                return;
            }
        }
    });
}

fn pointer(what: Pointer, mouse: MouseEvent) -> Vec<Message> {
    vec![Message::Pointer(what, mouse.column, mouse.row)]
}

/// What an event of the terminal means to the explorer.
pub(super) fn messages(event: TerminalEvent) -> Vec<Message> {
    match event {
        TerminalEvent::Key(key) => from_crossterm(&key).map(Message::Key).into_iter().collect(),
        TerminalEvent::Paste(text) => vec![Message::Paste(text)],
        TerminalEvent::Resize(width, height) => vec![Message::Resize(width, height)],
        TerminalEvent::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollUp => vec![Message::Key(Key::plain(KeyCode::Up)); WHEEL],
            MouseEventKind::ScrollDown => vec![Message::Key(Key::plain(KeyCode::Down)); WHEEL],
            MouseEventKind::Down(MouseButton::Left) => pointer(Pointer::Down, mouse),
            MouseEventKind::Drag(MouseButton::Left) => pointer(Pointer::Drag, mouse),
            MouseEventKind::Up(MouseButton::Left) => pointer(Pointer::Up, mouse),
            _ => Vec::new(),
        },
        TerminalEvent::FocusGained | TerminalEvent::FocusLost => Vec::new(),
    }
}
