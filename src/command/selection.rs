//! Selection of a range of events in the list, and actions on all of them.

use super::Run::Try;
use super::Scope::Pane;
use super::unless::{no_event, no_selection};
use super::{Command, Context, Outcome, Task, row};
use crate::app::layout::PaneId;
use crate::app::request::Use;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("select.range", "select", Task::Copy, Pane(PaneId::List), Try(range),
        "Start or clear a selection of events")
            .also("visual several multiple").unless(no_event),
    row("select.mark", "mark all", Task::Copy, Pane(PaneId::List), Try(|cx| cx.app.use_selection(Use::Mark)),
        "Mark the selected events")
            .also("bookmark").unless(no_selection),
    row("select.copy", "copy lines", Task::Copy, Pane(PaneId::List), Try(|cx| cx.app.use_selection(Use::Lines)),
        "Copy the selected events as lines of the list")
            .also("yank clipboard").unless(no_selection),
    row("select.copy-json", "copy JSON", Task::Copy, Pane(PaneId::List), Try(|cx| cx.app.use_selection(Use::Records)),
        "Copy the raw records of the selected events")
            .also("yank clipboard raw").unless(no_selection),
];

fn range(cx: &mut Context<'_>) -> Outcome {
    if !cx.app.panes.list.unselect() && !cx.app.select() {
        return Err("no event under the cursor".into());
    }
    Ok(())
}
