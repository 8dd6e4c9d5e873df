//! Marks of a person with their notes: setting them, going from one to the next, comparing two, copying all.

use super::Run::Plain;
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::app::asking::Parts;
use crate::app::{Effect, marks};
use crate::config::MarksWork;
use crate::export::{self, Cell, Sheet};
use crate::model::EventKey;
use crate::overlays::{Compare, Overlay, Prompt, PromptKind};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("mark.toggle", "mark", Global, Plain(toggle),
        "Mark the event under the cursor, or take its mark away"),
    row("mark.note", "note", Global, Plain(note),
        "Write a note on the event under the cursor; that marks it"),
    row("mark.next", "next mark", Global, Plain(|cx| next(cx, true)),
        "To the next marked event"),
    row("mark.previous", "previous mark", Global, Plain(|cx| next(cx, false)),
        "To the previous marked event"),
    row("mark.show", "marks", Global, Plain(show),
        "The marked events with their notes as a list"),
    row("mark.open", "to the event", Global, Plain(open),
        "In the list of marks: to the event under the cursor"),
    row("mark.compare", "compare", Global, Plain(compare),
        "Compare the event under the cursor with the one marked last: what differs; in the list of marks two of them"),
    row("compare.all", "all fields", Global, Plain(all_fields),
        "In a comparison: all fields, or only those that differ"),
    row("mark.copy", "copy table", Global, Plain(|cx| copy(cx, "markdown")),
        "Copy the marked events with their notes as a Markdown table"),
    row("mark.copy-json", "copy JSON", Global, Plain(|cx| copy(cx, "ndjson")),
        "Copy the marked events with their notes, one JSON object a line"),
    row("mark.copy-csv", "copy CSV", Global, Plain(|cx| copy(cx, "csv")),
        "Copy the marked events with their notes as CSV"),
];

fn show(cx: &mut Context<'_>) -> Outcome {
    cx.app.overlay = Some(Overlay::Marks);
    Outcome::Done
}

fn all_fields(cx: &mut Context<'_>) -> Outcome {
    match &mut cx.app.overlay {
        Some(Overlay::Compare(compare)) => {
            compare.all = !compare.all;
            compare.scroll.top = 0;
            Outcome::Done
        }
        _ => Outcome::Refused("no comparison is open: mark.compare opens one".into()),
    }
}

/// Has what was done to the marks remembered.
fn remember(cx: &mut Context<'_>, work: Option<MarksWork>) {
    cx.effects.extend(work.map(Effect::Marks));
}

fn toggle(cx: &mut Context<'_>) -> Outcome {
    let app = &mut *cx.app;
    let (marked, work) = match (&app.overlay, app.list.focused()) {
        (Some(Overlay::Marks), _) if app.marks.is_empty() => {
            return Outcome::Refused("no marked event under the cursor".into());
        }
        (Some(Overlay::Marks), _) => (false, app.marks.remove_focused()),
        (_, Some(row)) => app.marks.toggle(row),
        (_, None) => return Outcome::Refused("no event under the cursor".into()),
    };
    let what = if marked {
        "marked"
    } else {
        "not marked any more"
    };
    let many = app.marks.len();
    app.tell(format!("{what}; {many} marked in all"));
    remember(cx, work);
    Outcome::Done
}

fn note(cx: &mut Context<'_>) -> Outcome {
    let app = &mut *cx.app;
    let text = match (&app.overlay, app.list.focused()) {
        (Some(Overlay::Marks), _) => app.marks.begin_note_focused(),
        (_, Some(row)) => Some(app.marks.begin_note(row)),
        (_, None) => None,
    };
    let Some(text) = text else {
        return Outcome::Refused("no event under the cursor".into());
    };
    app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Note, &text)));
    Outcome::Done
}

fn next(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let found = cx
        .app
        .list
        .focused()
        .map(|row| cx.app.marks.next(row, forward));
    match found {
        None => Outcome::Refused("no event under the cursor".into()),
        Some(None) => Outcome::Refused("no further mark that way".into()),
        Some(Some(key)) => {
            cx.app.go_to(key);
            Outcome::Done
        }
    }
}

fn open(cx: &mut Context<'_>) -> Outcome {
    if !matches!(cx.app.overlay, Some(Overlay::Marks)) {
        return Outcome::Refused("the list of marks is not open: mark.show opens it".into());
    }
    let Some(key) = cx.app.marks.focused().map(crate::config::Marked::key) else {
        return Outcome::Refused("no marked event under the cursor".into());
    };
    cx.app.overlay = None;
    cx.app.go_to(key);
    Outcome::Done
}

fn compare(cx: &mut Context<'_>) -> Outcome {
    let app = &mut *cx.app;
    let pair: Option<(EventKey, EventKey)> = if matches!(app.overlay, Some(Overlay::Marks)) {
        let Some(here) = app.marks.focused().map(crate::config::Marked::key) else {
            return Outcome::Refused("no marked event under the cursor".into());
        };
        let chosen = app
            .marks
            .chosen
            .take()
            .filter(|key| app.marks.find(key).is_some());
        let only = || {
            app.marks
                .all()
                .map(crate::config::Marked::key)
                .find(|key| *key != here)
        };
        match chosen {
            Some(other) if other != here => Some((other, here)),
            Some(_) => None,
            None if app.marks.len() == 2 => only().map(|other| (other, here)),
            None => {
                app.marks.chosen = Some(here);
                app.tell("c on another mark shows in what the two differ");
                return Outcome::Done;
            }
        }
    } else {
        let Some(row) = app.list.focused() else {
            return Outcome::Refused("no event under the cursor".into());
        };
        app.marks.other(row).map(|other| (other, marks::key(row)))
    };
    let Some((a, b)) = pair else {
        return Outcome::Refused("mark another event first, to compare this one with it".into());
    };
    app.overlay = Some(Overlay::Compare(Compare::new(a, b)));
    app.need(Parts::RECORDS);
    Outcome::Done
}

/// Copies what is known of all marked events in one of the formats for exports.
fn copy(cx: &mut Context<'_>, format: &str) -> Outcome {
    let app = &*cx.app;
    if app.marks.is_empty() {
        return Outcome::Refused("no marked events".into());
    }
    let headings = ["time"]
        .into_iter()
        .chain(crate::config::MARK_FIELDS)
        .chain(["http_request_id", "note"]);
    let row = |marked: &crate::config::Marked| -> Vec<Cell> {
        let time = marked
            .time
            .map(|time| app.zone.rfc3339(time, marked.offset));
        let values = (0..crate::config::MARK_FIELDS.len()).map(|at| {
            marked
                .values
                .get(at)
                .and_then(|value| value.as_deref())
                .into()
        });
        let ends = [&marked.request, &marked.note].map(|text| Some(text.as_str()).into());
        std::iter::once(time.as_deref().into())
            .chain(values)
            .chain(ends)
            .collect()
    };
    let rows = app.marks.all().map(row).collect();
    let sheet = Sheet::whole(String::new(), headings.map(str::to_owned).collect(), rows);
    let mut text = Vec::new();
    let export = export::find(format).expect("called with names of the table");
    (export.write)(sheet, &mut text).expect("memory takes everything");
    let many = crate::widgets::text::counted(app.marks.len() as u64, "marked event");
    cx.effects.push(Effect::Copy {
        text: String::from_utf8_lossy(&text).into_owned(),
        what: many,
    });
    Outcome::Done
}
