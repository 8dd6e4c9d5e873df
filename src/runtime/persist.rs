//! State kept between sessions, written when it changes.

use std::io;

use super::Session;
use crate::app::{Effect, Message};
use crate::config::HintStore;

impl Session {
    /// Stores a change; returns the effects to perform if that fails.
    pub(super) fn keep(&mut self, what: Effect) -> Vec<Effect> {
        match what {
            Effect::Marks(work) => {
                let saved = self.marks.as_ref().map(|marks| marks.work(&work));
                self.remembered("marks", saved)
            }
            Effect::Columns { class, columns } => {
                let store = self.columns.as_ref();
                let saved = store.map(|store| store.save(class, &columns));
                self.remembered("columns", saved)
            }
            Effect::Shape { class, shape } => {
                let saved = self.shapes.as_ref().map(|store| store.save(class, &shape));
                self.remembered("layout", saved)
            }
            Effect::History(line) => {
                let saved = self.history.as_ref().map(|store| store.add(&line));
                self.remembered("filter history", saved)
            }
            Effect::HintsClosed => {
                let saved = self.hints.as_ref().map(HintStore::close);
                self.remembered("hints", saved)
            }
            _ => Vec::new(),
        }
    }

    /// Reports a failure to store.
    fn remembered(&mut self, what: &str, saved: Option<io::Result<()>>) -> Vec<Effect> {
        let Some(Err(error)) = saved else {
            return Vec::new();
        };
        let reported = format!("could not save {what} (kept for this session only): {error}");
        crate::input::update(&mut self.app, Message::Told(reported))
    }
}
