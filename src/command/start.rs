//! Opening sources from within: the start screen, and a source that is typed.

use super::Run::{Number, Plain};
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::app::{Effect, Wanted};
use crate::overlays::{Choice, Overlay, Prompt, PromptKind};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("source.open", "open", Global, Plain(type_source),
        "Type a source to open: a file, directory, pattern or address"),
    row("start.show", "start screen", Global, Plain(show),
        "The start screen: sources opened last, profiles, the demo, how to get logs"),
    row("start.open", "open", Global, Plain(open_focused),
        "In the start screen: open what is under the cursor"),
    row("start.pick", "open", Global, Number(pick),
        "In the start screen: open a line by its number"),
    row("start.demo", "demo", Global, Plain(|cx| open(cx, Wanted::Demo)),
        "Open synthetic registry traffic"),
];

fn type_source(cx: &mut Context<'_>) -> Outcome {
    cx.app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Open, "")));
    Outcome::Done
}

fn show(cx: &mut Context<'_>) -> Outcome {
    cx.app.overlay = Some(Overlay::Start(0));
    Outcome::Done
}

fn open_focused(cx: &mut Context<'_>) -> Outcome {
    match cx.app.overlay {
        Some(Overlay::Start(at)) => choose(cx, at),
        _ => Outcome::Refused("the start screen is not open: start.show opens it".into()),
    }
}

fn pick(cx: &mut Context<'_>, number: usize) -> Outcome {
    let named = cx.app.start.recent.len() + cx.app.start.profiles.len();
    match number.checked_sub(1).filter(|at| *at < named) {
        Some(at) => choose(cx, at),
        None => Outcome::Refused(format!("there is no line {number}")),
    }
}

fn choose(cx: &mut Context<'_>, at: usize) -> Outcome {
    match cx.app.start.choices().into_iter().nth(at) {
        Some(Choice::Open(wanted)) => open(cx, wanted),
        Some(Choice::Type) => type_source(cx),
        None => Outcome::Refused("nothing under the cursor".into()),
    }
}

fn open(cx: &mut Context<'_>, wanted: Wanted) -> Outcome {
    cx.effects.push(Effect::Open(wanted));
    Outcome::Done
}
