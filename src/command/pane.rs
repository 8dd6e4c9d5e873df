//! Focus and layout of the panes.

use super::Run::{Do, Try};
use super::Scope::{Global, Pane};
use super::unless::{no_event, no_source};
use super::{Command, Context, Outcome, Task, row};
use crate::app::App;
use crate::app::layout::{self, PaneId};
use crate::config::{DetailPlace, Shape};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("pane.next", "next pane", Task::Move, Global, Do(|cx| turn(cx, 1)),
        "Focus the next pane")
            .also("switch window"),
    row("pane.previous", "previous pane", Task::Move, Global, Do(|cx| turn(cx, PaneId::ALL.len() - 1)),
        "Focus the previous pane")
            .also("switch window"),
    row("pane.maximise", "maximise", Task::View, Global, Do(maximise),
        "Maximise the pane, or restore the layout")
            .also("maximize zoom fullscreen full"),
    row("pane.facets", "facets", Task::View, Global, Do(facets),
        "Toggle facets: always shown, or when focused")
            .also("sidebar hide show"),
    row("pane.detail", "detail", Task::View, Global, Do(detail),
        "Cycle detail: beside, below, brief, hidden")
            .also("sidebar hide show event"),
    row("pane.histogram", "histogram", Task::View, Global, Do(histogram),
        "Toggle histogram: always shown, or when focused")
            .also("chart graph timeline hide show"),
    row("histogram.higher", "taller", Task::View, Global, Try(|cx| heighten(cx, true)),
        "Make the histogram taller")
            .also("chart bigger resize").unless(|app| no_height(app, true)),
    row("histogram.lower", "shorter", Task::View, Global, Try(|cx| heighten(cx, false)),
        "Make the histogram shorter")
            .also("chart smaller resize").unless(|app| no_height(app, false)),
    row("layout.reset", "reset layout", Task::View, Global, Do(usual),
        "Reset the layout to defaults")
            .also("default window"),
    row("list.focus", "list", Task::Move, Global, Do(|cx| cx.app.focus(PaneId::List)),
        "Focus the list"),
    row("list.open", "open", Task::Look, Pane(PaneId::List), Do(open),
        "Show the event's fields")
            .also("details event inspect").unless(no_event),
    row("list.raw", "raw", Task::Look, Pane(PaneId::List), Do(raw),
        "Show the event's raw record")
            .also("json record source").unless(no_event),
    row("histogram.focus", "histogram", Task::Move, Global, Do(|cx| cx.app.focus(PaneId::Histogram)),
        "Focus the histogram")
            .also("chart graph timeline bars"),
];

fn maximise(cx: &mut Context<'_>) {
    reshape(cx, |shape| Shape {
        maximised: !shape.maximised,
        ..shape
    });
}

fn facets(cx: &mut Context<'_>) {
    let stay = !layout::facets_stay(cx.app.screen.size.0, cx.app.screen.shape);
    cx.app.tell(if stay {
        "facets always shown"
    } else {
        "facets hidden until focused"
    });
    let usual = layout::facets_stay(cx.app.screen.size.0, Shape::default());
    alone_no_more(cx, |shape| Shape {
        facets: (stay != usual).then_some(stay),
        ..shape
    });
}

fn detail(cx: &mut Context<'_>) {
    let size = cx.app.screen.size;
    let place = match layout::detail_place(size, cx.app.screen.shape) {
        DetailPlace::Beside => DetailPlace::Below,
        DetailPlace::Below => DetailPlace::Brief,
        DetailPlace::Brief => DetailPlace::Hidden,
        DetailPlace::Hidden if size.0 < layout::MEDIUM => DetailPlace::Below,
        DetailPlace::Hidden => DetailPlace::Beside,
    };
    cx.app.tell(match place {
        DetailPlace::Beside => "detail beside the list",
        DetailPlace::Below => "detail below the list",
        DetailPlace::Brief => "detail summary below the list",
        DetailPlace::Hidden => "detail hidden until focused",
    });
    let usual = layout::detail_place(size, Shape::default());
    alone_no_more(cx, |shape| Shape {
        detail: (place != usual).then_some(place),
        ..shape
    });
}

fn histogram(cx: &mut Context<'_>) {
    let shown = cx.app.screen.shape.histogram != Some(0);
    cx.app.tell(if shown {
        "histogram hidden until focused"
    } else {
        "histogram always shown"
    });
    alone_no_more(cx, |shape| Shape {
        histogram: shown.then_some(0),
        ..shape
    });
}

fn usual(cx: &mut Context<'_>) {
    cx.app.tell("layout reset");
    reshape(cx, |_| Shape::default());
}

fn open(cx: &mut Context<'_>) {
    if cx.app.panes.list.focused().is_none() && super::source::retry_all(cx) {
        return;
    }
    cx.app.focus(PaneId::Detail);
}

fn raw(cx: &mut Context<'_>) {
    cx.app.panes.detail.next_face();
    cx.app.focus(PaneId::Detail);
}

fn reshape(cx: &mut Context<'_>, change: impl FnOnce(Shape) -> Shape) {
    let shape = change(cx.app.screen.shape);
    cx.app.set_shape(shape, cx.effects);
}

/// Changes the layout and leaves the maximised view, so that the change is visible.
fn alone_no_more(cx: &mut Context<'_>, change: impl FnOnce(Shape) -> Shape) {
    reshape(cx, |shape| Shape {
        maximised: false,
        ..change(shape)
    });
}

/// Possible heights of the histogram in rows: with two it would have no axis, and more than 13 leave too few rows for
/// the list.
const HEIGHTS: [u16; 6] = [0, 1, 3, 5, 9, 13];

/// Next height of the histogram.
fn height(app: &App, more: bool) -> Option<u16> {
    let rows = layout::histogram_rows(app.screen.size, app.screen.wish());
    if more {
        HEIGHTS.into_iter().find(|height| *height > rows)
    } else {
        HEIGHTS.into_iter().rfind(|height| *height < rows)
    }
}

/// Reason why the histogram cannot have another height, for the palette.
fn no_height(app: &App, more: bool) -> Option<&'static str> {
    no_source(app).or(height(app, more).is_none().then_some("no further"))
}

fn heighten(cx: &mut Context<'_>, more: bool) -> Outcome {
    let next = height(cx.app, more).ok_or("no further")?;
    alone_no_more(cx, |shape| Shape {
        histogram: Some(next),
        ..shape
    });
    Ok(())
}

fn turn(cx: &mut Context<'_>, by: usize) {
    let order = PaneId::ALL;
    let at = order
        .iter()
        .position(|pane| *pane == cx.app.screen.focus)
        .unwrap_or(0);
    cx.app.focus(order[(at + by) % order.len()]);
}
