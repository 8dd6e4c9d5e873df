//! Changes since a baseline, and the drill-down from their lines to events.

use std::sync::Arc;

use super::Run::Try;
use super::Scope::Global;
use super::unless::no_event;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::request::Topics;
use crate::overlays::{NewsStep, NewsView, Overlay, Window};

const HERE: Scope = Scope::Overlay("changes", "What's new");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("changes.show", "what's new", Task::Look, Global, Try(show),
        "Show what's new in the time range")
            .also("diff new spike unusual anomaly surge news baseline").unless(no_event),
    row("changes.hour", "last hour", Task::View, HERE, Try(|cx| choose(cx, Window::Hour)),
        "Compare the last hour of the log"),
    row("changes.six-hours", "last 6 hours", Task::View, HERE, Try(|cx| choose(cx, Window::SixHours)),
        "Compare the last 6 hours of the log"),
    row("changes.day", "last day", Task::View, HERE, Try(|cx| choose(cx, Window::Day)),
        "Compare the last day of the log"),
    row("changes.range", "time range", Task::View, HERE, Try(|cx| choose(cx, Window::Range)),
        "Compare the time range of the filter"),
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

/// Changes the window of the comparison.
fn choose(cx: &mut Context<'_>, which: Window) -> Outcome {
    let app = &mut *cx.app;
    let Some(Overlay::News(view)) = &mut app.overlay else {
        return Err("what's new is not open: changes.show opens it".into());
    };
    view.choose(which, &app.status)?;
    app.need(Topics::NEWS);
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
