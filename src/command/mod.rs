//! Everything a person can do, one row a command. Palette, help and key hints are made from these rows;
//! there is no second list.
//!
//! To add a command, write a function and a row in the file of its domain (`filter.rs` is a small model)
//! and, where it deserves a key, a line in `assets/keymap.toml`.

mod application;
mod card;
mod columns;
mod detail;
mod event;
mod facet;
mod filter;
mod group;
mod histogram;
mod jump;
mod lineage;
mod mark;
mod movement;
mod news;
mod pane;
mod search;
mod selection;
mod source;
mod start;
mod view;
mod views;
mod write;

use crate::app::layout::PaneId;
use crate::app::{App, Effect};
use crate::overlays::FieldPicker;

pub use movement::{travel, travel_in};

/// Where a command makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Whatever has the focus.
    Global,
    /// While this pane has the focus.
    Pane(PaneId),
}

/// What a command needs to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    None,
    /// Name of a field.
    Field,
    /// A number from 1.
    Number,
}

/// What a command was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    None,
    Field(String),
    Number(usize),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Nothing was changed, for this reason.
    Refused(String),
}

/// What a command may change.
#[derive(Debug)]
pub struct Context<'a> {
    pub app: &'a mut App,
    pub effects: &'a mut Vec<Effect>,
}

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Command {
    /// Domain and action: the name in the key map.
    pub name: &'static str,
    /// One line: help, palette, README.
    pub doc: &'static str,
    /// One or two words for the line of keys.
    pub hint: &'static str,
    pub scope: Scope,
    pub arg: ArgKind,
    pub run: fn(&mut Context<'_>, Arg) -> Outcome,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The tables in the order in which help shows them.
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
    news::COMMANDS,
    lineage::COMMANDS,
    mark::COMMANDS,
    selection::COMMANDS,
    view::COMMANDS,
    views::COMMANDS,
    write::COMMANDS,
    source::COMMANDS,
    pane::COMMANDS,
    start::COMMANDS,
    application::COMMANDS,
];

/// Every command.
pub fn all() -> impl Iterator<Item = &'static Command> {
    TABLES.iter().flat_map(|table| table.iter())
}

pub fn find(name: &str) -> Option<&'static Command> {
    all().find(|command| command.name == name)
}

impl Command {
    /// Whether it makes sense while this pane has the focus.
    pub fn fits(&self, focus: PaneId) -> bool {
        match self.scope {
            Scope::Global => true,
            Scope::Pane(pane) => pane == focus,
        }
    }
}

/// Runs a command by name, as a key or the palette gives it. What is refused is said on the bottom line.
pub fn run(cx: &mut Context<'_>, name: &str, argument: Option<&str>) {
    let outcome = match find(name) {
        // Which field is asked for where none is named.
        Some(command) if command.arg == ArgKind::Field && argument.is_none() => {
            FieldPicker::open(cx.app, command);
            Outcome::Done
        }
        Some(command) => match argument_of(command, argument) {
            Ok(arg) => (command.run)(cx, arg),
            Err(why) => Outcome::Refused(why),
        },
        None => Outcome::Refused(format!("{name}: no such command")),
    };
    if let Outcome::Refused(why) = outcome {
        cx.app.tell(why);
    }
}

fn argument_of(command: &Command, argument: Option<&str>) -> Result<Arg, String> {
    let name = command.name;
    match (command.arg, argument) {
        (ArgKind::None, _) => Ok(Arg::None),
        (ArgKind::Field, Some(field)) => Ok(Arg::Field(field.to_owned())),
        (ArgKind::Number, Some(number)) => number
            .parse()
            .map(Arg::Number)
            .map_err(|_| format!("{name} wants a number, not {number}")),
        (ArgKind::Field, None) => Err(format!("{name} wants the name of a field")),
        (ArgKind::Number, None) => Err(format!("{name} wants a number")),
    }
}

/// A row without argument.
const fn row(
    name: &'static str,
    hint: &'static str,
    doc: &'static str,
    scope: Scope,
    run: fn(&mut Context<'_>, Arg) -> Outcome,
) -> Command {
    Command {
        name,
        doc,
        hint,
        scope,
        arg: ArgKind::None,
        run,
    }
}

/// The same row with an argument.
const fn with(command: Command, arg: ArgKind) -> Command {
    Command { arg, ..command }
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
            assert!(
                command.doc.len() > 8 && !command.doc.ends_with('.'),
                "{}",
                command.name
            );
        }
    }
}
