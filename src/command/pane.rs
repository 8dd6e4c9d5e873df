//! Which pane has the focus, and how much of the screen it gets.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::layout::{self, PaneId};
use crate::config::{DetailPlace, Shape};

pub(super) const COMMANDS: &[Command] = &[
    row(
        "pane.next",
        "next pane",
        "To the next pane",
        Scope::Global,
        |cx, _| turn(cx, 1),
    ),
    row(
        "pane.previous",
        "previous pane",
        "To the previous pane",
        Scope::Global,
        |cx, _| turn(cx, PaneId::ALL.len() - 1),
    ),
    row(
        "pane.maximise",
        "maximise",
        "The focused pane alone, and back",
        Scope::Global,
        |cx, _| {
            reshape(cx, |shape| Shape {
                maximised: !shape.maximised,
                ..shape
            })
        },
    ),
    row(
        "pane.facets",
        "facets",
        "The facets beside the list, or only while they have the focus",
        Scope::Global,
        |cx, _| {
            let stay = !layout::facets_stay(cx.app.size.0, cx.app.shape);
            cx.app.tell(if stay {
                "the facets stay beside the list"
            } else {
                "the facets come when they are gone to"
            });
            let usual = layout::facets_stay(cx.app.size.0, Shape::default());
            alone_no_more(cx, |shape| Shape {
                facets: (stay != usual).then_some(stay),
                ..shape
            })
        },
    ),
    row(
        "pane.detail",
        "detail",
        "The detail beside the list, below it, in a line, or only while it has the focus",
        Scope::Global,
        |cx, _| {
            let size = cx.app.size;
            let place = match layout::detail_place(size, cx.app.shape) {
                DetailPlace::Beside => DetailPlace::Below,
                DetailPlace::Below => DetailPlace::Brief,
                DetailPlace::Brief => DetailPlace::Hidden,
                DetailPlace::Hidden if size.0 < 100 => DetailPlace::Below,
                DetailPlace::Hidden => DetailPlace::Beside,
            };
            cx.app.tell(match place {
                DetailPlace::Beside => "the detail stands beside the list",
                DetailPlace::Below => "the detail stands below the list",
                DetailPlace::Brief => "the detail is a line or two",
                DetailPlace::Hidden => "the detail comes when it is gone to",
            });
            let usual = layout::detail_place(size, Shape::default());
            alone_no_more(cx, |shape| Shape {
                detail: (place != usual).then_some(place),
                ..shape
            })
        },
    ),
    row(
        "pane.histogram",
        "histogram",
        "The histogram above the list, or only while it has the focus",
        Scope::Global,
        |cx, _| {
            let shown = cx.app.shape.histogram != Some(0);
            cx.app.tell(if shown {
                "the histogram comes when it is gone to"
            } else {
                "the histogram stands above the list"
            });
            alone_no_more(cx, |shape| Shape {
                histogram: shown.then_some(0),
                ..shape
            })
        },
    ),
    row(
        "histogram.higher",
        "higher",
        "More rows for the histogram",
        Scope::Global,
        |cx, _| heighten(cx, true),
    ),
    row(
        "histogram.lower",
        "lower",
        "Fewer rows for the histogram, down to none",
        Scope::Global,
        |cx, _| heighten(cx, false),
    ),
    row(
        "pane.usual",
        "as usual",
        "The usual layout for a screen of this size",
        Scope::Global,
        |cx, _| {
            cx.app.tell("the usual layout");
            reshape(cx, |_| Shape::default())
        },
    ),
    row(
        "list.focus",
        "list",
        "To the list",
        Scope::Global,
        |cx, _| focus(cx, PaneId::List),
    ),
    row(
        "list.open",
        "open",
        "All fields of this event; where there is none, try sources again that failed",
        Scope::Pane(PaneId::List),
        |cx, _| {
            if cx.app.list.focused().is_none() && super::source::retry_all(cx) {
                return Outcome::Done;
            }
            focus(cx, PaneId::Detail)
        },
    ),
    row(
        "list.raw",
        "raw",
        "The raw record of this event",
        Scope::Pane(PaneId::List),
        |cx, _| {
            cx.app.detail.next_face();
            focus(cx, PaneId::Detail)
        },
    ),
    row(
        "histogram.focus",
        "histogram",
        "To the histogram",
        Scope::Global,
        |cx, _| focus(cx, PaneId::Histogram),
    ),
];

fn reshape(cx: &mut Context<'_>, change: impl FnOnce(Shape) -> Shape) -> Outcome {
    let shape = change(cx.app.shape);
    cx.app.set_shape(shape, cx.effects);
    Outcome::Done
}

/// Changes what stands beside what, which is to be seen.
fn alone_no_more(cx: &mut Context<'_>, change: impl FnOnce(Shape) -> Shape) -> Outcome {
    reshape(cx, |shape| Shape {
        maximised: false,
        ..change(shape)
    })
}

/// Rows the histogram may have: with two it has no axis, and with more than 13 the list has too few.
const HEIGHTS: [u16; 6] = [0, 1, 3, 5, 9, 13];

fn heighten(cx: &mut Context<'_>, more: bool) -> Outcome {
    let rows = layout::histogram_rows(cx.app.size, cx.app.wish());
    let next = if more {
        HEIGHTS.into_iter().find(|height| *height > rows)
    } else {
        HEIGHTS.into_iter().rfind(|height| *height < rows)
    };
    let Some(next) = next else {
        return Outcome::Refused("no further".into());
    };
    alone_no_more(cx, |shape| Shape {
        histogram: Some(next),
        ..shape
    })
}

fn focus(cx: &mut Context<'_>, pane: PaneId) -> Outcome {
    cx.app.focus(pane);
    Outcome::Done
}

fn turn(cx: &mut Context<'_>, by: usize) -> Outcome {
    let order = PaneId::ALL;
    let at = order
        .iter()
        .position(|pane| *pane == cx.app.focus)
        .unwrap_or(0);
    focus(cx, order[(at + by) % order.len()])
}
