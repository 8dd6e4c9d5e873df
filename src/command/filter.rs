//! The filter as a whole, and the time range in it.

use super::Run::{Do, Try};
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::model::time::SECOND;
use crate::overlays::PromptKind;
use crate::query::{Filter, TimeRange};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("filter.edit", "filter", Global, Do(edit),
        "Type a filter: words, field:value, and or not, status>=400"),
    row("filter.undo", "undo", Global, Do(|cx| cx.app.undo()),
        "Undo the last change of the filter"),
    row("filter.redo", "redo", Global, Do(|cx| cx.app.redo()),
        "Redo what was undone"),
    row("filter.bypass", "show all", Global, Do(|cx| cx.app.toggle_bypass()),
        "Show everything and back, the same event under the cursor"),
    row("filter.clear", "clear", Global, Try(clear),
        "Drop the whole filter; undo brings it back"),
    row("time.edit", "time", Global, Do(|cx| cx.prompt(PromptKind::Time, "")),
        "Type a time range: -2h, 13:20..13:35, 2024-04-12, last 1h (of the data), <1m (before the cursor), all"),
    row("time.zoom-in", "zoom in", Global, Try(|cx| zoom(cx, 1, 4)),
        "Half the time range, around the event under the cursor"),
    row("time.zoom-out", "zoom out", Global, Try(|cx| zoom(cx, 1, 1)),
        "Twice the time range"),
    row("time.earlier", "earlier", Global, Try(|cx| shift(cx, -1)),
        "The time range before this one"),
    row("time.later", "later", Global, Try(|cx| shift(cx, 1)),
        "The time range after this one"),
    row("time.all", "all of time", Global, Do(|cx| cx.app.set_range(TimeRange::default())),
        "Drop the time range: everything that is loaded"),
];

fn edit(cx: &mut Context<'_>) {
    let text = cx.app.filters.current().text.clone();
    cx.prompt(PromptKind::Filter, &text);
}

fn clear(cx: &mut Context<'_>) -> Outcome {
    if !cx.app.refine(|filter| *filter = Filter::default()) {
        return Err("no filter to clear".into());
    }
    Ok(())
}

/// The range in force, with open ends closed by the events that match.
fn bounds(cx: &Context<'_>) -> Option<(i64, i64)> {
    let range = cx.app.filters.current().range;
    let span = cx.app.results.counts.span;
    let since = range.since.or(span.map(|span| span.0))?;
    let until = range.until.or(span.map(|span| span.1 + 1))?;
    (since < until).then_some((since, until))
}

/// A range that reaches `part/of` of the present width to both sides of the cursor's event.
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
    let range = TimeRange {
        since: Some(middle.saturating_sub(half)),
        until: Some(middle.saturating_add(half)),
    };
    cx.app.set_range(range);
    Ok(())
}

fn shift(cx: &mut Context<'_>, ways: i64) -> Outcome {
    let range = cx.app.filters.current().range;
    let (Some(since), Some(until)) = (range.since, range.until) else {
        return Err("no closed time range to move: t sets one, z zooms in".into());
    };
    let by = (until - since).saturating_mul(ways);
    let range = TimeRange {
        since: Some(since.saturating_add(by)),
        until: Some(until.saturating_add(by)),
    };
    cx.app.set_range(range);
    Ok(())
}
