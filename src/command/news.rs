//! What is new in the window at hand, and the way from its lines to the events.

use std::sync::Arc;

use super::Run::Plain;
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::app::asking::Parts;
use crate::overlays::{NewsStep, NewsView, Overlay};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("news.show", "what's new", Global, Plain(show),
        "What is new, surged or gone in the time range, else in the last hour of the log, against all loaded before it"),
    row("news.open", "only these", Global, Plain(open),
        "In what is new: the events of the line under the cursor; esc goes back to the line"),
];

fn show(cx: &mut Context<'_>) -> Outcome {
    let filter = if cx.app.filters.is_bypassed() {
        Arc::default()
    } else {
        Arc::clone(cx.app.filters.current())
    };
    match NewsView::new(filter, &cx.app.status) {
        Ok(view) => {
            cx.app.overlay = Some(Overlay::News(view));
            cx.app.need(Parts::NEWS);
            Outcome::Done
        }
        Err(why) => Outcome::Refused(why),
    }
}

fn open(cx: &mut Context<'_>) -> Outcome {
    let Some(Overlay::News(view)) = &mut cx.app.overlay else {
        return Outcome::Refused("what is new is not open: news.show opens it".into());
    };
    match view.enter() {
        NewsStep::Filter(filter) => {
            cx.app.set_out(*filter, None);
            cx.app.tell("esc goes back to what is new");
            Outcome::Done
        }
        NewsStep::Unfold => Outcome::Done,
        NewsStep::Nothing => Outcome::Refused("no events under the cursor".into()),
    }
}
