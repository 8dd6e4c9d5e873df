//! Keys to commands: by the scopes that hold, innermost first. Keys of a sequence wait for the next one.

use super::{App, Effect};
use crate::command::{self, Context};
use crate::keymap::{Key, Resolution};
use crate::overlays;

impl App {
    /// Scopes of the key map that hold, inner before outer.
    pub fn scopes(&self) -> Vec<&'static str> {
        match &self.overlay {
            Some(overlay) => overlay.scopes().to_vec(),
            None => vec![self.focus.scope(), "global"],
        }
    }

    pub(super) fn key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        self.notice = None;
        let leaving = std::mem::take(&mut self.leaving);
        self.pending.push(key);
        match self.keymap.resolve(&self.scopes(), &self.pending) {
            Resolution::Run { command, argument } => {
                self.pending.clear();
                // Twice means twice in a row.
                if leaving && command == "app.cancel" {
                    effects.push(Effect::Quit);
                    return;
                }
                let mut cx = Context { app: self, effects };
                command::run(&mut cx, &command, argument.as_deref());
            }
            Resolution::Pending(_) => {}
            Resolution::Unbound => {
                let keys = std::mem::take(&mut self.pending);
                self.unbound(&keys, effects);
            }
        }
    }

    fn unbound(&mut self, keys: &[Key], effects: &mut Vec<Effect>) {
        if let [key] = keys
            && self.overlay.as_ref().is_some_and(overlays::Overlay::takes_text)
        {
            return overlays::key(self, *key, effects);
        }
        // Esc out of a sequence is no mistake.
        let esc = keys.len() > 1 && keys.last().is_some_and(|key| key.to_string() == "esc");
        if !esc {
            self.tell(format!("{}: not bound — ? for help", Key::show_sequence(keys)));
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        overlays::paste(self, text);
    }
}
