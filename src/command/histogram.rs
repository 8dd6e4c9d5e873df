//! Histogram: cursor, time selection, bin width.

use super::Run::{Do, Try};
use super::Scope::Pane;
use super::unless::{no_coarser, no_finer};
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::layout::PaneId;
use crate::app::request::Topics;

const HERE: Scope = Pane(PaneId::Histogram);

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("histogram.left", "left", Task::Move, HERE, Do(|cx| cx.app.panes.histogram.step(-1)),
        "Move one bucket left"),
    row("histogram.right", "right", Task::Move, HERE, Do(|cx| cx.app.panes.histogram.step(1)),
        "Move one bucket right"),
    row("histogram.left-more", "ten left", Task::Move, HERE, Do(|cx| cx.app.panes.histogram.step(-10)),
        "Move ten buckets left"),
    row("histogram.right-more", "ten right", Task::Move, HERE, Do(|cx| cx.app.panes.histogram.step(10)),
        "Move ten buckets right"),
    row("histogram.first", "oldest", Task::Move, HERE, Do(|cx| cx.app.panes.histogram.step(i64::MIN)),
        "Go to the oldest bucket"),
    row("histogram.last", "newest", Task::Move, HERE, Do(|cx| cx.app.panes.histogram.step(i64::MAX)),
        "Go to the newest bucket"),
    row("histogram.select", "select", Task::Filter, HERE, Do(|cx| cx.app.panes.histogram.toggle_selection()),
        "Start or clear a time selection"),
    row("histogram.zoom", "zoom", Task::Filter, HERE, Try(zoom),
        "Zoom to the selection"),
    row("histogram.finer", "finer", Task::View, HERE, Try(|cx| coarsen(cx, -1)),
        "Use smaller buckets")
            .also("bins resolution").unless(no_finer).anywhere(),
    row("histogram.coarser", "coarser", Task::View, HERE, Try(|cx| coarsen(cx, 1)),
        "Use larger buckets")
            .also("bins resolution").unless(no_coarser).anywhere(),
];

fn zoom(cx: &mut Context<'_>) -> Outcome {
    let range = cx.app.panes.histogram.range().ok_or("nothing to zoom to")?;
    cx.app.panes.histogram.clear_selection();
    cx.app.set_range(range);
    Ok(())
}

fn coarsen(cx: &mut Context<'_>, by: i32) -> Outcome {
    if !cx.app.panes.histogram.coarsen(by) {
        return Err(if by < 0 {
            "buckets cannot be smaller: zoom in first"
        } else {
            "buckets cannot be larger"
        }
        .into());
    }
    cx.app.need(Topics::HISTOGRAM);
    Ok(())
}
