//! Commands as listed by help and the palette, with the keys they have where the list was opened.

use super::{Command, Run, Scope, all};
use crate::app::App;
use crate::overlays::{Entry, Help, Offer, Palette};

/// Up to `most` keys of a command; true if there are more.
fn keys(app: &App, command: &Command, scopes: &[&str], most: usize) -> (String, bool) {
    let keys = app.keyboard.keymap.keys_for(command.name, scopes);
    let shown: Vec<&str> = keys.iter().take(most).map(String::as_str).collect();
    (shown.join("  "), keys.len() > most)
}

/// Builds the help: commands of the focused pane, global commands, and those of each overlay.
pub(super) fn help(app: &App) -> Help {
    let pane = [app.screen.focus.scope(), "global"];
    let entry = |command: &Command, scopes: &[&str]| {
        let (mut keys, more) = keys(app, command, scopes, 4);
        if more {
            keys += "  …";
        }
        Entry {
            keys,
            doc: command.doc,
            name: command.name,
        }
    };
    let of = |scope: Scope| all().filter(move |command| command.scope == scope);
    // Single keys first, commands without a key last: frequent commands have the shortest keys.
    let mut here: Vec<&Command> = of(Scope::Pane(app.screen.focus)).collect();
    here.sort_by_key(|command| shortest(app, command, &pane));
    let here = here.into_iter().map(|command| entry(command, &pane));
    let global = of(Scope::Global).map(|command| entry(command, &pane));
    let mut sections = vec![
        (
            format!("This pane ({})", app.screen.focus.scope()),
            here.collect(),
        ),
        ("Everywhere".to_owned(), global.collect::<Vec<_>>()),
    ];
    for command in all() {
        let Scope::Overlay(scope, title) = command.scope else {
            continue;
        };
        let entry = entry(command, &[scope, "overlay", "global"]);
        match sections.last_mut() {
            Some((last, entries)) if last == title => entries.push(entry),
            _ => sections.push((title.to_owned(), vec![entry])),
        }
    }
    Help::new(sections)
}

/// Length of the shortest key sequence of a command; `usize::MAX` if it has none.
fn shortest(app: &App, command: &Command, scopes: &[&str]) -> usize {
    let keys = app.keyboard.keymap.keys_for(command.name, scopes);
    let lengths = keys.iter().map(|keys| keys.split(' ').count());
    lengths.min().unwrap_or(usize::MAX)
}

/// Builds the palette with the commands that apply to the current screen. Pane commands apply while no overlay is open.
pub(super) fn palette(app: &mut App) -> Palette {
    let below = app
        .overlay
        .as_ref()
        .map(|below| below.panel().spec().scopes);
    let fits = |command: &&Command| match (command.scope, below) {
        (Scope::Global, _) | (Scope::Pane(_), None) => true,
        (Scope::Overlay(scope, _), Some(below)) => below.contains(&scope),
        (Scope::Pane(_), Some(_)) | (Scope::Overlay(..), None) => false,
    };
    let pane = [app.screen.focus.scope(), "global"];
    let offer = |command: &Command| Offer {
        name: command.name,
        doc: command.doc,
        keys: keys(app, command, below.unwrap_or(&pane), 2).0,
        wants: match command.run {
            Run::Do(_) | Run::Try(_) => None,
            Run::Field(_) => Some("a field"),
            Run::Number(_) => Some("a number"),
        },
    };
    let offers = all().filter(fits).map(offer).collect();
    Palette::new(offers, app.overlay.take().map(Box::new))
}
