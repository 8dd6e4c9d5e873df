//! Export commands: events, a report, or a picture of the screen.

use super::Run::Try;
use super::Scope::Global;
use super::unless::never;
use super::{Command, Context, Outcome, Task, row};
use crate::overlays::{Prompt, PromptKind, Written};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("view.write", "export", Task::Copy, Global, Try(write),
        "Export events, a report or the screen to a file")
            .also("save write download dump csv json xlsx excel file report"),
    row("report.write", "report", Task::Copy, Global, Try(|cx| ask(cx, Written::Report)),
        "Export a report as Markdown")
            .also("save write markdown incident summary ticket"),
    row("screen.export", "export screen", Task::Copy, Global, Try(|cx| ask(cx, Written::Screen)),
        "Export the screen as SVG or HTML")
            .also("screenshot picture image save print svg html").unless(never),
];

fn write(cx: &mut Context<'_>) -> Outcome {
    offer(cx, Written::All)
}

/// Opens the prompt for a file name. While masking is on, only the picture of the screen is offered: other exports are
/// not masked.
pub(super) fn offer(cx: &mut Context<'_>, what: Written) -> Outcome {
    if !cx.app.masking.on {
        return ask(cx, what);
    }
    ask(cx, Written::Screen)?;
    cx.app
        .tell("masking is on: only the screen can be exported");
    Ok(())
}

fn ask(cx: &mut Context<'_>, what: Written) -> Outcome {
    if what == Written::Marked && cx.app.session.marks.is_empty() {
        return Err("no marked events".into());
    }
    let is_screen = what == Written::Screen;
    if cx.app.masking.on && !is_screen {
        return Err("exports are not masked: turn off masking first".into());
    }
    if cx.app.session.start.alone && !is_screen {
        return Err("no source is open".into());
    }
    let name = cx.app.name_of_file(what, cx.app.overlay.as_ref());
    let mut prompt = Prompt::new(PromptKind::Write(what), &name);
    prompt.over_table = super::table::table(cx).is_ok();
    prompt.below = cx.app.overlay.take().map(Box::new);
    cx.app.open(prompt);
    Ok(())
}
