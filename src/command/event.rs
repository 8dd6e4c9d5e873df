//! Acting on the event under the cursor: filtering by one of its fields, copying it.

use std::sync::Arc;

use super::{Arg, ArgKind, Command, Context, Outcome, Scope, row, with};
use crate::app::Effect;
use crate::app::chips::field_name;
use crate::app::refine::Refinement;
use crate::model::{CATALOGUE, Value};

pub(super) const COMMANDS: &[Command] = &[
    with(
        row(
            "event.include",
            "include",
            "Include a field's value of this event",
            Scope::Global,
            |cx, arg| pick(cx, arg, Refinement::Include),
        ),
        ArgKind::Field,
    ),
    with(
        row(
            "event.exclude",
            "exclude",
            "Exclude a field's value of this event",
            Scope::Global,
            |cx, arg| pick(cx, arg, Refinement::Exclude),
        ),
        ArgKind::Field,
    ),
    with(
        row(
            "event.only",
            "only",
            "Only a field's value of this event",
            Scope::Global,
            |cx, arg| pick(cx, arg, Refinement::Only),
        ),
        ArgKind::Field,
    ),
    with(
        row(
            "event.copy",
            "copy",
            "Copy a field's value of this event",
            Scope::Global,
            |cx, arg| {
                let (field, value) = match value_of(cx, arg) {
                    Ok(found) => found,
                    Err(why) => return Outcome::Refused(why),
                };
                match value {
                    Some(value) => copy(cx, value.to_string(), field_name(&field).to_owned()),
                    None => {
                        Outcome::Refused(format!("{} is missing in this event", field_name(&field)))
                    }
                }
            },
        ),
        ArgKind::Field,
    ),
    row(
        "event.context",
        "context",
        "The neighbours of the event, unfiltered; again: of the same user, repository, address; esc goes back",
        Scope::Global,
        |cx, _| {
            if cx.app.show_context() {
                Outcome::Done
            } else {
                Outcome::Refused("no event under the cursor".into())
            }
        },
    ),
    row(
        "event.copy-line",
        "copy line",
        "Copy the event as a line of the list",
        Scope::Global,
        |cx, _| {
            let Some(row) = cx.app.list.focused() else {
                return Outcome::Refused("no event under the cursor".into());
            };
            let line = cx.app.line_of(row);
            copy(cx, line, "the line".into())
        },
    ),
    row(
        "event.copy-json",
        "copy JSON",
        "Copy the event's record as it was read",
        Scope::Global,
        |cx, _| {
            let focused = cx.app.list.focused().map(|row| row.id);
            match cx
                .app
                .detail
                .detail()
                .filter(|detail| Some(detail.id) == focused)
            {
                Some(detail) => copy(cx, detail.raw.to_string(), "the record".into()),
                None => Outcome::Refused("the record is not here yet".into()),
            }
        },
    ),
];

fn copy(cx: &mut Context<'_>, text: String, what: String) -> Outcome {
    cx.effects.push(Effect::Copy { text, what });
    Outcome::Done
}

fn pick(cx: &mut Context<'_>, arg: Arg, how: Refinement) -> Outcome {
    match value_of(cx, arg) {
        Ok((field, value)) => {
            cx.app.refine_value(&field, &value, how);
            Outcome::Done
        }
        Err(why) => Outcome::Refused(why),
    }
}

/// The value of a field of the event under the cursor: from the list's own row where it carries it, else
/// from the detail.
pub(super) fn value_of(cx: &Context<'_>, arg: Arg) -> Result<(Arc<str>, Value), String> {
    let Arg::Field(name) = arg else {
        return Err("which field?".into());
    };
    let known = CATALOGUE.find(&name).and_then(|id| CATALOGUE.get(id));
    let field: Arc<str> = known.map_or(name.as_str(), |info| &info.name).into();
    let row = cx.app.list.focused().ok_or("no event under the cursor")?;
    if let Some(value) = cx
        .app
        .list
        .columns()
        .index_of(&field)
        .and_then(|index| row.values.get(index))
    {
        return Ok((field, value.clone()));
    }
    let detail = cx.app.detail.detail().filter(|detail| detail.id == row.id);
    let detail = detail.ok_or("the fields of this event are not here yet")?;
    match detail.fields.iter().find(|entry| entry.name == field) {
        Some(entry) => Ok((field, entry.value.clone())),
        None if known.is_some() => Ok((field, None)),
        None => Err(format!("this event has no field {name}")),
    }
}
