//! The terminal's events, read by a thread of their own, and as messages; those of the engine go the same way.

use std::thread;

use crossbeam_channel::{Receiver, Sender};
use crossterm::event::{
    self, Event as TerminalEvent, KeyCode as Code, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};

use super::Event;
use crate::app::Message;
use crate::app::mouse::Pointer;
use crate::engine::EngineEvent;
use crate::keymap::from_crossterm;

/// Rows the wheel scrolls by.
const WHEEL: i64 = 3;

/// Starts to read; `late` says that an answer of the terminal may come among the keys. The thread waits in the terminal's own wait; it ends with the process, or when nobody
/// wants its events any more.
pub(super) fn start(to: Sender<Event>, late: bool) {
    let mut answer = LateAnswer {
        expected: late,
        inside: false,
    };
    thread::spawn(move || {
        loop {
            let event = match event::read() {
                Ok(event) if answer.takes(&event) => continue,
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

/// The answer to the question for the background, where it comes only when keys are read already: it looks like
/// keys, from alt-] to ctrl-g or alt-backslash.
#[derive(Debug)]
struct LateAnswer {
    expected: bool,
    inside: bool,
}

impl LateAnswer {
    /// Whether an event is a part of the answer.
    fn takes(&mut self, event: &TerminalEvent) -> bool {
        let TerminalEvent::Key(key) = event else {
            return false;
        };
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        if !self.expected {
            return false;
        }
        if !self.inside {
            self.inside = alt && key.code == Code::Char(']');
            return self.inside;
        }
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let ends = (alt && key.code == Code::Char('\\')) || (ctrl && key.code == Code::Char('g'));
        // The answer comes once.
        self.expected = !ends;
        true
    }
}

/// Hands events of the engine on to the one channel. Ends with either side.
pub(super) fn forward(events: Receiver<EngineEvent>, to: Sender<Event>) {
    thread::spawn(move || {
        for event in events {
            if to.send(Event::Engine(event)).is_err() {
                return;
            }
        }
    });
}

/// What an event of the terminal means to the explorer.
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

#[cfg(test)]
mod tests {
    use crossterm::event::KeyEvent;

    use super::*;

    #[test]
    fn a_late_answer_of_the_terminal_is_not_taken_for_keys() {
        let key =
            |code: char, modifiers| TerminalEvent::Key(KeyEvent::new(Code::Char(code), modifiers));
        let plain = |code| key(code, KeyModifiers::NONE);
        let alt = |code| key(code, KeyModifiers::ALT);
        let mut answer = LateAnswer {
            expected: true,
            inside: false,
        };
        assert!(!answer.takes(&plain('j')));
        let whole = std::iter::once(alt(']'))
            .chain("11;rgb:1e1e/1e1e/2e2e".chars().map(plain))
            .chain([alt('\\')]);
        for event in whole {
            assert!(answer.takes(&event), "{event:?}");
        }
        assert!(!answer.takes(&plain('j')) && !answer.takes(&alt(']')));
    }
}
