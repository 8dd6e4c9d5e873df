//! The line at the bottom: what just happened, else the keys of what has the focus, made from the command
//! table and the key map.

use super::{Canvas, detail, facets, histogram, list};
use crate::app::App;
use crate::app::layout::PaneId;
use crate::command;
use crate::keymap::{Key, Resolution};
use crate::overlays::Overlay;
use crate::theme::Role;
use crate::widgets::text;

pub fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let mode = app.overlay.as_ref().map_or_else(|| app.focus.scope().to_uppercase(), |overlay| overlay.title().to_owned());
    let end = canvas.text_before(canvas.width().saturating_sub(1), 0, &mode, Role::Dim);
    let mut line = canvas.inset(1, 0, end.saturating_sub(2), 1);
    if let Some(notice) = &app.notice {
        line.text(0, 0, notice, Role::Message);
    } else if !app.pending.is_empty() {
        which_key(app, &mut line);
    } else if let Some(overlay) = &app.overlay {
        overlay_hints(overlay, &mut line);
    } else {
        hints(app, &mut line);
    }
}

fn hints(app: &App, line: &mut Canvas<'_>) {
    let names = match app.focus {
        PaneId::List => list::HINTS,
        PaneId::Facets => facets::HINTS,
        PaneId::Histogram => histogram::HINTS,
        PaneId::Detail => detail::HINTS,
    };
    let scopes = app.scopes();
    let mut x = 0;
    for command in names.iter().filter_map(|name| command::find(name)) {
        let keys = app.keymap.keys_for(command.name, &scopes);
        let Some(first) = keys.first() else {
            continue;
        };
        // A command with a number has a key for each: name the first and the last.
        let shown = match (command.arg, keys.last()) {
            (command::ArgKind::Number, Some(last)) if keys.len() > 1 => format!("{first}-{last}"),
            _ => first.clone(),
        };
        let wide = text::width(&shown) + 1 + text::width(command.hint);
        if usize::from(x) + wide > usize::from(line.width()) {
            return;
        }
        x = line.text(x, 0, &shown, Role::HintKey);
        x = line.text(x + 1, 0, command.hint, Role::HintText) + 2;
    }
}

fn overlay_hints(overlay: &Overlay, line: &mut Canvas<'_>) {
    let hints: &[(&str, &str)] = match overlay {
        Overlay::Palette(_) => &[("enter", "run"), ("up down", "choose"), ("esc", "close")],
        Overlay::Prompt(_) => &[("enter", "apply"), ("esc", "cancel"), ("tab", "complete"), ("up", "earlier ones")],
        Overlay::Help(_) | Overlay::Defects(_) | Overlay::Sources(_) => &[("j k", "scroll"), ("esc", "close")],
    };
    let mut x = 0;
    for (key, does) in hints {
        x = line.text(x, 0, key, Role::HintKey);
        x = line.text(x + 1, 0, does, Role::HintText) + 2;
    }
}

/// What the next key of a sequence would do; for fields with the value of the event under the cursor.
fn which_key(app: &App, line: &mut Canvas<'_>) {
    let Resolution::Pending(next) = app.keymap.resolve(&app.scopes(), &app.pending) else {
        return;
    };
    let mut x = line.text(0, 0, &Key::show_sequence(&app.pending), Role::HintKey) + 2;
    let mut said = None;
    for (key, binding) in &next {
        let (name, argument) = binding.split_once(' ').unwrap_or((binding, ""));
        let Some(command) = command::find(name) else {
            continue;
        };
        if said != Some(command.hint) && !argument.is_empty() {
            x = line.text(x, 0, command.hint, Role::HintText) + 2;
            said = Some(command.hint);
        }
        let value = app.list.focused().and_then(|row| list::columns::value(row, argument)).unwrap_or_default();
        let value = if argument.is_empty() { command.hint } else if value.is_empty() { crate::app::chips::field_name(argument) } else { value };
        x = line.text(x, 0, &key.to_string(), Role::HintKey);
        x = line.text(x + 1, 0, &text::clip_middle(value, 18), Role::HintText) + 2;
    }
}
