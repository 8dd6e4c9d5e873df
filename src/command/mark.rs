//! Marks of a person, and the pauses of the log: setting marks, and going from one to the next.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::layout::PaneId;
use crate::engine::Anchor;
use crate::overlays::Overlay;

pub(super) const COMMANDS: &[Command] = &[
    row(
        "mark.toggle",
        "mark",
        "Mark the event under the cursor, or take its mark away",
        Scope::Global,
        |cx, _| toggle(cx),
    ),
    row(
        "mark.next",
        "next mark",
        "To the next marked event",
        Scope::Global,
        |cx, _| next(cx, true),
    ),
    row(
        "mark.previous",
        "previous mark",
        "To the previous marked event",
        Scope::Global,
        |cx, _| next(cx, false),
    ),
    row(
        "mark.show",
        "marks",
        "The marked events as a list",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Marks);
            Outcome::Done
        },
    ),
    row(
        "mark.open",
        "to the event",
        "In the list of marks: to the event under the cursor",
        Scope::Global,
        |cx, _| open(cx),
    ),
    row(
        "list.next-gap",
        "next gap",
        "To the end of the next pause that is longer than usual for its instance",
        Scope::Pane(PaneId::List),
        |cx, _| gap(cx, true),
    ),
    row(
        "list.previous-gap",
        "previous gap",
        "To the end of the previous pause that is longer than usual for its instance",
        Scope::Pane(PaneId::List),
        |cx, _| gap(cx, false),
    ),
];

fn toggle(cx: &mut Context<'_>) -> Outcome {
    let app = &mut *cx.app;
    let row = match app.overlay {
        Some(Overlay::Marks) => app.marks.focused().cloned(),
        _ => app.list.focused().cloned(),
    };
    let Some(row) = row else {
        return Outcome::Refused("no event under the cursor".into());
    };
    let what = if app.marks.toggle(&row) {
        "marked"
    } else {
        "not marked any more"
    };
    let many = app.marks.len();
    app.tell(format!("{what}; {many} marked in all"));
    Outcome::Done
}

fn next(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let found = cx
        .app
        .list
        .focused()
        .map(|row| cx.app.marks.next(row, forward));
    match found {
        None => Outcome::Refused("no event under the cursor".into()),
        Some(None) => Outcome::Refused("no further mark that way".into()),
        Some(Some(id)) => {
            cx.app.go(Anchor::Event { id, by: 0 });
            Outcome::Done
        }
    }
}

fn open(cx: &mut Context<'_>) -> Outcome {
    if !matches!(cx.app.overlay, Some(Overlay::Marks)) {
        return Outcome::Refused("the list of marks is not open: mark.show opens it".into());
    }
    let Some(id) = cx.app.marks.focused().map(|row| row.id) else {
        return Outcome::Refused("no marked event under the cursor".into());
    };
    cx.app.overlay = None;
    cx.app.go(Anchor::Event { id, by: 0 });
    Outcome::Done
}

fn gap(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let Some(until) = cx.app.list.gap(forward) else {
        let why = if cx.app.gaps.is_none() {
            "pauses are looked for when all is loaded"
        } else {
            "no pause that way that is longer than usual for its instance"
        };
        return Outcome::Refused(why.into());
    };
    cx.app.go(Anchor::Time(until));
    Outcome::Done
}
