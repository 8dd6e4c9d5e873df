//! The detail pane: its faces, and filtering by the focused field.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::Effect;
use crate::app::layout::PaneId;
use crate::app::refine::Refinement;
use crate::overlays::{Overlay, Prompt, PromptKind};

const HERE: Scope = Scope::Pane(PaneId::Detail);

pub(super) const COMMANDS: &[Command] = &[
    row(
        "detail.meaning",
        "meaning",
        "What the focused field means",
        HERE,
        |cx, _| {
            cx.app.detail.meaning = !cx.app.detail.meaning;
            Outcome::Done
        },
    ),
    row(
        "detail.raw",
        "raw",
        "The raw record: as JSON on lines, as read, and back",
        HERE,
        |cx, _| {
            cx.app.detail.next_face();
            Outcome::Done
        },
    ),
    row(
        "detail.find",
        "find field",
        "Find a field by a part of its name or value",
        HERE,
        |cx, _| {
            let text = cx.app.detail.find.clone().unwrap_or_default();
            cx.app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Field, &text)));
            Outcome::Done
        },
    ),
    row(
        "detail.find-next",
        "next field",
        "To the next field that has what was sought",
        HERE,
        |cx, _| seek(cx, true),
    ),
    row(
        "detail.find-previous",
        "previous field",
        "To the previous field that has what was sought",
        HERE,
        |cx, _| seek(cx, false),
    ),
    row(
        "detail.include",
        "include",
        "Include the value of the focused field",
        HERE,
        |cx, _| pick(cx, Refinement::Include),
    ),
    row(
        "detail.exclude",
        "exclude",
        "Exclude the value of the focused field",
        HERE,
        |cx, _| pick(cx, Refinement::Exclude),
    ),
    row(
        "detail.only",
        "only",
        "Only this value of the focused field",
        HERE,
        |cx, _| pick(cx, Refinement::Only),
    ),
    row(
        "detail.group",
        "group by",
        "Group by the focused field",
        HERE,
        |cx, _| {
            let Some(entry) = cx.app.detail.focused() else {
                return Outcome::Refused("no field under the cursor".into());
            };
            let field = entry.name.clone();
            super::group::group(cx, &field)
        },
    ),
    row(
        "detail.copy",
        "copy",
        "Copy the value of the focused field",
        HERE,
        |cx, _| {
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
        },
    ),
    row(
        "detail.scroll-down",
        "scroll down",
        "Scroll the detail down without leaving the list",
        Scope::Global,
        |cx, _| scroll(cx, 1),
    ),
    row(
        "detail.scroll-up",
        "scroll up",
        "Scroll the detail up without leaving the list",
        Scope::Global,
        |cx, _| scroll(cx, -1),
    ),
];

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
