//! Terminal events: read by a separate thread and converted to messages.

use std::io;
use std::thread;
use std::time::Instant;

use crossbeam_channel::Sender;
use crossterm::event::{self, Event as TerminalEvent, MouseButton, MouseEvent, MouseEventKind};

use super::Event;
use super::answer::{Answer, BURST};
use crate::app::{Message, Pointer};
use crate::keymap::from_crossterm;

/// Rows per step of the wheel.
const WHEEL: i64 = 3;

/// Starts the reader; `asked` is true if a response of the terminal may arrive among the keys. The thread blocks in the
/// terminal's own wait. It ends with the process, or when the receiver of its events is gone.
pub(super) fn start(to: Sender<Event>, asked: bool) {
    let mut answer = Answer::new(asked, Instant::now());
    thread::spawn(move || {
        loop {
            let events = match next(&mut answer) {
                Ok(events) => events,
                Err(error) => {
                    // The receiver may be gone.
                    let _ = to.send(Event::InputEnded(error));
                    return;
                }
            };
            let light = answer.light().map(|light| Event::Background { light });
            for event in events.into_iter().map(Event::Input).chain(light) {
                if to.send(event).is_err() {
                    return;
                }
            }
        }
    });
}

/// Reads the next events that do not belong to a response; none while one is arriving.
fn next(answer: &mut Answer) -> io::Result<Vec<TerminalEvent>> {
    if answer.is_begun() && !event::poll(BURST)? {
        return Ok(answer.give_up());
    }
    Ok(answer.pass(event::read()?, Instant::now()))
}

fn pointer(what: Pointer, mouse: MouseEvent) -> Vec<Message> {
    vec![Message::Pointer(what, mouse.column, mouse.row)]
}

/// Converts a terminal event to messages.
pub(super) fn messages(event: TerminalEvent) -> Vec<Message> {
    match event {
        TerminalEvent::Key(key) => from_crossterm(&key).map(Message::Key).into_iter().collect(),
        TerminalEvent::Paste(text) => vec![Message::Paste(text)],
        TerminalEvent::Resize(width, height) => vec![Message::Resize(width, height)],
        TerminalEvent::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollUp => vec![Message::Wheel(-WHEEL, mouse.column, mouse.row)],
            MouseEventKind::ScrollDown => vec![Message::Wheel(WHEEL, mouse.column, mouse.row)],
            MouseEventKind::Down(MouseButton::Left) => pointer(Pointer::Down, mouse),
            MouseEventKind::Drag(MouseButton::Left) => pointer(Pointer::Drag, mouse),
            MouseEventKind::Up(MouseButton::Left) => pointer(Pointer::Up, mouse),
            _ => Vec::new(),
        },
        TerminalEvent::FocusGained | TerminalEvent::FocusLost => Vec::new(),
    }
}
