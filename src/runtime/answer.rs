//! Response of the terminal to the query for its background. It arrives among the keys and looks like keys: alt-],
//! `11;rgb:1e1e/1e1e/2e2e`, then ctrl-g or alt-\.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode as Code, KeyEvent, KeyModifiers};

use super::terminal_theme::is_light;

/// Maximum time from the start until a response arrives.
const LATEST: Duration = Duration::from_secs(10);

/// Maximum duration of the response: it arrives at once, faster than any typing.
pub(super) const BURST: Duration = Duration::from_millis(100);

const BEGINS: &str = "11;rgb:";

/// Four digits for each of four colours, with separators.
const LONGEST: usize = 32;

/// Filter that separates the response from keys.
#[derive(Debug)]
pub(super) struct Answer {
    /// Time until which a response may arrive; `None` if none is expected.
    until: Option<Instant>,
    /// Events that may be the start of the response; `since` is the time of the first one.
    held: Vec<Event>,
    since: Instant,
    /// Result, until it is fetched: true for a light colour.
    light: Option<bool>,
}

impl Answer {
    pub(super) fn new(is_expected: bool, now: Instant) -> Self {
        Self {
            until: is_expected.then(|| now + LATEST),
            held: Vec::new(),
            since: now,
            light: None,
        }
    }

    /// Returns true if events are held that may be the start of the response.
    pub(super) fn is_begun(&self) -> bool {
        !self.held.is_empty()
    }

    /// Stops waiting and returns the held events.
    pub(super) fn give_up(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.held)
    }

    /// Returns the result once, after a valid response: true for a light background.
    pub(super) fn light(&mut self) -> Option<bool> {
        self.light.take()
    }

    /// Returns the events that are certain not to belong to the response.
    pub(super) fn pass(&mut self, event: Event, now: Instant) -> Vec<Event> {
        if self.until.is_none_or(|until| now > until) && self.held.is_empty() {
            return vec![event];
        }
        let mut passed = Vec::new();
        if now.duration_since(self.since) > BURST {
            passed.append(&mut self.held);
        }
        match &event {
            Event::Key(key) if self.held.is_empty() && is_start(key) => {
                self.since = now;
                self.held.push(event);
            }
            Event::Key(key) if !self.held.is_empty() && self.continues(key) => {
                self.held.push(event);
            }
            Event::Key(key) if self.held.len() > BEGINS.len() && is_end(key) => {
                let held = self.held.drain(..);
                let text: String = held.filter_map(|event| text_of(&event)).collect();
                self.light = is_light(&text);
                // Only one response arrives.
                self.until = None;
            }
            _ => {
                passed.append(&mut self.held);
                passed.push(event);
            }
        }
        passed
    }

    fn continues(&self, key: &KeyEvent) -> bool {
        let Code::Char(c) = key.code else {
            return false;
        };
        let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
        let at = self.held.len() - 1;
        plain
            && at < LONGEST
            && match BEGINS.chars().nth(at) {
                Some(expected) => c == expected,
                None => c.is_ascii_hexdigit() || c == '/',
            }
    }
}

fn text_of(event: &Event) -> Option<char> {
    event.as_key_event().and_then(|key| key.code.as_char())
}

fn is_start(key: &KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::ALT) && key.code == Code::Char(']')
}

fn is_end(key: &KeyEvent) -> bool {
    let (alt, ctrl) = (KeyModifiers::ALT, KeyModifiers::CONTROL);
    key.modifiers.contains(alt) && key.code == Code::Char('\\')
        || key.modifiers.contains(ctrl) && key.code == Code::Char('g')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(Code::Char(code), modifiers))
    }

    fn plain(code: char) -> Event {
        key(code, KeyModifiers::NONE)
    }

    fn alt(code: char) -> Event {
        key(code, KeyModifiers::ALT)
    }

    #[test]
    fn an_answer_of_the_terminal_is_not_taken_for_keys() {
        let now = Instant::now();
        let mut answer = Answer::new(true, now);
        assert_eq!(answer.pass(plain('j'), now), [plain('j')]);
        let whole = std::iter::once(alt(']'))
            .chain("11;rgb:1e1e/1e1E/2e2e".chars().map(plain))
            .chain([alt('\\')]);
        for event in whole {
            assert_eq!(answer.pass(event, now), []);
        }
        assert_eq!((answer.light(), answer.light()), (Some(false), None));
        assert_eq!(answer.pass(alt(']'), now), [alt(']')], "it comes once");
    }

    #[test]
    fn keys_that_begin_like_an_answer_are_keys() {
        let now = Instant::now();
        let mut answer = Answer::new(true, now);
        assert_eq!(answer.pass(alt(']'), now), []);
        assert_eq!(answer.pass(plain('q'), now), [alt(']'), plain('q')]);
        // A sequence that is not a burst is returned in any case.
        assert_eq!(answer.pass(alt(']'), now), []);
        assert_eq!(answer.pass(plain('1'), now), []);
        let later = now + 2 * BURST;
        assert_eq!(
            answer.pass(plain('1'), later),
            [alt(']'), plain('1'), plain('1')]
        );
        let ctrl_c = key('c', KeyModifiers::CONTROL);
        assert_eq!(answer.pass(alt(']'), later), []);
        assert_eq!(answer.pass(ctrl_c.clone(), later), [alt(']'), ctrl_c]);
        assert_eq!(answer.pass(alt(']'), later), []);
        assert!(answer.is_begun());
        assert_eq!(answer.give_up(), [alt(']')], "nothing followed");
        assert_eq!(answer.light(), None);
        // A single key is not a response, and later none is expected.
        assert_eq!(answer.pass(alt(']'), now + 2 * LATEST), [alt(']')]);
    }
}
