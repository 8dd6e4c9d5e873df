//! The histogram: its cursor, a selection of time, the width of its bins.

use super::Run::Plain;
use super::Scope::Pane;
use super::{Command, Context, Outcome, Scope, row};
use crate::app::asking::Parts;
use crate::app::layout::PaneId;

const HERE: Scope = Pane(PaneId::Histogram);

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("histogram.left", "left", HERE, Plain(|cx| go(cx, -1)),
        "One bin to the left"),
    row("histogram.right", "right", HERE, Plain(|cx| go(cx, 1)),
        "One bin to the right"),
    row("histogram.left-more", "ten left", HERE, Plain(|cx| go(cx, -10)),
        "Ten bins to the left"),
    row("histogram.right-more", "ten right", HERE, Plain(|cx| go(cx, 10)),
        "Ten bins to the right"),
    row("histogram.first", "oldest", HERE, Plain(|cx| go(cx, i64::MIN)),
        "To the oldest bin"),
    row("histogram.last", "newest", HERE, Plain(|cx| go(cx, i64::MAX)),
        "To the newest bin"),
    row("histogram.select", "select", HERE, Plain(select),
        "Begin or drop a selection of time"),
    row("histogram.zoom", "zoom", HERE, Plain(zoom),
        "Keep only the selected time"),
    row("histogram.finer", "finer", HERE, Plain(|cx| coarsen(cx, -1)),
        "Narrower bins"),
    row("histogram.coarser", "coarser", HERE, Plain(|cx| coarsen(cx, 1)),
        "Wider bins"),
];

fn select(cx: &mut Context<'_>) -> Outcome {
    cx.app.histogram.toggle_selection();
    Outcome::Done
}

fn zoom(cx: &mut Context<'_>) -> Outcome {
    let Some(range) = cx.app.histogram.range() else {
        return Outcome::Refused("nothing to zoom to".into());
    };
    cx.app.histogram.clear_selection();
    cx.app.set_range(range);
    Outcome::Done
}

fn go(cx: &mut Context<'_>, by: i64) -> Outcome {
    cx.app.histogram.step(by);
    Outcome::Done
}

fn coarsen(cx: &mut Context<'_>, by: i32) -> Outcome {
    if !cx.app.histogram.coarsen(by) {
        return Outcome::Refused(
            if by < 0 {
                "bins fill the width: zoom in for finer ones"
            } else {
                "no wider bins"
            }
            .into(),
        );
    }
    cx.app.need(Parts::HISTOGRAM);
    Outcome::Done
}
