//! Saved views: the list of them, and what can be done to one.

use super::Run::Plain;
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::app::Effect;
use crate::config::ViewsWork;
use crate::overlays::{Overlay, Prompt, PromptKind};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("views.show", "views", Global, Plain(show),
        "Saved views: open, save, rename, delete"),
    row("views.save", "save", Global, Plain(|cx| prompt(cx, PromptKind::SaveView, "")),
        "Save this view under a name: filter, picks, time range, columns and facets"),
    row("views.open", "open", Global, Plain(open),
        "In the list of saved views: open the one under the cursor"),
    row("views.rename", "rename", Global, Plain(rename),
        "In the list of saved views: another name for the one under the cursor"),
    row("views.delete", "delete", Global, Plain(delete),
        "In the list of saved views: delete the one under the cursor, at the second time"),
];

fn show(cx: &mut Context<'_>) -> Outcome {
    cx.app.overlay = Some(Overlay::Views);
    cx.effects.push(Effect::Views(ViewsWork::List));
    Outcome::Done
}

fn rename(cx: &mut Context<'_>) -> Outcome {
    match name(cx) {
        Some(name) => prompt(cx, PromptKind::RenameView, &name),
        None => none(),
    }
}

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
