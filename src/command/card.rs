//! The card of a user, and the way from its lines to the events.

use super::Run::Plain;
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::app::asking::Parts;
use crate::app::layout::PaneId;
use crate::model::Value;
use crate::overlays::{Card, CardLine, Overlay};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("user.card", "who is this", Global, Plain(show),
        "What is known of the event's user, in all that is loaded: when, actions, failures, repositories, addresses"),
    row("user.open", "only these", Global, Plain(open),
        "In the card of a user: the events of the line under the cursor; of all values as a table"),
];

fn show(cx: &mut Context<'_>) -> Outcome {
    match user(cx) {
        Ok(user) => {
            cx.app.overlay = Some(Overlay::Card(Card::new(user)));
            cx.app.need(Parts::CARD);
            Outcome::Done
        }
        Err(why) => Outcome::Refused(why),
    }
}

/// The user under the cursor of the facets, else that of the event.
fn user(cx: &Context<'_>) -> Result<Value, String> {
    if cx.app.focus == PaneId::Facets
        && let Some((field, value)) = cx.app.facets.focused_value()
        && &*field == "user"
    {
        return Ok(value);
    }
    super::event::value_of(cx, "user").map(|(_, user)| user)
}

/// Shows the events of the line, in place of the filter that was in force; one step to undo.
fn open(cx: &mut Context<'_>) -> Outcome {
    let Some(Overlay::Card(card)) = &cx.app.overlay else {
        return Outcome::Refused("no card is open: user.card opens one".into());
    };
    let (mut filter, line) = (card.filter(), card.focused());
    match line {
        None => return Outcome::Refused("no line under the cursor".into()),
        Some(CardLine::Value { field, value, .. }) => {
            filter.only(&field, &value);
            cx.app.overlay = None;
            cx.app.refine(|now| *now = filter);
        }
        Some(CardLine::More { field, .. }) => {
            cx.app.overlay = None;
            cx.app.refine(|now| *now = filter);
            return super::group::group(cx, &field);
        }
    }
    Outcome::Done
}
