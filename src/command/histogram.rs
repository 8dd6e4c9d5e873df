//! The histogram: its cursor, a selection of time, the width of its bins.

use super::Run::{Do, Try};
use super::Scope::Pane;
use super::{Command, Context, Outcome, Scope, row};
use crate::app::asking::Parts;
use crate::app::layout::PaneId;

const HERE: Scope = Pane(PaneId::Histogram);

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("histogram.left", "left", HERE, Do(|cx| cx.app.panes.histogram.step(-1)),
        "One bin to the left"),
    row("histogram.right", "right", HERE, Do(|cx| cx.app.panes.histogram.step(1)),
        "One bin to the right"),
    row("histogram.left-more", "ten left", HERE, Do(|cx| cx.app.panes.histogram.step(-10)),
        "Ten bins to the left"),
    row("histogram.right-more", "ten right", HERE, Do(|cx| cx.app.panes.histogram.step(10)),
        "Ten bins to the right"),
    row("histogram.first", "oldest", HERE, Do(|cx| cx.app.panes.histogram.step(i64::MIN)),
        "To the oldest bin"),
    row("histogram.last", "newest", HERE, Do(|cx| cx.app.panes.histogram.step(i64::MAX)),
        "To the newest bin"),
    row("histogram.select", "select", HERE, Do(|cx| cx.app.panes.histogram.toggle_selection()),
        "Begin or drop a selection of time"),
    row("histogram.zoom", "zoom", HERE, Try(zoom),
        "Keep only the selected time"),
    row("histogram.finer", "finer", HERE, Try(|cx| coarsen(cx, -1)),
        "Narrower bins"),
    row("histogram.coarser", "coarser", HERE, Try(|cx| coarsen(cx, 1)),
        "Wider bins"),
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
            "bins fill the width: zoom in for finer ones"
        } else {
            "no wider bins"
        }
        .into());
    }
    cx.app.need(Parts::HISTOGRAM);
    Ok(())
}
