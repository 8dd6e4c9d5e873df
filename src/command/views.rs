//! Saved views: the list, and actions on one of them.

use super::Run::{Do, Try};
use super::Scope::Global;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::Effect;
use crate::config::{SavedView, ViewsWork};
use crate::overlays::{Overlay, PromptKind, ViewsScreen};

const HERE: Scope = Scope::Overlay("views", "Saved views");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("views.show", "views", Task::View, Global, Do(show),
        "List saved views")
            .also("saved bookmarks load"),
    row("views.save", "save", Task::View, Global, Do(|cx| cx.prompt(PromptKind::SaveView, "")),
        "Save this view")
            .also("store remember keep bookmark"),
    row("views.open", "open", Task::Look, HERE, Try(open),
        "Open the selected view"),
    row("views.rename", "rename", Task::View, HERE, Try(rename),
        "Rename the selected view"),
    row("views.delete", "delete", Task::View, HERE, Try(delete),
        "Delete the selected view (press twice)"),
];

fn show(cx: &mut Context<'_>) {
    cx.app.open(ViewsScreen);
    cx.effects.push(Effect::Views(ViewsWork::List));
}

fn rename(cx: &mut Context<'_>) -> Outcome {
    let name = &focused(cx)?.name.clone();
    cx.prompt(PromptKind::RenameView, name);
    Ok(())
}

/// View under the cursor of the open list.
fn focused<'a>(cx: &'a Context<'_>) -> Result<&'a SavedView, &'static str> {
    let open = matches!(cx.app.overlay, Some(Overlay::Views(_)));
    let saved = cx.app.session.views.focused().filter(|_| open);
    saved.ok_or("no saved view under the cursor: views.show lists them")
}

fn open(cx: &mut Context<'_>) -> Outcome {
    let SavedView { name, view } = focused(cx)?.clone();
    let opened = view.and_then(|view| cx.app.open_view(&name, &view));
    let effect = opened.map_err(|why| format!("view {name}: {why}"))?;
    cx.effects.extend(effect);
    Ok(())
}

fn delete(cx: &mut Context<'_>) -> Outcome {
    let name = focused(cx)?.name.clone();
    if cx.app.session.views.deleting.as_ref() == Some(&name) {
        cx.app.session.views.deleting = None;
        cx.effects.push(Effect::Views(ViewsWork::Delete { name }));
        return Ok(());
    }
    cx.app.tell(format!("press again to delete {name}"));
    cx.app.session.views.deleting = Some(name);
    Ok(())
}
