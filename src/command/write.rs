//! What is shown, to a file: the events, or a report on them.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::writing::Written;
use crate::overlays::{self, Overlay};

pub(super) const COMMANDS: &[Command] = &[
    row(
        "view.write",
        "write",
        "Write what is shown to a file (export): all events the filter matches, the marked ones, or a report",
        Scope::Global,
        |cx, _| {
            let marks = matches!(cx.app.overlay, Some(Overlay::Marks));
            let what = if marks { Written::Marked } else { Written::All };
            ask(cx, what)
        },
    ),
    row(
        "report.write",
        "report",
        "Write a report on what is shown to a Markdown file: scope, filter, counts, histogram, marked events with notes",
        Scope::Global,
        |cx, _| ask(cx, Written::Report),
    ),
];

fn ask(cx: &mut Context<'_>, what: Written) -> Outcome {
    if what == Written::Marked && cx.app.marks.is_empty() {
        return Outcome::Refused("no marked events".into());
    }
    if cx.app.masking.on {
        return Outcome::Refused("files are not masked: show the names again first".into());
    }
    if cx.app.start.alone {
        return Outcome::Refused("nothing is open yet".into());
    }
    overlays::ask_for_file(cx.app, what);
    Outcome::Done
}
