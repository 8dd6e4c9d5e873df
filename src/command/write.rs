//! What is shown, to a file: the events, or a report on them.

use super::Run::Try;
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::overlays::{Overlay, PromptKind, Written};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("view.write", "write", Global, Try(write),
        "Write what is shown to a file (export): all events the filter matches, the marked ones, or a report"),
    row("report.write", "report", Global, Try(|cx| ask(cx, Written::Report)),
        "Write a report on what is shown to a Markdown file: scope, filter, counts, histogram, marked events with notes"),
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
        return Err("files are not masked: show the names again first".into());
    }
    if cx.app.session.start.alone {
        return Err("nothing is open yet".into());
    }
    let name = cx.app.name_of_file(what);
    cx.prompt(PromptKind::Write(what), &name);
    Ok(())
}
