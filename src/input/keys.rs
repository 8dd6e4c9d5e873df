//! Keys to commands, by the active scopes, innermost first. The keys of an incomplete sequence are kept until the next
//! key.

use super::typing;
use crate::app::{App, Effect};
use crate::command::{self, Context};
use crate::keymap::{Key, Resolution};

pub(super) fn key(app: &mut App, key: Key, effects: &mut Vec<Effect>) {
    app.keyboard.notice = None;
    let leaving = std::mem::take(&mut app.keyboard.leaving);
    app.keyboard.pending.push(key);
    match app
        .keyboard
        .keymap
        .resolve(&app.scopes(), &app.keyboard.pending)
    {
        Resolution::Run { command, argument } if is_known(&command) => {
            app.keyboard.pending.clear();
            // Twice means twice in a row.
            if leaving && command == "app.cancel" {
                return effects.push(Effect::Quit);
            }
            // A count applies to the next motion only.
            if !command.starts_with("move.") {
                app.keyboard.count = None;
            }
            let mut cx = Context { app, effects };
            command::run(&mut cx, &command, argument.as_deref());
        }
        // Keys that lead to no known command count as unbound.
        Resolution::Pending(next) if next.iter().any(|(_, binding)| is_known(binding)) => {}
        _ => {
            let keys = std::mem::take(&mut app.keyboard.pending);
            unbound(app, &keys, effects);
        }
    }
}

fn unbound(app: &mut App, keys: &[Key], effects: &mut Vec<Effect>) {
    app.keyboard.count = None;
    if let [key] = keys
        && (app.overlay.as_ref()).is_some_and(|over| over.panel().spec().takes_text())
    {
        return typing::key(app, *key, effects);
    }
    // Escape out of a sequence is not a mistake.
    let esc = keys.len() > 1 && keys.last().is_some_and(|key| key.to_string() == "esc");
    if !esc {
        app.tell(format!(
            "{}: not bound — ? for help",
            Key::show_sequence(keys)
        ));
    }
}

/// Returns true if a binding is a known command, or leads to more keys.
fn is_known(binding: &str) -> bool {
    let name = binding.split(' ').next().unwrap_or_default();
    name == "…" || command::find(name).is_some()
}
