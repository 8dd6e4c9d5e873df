//! Keys to commands, by the active scopes, innermost first. The keys of an incomplete sequence are kept until the next
//! key.

use super::typing;
use crate::app::{App, Effect};
use crate::command::{self, Context};
use crate::keymap::{Key, Resolution};
use crate::overlays::Overlay;

pub(super) fn key(app: &mut App, key: Key, effects: &mut Vec<Effect>) {
    app.keyboard.notice = None;
    let leaving = std::mem::take(&mut app.keyboard.leaving);
    app.keyboard.pending.push(key);
    let scopes = app.scopes();
    let resolution = app.keyboard.keymap.resolve(&scopes, &app.keyboard.pending);
    if is_covered(app, &scopes, &resolution) {
        let keys = std::mem::take(&mut app.keyboard.pending);
        app.keyboard.count = None;
        let (keys, closing) = (Key::show_sequence(&keys), closing(app));
        return app.tell(format!("{keys}: no effect here — ? for help{closing}"));
    }
    match resolution {
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
            "{}: not bound — ? for help{}",
            Key::show_sequence(keys),
            closing(app)
        ));
    }
}

/// Returns true if the keys lead only to commands for the panes below the open overlay.
fn is_covered(app: &App, scopes: &[&str], resolution: &Resolution) -> bool {
    let Some(overlay) = &app.overlay else {
        return false;
    };
    let works = |command: &str| command::works_over(overlay, command);
    let own: Vec<&str> = scopes
        .iter()
        .copied()
        .filter(|scope| *scope != "global")
        .collect();
    let own = || app.keyboard.keymap.resolve(&own, &app.keyboard.pending) != Resolution::Unbound;
    match resolution {
        Resolution::Run { command, .. } => is_known(command) && !works(command) && !own(),
        Resolution::Pending(next) => {
            let works = |binding: &str| works(binding.split(' ').next().unwrap_or_default());
            !next.iter().any(|(_, binding)| works(binding)) && !own()
        }
        Resolution::Unbound => false,
    }
}

/// Formats which key closes the open overlay, as the end of a notice; nothing where none does.
fn closing(app: &App) -> String {
    let stays = match &app.overlay {
        Some(Overlay::Start(_)) => app.session.start.alone,
        open => open.is_none(),
    };
    let keys = app.keyboard.keymap.keys_for("app.back", &app.scopes());
    match keys.into_iter().min_by_key(|key| *key != "esc") {
        Some(key) if !stays => format!(", {key} closes this"),
        _ => String::new(),
    }
}

/// Returns true if a binding is a known command, or leads to more keys.
fn is_known(binding: &str) -> bool {
    let name = binding.split(' ').next().unwrap_or_default();
    name == "…" || command::find(name).is_some()
}
