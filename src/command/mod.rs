//! Every command of the user, one row each. Palette, help and key hints are made from these rows; there is no second
//! list.
//!
//! To add a command, write a function and a row in the file of its domain (`filter.rs` is a small model). If it needs a
//! key, add a line to `assets/keymap.toml`; if it is one of the most important commands, add a line to `page.rs`.

mod application;
mod card;
mod changes;
mod columns;
mod detail;
mod event;
mod export;
mod facet;
mod filter;
mod group;
mod help;
mod histogram;
mod history;
mod jump;
mod listing;
mod mark;
mod movement;
mod page;
mod pane;
mod search;
mod selection;
mod source;
mod start;
mod table;
mod tour;
mod unless;
mod view;
mod views;

use crate::app::layout::PaneId;
use crate::app::{App, Effect};
use crate::model::Row;
use crate::overlays::{FieldPicker, Overlay, Prompt, PromptKind};

pub use help::shown_key;
pub use movement::{travel, travel_in};
pub use page::{LANGUAGE, ROWS, places};

/// Context in which a command applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every pane, and the palette of every overlay. Its keys do nothing over an overlay: it would act on panes that the
    /// overlay covers.
    Global,
    /// As [`Self::Global`], and by its keys over every overlay.
    Always,
    /// While this pane has the focus.
    Pane(PaneId),
    /// While an overlay is open: its scope in the key map, and its heading in help.
    Overlay(&'static str, &'static str),
}

/// Task that a command is used for: the groups of the help screen, in display order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Move,
    Find,
    Filter,
    Look,
    Copy,
    View,
}

impl Task {
    pub const ALL: [Self; 6] = [
        Self::Move,
        Self::Find,
        Self::Filter,
        Self::Look,
        Self::Copy,
        Self::View,
    ];

    /// Heading on the help screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Find => "Find",
            Self::Filter => "Filter",
            Self::Look => "Look closer",
            Self::Copy => "Copy and export",
            Self::View => "View",
        }
    }
}

/// Function of a row, by its argument.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// No argument; cannot fail.
    Do(fn(&mut Context<'_>)),
    /// No argument.
    Try(fn(&mut Context<'_>) -> Outcome),
    /// A field name.
    Field(fn(&mut Context<'_>, &str) -> Outcome),
    /// A number, 1 or greater.
    Number(fn(&mut Context<'_>, usize) -> Outcome),
}

/// Result of a command. The error is shown on the status line; nothing was changed.
pub type Outcome = Result<(), String>;

/// State that a command may change.
#[derive(Debug)]
pub struct Context<'a> {
    pub app: &'a mut App,
    pub effects: &'a mut Vec<Effect>,
}

impl Context<'_> {
    fn prompt(&mut self, kind: PromptKind, text: &str) {
        self.app.overlay = Some(Prompt::new(kind, text).into());
    }

    fn copy(&mut self, text: impl Into<String>, what: impl Into<String>) {
        let (text, what) = (text.into(), what.into());
        self.effects.push(Effect::Copy { text, what });
    }

    /// Event under the cursor of the list.
    fn event(&self) -> Result<&Row, &'static str> {
        self.app
            .panes
            .list
            .focused()
            .ok_or("no event under the cursor")
    }
}

/// Row of the command table.
#[derive(Clone, Copy)]
pub struct Command {
    /// Domain and action, as in the key map.
    pub name: &'static str,
    /// Instruction of at most 50 characters for help, palette and README; begins with a verb.
    pub doc: &'static str,
    /// Label of one or two words for the hint line.
    pub hint: &'static str,
    pub task: Task,
    pub scope: Scope,
    pub run: Run,
    /// Other words for it, by which the palette finds it.
    pub also: &'static str,
    unless: unless::Unless,
    /// The command of a pane works without the focus of the pane.
    anywhere: bool,
}

impl Command {
    const fn also(mut self, words: &'static str) -> Self {
        self.also = words;
        self
    }

    const fn unless(mut self, unless: unless::Unless) -> Self {
        self.unless = unless;
        self
    }

    const fn anywhere(mut self) -> Self {
        self.anywhere = true;
        self
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Tables in the order of the help.
const TABLES: &[&[Command]] = &[
    movement::COMMANDS,
    facet::COMMANDS,
    columns::COMMANDS,
    detail::COMMANDS,
    histogram::COMMANDS,
    filter::COMMANDS,
    search::COMMANDS,
    jump::COMMANDS,
    event::COMMANDS,
    group::COMMANDS,
    card::COMMANDS,
    changes::COMMANDS,
    history::COMMANDS,
    mark::COMMANDS,
    table::COMMANDS,
    selection::COMMANDS,
    view::COMMANDS,
    views::COMMANDS,
    export::COMMANDS,
    source::COMMANDS,
    pane::COMMANDS,
    start::COMMANDS,
    application::COMMANDS,
    help::COMMANDS,
    tour::COMMANDS,
];

/// Every command.
pub fn all() -> impl Iterator<Item = &'static Command> {
    TABLES.iter().flat_map(|table| table.iter())
}

/// Returns true if a key of the global scope may run the command while an overlay is open.
pub fn works_over(overlay: &Overlay, name: &str) -> bool {
    match name {
        // The columns of the list, of help or of a card.
        "move.left" | "move.right" => matches!(overlay, Overlay::Help(_) | Overlay::Card(_)),
        _ => find(name).is_some_and(|command| command.scope == Scope::Always),
    }
}

pub fn find(name: &str) -> Option<&'static Command> {
    all().find(|command| command.name == name)
}

/// Runs a command by name, for a key or the palette. Errors are shown on the status line.
pub fn run(cx: &mut Context<'_>, name: &str, argument: Option<&str>) {
    let outcome = match find(name) {
        Some(command) => execute(cx, command, argument),
        None => Err(format!("{name}: no such command")),
    };
    if let Err(why) = outcome {
        cx.app.tell(why);
    }
}

fn execute(cx: &mut Context<'_>, command: &'static Command, argument: Option<&str>) -> Outcome {
    let name = command.name;
    match (command.run, argument) {
        (Run::Do(run), _) => run(cx),
        (Run::Try(run), _) => run(cx)?,
        (Run::Field(run), Some(field)) => run(cx, field)?,
        // Without a field, let the user choose one.
        (Run::Field(_), None) => {
            let below = cx.app.overlay.take().map(Box::new);
            let picker = FieldPicker::new((name, command.hint), &cx.app.panes.detail, below);
            cx.app.open(picker);
        }
        (Run::Number(run), Some(number)) => match number.parse() {
            Ok(number) => run(cx, number)?,
            Err(_) => return Err(format!("{name} needs a number, not {number}")),
        },
        (Run::Number(_), None) => return Err(format!("{name} needs a number")),
    }
    Ok(())
}

/// Builds a row. The tables are excluded from rustfmt, so that a row is one line of code and one line of help.
const fn row(
    name: &'static str,
    hint: &'static str,
    task: Task,
    scope: Scope,
    run: Run,
    doc: &'static str,
) -> Command {
    Command {
        name,
        doc,
        hint,
        task,
        scope,
        run,
        also: "",
        // Everything but the program's own commands needs a source.
        unless: match scope {
            Scope::Always | Scope::Overlay(..) => unless::never,
            Scope::Global | Scope::Pane(_) => unless::no_source,
        },
        anywhere: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_own_name_and_says_what_it_does() {
        let mut names = std::collections::HashSet::new();
        for command in all() {
            assert!(names.insert(command.name), "{} twice", command.name);
            assert!(command.name.contains('.') && !command.hint.is_empty());
            let length = command.doc.chars().count();
            let fits = (5..=50).contains(&length) && !command.doc.ends_with('.');
            assert!(fits, "{}: {length} characters", command.name);
        }
    }
}
