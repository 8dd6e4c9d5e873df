//! Keys and text for overlays that accept typing: prompts and searchable lists.

use super::{prompt, readline};
use crate::app::{App, Effect};
use crate::command::{self, Context};
use crate::keymap::{Key, KeyCode};
use crate::overlays::Overlay;
use crate::widgets::{EditOp, Travel};

/// Handles an unbound key.
pub(super) fn key(app: &mut App, key: Key, effects: &mut Vec<Effect>) {
    if matches!(app.overlay, Some(Overlay::Prompt(_))) {
        return prompt::key(app, key, effects);
    }
    let by = match (key.code, key.ctrl) {
        (KeyCode::Enter, _) => return accept(app, effects),
        (KeyCode::Up, _) | (KeyCode::Char('p'), true) => -1,
        (KeyCode::Down, _) | (KeyCode::Char('n'), true) => 1,
        (KeyCode::PageUp, _) => -10,
        (KeyCode::PageDown, _) => 10,
        _ => {
            if let Some(op) = readline::operation(key) {
                edit(app, op);
            }
            return;
        }
    };
    app.travel_over(Travel::Rows(by));
}

/// Handles pasted text.
pub(super) fn paste(app: &mut App, text: String) {
    edit(app, EditOp::Paste(text));
}

fn edit(app: &mut App, op: EditOp) {
    match &mut app.overlay {
        Some(Overlay::Palette(palette)) => palette.edit(op),
        Some(Overlay::Fields(picker)) => picker.edit(op),
        Some(Overlay::Help(help)) => help.edit(op),
        _ => prompt::edit(app, op),
    }
}

/// Runs the item under the cursor, on the overlay below.
fn accept(app: &mut App, effects: &mut Vec<Effect>) {
    let chosen = match &mut app.overlay {
        Some(Overlay::Palette(palette)) => palette.accept(),
        Some(Overlay::Fields(picker)) => match picker.chosen(&app.panes.detail) {
            Some(field) => Ok((picker.command, Some(field.to_string()))),
            None => Err("no field matches".to_owned()),
        },
        Some(Overlay::Help(help)) => return help.end_find(),
        _ => return,
    };
    match chosen {
        Ok((name, argument)) => {
            app.close();
            command::run(&mut Context { app, effects }, name, argument.as_deref());
        }
        Err(why) => app.tell(why),
    }
}
