//! The commands as help and the palette show them, with the keys they have where they were opened.

use super::{Command, Run, Scope, all};
use crate::app::App;
use crate::overlays::{Entry, Help, Offer, Palette};

/// Some keys of a command, and a sign where there are more.
fn keys(app: &App, command: &Command, scopes: &[&str], most: usize) -> (String, bool) {
    let keys = app.keyboard.keymap.keys_for(command.name, scopes);
    let shown: Vec<&str> = keys.iter().take(most).map(String::as_str).collect();
    (shown.join("  "), keys.len() > most)
}

/// Help with the commands of the focused pane, those that work everywhere, and those of each overlay.
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
    // One key before several, and those that have none last: what is done most has the shortest way.
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

/// Keys of the shortest sequence that runs a command; none is longer than any.
fn shortest(app: &App, command: &Command, scopes: &[&str]) -> usize {
    let keys = app.keyboard.keymap.keys_for(command.name, scopes);
    let lengths = keys.iter().map(|keys| keys.split(' ').count());
    lengths.min().unwrap_or(usize::MAX)
}

/// The palette over what is shown, with the commands that make sense there. Those of a pane do while no overlay hides
/// it.
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
