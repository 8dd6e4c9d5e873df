//! Saved views: the list of them, and what can be done to one.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::Effect;
use crate::config::ViewsWork;
use crate::overlays::{Overlay, Prompt, PromptKind};

pub(super) const COMMANDS: &[Command] = &[
    row(
        "views.show",
        "views",
        "Saved views: open, save, rename, delete",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Views);
            cx.effects.push(Effect::Views(ViewsWork::List));
            Outcome::Done
        },
    ),
    row(
        "views.save",
        "save",
        "Save this view under a name: filter, picks, time range, columns and facets",
        Scope::Global,
        |cx, _| prompt(cx, PromptKind::SaveView, ""),
    ),
    row(
        "views.open",
        "open",
        "In the list of saved views: open the one under the cursor",
        Scope::Global,
        |cx, _| open(cx),
    ),
    row(
        "views.rename",
        "rename",
        "In the list of saved views: another name for the one under the cursor",
        Scope::Global,
        |cx, _| match name(cx) {
            Some(name) => prompt(cx, PromptKind::RenameView, &name),
            None => none(),
        },
    ),
    row(
        "views.delete",
        "delete",
        "In the list of saved views: delete the one under the cursor, at the second time",
        Scope::Global,
        |cx, _| delete(cx),
    ),
];

fn prompt(cx: &mut Context<'_>, kind: PromptKind, text: &str) -> Outcome {
    cx.app.overlay = Some(Overlay::Prompt(Prompt::new(kind, text)));
    Outcome::Done
}

/// Name of the view under the cursor of the open list.
fn name(cx: &Context<'_>) -> Option<String> {
    matches!(cx.app.overlay, Some(Overlay::Views))
        .then(|| cx.app.views.focused().map(|saved| saved.name.clone()))
        .flatten()
}

fn none() -> Outcome {
    Outcome::Refused("no saved view under the cursor: views.show lists them".into())
}

fn open(cx: &mut Context<'_>) -> Outcome {
    let Some(name) = name(cx) else {
        return none();
    };
    let saved = cx.app.views.focused().map(|saved| saved.view.clone());
    let opened = match saved {
        Some(Ok(view)) => cx.app.open_view(&name, &view),
        Some(Err(why)) => Err(why),
        None => return none(),
    };
    match opened {
        Ok(effect) => {
            cx.effects.extend(effect);
            Outcome::Done
        }
        Err(why) => Outcome::Refused(format!("view {name}: {why}")),
    }
}

fn delete(cx: &mut Context<'_>) -> Outcome {
    let Some(name) = name(cx) else {
        return none();
    };
    if cx.app.views.deleting.as_ref() == Some(&name) {
        cx.app.views.deleting = None;
        cx.effects.push(Effect::Views(ViewsWork::Delete { name }));
        return Outcome::Done;
    }
    cx.app.tell(format!("once more deletes {name}"));
    cx.app.views.deleting = Some(name);
    Outcome::Done
}
