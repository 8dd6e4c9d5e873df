//! Marks and notes of the user: setting them, moving between them, comparing two.

use super::Run::{Do, Try};
use super::Scope::Global;
use super::unless::{no_event, no_mark_above, no_mark_below, no_other_mark};
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::Effect;
use crate::config::Marked;
use crate::model::EventKey;
use crate::overlays::{Compare, MarkList, Overlay, PromptKind};
use crate::panes::list;

const LIST: Scope = Scope::Overlay("marks", "Marks");
const COMPARISON: Scope = Scope::Overlay("compare", "Comparison");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("mark.toggle", "mark", Task::Look, Global, Try(toggle),
        "Mark or unmark the event")
            .also("bookmark star pin tag flag").unless(no_event),
    row("mark.note", "note", Task::Look, Global, Try(note),
        "Write a note on the event (marks it)")
            .also("comment annotate bookmark write").unless(no_event),
    row("mark.next", "next mark", Task::Find, Global, Try(|cx| next(cx, true)),
        "Go to the next marked event")
            .also("bookmark").unless(no_mark_below),
    row("mark.previous", "previous mark", Task::Find, Global, Try(|cx| next(cx, false)),
        "Go to the previous marked event")
            .also("bookmark").unless(no_mark_above),
    row("mark.show", "marks", Task::Look, Global, Do(|cx| cx.app.open(MarkList)),
        "List marked events and their notes")
            .also("bookmarks notes"),
    row("mark.open", "go to event", Task::Look, LIST, Try(open),
        "Go to the marked event"),
    row("mark.compare", "compare", Task::Look, Global, Try(compare),
        "Compare with the last marked event")
            .also("diff two").unless(no_other_mark),
    row("compare.all", "all fields", Task::View, COMPARISON, Try(all_fields),
        "Toggle all fields or only differences"),
];

fn all_fields(cx: &mut Context<'_>) -> Outcome {
    let Some(Overlay::Compare(compare)) = &mut cx.app.overlay else {
        return Err("no comparison is open: mark.compare opens one".into());
    };
    compare.all = !compare.all;
    compare.cursor.at = 0;
    Ok(())
}

fn toggle(cx: &mut Context<'_>) -> Outcome {
    let app = &mut *cx.app;
    let (marked, work) = match (&app.overlay, app.panes.list.focused()) {
        (Some(Overlay::Marks(_)), _) if app.session.marks.is_empty() => {
            return Err("no marked event under the cursor".into());
        }
        (Some(Overlay::Marks(_)), _) => (false, app.session.marks.remove_focused()),
        (_, Some(row)) => app.session.marks.toggle(row),
        (_, None) => return Err("no event under the cursor".into()),
    };
    let what = if marked { "marked" } else { "unmarked" };
    let many = app.session.marks.len();
    app.tell(format!("{what}; {many} marked in total"));
    cx.effects.extend(work.map(Effect::Marks));
    Ok(())
}

fn note(cx: &mut Context<'_>) -> Outcome {
    let app = &mut *cx.app;
    let text = match (&app.overlay, app.panes.list.focused()) {
        (Some(Overlay::Marks(_)), _) => app.session.marks.begin_note_focused(),
        (_, Some(row)) => Some(app.session.marks.begin_note(row)),
        (_, None) => None,
    };
    let text = text.ok_or("no event under the cursor")?;
    cx.prompt(PromptKind::Note, &text);
    Ok(())
}

fn next(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let key = cx.app.session.marks.next(cx.event()?, forward);
    cx.app.go_to(key.ok_or("no more marks in that direction")?);
    Ok(())
}

/// Event under the cursor of the mark list.
fn marked(cx: &Context<'_>) -> Result<EventKey, &'static str> {
    let marked = cx.app.session.marks.focused().map(Marked::key);
    marked.ok_or("no marked event under the cursor")
}

fn open(cx: &mut Context<'_>) -> Outcome {
    if !matches!(cx.app.overlay, Some(Overlay::Marks(_))) {
        return Err("the mark list is not open: mark.show opens it".into());
    }
    let key = marked(cx)?;
    cx.app.overlay = None;
    cx.app.go_to(key);
    Ok(())
}

fn compare(cx: &mut Context<'_>) -> Outcome {
    let marks = matches!(cx.app.overlay, Some(Overlay::Marks(_)));
    let second = if marks { "marked" } else { "cursor" };
    let pair: Option<(EventKey, EventKey)> = if marks {
        let here = marked(cx)?;
        let app = &mut *cx.app;
        let chosen = app.session.marks.chosen.take();
        let chosen = chosen.filter(|key| app.session.marks.find(key).is_some());
        let only = || {
            app.session
                .marks
                .all()
                .map(Marked::key)
                .find(|key| *key != here)
        };
        match chosen {
            Some(other) if other != here => Some((other, here)),
            Some(_) => None,
            None if app.session.marks.len() == 2 => only().map(|other| (other, here)),
            None => {
                app.session.marks.chosen = Some(here);
                app.tell("press c on another mark to compare the two");
                return Ok(());
            }
        }
    } else {
        let row = cx.event()?;
        let other = cx.app.session.marks.other(row);
        other.map(|other| (other, list::key(row)))
    };
    let (a, b) = pair.ok_or("nothing to compare with: mark another event first")?;
    cx.app.open(Compare::new((a, "marked"), (b, second)));
    Ok(())
}
