//! Detail pane: its display modes, and filters on the field under the cursor.

use super::Run::{Do, Try};
use super::Scope::{Global, Pane};
use super::unless::no_field_search;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::layout::PaneId;
use crate::app::refine::Refinement;
use crate::overlays::PromptKind;
use crate::panes::detail::Entry;

const HERE: Scope = Pane(PaneId::Detail);

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("detail.meaning", "meaning", Task::Look, HERE, Do(|cx| cx.app.panes.detail.meaning = !cx.app.panes.detail.meaning),
        "Toggle the description of the field")
            .also("explain describe documentation what").anywhere(),
    row("detail.raw", "raw", Task::Look, HERE, Do(|cx| cx.app.panes.detail.next_face()),
        "Cycle: fields, formatted JSON, record as read")
            .also("json record source").anywhere(),
    row("detail.find", "find field", Task::Find, HERE, Do(find),
        "Find a field by name or value")
            .also("search field"),
    row("detail.find-next", "next field", Task::Find, HERE, Try(|cx| seek(cx, true)),
        "Go to the next matching field")
            .unless(no_field_search),
    row("detail.find-previous", "previous field", Task::Find, HERE, Try(|cx| seek(cx, false)),
        "Go to the previous matching field")
            .unless(no_field_search),
    row("detail.include", "include", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Include)),
        "Include this value"),
    row("detail.exclude", "exclude", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Exclude)),
        "Exclude this value"),
    row("detail.only", "only", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Pivot)),
        "Show only this value; keep just the time range"),
    row("detail.group", "group by", Task::Look, HERE, Try(group),
        "Group by this field"),
    row("detail.copy", "copy", Task::Copy, HERE, Try(copy),
        "Copy value"),
    row("detail.scroll-down", "scroll down", Task::Move, Global, Do(|cx| cx.app.panes.detail.scroll(1)),
        "Scroll the detail down without leaving the list"),
    row("detail.scroll-up", "scroll up", Task::Move, Global, Do(|cx| cx.app.panes.detail.scroll(-1)),
        "Scroll the detail up without leaving the list"),
];

/// The field under the cursor.
fn entry<'a>(cx: &'a Context<'_>) -> Result<&'a Entry, &'static str> {
    cx.app
        .panes
        .detail
        .focused()
        .ok_or("no field under the cursor")
}

fn find(cx: &mut Context<'_>) {
    let text = cx.app.panes.detail.find.clone().unwrap_or_default();
    cx.prompt(PromptKind::Field, &text);
}

fn group(cx: &mut Context<'_>) -> Outcome {
    let field = entry(cx)?.name.clone();
    super::group::group(cx, &field);
    Ok(())
}

fn copy(cx: &mut Context<'_>) -> Outcome {
    let Entry { name, value, .. } = entry(cx)?.clone();
    let value = value.ok_or_else(|| format!("this event has no {name}"))?;
    cx.copy(&*value, &*name);
    Ok(())
}

fn seek(cx: &mut Context<'_>, forward: bool) -> Outcome {
    if cx.app.panes.detail.find.is_none() {
        return Err("no field search yet: press / to start one".into());
    }
    if !cx.app.panes.detail.seek(forward, true) {
        return Err("no field name or value matches".into());
    }
    Ok(())
}

fn pick(cx: &mut Context<'_>, how: Refinement) -> Outcome {
    let Entry { name, value, .. } = entry(cx)?.clone();
    cx.app.refine_value(&name, &value, how);
    Ok(())
}
