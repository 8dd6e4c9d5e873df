//! The detail pane: its faces, and filtering by the focused field.

use super::Run::Plain;
use super::Scope::{Global, Pane};
use super::{Command, Context, Outcome, Scope, row};
use crate::app::Effect;
use crate::app::layout::PaneId;
use crate::app::refine::Refinement;
use crate::overlays::{Overlay, Prompt, PromptKind};

const HERE: Scope = Pane(PaneId::Detail);

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("detail.meaning", "meaning", HERE, Plain(meaning),
        "What the focused field means"),
    row("detail.raw", "raw", HERE, Plain(raw),
        "The raw record: as JSON on lines, as read, and back"),
    row("detail.find", "find field", HERE, Plain(find),
        "Find a field by a part of its name or value"),
    row("detail.find-next", "next field", HERE, Plain(|cx| seek(cx, true)),
        "To the next field that has what was sought"),
    row("detail.find-previous", "previous field", HERE, Plain(|cx| seek(cx, false)),
        "To the previous field that has what was sought"),
    row("detail.include", "include", HERE, Plain(|cx| pick(cx, Refinement::Include)),
        "Include the value of the focused field"),
    row("detail.exclude", "exclude", HERE, Plain(|cx| pick(cx, Refinement::Exclude)),
        "Exclude the value of the focused field"),
    row("detail.only", "only", HERE, Plain(|cx| pick(cx, Refinement::Only)),
        "Only this value of the focused field"),
    row("detail.group", "group by", HERE, Plain(group),
        "Group by the focused field"),
    row("detail.copy", "copy", HERE, Plain(copy),
        "Copy the value of the focused field"),
    row("detail.scroll-down", "scroll down", Global, Plain(|cx| scroll(cx, 1)),
        "Scroll the detail down without leaving the list"),
    row("detail.scroll-up", "scroll up", Global, Plain(|cx| scroll(cx, -1)),
        "Scroll the detail up without leaving the list"),
];

fn meaning(cx: &mut Context<'_>) -> Outcome {
    cx.app.detail.meaning = !cx.app.detail.meaning;
    Outcome::Done
}

fn raw(cx: &mut Context<'_>) -> Outcome {
    cx.app.detail.next_face();
    Outcome::Done
}

fn find(cx: &mut Context<'_>) -> Outcome {
    let text = cx.app.detail.find.clone().unwrap_or_default();
    cx.app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Field, &text)));
    Outcome::Done
}

fn group(cx: &mut Context<'_>) -> Outcome {
    let Some(entry) = cx.app.detail.focused() else {
        return Outcome::Refused("no field under the cursor".into());
    };
    let field = entry.name.clone();
    super::group::group(cx, &field)
}

fn copy(cx: &mut Context<'_>) -> Outcome {
    let Some(entry) = cx.app.detail.focused() else {
        return Outcome::Refused("no field under the cursor".into());
    };
    let Some(value) = &entry.value else {
        return Outcome::Refused(format!("{} is missing", entry.name));
    };
    cx.effects.push(Effect::Copy {
        text: value.to_string(),
        what: entry.name.to_string(),
    });
    Outcome::Done
}

fn seek(cx: &mut Context<'_>, forward: bool) -> Outcome {
    if cx.app.detail.find.is_none() {
        Outcome::Refused("no field sought yet: / finds one".into())
    } else if cx.app.detail.seek(forward, true) {
        Outcome::Done
    } else {
        Outcome::Refused("no field has that in its name or value".into())
    }
}

fn scroll(cx: &mut Context<'_>, by: i64) -> Outcome {
    cx.app.detail.scroll(by);
    Outcome::Done
}

fn pick(cx: &mut Context<'_>, how: Refinement) -> Outcome {
    let Some(entry) = cx.app.detail.focused() else {
        return Outcome::Refused("no field under the cursor".into());
    };
    let (field, value) = (entry.name.clone(), entry.value.clone());
    cx.app.refine_value(&field, &value, how);
    Outcome::Done
}
