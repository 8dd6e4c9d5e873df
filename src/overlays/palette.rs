//! The palette: find a command by a few of its letters and run it.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use ratatui::buffer::Buffer;

use super::{Overlay, editing, frame};
use crate::app::{App, Effect};
use crate::command::{self, Command, Context, Run, Scope};
use crate::keymap::{Key, KeyCode};
use crate::theme::Role;
use crate::widgets::{EditOp, LineEdit, Look, stepped, text};

#[derive(Clone, Debug, Default)]
pub struct Palette {
    edit: LineEdit,
    selected: usize,
    /// What lay on top before.
    pub(super) below: Option<Box<Overlay>>,
}

/// A command that matches, with the characters of its row that did.
#[derive(Debug)]
struct Hit {
    command: &'static Command,
    score: i64,
    matched: Vec<usize>,
}

impl Palette {
    /// Opens the palette over whatever is shown.
    pub fn open(app: &mut App) {
        let below = app.overlay.take().map(Box::new);
        app.overlay = Some(Overlay::Palette(Self {
            below,
            ..Self::default()
        }));
    }

    /// Whether a command makes sense where the palette was opened. Those of a pane do while no overlay hides it.
    fn offers(&self, command: &Command) -> bool {
        match (command.scope, &self.below) {
            (Scope::Global, _) | (Scope::Pane(_), None) => true,
            (Scope::Overlay(scope, _), Some(below)) => below.scopes().contains(&scope),
            (Scope::Pane(_), Some(_)) | (Scope::Overlay(..), None) => false,
        }
    }

    pub(super) fn step(&mut self, by: i64) {
        self.selected = stepped(self.selected, by, self.hits().len());
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.edit.apply(EditOp::Paste(text.to_owned()));
        self.selected = 0;
    }

    /// What was typed: letters of a command, and what stands after a whole name as its argument.
    fn parts(&self) -> (&str, Option<&str>) {
        let text = self.edit.text().trim_start();
        match text.split_once(' ') {
            Some((name, rest)) if command::find(name).is_some() => {
                (name, Some(rest.trim()).filter(|rest| !rest.is_empty()))
            }
            _ => (text.trim_end(), None),
        }
    }

    /// Commands that match, best first; without anything typed all, in the order of the table.
    fn hits(&self) -> Vec<Hit> {
        let (pattern, _) = self.parts();
        let fuzzy = SkimMatcherV2::default().smart_case();
        let hit = |command: &'static Command| {
            let (score, matched) = fuzzy.fuzzy_indices(&row(command), pattern)?;
            // A hit in the name says more than one in the description.
            let named = fuzzy
                .fuzzy_match(command.name, pattern)
                .map_or(0, |score| score * 2);
            let exact = if command.name == pattern { 10_000 } else { 0 };
            Some(Hit {
                command,
                score: score + named + exact,
                matched,
            })
        };
        let mut hits: Vec<Hit> = command::all()
            .filter(|command| self.offers(command))
            .filter_map(hit)
            .collect();
        if !pattern.is_empty() {
            hits.sort_by_key(|hit| -hit.score);
        }
        hits
    }
}

/// Cells of the names.
const NAME: usize = 25;

/// What is matched and shown of a command.
fn row(command: &Command) -> String {
    format!("{:NAME$}{}", command.name, command.doc)
}

pub(super) fn key(app: &mut App, key: Key, effects: &mut Vec<Effect>) {
    let Some(Overlay::Palette(palette)) = &mut app.overlay else {
        return;
    };
    match (key.code, key.ctrl) {
        (KeyCode::Enter, _) => accept(app, effects),
        (KeyCode::Up, _) | (KeyCode::Char('p'), true) => palette.step(-1),
        (KeyCode::Down, _) | (KeyCode::Char('n'), true) => palette.step(1),
        (KeyCode::PageUp, _) => palette.step(-10),
        (KeyCode::PageDown, _) => palette.step(10),
        _ => {
            if editing::operation(key).is_some_and(|op| palette.edit.apply(op)) {
                palette.selected = 0;
            }
        }
    }
}

fn accept(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(Overlay::Palette(palette)) = &mut app.overlay else {
        return;
    };
    let hits = palette.hits();
    let Some(hit) = hits.get(palette.selected) else {
        return app.tell("no command matches");
    };
    let argument = palette.parts().1.map(str::to_owned);
    let wanted = match hit.command.run {
        Run::Do(_) | Run::Try(_) => None,
        Run::Field(_) => Some("a field"),
        Run::Number(_) => Some("a number"),
    };
    if let Some(what) = wanted
        && argument.is_none()
    {
        palette.edit.set(&format!("{} ", hit.command.name));
        palette.selected = 0;
        return app.tell(format!("add {what} and press enter"));
    }
    let (name, below) = (hit.command.name, palette.below.take());
    super::uncover(app, below);
    command::run(&mut Context { app, effects }, name, argument.as_deref());
}

pub(super) fn draw(app: &App, palette: &Palette, look: &Look<'_>, buf: &mut Buffer) -> (u16, u16) {
    let mut canvas = frame::draw("COMMANDS", look, buf);
    let width = canvas.width();
    let (shown, cursor) = palette.edit.visible(usize::from(width.saturating_sub(3)));
    canvas.text(0, 0, ":", Role::Prompt);
    canvas.text(2, 0, &shown, Role::Text);
    let place = (canvas.origin().0 + 2 + cursor as u16, canvas.origin().1);
    let pane = [app.focus.scope(), "global"];
    let scopes = match &palette.below {
        Some(below) => below.scopes(),
        None => &pane,
    };
    let rows = usize::from(canvas.height().saturating_sub(2));
    let hits = palette.hits();
    let top = palette.selected.saturating_sub(rows.saturating_sub(1));
    for (y, (at, hit)) in (2..).zip(hits.iter().enumerate().skip(top).take(rows)) {
        let keys = app.keymap.keys_for(hit.command.name, scopes);
        let keys = keys.iter().take(2).cloned().collect::<Vec<_>>().join("  ");
        let end = canvas.text_before(width, y, &keys, Role::HintKey);
        let row = text::clip(&row(hit.command), usize::from(end.saturating_sub(4))).into_owned();
        canvas.text(2, y, &row, Role::Overlay);
        for (x, _) in row
            .chars()
            .enumerate()
            .filter(|(x, _)| hit.matched.contains(x))
        {
            canvas.tint(2 + x as u16, y, 1, Role::PaletteMatch);
        }
        if at == palette.selected {
            canvas.cursor_row(y);
        }
    }
    place
}
