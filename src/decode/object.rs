//! Scanner for one JSON object, a byte at a time and without recursion.

use std::ops::Range;

use super::{colour, nature};
use crate::model::{CATALOGUE, FieldKind};

/// State of the scan of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    /// Open brackets, outermost first: true for `[`.
    open: Vec<bool>,
    in_string: bool,
    escaped: bool,
    /// Last byte that was neither blank nor inside a string.
    previous: u8,
    /// Range of the last string at depth 1, without its quotes.
    key: Range<usize>,
    string_start: usize,
    /// Set once a key of an audit event was seen: the object is not a wrapper.
    pub(super) is_event: bool,
    pub(super) lists: Lists,
    /// Number of bytes at the end to scan again when further bytes follow.
    pub(super) unsure: usize,
}

/// Lists of an object that are entered as lists of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lists {
    /// `data` and `logs` only.
    #[default]
    Sure,
    /// Also those under any other name of a wrapper.
    Any,
}

pub(super) enum Step {
    More,
    /// The object ends at this offset (exclusive).
    Done(usize),
    /// The object is a wrapper; its records start at this offset.
    Wrapper(usize),
    Broken {
        end: usize,
        reason: &'static str,
    },
}

/// Maximum number of blanks after `[` for which the scan waits for the next byte.
const FEW_BLANKS: usize = 64;

impl Object {
    /// State after a list of records in a wrapper: the earlier members no longer matter.
    pub(super) fn after_list() -> Self {
        Self {
            open: vec![false],
            previous: b']',
            ..Self::default()
        }
    }

    pub(super) fn scan(&mut self, bytes: &[u8], from: usize) -> Step {
        let mut at = from;
        while at < bytes.len() {
            if self.in_string {
                if std::mem::take(&mut self.escaped) && bytes[at] != b'\n' {
                    at += 1;
                    continue;
                }
                match memchr::memchr3(b'"', b'\\', b'\n', &bytes[at..]) {
                    None => return Step::More,
                    Some(skip) => at += skip,
                }
                match bytes[at] {
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.open.len() == 1 {
                            self.key = self.string_start..at;
                        }
                    }
                    _ => {
                        return Step::Broken {
                            end: at,
                            reason: "a line ends inside a string",
                        };
                    }
                }
                at += 1;
                continue;
            }
            let byte = bytes[at];
            at += 1;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => continue,
                b'"' => {
                    self.in_string = true;
                    self.string_start = at;
                }
                b'{' => {
                    let in_array = self.open.last().is_some_and(|array| *array);
                    let fits = match self.previous {
                        0 | b':' | b'[' => true,
                        b',' => in_array,
                        _ => false,
                    };
                    if !fits {
                        return Step::Broken {
                            end: at - 1,
                            reason: "a record starts inside another",
                        };
                    }
                    self.open.push(false);
                }
                b'[' => {
                    if self.is_wrapper(bytes) {
                        let rest = &bytes[at..];
                        let blanks = rest.len() - rest.trim_ascii_start().len();
                        if blanks == rest.len() && blanks < FEW_BLANKS {
                            self.unsure = rest.len() + 1;
                            return Step::More;
                        }
                        // With an empty list it may be an error response, which its other members reveal.
                        if rest.get(blanks) != Some(&b']') {
                            return Step::Wrapper(at);
                        }
                    }
                    self.open.push(true);
                }
                b'}' | b']' => {
                    if self.open.pop() != Some(byte == b']') {
                        return Step::Broken {
                            end: at,
                            reason: "mismatched closing bracket",
                        };
                    }
                    if self.open.is_empty() {
                        return Step::Done(at);
                    }
                }
                colour::ESC => {
                    let rest = &bytes[at - 1..];
                    match colour::len(rest) {
                        0 if rest.len() < colour::ENOUGH => {
                            self.unsure = rest.len();
                            return Step::More;
                        }
                        0 => {}
                        len => {
                            at += len - 1;
                            continue;
                        }
                    }
                }
                b':' if self.open.len() == 1 && !self.is_event => {
                    self.is_event = is_logged(&bytes[self.key.clone()]);
                }
                _ => {}
            }
            self.previous = byte;
        }
        Step::More
    }

    /// Returns true if the `[` just read begins the records of a wrapper: the value of `data` or `logs`, or of another
    /// wrapper name where those count, in an object that is not an event.
    fn is_wrapper(&self, bytes: &[u8]) -> bool {
        self.open.len() == 1
            && self.previous == b':'
            && !self.is_event
            && bytes
                .get(self.key.clone())
                .is_some_and(|key| key == b"data" || key == b"logs" || self.is_list(key))
    }
}

impl Object {
    fn is_list(&self, key: &[u8]) -> bool {
        self.lists == Lists::Any && std::str::from_utf8(key).is_ok_and(nature::is_wrapper)
    }
}

pub(super) fn is_logged(key: &[u8]) -> bool {
    CATALOGUE
        .fields()
        .iter()
        .any(|f| f.kind != FieldKind::Derived && f.name.as_bytes() == key)
}
