//! Key sequences in progress, and the notice on the status line.

use crate::keymap::{Key, Keymap};
use crate::query::Node;
use crate::widgets::History;
use std::sync::Arc;

/// Key map, and input that does not form a command yet.
#[derive(Debug)]
pub struct Keyboard {
    pub keymap: Keymap,
    /// Count typed so far for the next motion.
    pub count: Option<u64>,
    /// Keys of an incomplete sequence.
    pub pending: Vec<Key>,
    /// Set if the last key was the one that quits when pressed twice.
    pub leaving: bool,
    /// Newest notice on the status line; the next key clears it.
    pub notice: Option<String>,
}

/// Lines entered into prompts.
#[derive(Debug)]
pub struct Prompts {
    pub filters: History,
    /// Line of the filter prompt that is not in the history file yet.
    pub entered: Option<String>,
    pub searches: History,
    /// Last search, as typed and as parsed.
    pub search: Option<(String, Arc<Node>)>,
}
