//! Selecting a range of events in the list, and doing something with all of them.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::asking::Use;
use crate::app::layout::PaneId;

pub(super) const COMMANDS: &[Command] = &[
    row(
        "select.range",
        "select",
        "Select events from the one under the cursor on: moving extends the selection; again drops it",
        Scope::Pane(PaneId::List),
        |cx, _| {
            if cx.app.list.unselect() || cx.app.select() {
                Outcome::Done
            } else {
                Outcome::Refused("no event under the cursor".into())
            }
        },
    ),
    row(
        "select.mark",
        "mark all",
        "Mark all selected events",
        Scope::Pane(PaneId::List),
        |cx, _| with_all(cx, Use::Mark),
    ),
    row(
        "select.copy",
        "copy lines",
        "Copy all selected events as lines of the list",
        Scope::Pane(PaneId::List),
        |cx, _| with_all(cx, Use::Lines),
    ),
    row(
        "select.copy-json",
        "copy JSON",
        "Copy the records of all selected events as they were read",
        Scope::Pane(PaneId::List),
        |cx, _| with_all(cx, Use::Records),
    ),
];

fn with_all(cx: &mut Context<'_>, what: Use) -> Outcome {
    match cx.app.use_selection(what) {
        Ok(()) => Outcome::Done,
        Err(why) => Outcome::Refused(why),
    }
}
