//! Field picker for commands with a field argument: fuzzy search by name, with the values of the event under the
//! cursor.

use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;
use ratatui::buffer::Buffer;

use super::{CLOSE, Overlay, Panel, Scene, Spec, frame};
use crate::model::{CATALOGUE, nested};
use crate::panes::detail::DetailState;
use crate::theme::Role;
use crate::widgets::{EditOp, LineEdit, ListCursor, Look, text};

/// Picker with the command that waits for the field.
#[derive(Clone, Debug)]
pub struct FieldPicker {
    /// Name of the command; `hint` is its short label.
    pub command: &'static str,
    hint: &'static str,
    edit: LineEdit,
    cursor: ListCursor,
    /// Overlay that was open before.
    pub below: Option<Box<Overlay>>,
}

/// Maximum number of members offered of one JSON value.
const PATHS: usize = 100;

/// Field that can be picked.
struct Choice {
    name: Arc<str>,
    value: Option<Arc<str>>,
}

impl FieldPicker {
    /// Creates a picker; the field focused in the detail is preselected.
    pub fn new(
        (command, hint): (&'static str, &'static str),
        detail: &DetailState,
        below: Option<Box<Overlay>>,
    ) -> Self {
        let mut picker = Self {
            command,
            hint,
            edit: LineEdit::default(),
            cursor: ListCursor::default(),
            below,
        };
        let focused = detail.focused().map(|entry| &entry.name);
        let mut choices = choices(detail, &picker).into_iter();
        let at = choices.position(|choice| Some(&choice.name) == focused);
        picker.cursor.at = at.unwrap_or(0);
        picker
    }

    pub fn edit(&mut self, op: EditOp) {
        if self.edit.apply(op) {
            self.cursor = ListCursor::default();
        }
    }

    /// Field under the cursor.
    pub fn chosen(&self, detail: &DetailState) -> Option<Arc<str>> {
        let choice = choices(detail, self).into_iter().nth(self.cursor.at)?;
        Some(choice.name)
    }
}

/// Fields that match the typed text, best first. Without text: the fields of the event in reading order, then the
/// members of its JSON values, then all others.
fn choices(detail: &DetailState, picker: &FieldPicker) -> Vec<Choice> {
    let mut all: Vec<Choice> = detail
        .entries()
        .iter()
        .map(|entry| Choice {
            name: entry.name.clone(),
            value: entry.value.clone(),
        })
        .collect();
    let members = detail.entries().iter().flat_map(|entry| {
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

/// Width of the field names in cells.
const NAME: u16 = 34;

impl Panel for FieldPicker {
    fn spec(&self) -> Spec {
        Spec {
            title: "FIELDS",
            scopes: &["prompt"],
            hints: &[("enter", "select"), ("up down", "choose"), CLOSE],
        }
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = choices(scene.detail, self).len();
        Some((&mut self.cursor, places))
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let title = format!("{}: SELECT A FIELD", self.hint.to_uppercase());
        let mut canvas = frame::draw(&title, look, buf);
        let width = canvas.width();
        let (shown, cursor) = self.edit.visible(usize::from(width.saturating_sub(3)));
        if self.edit.text().is_empty() {
            canvas.text(2, 0, "type part of a field name", Role::PromptGhost);
        }
        canvas.text(2, 0, &shown, Role::Text);
        let place = (canvas.origin().0 + 2 + cursor as u16, canvas.origin().1);
        let rows = usize::from(canvas.height().saturating_sub(2));
        let choices = choices(scene.detail, self);
        let top = self.cursor.top(rows);
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
            if at == self.cursor.at {
                canvas.cursor_row(y);
            }
        }
        Some(place)
    }
}
