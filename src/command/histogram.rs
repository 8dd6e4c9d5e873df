//! The histogram: its cursor, a selection of time, the width of its bins.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::asking::Parts;
use crate::app::layout::PaneId;

const HERE: Scope = Scope::Pane(PaneId::Histogram);

pub(super) const COMMANDS: &[Command] = &[
    row(
        "histogram.left",
        "left",
        "One bin to the left",
        HERE,
        |cx, _| go(cx, -1),
    ),
    row(
        "histogram.right",
        "right",
        "One bin to the right",
        HERE,
        |cx, _| go(cx, 1),
    ),
    row(
        "histogram.left-more",
        "ten left",
        "Ten bins to the left",
        HERE,
        |cx, _| go(cx, -10),
    ),
    row(
        "histogram.right-more",
        "ten right",
        "Ten bins to the right",
        HERE,
        |cx, _| go(cx, 10),
    ),
    row(
        "histogram.first",
        "oldest",
        "To the oldest bin",
        HERE,
        |cx, _| go(cx, i64::MIN),
    ),
    row(
        "histogram.last",
        "newest",
        "To the newest bin",
        HERE,
        |cx, _| go(cx, i64::MAX),
    ),
    row(
        "histogram.select",
        "select",
        "Begin or drop a selection of time",
        HERE,
        |cx, _| {
            cx.app.histogram.toggle_selection();
            Outcome::Done
        },
    ),
    row(
        "histogram.zoom",
        "zoom",
        "Keep only the selected time",
        HERE,
        |cx, _| {
            let Some(range) = cx.app.histogram.range() else {
                return Outcome::Refused("nothing to zoom to".into());
            };
            cx.app.histogram.clear_selection();
            cx.app.set_range(range);
            Outcome::Done
        },
    ),
    row(
        "histogram.finer",
        "finer",
        "Narrower bins",
        HERE,
        |cx, _| coarsen(cx, -1),
    ),
    row(
        "histogram.coarser",
        "coarser",
        "Wider bins",
        HERE,
        |cx, _| coarsen(cx, 1),
    ),
];

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
