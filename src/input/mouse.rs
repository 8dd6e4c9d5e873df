//! Pointer input. A click moves to its target. In the focused facets, it picks the value; the first click on another
//! pane only gives it the focus. A double click opens the event, the table of a facet, or the time of a bucket. A drag
//! over the histogram selects time. The wheel scrolls the pane below the pointer without changing the focus.

use crate::app::layout::PaneId;
use crate::app::refine::Refinement;
use crate::app::{App, Effect, Pointer};
use crate::command::{self, Context, travel, travel_in};
use crate::widgets::{Area, Travel};

fn holds(area: Area, x: u16, y: u16) -> bool {
    (area.x..area.x + area.width).contains(&x) && (area.y..area.y + area.height).contains(&y)
}

/// Pane at a cell, and the position of the cell in it.
fn pane_at(app: &App, x: u16, y: u16) -> Option<(PaneId, u16, u16)> {
    let layout = app.screen.layout();
    // A drawer covers the list, so facets come first.
    let order = [
        PaneId::Facets,
        PaneId::List,
        PaneId::Detail,
        PaneId::Histogram,
    ];
    order.into_iter().find_map(|pane| {
        let area = layout.area(pane).filter(|area| holds(*area, x, y))?;
        Some((pane, x - area.x, y - area.y))
    })
}

pub(super) fn pointed(app: &mut App, what: Pointer, (x, y): (u16, u16), effects: &mut Vec<Effect>) {
    if app.overlay.is_some() || !app.keyboard.pending.is_empty() {
        return;
    }
    app.keyboard.notice = None;
    let found = pane_at(app, x, y);
    match (what, found) {
        (Pointer::Down, Some((pane, dx, dy))) => {
            let is_double = app.screen.click((x, y), app.clock.now);
            if !is_double || !opened(app, pane, effects) {
                clicked(app, pane, dx, dy);
            }
        }
        (Pointer::Drag, _) if app.panes.histogram.is_dragging() => {
            let area = app.screen.layout().histogram.unwrap_or_default();
            app.panes.histogram.drag_to(x.saturating_sub(area.x));
        }
        (Pointer::Up, _) if app.panes.histogram.is_dragging() => {
            let dragged = app.panes.histogram.is_dragged();
            let range = app.panes.histogram.range();
            app.panes.histogram.end_drag();
            app.panes.histogram.clear_selection();
            match range.filter(|_| dragged) {
                Some(range) => app.set_range(range),
                None => app.focus(PaneId::Histogram),
            }
        }
        _ => {}
    }
}

pub(super) fn wheeled(app: &mut App, by: i64, x: u16, y: u16) {
    app.keyboard.notice = None;
    let rows = Travel::Rows(by);
    if app.overlay.is_some() {
        return travel(app, rows);
    }
    if let Some((pane, ..)) = pane_at(app, x, y) {
        travel_in(app, pane, rows);
    }
}

/// Opens what was selected by the first click of a double click. Returns false if there is nothing to open.
fn opened(app: &mut App, pane: PaneId, effects: &mut Vec<Effect>) -> bool {
    let command = match pane {
        PaneId::List if app.panes.list.focused().is_some() => "list.open",
        PaneId::Histogram if app.screen.focus == PaneId::Histogram => "histogram.zoom",
        PaneId::Facets if app.panes.facets.is_on_more() => "facet.table",
        _ => return false,
    };
    command::run(&mut Context { app, effects }, command, None);
    true
}

fn clicked(app: &mut App, pane: PaneId, x: u16, y: u16) {
    let was_focused = app.screen.focus == pane;
    // With the focus, the histogram may become taller and have other bins, which must not happen during a drag.
    if pane != PaneId::Histogram {
        app.focus(pane);
    }
    match pane {
        PaneId::List => {
            if let Some(line) = y.checked_sub(1) {
                app.panes.list.point(usize::from(line));
            }
        }
        PaneId::Facets => {
            let Some(on) = app.panes.facets.point(usize::from(y)) else {
                return;
            };
            // The first click gives the pane the focus, and changes nothing else.
            if !was_focused {
                return;
            }
            if on {
                if app.panes.facets.is_on_more() {
                    app.panes.facets.more();
                } else if let Some((field, value)) = app.panes.facets.focused_value() {
                    app.refine_value(&field, &value, Refinement::Toggle);
                }
            } else {
                let at = app.panes.facets.focused();
                let collapsed = app.panes.facets.facets[at].collapsed;
                app.panes.facets.collapse(!collapsed);
            }
        }
        PaneId::Histogram => app.panes.histogram.begin_drag(x),
        PaneId::Detail => {}
    }
}
