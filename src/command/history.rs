//! History of an image, and the drill-down from its lines to events.

use std::sync::Arc;

use super::Run::Try;
use super::Scope::Global;
use super::unless::no_event;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::layout::PaneId;
use crate::model::name;
use crate::overlays::{LineageView, Overlay};

const HERE: Scope = Scope::Overlay("history", "Image history");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("image.history", "image history", Task::Look, Global, Try(show),
        "Show the history of the event's image")
            .also("lineage tag repository pushes pulls deletes exposure").unless(no_event),
    row("image.open", "show events", Task::Look, HERE, Try(open),
        "Show the events of this line (Esc returns)"),
];

fn show(cx: &mut Context<'_>) -> Outcome {
    let (repository, tag) = image(cx)?;
    cx.app.open(LineageView::new(repository, tag));
    Ok(())
}

/// Repository under the cursor of the facets; otherwise repository and tag of the event under the cursor.
fn image(cx: &Context<'_>) -> Result<(Arc<str>, Option<Arc<str>>), String> {
    if cx.app.screen.focus == PaneId::Facets
        && let Some((field, Some(value))) = cx.app.panes.facets.focused_value()
        && &*field == name::NAMESPACE_REPO
    {
        return Ok((value, None));
    }
    let value = |field: &str| super::event::value_of(cx, field);
    let (_, repository) = value(name::NAMESPACE_REPO)?;
    let (_, tag) = value(name::TAG)?;
    match repository {
        Some(repository) if !repository.is_empty() => {
            Ok((repository, tag.filter(|tag| !tag.is_empty())))
        }
        _ => Err("this event has no repository".into()),
    }
}

fn open(cx: &mut Context<'_>) -> Outcome {
    let Some(Overlay::Lineage(view)) = &cx.app.overlay else {
        return Err("no image history is open: image.history opens one".into());
    };
    let (filter, event) = view.events().ok_or("no line under the cursor")?;
    cx.app.set_out(filter, event);
    cx.app.tell("esc returns to the image history");
    Ok(())
}
