//! Changes since a baseline, and the drill-down from their lines to events.

use std::sync::Arc;

use super::Run::Try;
use super::Scope::Global;
use super::unless::no_event;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::overlays::{NewsStep, NewsView, Overlay};

const HERE: Scope = Scope::Overlay("changes", "What's new");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("changes.show", "what's new", Task::Look, Global, Try(show),
        "Show what's new in the time range")
            .also("diff new spike unusual anomaly surge news baseline").unless(no_event),
    row("changes.open", "show events", Task::Look, HERE, Try(open),
        "Show the events of this line (Esc returns)"),
];

fn show(cx: &mut Context<'_>) -> Outcome {
    let filter = if cx.app.filters.is_bypassed() {
        Arc::default()
    } else {
        Arc::clone(cx.app.filters.current())
    };
    let view = NewsView::new(filter, &cx.app.status)?;
    cx.app.open(view);
    Ok(())
}

fn open(cx: &mut Context<'_>) -> Outcome {
    let Some(Overlay::News(view)) = &mut cx.app.overlay else {
        return Err("what's new is not open: changes.show opens it".into());
    };
    match view.enter() {
        NewsStep::Filter(filter) => {
            cx.app.set_out(*filter, None);
            cx.app.tell("esc returns to what's new");
        }
        NewsStep::Unfold => {}
        NewsStep::Nothing => return Err("no events under the cursor".into()),
    }
    Ok(())
}
