//! Opening of sources at run time: start screen and typed sources.

use super::Run::{Do, Number, Try};
use super::Scope::Global;
use super::unless::never;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::Effect;
use crate::overlays::{Choice, Overlay, Prompt, StartScreen, Wanted};

const HERE: Scope = Scope::Overlay("start", "Start screen");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("source.open", "open", Task::Look, Global, Do(type_source),
        "Open a source: path, pattern or address")
            .also("file load add log directory").unless(never),
    row("start.show", "start screen", Task::Look, Global, Do(|cx| cx.app.open(StartScreen::default())),
        "Show the start screen")
            .also("home recent welcome").unless(never),
    row("start.open", "open", Task::Look, HERE, Try(open_focused),
        "Open the selected line"),
    row("start.pick", "open", Task::Look, HERE, Number(pick),
        "Open a line by number"),
    row("start.demo", "demo", Task::Look, Global, Do(|cx| cx.effects.push(Effect::Open(Wanted::Demo))),
        "Open the demo (synthetic registry traffic)")
            .also("example tutorial sample try").unless(never),
];

/// Opens the prompt for a source; the start screen stays visible behind it.
fn type_source(cx: &mut Context<'_>) {
    let below = cx
        .app
        .overlay
        .take_if(|over| matches!(over, Overlay::Start(_)));
    let prompt = Prompt::source(&cx.app.session.start, below.map(Box::new));
    cx.app.open(prompt);
    cx.effects.push(Effect::List(String::new()));
}

fn open_focused(cx: &mut Context<'_>) -> Outcome {
    match cx.app.overlay {
        Some(Overlay::Start(screen)) => choose(cx, screen.cursor.at),
        _ => Err("the start screen is not open: start.show opens it".into()),
    }
}

fn pick(cx: &mut Context<'_>, number: usize) -> Outcome {
    let named = cx.app.session.start.recent.len() + cx.app.session.start.profiles.len();
    let at = number.checked_sub(1).filter(|at| *at < named);
    choose(cx, at.ok_or_else(|| format!("no line {number}"))?)
}

fn choose(cx: &mut Context<'_>, at: usize) -> Outcome {
    let choice = cx.app.session.start.choices().into_iter().nth(at);
    match choice.ok_or("nothing under the cursor")? {
        Choice::Open(wanted) => cx.effects.push(Effect::Open(wanted)),
        Choice::Type => type_source(cx),
    }
    Ok(())
}
