//! Acting on the event under the cursor: filtering by one of its fields, copying it.

use std::sync::Arc;

use super::Run::{Field, Plain};
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::app::Effect;
use crate::app::chips::field_name;
use crate::app::refine::Refinement;
use crate::model::{CATALOGUE, Value};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("event.include", "include", Global, Field(|cx, name| pick(cx, name, Refinement::Include)),
        "Include a field's value of this event"),
    row("event.exclude", "exclude", Global, Field(|cx, name| pick(cx, name, Refinement::Exclude)),
        "Exclude a field's value of this event"),
    row("event.only", "only", Global, Field(|cx, name| pick(cx, name, Refinement::Only)),
        "Only a field's value of this event"),
    row("event.copy", "copy", Global, Field(copy_value),
        "Copy a field's value of this event"),
    row("event.context", "context", Global, Plain(context),
        "The neighbours of the event, unfiltered; again: of the same user, repository, address; esc goes back"),
    row("event.copy-line", "copy line", Global, Plain(copy_line),
        "Copy the event as a line of the list"),
    row("event.copy-json", "copy JSON", Global, Plain(copy_record),
        "Copy the event's record as it was read"),
];

fn copy_value(cx: &mut Context<'_>, name: &str) -> Outcome {
    let (field, value) = match value_of(cx, name) {
        Ok(found) => found,
        Err(why) => return Outcome::Refused(why),
    };
    match value {
        Some(value) => copy(cx, value.to_string(), field_name(&field).to_owned()),
        None => Outcome::Refused(format!("{} is missing in this event", field_name(&field))),
    }
}

fn context(cx: &mut Context<'_>) -> Outcome {
    if cx.app.show_context() {
        Outcome::Done
    } else {
        Outcome::Refused("no event under the cursor".into())
    }
}

fn copy_line(cx: &mut Context<'_>) -> Outcome {
    let Some(row) = cx.app.list.focused() else {
        return Outcome::Refused("no event under the cursor".into());
    };
    let line = cx.app.line_of(row);
    copy(cx, line, "the line".into())
}

fn copy_record(cx: &mut Context<'_>) -> Outcome {
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
}

fn copy(cx: &mut Context<'_>, text: String, what: String) -> Outcome {
    cx.effects.push(Effect::Copy { text, what });
    Outcome::Done
}

fn pick(cx: &mut Context<'_>, name: &str, how: Refinement) -> Outcome {
    match value_of(cx, name) {
        Ok((field, value)) => {
            cx.app.refine_value(&field, &value, how);
            Outcome::Done
        }
        Err(why) => Outcome::Refused(why),
    }
}

/// The value of a field of the event under the cursor: from the list's own row where it carries it, else
/// from the detail.
pub(super) fn value_of(cx: &Context<'_>, name: &str) -> Result<(Arc<str>, Value), String> {
    let known = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
    let field: Arc<str> = known.map_or(name, |info| &info.name).into();
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
