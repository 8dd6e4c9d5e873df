//! Marks and notes of the user: setting them, moving between them, comparing two, copying all.

use super::Run::{Do, Try};
use super::Scope::Global;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::Effect;
use crate::config::{MARK_FIELDS, Marked};
use crate::export::{self, Cell, Sheet};
use crate::model::{EventKey, name};
use crate::overlays::{Compare, MarkList, Overlay, PromptKind};
use crate::panes::list;

const LIST: Scope = Scope::Overlay("marks", "Marks");
const COMPARISON: Scope = Scope::Overlay("compare", "Comparison");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("mark.toggle", "mark", Task::Look, Global, Try(toggle),
        "Mark or unmark the event"),
    row("mark.note", "note", Task::Look, Global, Try(note),
        "Write a note on the event (marks it)"),
    row("mark.next", "next mark", Task::Find, Global, Try(|cx| next(cx, true)),
        "Go to the next marked event"),
    row("mark.previous", "previous mark", Task::Find, Global, Try(|cx| next(cx, false)),
        "Go to the previous marked event"),
    row("mark.show", "marks", Task::Look, Global, Do(|cx| cx.app.open(MarkList)),
        "List marked events and their notes"),
    row("mark.open", "go to event", Task::Look, LIST, Try(open),
        "Go to the marked event"),
    row("mark.compare", "compare", Task::Look, Global, Try(compare),
        "Compare with the last marked event"),
    row("compare.all", "all fields", Task::View, COMPARISON, Try(all_fields),
        "Toggle all fields or only differences"),
    row("mark.copy", "copy table", Task::Copy, Global, Try(|cx| copy(cx, "markdown")),
        "Copy marked events as a Markdown table"),
    row("mark.copy-json", "copy JSON", Task::Copy, Global, Try(|cx| copy(cx, "ndjson")),
        "Copy marked events as NDJSON"),
    row("mark.copy-csv", "copy CSV", Task::Copy, Global, Try(|cx| copy(cx, "csv")),
        "Copy marked events as CSV"),
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

/// Copies the stored fields of all marked events in an export format.
fn copy(cx: &mut Context<'_>, format: &str) -> Outcome {
    let app = &*cx.app;
    if app.session.marks.is_empty() {
        return Err("no marked events".into());
    }
    let headings = ["time"]
        .into_iter()
        .chain(MARK_FIELDS)
        .chain([name::REQUEST_ID, "note"]);
    let row = |marked: &Marked| -> Vec<Cell> {
        let time = marked.time;
        let time = time.map(|time| app.clock.zone.rfc3339(time, marked.offset));
        let value = |at: usize| marked.values.get(at)?.as_deref();
        let values = (0..MARK_FIELDS.len()).map(|at| value(at).into());
        let ends = [&marked.request, &marked.note].map(|text| Some(text.as_str()).into());
        std::iter::once(time.as_deref().into())
            .chain(values)
            .chain(ends)
            .collect()
    };
    let rows = app.session.marks.all().map(row).collect();
    let sheet = Sheet::whole(String::new(), headings.map(str::to_owned).collect(), rows);
    let mut text = Vec::new();
    let export = export::find(format).expect("called with names of the table");
    (export.write)(sheet, &mut text).expect("memory takes everything");
    let many = crate::widgets::text::counted(app.session.marks.len() as u64, "marked event");
    cx.copy(String::from_utf8_lossy(&text), many);
    Ok(())
}
