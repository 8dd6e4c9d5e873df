//! Jumps to the next event of a kind: after a gap, on another day, with a first-seen value, with a different value of a
//! field.

use std::sync::Arc;

use super::Run::{Field, Try};
use super::Scope::{Global, Pane};
use super::unless::{no_event, no_gap_above, no_gap_below};
use super::{Command, Context, Outcome, Task, row};
use crate::app::layout::PaneId;
use crate::engine::{Anchor, SeekTarget, SeekWant};
use crate::query::{Node, Test, TestOp};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("list.next-gap", "next gap", Task::Find, Pane(PaneId::List), Try(|cx| gap(cx, true)),
        "Go to the end of the next gap")
            .also("pause silence missing").unless(no_gap_below),
    row("list.previous-gap", "previous gap", Task::Find, Pane(PaneId::List), Try(|cx| gap(cx, false)),
        "Go to the end of the previous gap")
            .also("pause silence missing").unless(no_gap_above),
    row("list.next-day", "next day", Task::Find, Pane(PaneId::List), Try(|cx| day(cx, true)),
        "Go to the first event of the next day")
            .also("date tomorrow midnight").unless(no_event),
    row("list.previous-day", "previous day", Task::Find, Pane(PaneId::List), Try(|cx| day(cx, false)),
        "Go to the start of the day, then the day before")
            .also("date yesterday midnight").unless(no_event),
    row("event.next-first", "next first-seen", Task::Find, Global, Try(|cx| first(cx, true)),
        "Go to the next event with a first-seen value")
            .also("new unseen star").unless(no_event),
    row("event.previous-first", "previous first-seen", Task::Find, Global, Try(|cx| first(cx, false)),
        "Go to the previous event with a first-seen value")
            .also("new unseen star").unless(no_event),
    row("event.next-change", "next change", Task::Find, Global, Field(|cx, name| change(cx, name, true)),
        "Go to the next event where a field differs")
            .also("differs other").unless(no_event),
    row("event.previous-change", "previous change", Task::Find, Global, Field(|cx, name| change(cx, name, false)),
        "Go to the previous event where a field differs")
            .also("differs other").unless(no_event),
];

fn gap(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let Some(until) = cx.app.panes.list.gap(forward) else {
        let why = if cx.app.results.gaps.is_none() {
            "gaps are found once loading is complete"
        } else {
            "no gap in that direction"
        };
        return Err(why.into());
    };
    cx.app.go(Anchor::Time(until));
    Ok(())
}

fn day(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let app = &mut *cx.app;
    let row = app
        .panes
        .list
        .focused()
        .and_then(|row| Some((row, row.time?)));
    let (row, time) = row.ok_or("no event with a time under the cursor")?;
    let (start, end) = app.clock.zone.day_span(time, row.offset);
    let newest = app.results.counts.span.map(|(_, newest)| newest);
    if forward && newest.is_some_and(|newest| newest < end) {
        return Err("no later day".into());
    }
    let first = app.panes.list.is_first_of_day();
    let to = match (forward, first) {
        (true, _) => end,
        (false, false) => start,
        // The previous day is the day of the event before this one.
        (false, true) => {
            let (time, offset) = app.panes.list.before_cursor().ok_or("no earlier day")?;
            app.clock.zone.day_span(time, offset).0
        }
    };
    app.go(Anchor::Time(to));
    Ok(())
}

fn first(cx: &mut Context<'_>, forward: bool) -> Outcome {
    // Data that is not loaded yet may be older.
    if cx.app.status.is_loading() {
        return Err("first-seen values are known once loading is complete".into());
    }
    let from = cx.event()?.id;
    cx.app.seek(SeekWant {
        from,
        forward,
        what: SeekTarget::FirstSeen,
    });
    Ok(())
}

fn change(cx: &mut Context<'_>, name: &str, forward: bool) -> Outcome {
    let (field, value) = super::event::value_of(cx, name)?;
    let other = value.map_or(TestOp::Exists, TestOp::NotExact);
    let from = cx.event()?.id;
    cx.app.seek(SeekWant {
        from,
        forward,
        what: SeekTarget::Query(Arc::new(Node::Test(Test::new(&field, other)))),
    });
    Ok(())
}
