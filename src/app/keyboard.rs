//! Key sequences in progress, and the notice on the status line.

use crate::keymap::{Key, Keymap};
use crate::model::time::{Nanos, SECOND};
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
    /// Newest notice on the status line; the next key clears it, or the time at which it ends.
    pub notice: Option<String>,
    pub notice_ends: Option<Nanos>,
}

impl Keyboard {
    /// Clears the notice if it was shown long enough.
    pub(crate) fn pass(&mut self, now: Nanos) {
        if self.notice_ends.is_some_and(|end| end <= now) {
            self.notice = None;
            self.notice_ends = None;
        }
    }

    /// Time at which the notice ends.
    pub(super) fn notice_due(&self) -> Option<Nanos> {
        self.notice_ends.filter(|_| self.notice.is_some())
    }
}

/// Time for which a notice is shown: enough to read it twice.
pub(super) fn reading_time(text: &str) -> Nanos {
    4 * SECOND + text.chars().count() as Nanos * (SECOND / 20)
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
