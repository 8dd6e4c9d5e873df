//! Event under the cursor: filters on its fields, copies.

use std::sync::Arc;

use super::Run::{Field, Try};
use super::Scope::Global;
use super::unless::no_event;
use super::{Command, Context, Outcome, Task, row};
use crate::app::refine::Refinement;
use crate::model::{CATALOGUE, Value};
use crate::widgets::chips::field_name;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("event.include", "include", Task::Filter, Global, Field(|cx, name| pick(cx, name, Refinement::Include)),
        "Include this event's value of a field")
            .also("filter keep add pick where").unless(no_event),
    row("event.exclude", "exclude", Task::Filter, Global, Field(|cx, name| pick(cx, name, Refinement::Exclude)),
        "Exclude this event's value of a field")
            .also("filter hide without remove drop not").unless(no_event),
    row("event.only", "only", Task::Filter, Global, Field(|cx, name| pick(cx, name, Refinement::Pivot)),
        "Show only this value; keep just the time range")
            .also("pivot focus isolate").unless(no_event),
    row("event.copy", "copy", Task::Copy, Global, Field(copy_value),
        "Copy this event's value of a field")
            .also("yank clipboard value").unless(no_event),
    row("event.context", "context", Task::Look, Global, Try(context),
        "Show unfiltered neighbours; repeat to narrow")
            .also("neighbours around surrounding before after").unless(no_event),
    row("event.copy-line", "copy line", Task::Copy, Global, Try(copy_line),
        "Copy the event as a line of the list")
            .also("yank clipboard").unless(no_event),
    row("event.copy-json", "copy JSON", Task::Copy, Global, Try(copy_record),
        "Copy the event's raw record")
            .also("yank clipboard raw record").unless(no_event),
];

fn copy_value(cx: &mut Context<'_>, name: &str) -> Outcome {
    let (field, value) = value_of(cx, name)?;
    let name = field_name(&field);
    let value = value.ok_or_else(|| format!("this event has no {name}"))?;
    cx.copy(&*value, name);
    Ok(())
}

fn context(cx: &mut Context<'_>) -> Outcome {
    if !cx.app.show_context() {
        return Err("no event under the cursor".into());
    }
    Ok(())
}

fn copy_line(cx: &mut Context<'_>) -> Outcome {
    let line = cx.app.line_of(cx.event()?);
    cx.copy(line, "the line");
    Ok(())
}

fn copy_record(cx: &mut Context<'_>) -> Outcome {
    let focused = cx.app.panes.list.focused().map(|row| row.id);
    let detail = cx.app.panes.detail.detail();
    let detail = detail.filter(|detail| Some(detail.id) == focused);
    let raw = detail
        .ok_or("the record is not loaded yet")?
        .raw
        .to_string();
    cx.copy(raw, "the record");
    Ok(())
}

fn pick(cx: &mut Context<'_>, name: &str, how: Refinement) -> Outcome {
    let (field, value) = value_of(cx, name)?;
    cx.app.refine_value(&field, &value, how);
    Ok(())
}

/// Value of a field of the event under the cursor: from the row in the list if it has that field, else from the detail.
pub(super) fn value_of(cx: &Context<'_>, name: &str) -> Result<(Arc<str>, Value), String> {
    let known = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
    let field: Arc<str> = known.map_or(name, |info| &info.name).into();
    let row = cx.event()?;
    if let Some(value) = cx
        .app
        .panes
        .list
        .columns()
        .index_of(&field)
        .and_then(|index| row.values.get(index))
    {
        return Ok((field, value.clone()));
    }
    let detail = cx
        .app
        .panes
        .detail
        .detail()
        .filter(|detail| detail.id == row.id);
    let detail = detail.ok_or("the event's fields are not loaded yet")?;
    match detail.fields.iter().find(|entry| entry.name == field) {
        Some(entry) => Ok((field, entry.value.clone())),
        None if known.is_some() => Ok((field, None)),
        None => Err(format!("this event has no field {name}")),
    }
}
