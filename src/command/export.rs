//! Exports of the view to a file: events or a report.

use super::Run::Try;
use super::Scope::Global;
use super::{Command, Context, Outcome, Task, row};
use crate::overlays::{Overlay, PromptKind, Written};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("view.write", "export", Task::Copy, Global, Try(write),
        "Export events or a report to a file"),
    row("report.write", "report", Task::Copy, Global, Try(|cx| ask(cx, Written::Report)),
        "Export a report as Markdown"),
];

fn write(cx: &mut Context<'_>) -> Outcome {
    let marks = matches!(cx.app.overlay, Some(Overlay::Marks(_)));
    let what = if marks { Written::Marked } else { Written::All };
    ask(cx, what)
}

fn ask(cx: &mut Context<'_>, what: Written) -> Outcome {
    if what == Written::Marked && cx.app.session.marks.is_empty() {
        return Err("no marked events".into());
    }
    if cx.app.masking.on {
        return Err("exports are not masked: turn off masking first".into());
    }
    if cx.app.session.start.alone {
        return Err("no source is open".into());
    }
    let name = cx.app.name_of_file(what);
    cx.prompt(PromptKind::Write(what), &name);
    Ok(())
}
