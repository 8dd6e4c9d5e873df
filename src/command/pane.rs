//! Which pane has the focus, and how much of the screen it gets.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::layout::PaneId;

pub(super) const COMMANDS: &[Command] = &[
    row(
        "pane.next",
        "next pane",
        "To the next pane",
        Scope::Global,
        |cx, _| turn(cx, 1),
    ),
    row(
        "pane.previous",
        "previous pane",
        "To the previous pane",
        Scope::Global,
        |cx, _| turn(cx, PaneId::ALL.len() - 1),
    ),
    row(
        "pane.maximise",
        "maximise",
        "The focused pane alone, and back",
        Scope::Global,
        |cx, _| {
            cx.app.maximised = !cx.app.maximised;
            Outcome::Done
        },
    ),
    row(
        "list.focus",
        "list",
        "To the list",
        Scope::Global,
        |cx, _| focus(cx, PaneId::List),
    ),
    row(
        "list.open",
        "open",
        "All fields of this event",
        Scope::Pane(PaneId::List),
        |cx, _| focus(cx, PaneId::Detail),
    ),
    row(
        "list.raw",
        "raw",
        "The raw record of this event",
        Scope::Pane(PaneId::List),
        |cx, _| {
            cx.app.detail.next_face();
            focus(cx, PaneId::Detail)
        },
    ),
    row(
        "histogram.focus",
        "histogram",
        "To the histogram",
        Scope::Global,
        |cx, _| focus(cx, PaneId::Histogram),
    ),
];

fn focus(cx: &mut Context<'_>, pane: PaneId) -> Outcome {
    cx.app.focus(pane);
    Outcome::Done
}

fn turn(cx: &mut Context<'_>, by: usize) -> Outcome {
    let order = PaneId::ALL;
    let at = order
        .iter()
        .position(|pane| *pane == cx.app.focus)
        .unwrap_or(0);
    focus(cx, order[(at + by) % order.len()])
}
