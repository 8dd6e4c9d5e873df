//! Filter and time range.

use super::Run::{Do, Try};
use super::Scope::Global;
use super::unless::{no_closed_range, no_event, no_filter, no_range, no_redo, no_undo};
use super::{Command, Context, Outcome, Task, row};
use crate::app::time_input;
use crate::model::time::SECOND;
use crate::overlays::Prompt;
use crate::query::{Filter, TimeRange};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("filter.edit", "filter", Task::Filter, Global, Do(edit),
        "Edit the filter")
            .also("query where search find grep"),
    row("filter.undo", "undo", Task::Filter, Global, Do(|cx| cx.app.undo()),
        "Undo the last change to the filter or view")
            .also("revert back").unless(no_undo),
    row("filter.redo", "redo", Task::Filter, Global, Do(|cx| cx.app.redo()),
        "Redo the last undone change")
            .also("again forward").unless(no_redo),
    row("filter.bypass", "show all", Task::Filter, Global, Do(|cx| cx.app.toggle_bypass()),
        "Bypass the filter, or apply it again")
            .also("toggle all everything unfiltered").unless(no_filter),
    row("filter.clear", "clear", Task::Filter, Global, Try(clear),
        "Clear the filter (can be undone)")
            .also("reset remove all everything").unless(no_filter),
    row("time.edit", "time", Task::Filter, Global, Do(edit_time),
        "Set the time range: 1h, 13:20..13:35, all")
            .also("range since until from to last period date when"),
    row("time.zoom-in", "zoom in", Task::Filter, Global, Try(|cx| zoom(cx, 1, 4)),
        "Zoom in around the event (half the range)")
            .also("narrow closer").unless(no_event),
    row("time.zoom-out", "zoom out", Task::Filter, Global, Try(|cx| zoom(cx, 1, 1)),
        "Zoom out (twice the range)")
            .also("wider").unless(no_event),
    row("time.earlier", "earlier", Task::Filter, Global, Try(|cx| shift(cx, -1)),
        "Shift the time range earlier")
            .also("back past previous").unless(no_closed_range),
    row("time.later", "later", Task::Filter, Global, Try(|cx| shift(cx, 1)),
        "Shift the time range later")
            .also("forward next").unless(no_closed_range),
    row("time.all", "all time", Task::Filter, Global, Do(|cx| cx.app.set_range(TimeRange::default())),
        "Clear the time range")
            .also("reset everything range").unless(no_range),
];

fn edit(cx: &mut Context<'_>) {
    let text = cx.app.filters.current().text.clone();
    let earlier = cx.app.prompts.filters.entries().iter().rev();
    let earlier = earlier.filter(|earlier| **earlier != text).cloned();
    cx.app.open(Prompt::filter(&text, earlier.collect()));
}

fn edit_time(cx: &mut Context<'_>) {
    let presets = time_input::presets(cx.app);
    cx.app.open(Prompt::time(presets));
}

fn clear(cx: &mut Context<'_>) -> Outcome {
    if !cx.app.refine(|filter| *filter = Filter::default()) {
        return Err("no filter to clear".into());
    }
    Ok(())
}

/// Time range in effect; open ends are those of the matching events.
fn bounds(cx: &Context<'_>) -> Option<(i64, i64)> {
    let range = cx.app.filters.current().range;
    let span = cx.app.results.counts.span;
    let since = range.since.or(span.map(|span| span.0))?;
    let until = range.until.or(span.map(|span| span.1 + 1))?;
    (since < until).then_some((since, until))
}

/// Sets a range that extends `part/of` of the current width to each side of the event under the cursor.
fn zoom(cx: &mut Context<'_>, part: i64, of: i64) -> Outcome {
    let (since, until) = bounds(cx).ok_or("no events to zoom around")?;
    let middle = cx
        .app
        .panes
        .list
        .focused()
        .and_then(|row| row.time)
        .unwrap_or(since / 2 + until / 2);
    let half = ((until - since) / of * part).max(SECOND / 1000);
    let (mut from, mut to) = (middle.saturating_sub(half), middle.saturating_add(half));
    // A smaller range stays within the larger one: beyond it, there is nothing to see.
    if half < (until - since) / 2 {
        let (late, early) = ((to - until).max(0), (since - from).max(0));
        (from, to) = (from - late + early, to - late + early);
    }
    let range = TimeRange {
        since: Some(from),
        until: Some(to),
    };
    cx.app.set_range(range);
    Ok(())
}

fn shift(cx: &mut Context<'_>, ways: i64) -> Outcome {
    let range = cx.app.filters.current().range;
    let (Some(since), Some(until)) = (range.since, range.until) else {
        return Err("no time range to shift: press t to set one, or z to zoom in".into());
    };
    let by = (until - since).saturating_mul(ways);
    let range = TimeRange {
        since: Some(since.saturating_add(by)),
        until: Some(until.saturating_add(by)),
    };
    cx.app.set_range(range);
    Ok(())
}
