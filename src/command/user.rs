//! User profile, and the drill-down from its lines to events.

use super::Run::Try;
use super::Scope::Global;
use super::unless::no_user;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::layout::PaneId;
use crate::model::{Value, name};
use crate::overlays::{CardLine, Overlay, UserCard};
use crate::widgets::chips::field_name;

const HERE: Scope = Scope::Overlay("user", "User profile");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("user.show", "user profile", Task::Look, Global, Try(show),
        "Show the profile of the event's user")
            .also("who identity card person account actor").unless(no_user),
    row("user.open", "show events", Task::Look, HERE, Try(open),
        "Show the events of this line"),
];

fn show(cx: &mut Context<'_>) -> Outcome {
    let card = UserCard::new(user(cx)?);
    cx.app.open(card);
    Ok(())
}

/// User under the cursor of the facets; otherwise user of the event under the cursor.
fn user(cx: &Context<'_>) -> Result<Value, String> {
    if cx.app.screen.focus == PaneId::Facets {
        // The event under the cursor of the list is not the one the person looks at.
        return match cx.app.panes.facets.focused_value() {
            Some((field, value)) if &*field == name::USER => Ok(value),
            Some((field, _)) => Err(format!(
                "no profile for {}: select a user, or an event in the list",
                field_name(&field)
            )),
            None => Err("select a user, or an event in the list".into()),
        };
    }
    super::event::value_of(cx, name::USER).map(|(_, user)| user)
}

/// Shows the events of the line; replaces the filter as one undo step.
fn open(cx: &mut Context<'_>) -> Outcome {
    let Some(Overlay::Card(card)) = &cx.app.overlay else {
        return Err("no user profile is open: user.show opens one".into());
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
