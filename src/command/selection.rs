//! Selecting a range of events in the list, and doing something with all of them.

use super::Run::Try;
use super::Scope::Pane;
use super::{Command, Context, Outcome, row};
use crate::app::asking::Use;
use crate::app::layout::PaneId;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("select.range", "select", Pane(PaneId::List), Try(range),
        "Select events from the one under the cursor on: moving extends the selection; again drops it"),
    row("select.mark", "mark all", Pane(PaneId::List), Try(|cx| cx.app.use_selection(Use::Mark)),
        "Mark all selected events"),
    row("select.copy", "copy lines", Pane(PaneId::List), Try(|cx| cx.app.use_selection(Use::Lines)),
        "Copy all selected events as lines of the list"),
    row("select.copy-json", "copy JSON", Pane(PaneId::List), Try(|cx| cx.app.use_selection(Use::Records)),
        "Copy the records of all selected events as they were read"),
];

fn range(cx: &mut Context<'_>) -> Outcome {
    if !cx.app.panes.list.unselect() && !cx.app.select() {
        return Err("no event under the cursor".into());
    }
    Ok(())
}
