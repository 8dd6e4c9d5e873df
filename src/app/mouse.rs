//! The pointer: a click goes where it points, on a facet's value it picks it, a drag over the histogram selects
//! time. The wheel scrolls what it is over, and leaves the focus where it is.

use super::App;
use super::layout::PaneId;
use super::refine::Refinement;
use crate::command::{Travel, travel, travel_in};
use crate::widgets::Area;

/// What was done with the first button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    Down,
    Drag,
    Up,
}

fn holds(area: Area, x: u16, y: u16) -> bool {
    (area.x..area.x + area.width).contains(&x) && (area.y..area.y + area.height).contains(&y)
}

impl App {
    /// The pane at a cell, with the cell's place in it.
    fn pane_at(&self, x: u16, y: u16) -> Option<(PaneId, u16, u16)> {
        let layout = self.layout();
        // A drawer lies over the list, so facets are looked for first.
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

    pub(super) fn pointed(&mut self, what: Pointer, x: u16, y: u16) {
        if self.overlay.is_some() || !self.pending.is_empty() {
            return;
        }
        self.notice = None;
        let found = self.pane_at(x, y);
        match (what, found) {
            (Pointer::Down, Some((pane, dx, dy))) => self.clicked(pane, dx, dy),
            (Pointer::Drag, _) if self.histogram.is_dragging() => {
                let area = self.layout().histogram.unwrap_or_default();
                self.histogram.drag_to(x.saturating_sub(area.x));
            }
            (Pointer::Up, _) if self.histogram.is_dragging() => {
                let dragged = self.histogram.is_dragged();
                let range = self.histogram.range();
                self.histogram.end_drag();
                self.histogram.clear_selection();
                match range.filter(|_| dragged) {
                    Some(range) => self.set_range(range),
                    None => self.focus(PaneId::Histogram),
                }
            }
            _ => {}
        }
    }

    pub(super) fn wheeled(&mut self, by: i64, x: u16, y: u16) {
        self.notice = None;
        let rows = Travel::Rows(by);
        if self.overlay.is_some() {
            return travel(self, rows);
        }
        if let Some((pane, ..)) = self.pane_at(x, y) {
            travel_in(self, pane, rows);
        }
    }

    fn clicked(&mut self, pane: PaneId, x: u16, y: u16) {
        // With the focus the histogram may become higher and have other bins: not under a drag.
        if pane != PaneId::Histogram {
            self.focus(pane);
        }
        match pane {
            PaneId::List => {
                if let Some(line) = y.checked_sub(1) {
                    self.list.point(usize::from(line));
                }
            }
            PaneId::Facets => {
                let Some(on) = self.facets.point(usize::from(y)) else {
                    return;
                };
                if on {
                    if self.facets.is_on_more() {
                        self.facets.more();
                    } else if let Some((field, value)) = self.facets.focused_value() {
                        self.refine_value(&field, &value, Refinement::Toggle);
                    }
                } else {
                    let at = self.facets.focused();
                    let collapsed = self.facets.facets[at].collapsed;
                    self.facets.collapse(!collapsed);
                }
            }
            PaneId::Histogram => self.histogram.begin_drag(x),
            PaneId::Detail => {}
        }
    }
}
