//! Keys on their way to a command, and the line that answers them.

use crate::keymap::{Key, Keymap};
use crate::query::Node;
use crate::widgets::History;
use std::sync::Arc;

/// The key map, and keys that are not a command yet.
#[derive(Debug)]
pub struct Keyboard {
    pub keymap: Keymap,
    /// The count that is being typed for the next movement.
    pub count: Option<u64>,
    /// Keys of a sequence that is not complete.
    pub pending: Vec<Key>,
    /// The key that quits when pressed twice was pressed last.
    pub leaving: bool,
    /// The newest message on the bottom line; the next key removes it.
    pub notice: Option<String>,
}

/// Lines that were entered into prompts.
#[derive(Debug)]
pub struct Prompts {
    pub filters: History,
    /// A line of the filter prompt that is not remembered yet.
    pub entered: Option<String>,
    pub searches: History,
    /// What was searched for last, as typed and parsed.
    pub search: Option<(String, Arc<Node>)>,
}
