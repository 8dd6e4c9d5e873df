//! Any field for a command that wants one: found by a few of its letters, shown with the value it has in the
//! event under the cursor.

use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;
use ratatui::buffer::Buffer;

use super::{Overlay, editing, frame};
use crate::app::{App, Effect};
use crate::command::{self, Command};
use crate::keymap::{Key, KeyCode};
use crate::model::{CATALOGUE, nested};
use crate::theme::Role;
use crate::widgets::{EditOp, LineEdit, Look, stepped, text};

/// The picker, and the command that waits for the field.
#[derive(Clone, Debug)]
pub struct FieldPicker {
    command: &'static Command,
    edit: LineEdit,
    selected: usize,
    /// What lay on top before.
    pub(super) below: Option<Box<Overlay>>,
}

/// Members of one value that can be picked.
const PATHS: usize = 100;

/// A field that can be picked.
struct Choice {
    name: Arc<str>,
    value: Option<Arc<str>>,
}

impl FieldPicker {
    /// Opens the picker over whatever is shown; the field that has the focus in the detail comes first to hand.
    pub fn open(app: &mut App, command: &'static Command) {
        let mut picker = Self {
            command,
            edit: LineEdit::new(""),
            selected: 0,
            below: app.overlay.take().map(Box::new),
        };
        let focused = app.detail.focused().map(|entry| entry.name.clone());
        let at = choices(app, &picker)
            .iter()
            .position(|choice| Some(&choice.name) == focused.as_ref());
        picker.selected = at.unwrap_or(0);
        app.overlay = Some(Overlay::Fields(picker));
    }

    pub(super) fn step(&mut self, by: i64, count: usize) {
        self.selected = stepped(self.selected, by, count);
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.edit.apply(EditOp::Paste(text.to_owned()));
        self.selected = 0;
    }
}

/// The fields that match what was typed, the best first; without anything typed those of the event in reading
/// order, then the members of its values that hold JSON, then all others.
fn choices(app: &App, picker: &FieldPicker) -> Vec<Choice> {
    let mut all: Vec<Choice> = app
        .detail
        .entries()
        .iter()
        .map(|entry| Choice {
            name: entry.name.clone(),
            value: entry.value.clone(),
        })
        .collect();
    let members = app.detail.entries().iter().flat_map(|entry| {
        let value = entry.value.as_deref().unwrap_or_default();
        let paths = nested::paths(value, PATHS).into_iter();
        paths.map(move |path| Choice {
            value: nested::member(value, &path).map(Arc::from),
            name: format!("{}.{path}", entry.name).into(),
        })
    });
    all.extend(members);
    let known = CATALOGUE
        .fields()
        .iter()
        .map(|info| Arc::from(info.name.as_str()));
    for name in known {
        if all.iter().all(|choice| choice.name != name) {
            all.push(Choice { name, value: None });
        }
    }
    let pattern = picker.edit.text().trim();
    if pattern.is_empty() {
        return all;
    }
    let fuzzy = SkimMatcherV2::default().ignore_case();
    let score = |choice: &Choice| {
        let info = CATALOGUE
            .find(&choice.name)
            .and_then(|id| CATALOGUE.get(id));
        let aliases = info
            .into_iter()
            .flat_map(|info| info.aliases.iter().chain([&info.title]));
        let names = aliases.map(String::as_str).chain([&*choice.name]);
        names
            .filter_map(|name| fuzzy.fuzzy_match(name, pattern))
            .max()
    };
    let mut found: Vec<(i64, Choice)> = all
        .into_iter()
        .filter_map(|choice| Some((score(&choice)?, choice)))
        .collect();
    found.sort_by_key(|(score, _)| -score);
    found.into_iter().map(|(_, choice)| choice).collect()
}

pub(super) fn step(app: &mut App, by: i64) {
    let Some(Overlay::Fields(picker)) = &app.overlay else {
        return;
    };
    let count = choices(app, picker).len();
    if let Some(Overlay::Fields(picker)) = &mut app.overlay {
        picker.step(by, count);
    }
}

pub(super) fn key(app: &mut App, key: Key, effects: &mut Vec<Effect>) {
    match (key.code, key.ctrl) {
        (KeyCode::Enter, _) => return accept(app, effects),
        (KeyCode::Up, _) | (KeyCode::Char('p'), true) => return step(app, -1),
        (KeyCode::Down, _) | (KeyCode::Char('n'), true) => return step(app, 1),
        (KeyCode::PageUp, _) => return step(app, -10),
        (KeyCode::PageDown, _) => return step(app, 10),
        _ => {}
    }
    if let Some(Overlay::Fields(picker)) = &mut app.overlay
        && editing::operation(key).is_some_and(|op| picker.edit.apply(op))
    {
        picker.selected = 0;
    }
}

fn accept(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(Overlay::Fields(picker)) = app.overlay.take() else {
        return;
    };
    let Some(choice) = choices(app, &picker).into_iter().nth(picker.selected) else {
        app.overlay = Some(Overlay::Fields(picker));
        return app.tell("no field matches");
    };
    super::uncover(app, picker.below);
    let mut cx = command::Context { app, effects };
    command::run(&mut cx, picker.command.name, Some(&choice.name));
}

/// Cells of the names.
const NAME: u16 = 34;

pub(super) fn draw(
    app: &App,
    picker: &FieldPicker,
    look: &Look<'_>,
    buf: &mut Buffer,
) -> (u16, u16) {
    let title = format!("{}: WHICH FIELD?", picker.command.hint.to_uppercase());
    let mut canvas = frame::draw(&title, look, buf);
    let width = canvas.width();
    let (shown, cursor) = picker.edit.visible(usize::from(width.saturating_sub(3)));
    if picker.edit.text().is_empty() {
        canvas.text(2, 0, "type a part of its name", Role::PromptGhost);
    }
    canvas.text(2, 0, &shown, Role::Text);
    let place = (canvas.origin().0 + 2 + cursor as u16, canvas.origin().1);
    let rows = usize::from(canvas.height().saturating_sub(2));
    let choices = choices(app, picker);
    let top = picker.selected.saturating_sub(rows.saturating_sub(1));
    for (y, (at, choice)) in (2..).zip(choices.iter().enumerate().skip(top).take(rows)) {
        let name = text::clip_middle(&choice.name, usize::from(NAME - 1));
        canvas.text(2, y, &name, Role::Overlay);
        let room = usize::from(width.saturating_sub(NAME + 3));
        let (value, role) = match choice.value.as_deref() {
            None => (canvas.glyphs().empty, Role::FieldEmpty),
            Some("") => ("\"\"", Role::FieldEmpty),
            Some(value) => (value, Role::Dim),
        };
        let value = text::clip_middle(value, room);
        canvas.text(2 + NAME, y, &value, role);
        if at == picker.selected {
            canvas.cursor_row(y);
        }
    }
    place
}
