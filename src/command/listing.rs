//! Commands as shown in the palette, with their keys in the current context.

use super::unless::why_not;
use super::{Command, Run, Scope, Task, all};
use crate::app::App;
use crate::overlays::{Offer, Palette};

/// First two keys of a command.
fn keys(app: &App, command: &Command, scopes: &[&str]) -> String {
    let keys = app.keyboard.keymap.keys_for(command.name, scopes);
    keys[..keys.len().min(2)].join("  ")
}

/// Builds the palette with the commands that apply to the current screen, and the reasons why some of them cannot run.
/// Pane commands apply while no overlay is open.
pub(super) fn palette(app: &mut App) -> Palette {
    let below = app
        .overlay
        .as_ref()
        .map(|below| below.panel().spec().scopes);
    let fits = |command: &&Command| match (command.scope, below) {
        (Scope::Global | Scope::Always, _) | (Scope::Pane(_), None) => true,
        (Scope::Overlay(scope, _), Some(below)) => below.contains(&scope),
        (Scope::Pane(_), Some(_)) | (Scope::Overlay(..), None) => false,
    };
    let pane = [app.screen.focus.scope(), "global"];
    let offer = |command: &Command| Offer {
        name: command.name,
        doc: command.doc,
        hint: command.hint,
        also: command.also,
        unless: why_not(app, command),
        keys: keys(app, command, below.unwrap_or(&pane)),
        wants: match command.run {
            Run::Do(_) | Run::Try(_) => None,
            Run::Field(_) => Some("a field"),
            Run::Number(_) => Some("a number"),
        },
    };
    // Movement has keys that everyone finds: it comes last.
    let mut commands: Vec<&Command> = all().filter(fits).collect();
    commands.sort_by_key(|command| command.task == Task::Move);
    let offers = commands.into_iter().map(offer).collect();
    Palette::new(offers, app.overlay.take().map(Box::new))
}
