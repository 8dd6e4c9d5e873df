//! Keys to commands: by the scopes that hold, innermost first. Keys of a sequence wait for the next one.

use super::layout::PaneId;
use super::{App, Effect};
use crate::command::{self, Context};
use crate::keymap::{Key, Resolution};
use crate::overlays;

impl App {
    /// Scopes of the key map that hold, inner before outer.
    pub fn scopes(&self) -> Vec<&'static str> {
        match &self.overlay {
            Some(overlay) => overlay.scopes().to_vec(),
            None if self.focus == PaneId::List && self.list.selected().is_some() => {
                vec!["selection", "list", "global"]
            }
            None => vec![self.focus.scope(), "global"],
        }
    }

    pub(super) fn key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        self.notice = None;
        let leaving = std::mem::take(&mut self.leaving);
        self.pending.push(key);
        match self.keymap.resolve(&self.scopes(), &self.pending) {
            Resolution::Run { command, argument } if is_known(&command) => {
                self.pending.clear();
                // Twice means twice in a row.
                if leaving && command == "app.cancel" {
                    return effects.push(Effect::Quit);
                }
                // A count is for the movement after it.
                if !command.starts_with("move.") {
                    self.count = None;
                }
                let mut cx = Context { app: self, effects };
                command::run(&mut cx, &command, argument.as_deref());
            }
            // Keys that lead to nothing known are as good as unbound.
            Resolution::Pending(next) if next.iter().any(|(_, binding)| is_known(binding)) => {}
            _ => {
                let keys = std::mem::take(&mut self.pending);
                self.unbound(&keys, effects);
            }
        }
    }

    fn unbound(&mut self, keys: &[Key], effects: &mut Vec<Effect>) {
        self.count = None;
        if let [key] = keys
            && self
                .overlay
                .as_ref()
                .is_some_and(overlays::Overlay::takes_text)
        {
            return overlays::key(self, *key, effects);
        }
        // Esc out of a sequence is no mistake.
        let esc = keys.len() > 1 && keys.last().is_some_and(|key| key.to_string() == "esc");
        if !esc {
            self.tell(format!(
                "{}: not bound — ? for help",
                Key::show_sequence(keys)
            ));
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        overlays::paste(self, text);
    }
}

/// Whether a binding names a command there is, or more keys.
fn is_known(binding: &str) -> bool {
    let name = binding.split(' ').next().unwrap_or_default();
    name == "…" || command::find(name).is_some()
}
