//! The detail pane: its faces, and filtering by the focused field.

use super::Run::{Do, Try};
use super::Scope::{Global, Pane};
use super::{Command, Context, Outcome, Scope, row};
use crate::app::layout::PaneId;
use crate::app::refine::Refinement;
use crate::overlays::PromptKind;
use crate::panes::detail::Entry;

const HERE: Scope = Pane(PaneId::Detail);

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("detail.meaning", "meaning", HERE, Do(|cx| cx.app.panes.detail.meaning = !cx.app.panes.detail.meaning),
        "What the focused field means"),
    row("detail.raw", "raw", HERE, Do(|cx| cx.app.panes.detail.next_face()),
        "The raw record: as JSON on lines, as read, and back"),
    row("detail.find", "find field", HERE, Do(find),
        "Find a field by a part of its name or value"),
    row("detail.find-next", "next field", HERE, Try(|cx| seek(cx, true)),
        "To the next field that has what was sought"),
    row("detail.find-previous", "previous field", HERE, Try(|cx| seek(cx, false)),
        "To the previous field that has what was sought"),
    row("detail.include", "include", HERE, Try(|cx| pick(cx, Refinement::Include)),
        "Include the value of the focused field"),
    row("detail.exclude", "exclude", HERE, Try(|cx| pick(cx, Refinement::Exclude)),
        "Exclude the value of the focused field"),
    row("detail.only", "only", HERE, Try(|cx| pick(cx, Refinement::Only)),
        "Only this value of the focused field"),
    row("detail.group", "group by", HERE, Try(group),
        "Group by the focused field"),
    row("detail.copy", "copy", HERE, Try(copy),
        "Copy the value of the focused field"),
    row("detail.scroll-down", "scroll down", Global, Do(|cx| cx.app.panes.detail.scroll(1)),
        "Scroll the detail down without leaving the list"),
    row("detail.scroll-up", "scroll up", Global, Do(|cx| cx.app.panes.detail.scroll(-1)),
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
    let value = value.ok_or_else(|| format!("{name} is missing"))?;
    cx.copy(&*value, &*name);
    Ok(())
}

fn seek(cx: &mut Context<'_>, forward: bool) -> Outcome {
    if cx.app.panes.detail.find.is_none() {
        return Err("no field sought yet: / finds one".into());
    }
    if !cx.app.panes.detail.seek(forward, true) {
        return Err("no field has that in its name or value".into());
    }
    Ok(())
}

fn pick(cx: &mut Context<'_>, how: Refinement) -> Outcome {
    let Entry { name, value, .. } = entry(cx)?.clone();
    cx.app.refine_value(&name, &value, how);
    Ok(())
}
