//! Opening sources from within: the start screen, and a source that is typed.

use super::{Arg, ArgKind, Command, Context, Outcome, Scope, row, with};
use crate::app::{Effect, Wanted};
use crate::overlays::{Choice, Overlay, Prompt, PromptKind};

pub(super) const COMMANDS: &[Command] = &[
    row(
        "source.open",
        "open",
        "Type a source to open: a file, directory, pattern or address",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Open, "")));
            Outcome::Done
        },
    ),
    row(
        "start.show",
        "start screen",
        "The start screen: sources opened last, profiles, the demo, how to get logs",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Start(0));
            Outcome::Done
        },
    ),
    row(
        "start.open",
        "open",
        "In the start screen: open what is under the cursor",
        Scope::Global,
        |cx, _| match cx.app.overlay {
            Some(Overlay::Start(at)) => choose(cx, at),
            _ => Outcome::Refused("the start screen is not open: start.show opens it".into()),
        },
    ),
    with(
        row(
            "start.pick",
            "open",
            "In the start screen: open a line by its number",
            Scope::Global,
            |cx, arg| {
                let Arg::Number(number) = arg else {
                    return Outcome::Refused("which line?".into());
                };
                let named = cx.app.start.recent.len() + cx.app.start.profiles.len();
                match number.checked_sub(1).filter(|at| *at < named) {
                    Some(at) => choose(cx, at),
                    None => Outcome::Refused(format!("there is no line {number}")),
                }
            },
        ),
        ArgKind::Number,
    ),
    row(
        "start.demo",
        "demo",
        "Open synthetic registry traffic",
        Scope::Global,
        |cx, _| open(cx, Wanted::Demo),
    ),
];

fn choose(cx: &mut Context<'_>, at: usize) -> Outcome {
    match cx.app.start.choices().into_iter().nth(at) {
        Some(Choice::Open(wanted)) => open(cx, wanted),
        Some(Choice::Type) => {
            super::find("source.open").map_or(Outcome::Done, |command| (command.run)(cx, Arg::None))
        }
        None => Outcome::Refused("nothing under the cursor".into()),
    }
}

fn open(cx: &mut Context<'_>, wanted: Wanted) -> Outcome {
    cx.effects.push(Effect::Open(wanted));
    Outcome::Done
}
