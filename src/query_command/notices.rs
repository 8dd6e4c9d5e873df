//! Messages on standard error while sources are read: notes, gaps, retries, rejected records. Each appears once, and
//! their number is limited, so that following a log for weeks does not fill a disk with them.

use std::collections::HashSet;
use std::sync::Arc;

use super::outcome::{described, remarks};
use crate::engine::{SourceState, SourceStatus, Status};
use crate::failure::complain;
use crate::model::{Defect, visible};
use crate::widgets::text::counted;

/// Maximum number of different messages; further ones are only counted.
const MOST: usize = 200;

/// Maximum number of causes of rejected records reported while following; further ones are only counted.
const CAUSES: usize = 20;

/// Messages reported so far.
#[derive(Debug, Default)]
pub(super) struct Notices {
    texts: HashSet<String>,
    left_out: u64,
    /// Per source: number of notes handled, and start of its newest problem.
    heard: Vec<(usize, i64)>,
    unsaid: u64,
    causes: HashSet<String>,
    defects: u64,
}

impl Notices {
    /// Prints a message, unless it was printed before.
    pub(super) fn once(&mut self, text: String) {
        if self.texts.contains(&text) {
            return;
        }
        if self.texts.len() >= MOST {
            self.left_out += 1;
            return;
        }
        // Escaped, so that it is one line.
        complain(&visible(&text));
        self.texts.insert(text);
    }

    /// Prints the new messages of sources.
    pub(super) fn hear(&mut self, status: &Status) {
        self.heard.resize(status.sources.len(), (0, i64::MIN));
        for (at, source) in status.sources.iter().enumerate() {
            let (texts, trouble) = self.heard[at];
            let new = source.said.iter().skip(texts);
            new.for_each(|text| self.once(named(source, text)));
            self.heard[at].0 = source.said.len();
            if source.state == SourceState::Awaiting {
                self.once(format!("waiting for a writer to open {}", source.name));
            }
            if let Some((since, why)) = &source.trouble
                && *since > trouble
            {
                self.heard[at].1 = *since;
                self.trouble(source, why);
            }
        }
        self.unsaid = status.sources.iter().map(|source| source.unsaid).sum();
    }

    /// Reports that a source is being retried, since that may take a while.
    fn trouble(&mut self, source: &SourceStatus, why: &str) {
        match &source.state {
            SourceState::Failed { .. } => {}
            // The delay of a retry does not make a new cause.
            SourceState::Retrying { seconds, .. } => {
                let text = format!("{}: {why}; retrying", source.name);
                if self.texts.len() < MOST && self.texts.insert(text.clone()) {
                    complain(&visible(&format!("{text} in {seconds} s")));
                }
            }
            _ => self.once(format!("{}: {why}; retrying", source.name)),
        }
    }

    /// Reports rejected records with a new cause, if there are more records than before.
    pub(super) fn defects(&mut self, count: u64, all: impl FnOnce() -> Arc<[Arc<Defect>]>) {
        if count == self.defects {
            return;
        }
        self.defects = count;
        if self.causes.len() >= CAUSES {
            return;
        }
        for defect in &*all() {
            let cause = format!("{} {} {}", defect.source, defect.kind.name(), defect.reason);
            if self.causes.len() < CAUSES && self.causes.insert(cause) {
                complain(&described(defect));
            }
        }
    }

    /// Reports the number of messages that were left out.
    pub(super) fn end(&self, status: &Status) {
        remarks(status);
        if self.defects > self.causes.len() as u64 {
            complain(&format!(
                "{} in total could not be fully read; each cause is shown once",
                counted(self.defects, "record")
            ));
        }
        let left_out = self.left_out + self.unsaid;
        if left_out > 0 {
            complain(&format!("{} more not shown", counted(left_out, "message")));
        }
    }
}

/// Adds the name of the source, unless the text contains it.
fn named(source: &SourceStatus, text: &str) -> String {
    if text.contains(&*source.name) {
        text.to_owned()
    } else {
        format!("{}: {text}", source.name)
    }
}
