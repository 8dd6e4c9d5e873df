//! Card of a value, and the drill-down from its lines to events.

use std::sync::Arc;

use super::Run::Try;
use super::Scope::Global;
use super::unless::no_value;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::App;
use crate::app::layout::PaneId;
use crate::model::{Value, name};
use crate::overlays::{Card, CardLine, Overlay};

const HERE: Scope = Scope::Overlay("card", "Card of a value");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("card.show", "card", Task::Look, Global, Try(show),
        "Show the card of the user or focused value")
            .also("who identity profile person account actor").unless(no_value),
    row("card.open", "show events", Task::Look, HERE, Try(open),
        "Show the events of this line (Esc returns)"),
];

fn show(cx: &mut Context<'_>) -> Outcome {
    let (field, value) = subject(cx)?;
    let below = cx.app.overlay.take().map(Box::new);
    cx.app.open(Card::new(field, value, below));
    Ok(())
}

/// Value under the cursor of the overlay, the facets or the detail; in the list, the user of the event.
fn subject(cx: &Context<'_>) -> Result<(Arc<str>, Value), String> {
    if let Some(overlay) = &cx.app.overlay {
        let value = overlay.panel().value();
        return value.ok_or_else(|| "no value under the cursor".into());
    }
    match cx.app.screen.focus {
        PaneId::Facets => {
            let value = cx.app.panes.facets.focused_value();
            value.ok_or_else(|| "no value under the cursor".into())
        }
        PaneId::Detail => match cx.app.panes.detail.focused() {
            Some(entry) => Ok((entry.name.clone(), entry.value.clone())),
            None => Err("no field under the cursor".into()),
        },
        PaneId::List | PaneId::Histogram => super::event::value_of(cx, name::USER),
    }
}

/// Moves to the line at the left or right. Returns false if no card is open.
pub(super) fn across(app: &mut App, by: isize) -> bool {
    match app.overlay.take() {
        Some(Overlay::Card(mut card)) => {
            card.across(&app.scene(), by);
            app.overlay = Some(card.into());
            true
        }
        other => {
            app.overlay = other;
            false
        }
    }
}

/// Shows the events of the line; replaces the filter as one undo step.
fn open(cx: &mut Context<'_>) -> Outcome {
    let Some(Overlay::Card(card)) = &cx.app.overlay else {
        return Err("no card is open: card.show opens one".into());
    };
    let (mut filter, line) = (card.filter(), card.focused());
    let line = line.ok_or("no line under the cursor")?;
    if let CardLine::Value { field, value, .. } = &line {
        filter.only(field, value);
    }
    // Escape returns to the line.
    cx.app.set_out(filter, None);
    if let CardLine::More { field, .. } = &line {
        super::group::group(cx, field);
    }
    Ok(())
}
