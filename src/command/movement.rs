//! Moving within whatever has the focus: a pane, or a list that lies over the panes.

use super::{Command, Context, Outcome, Scope, row};
use crate::app::App;
use crate::app::asking::Parts;
use crate::app::layout::PaneId;
use crate::overlays;

/// A way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// Rows, down when positive.
    Rows(i64),
    /// Half pages, down when positive.
    Halves(i64),
    First,
    Last,
}

pub(super) const COMMANDS: &[Command] = &[
    row(
        "move.down",
        "down",
        "One row down",
        Scope::Global,
        |cx, _| go(cx, Travel::Rows(1)),
    ),
    row(
        "move.up",
        "up",
        "One row up; in the list this holds the view",
        Scope::Global,
        |cx, _| go(cx, Travel::Rows(-1)),
    ),
    row(
        "move.half-page-down",
        "half page down",
        "Half a page down",
        Scope::Global,
        |cx, _| go(cx, Travel::Halves(1)),
    ),
    row(
        "move.half-page-up",
        "half page up",
        "Half a page up",
        Scope::Global,
        |cx, _| go(cx, Travel::Halves(-1)),
    ),
    row(
        "move.page-down",
        "page down",
        "One page down",
        Scope::Global,
        |cx, _| go(cx, Travel::Halves(2)),
    ),
    row(
        "move.page-up",
        "page up",
        "One page up",
        Scope::Global,
        |cx, _| go(cx, Travel::Halves(-2)),
    ),
    row(
        "move.first",
        "oldest",
        "To the first row; in the list the oldest event",
        Scope::Global,
        |cx, _| go(cx, Travel::First),
    ),
    row(
        "move.last",
        "newest",
        "To the last row; in the list the newest event, which is then followed",
        Scope::Global,
        |cx, _| go(cx, Travel::Last),
    ),
    row(
        "move.left",
        "left",
        "In the list, scroll the columns back",
        Scope::Global,
        |cx, _| columns(cx, -1),
    ),
    row(
        "move.right",
        "right",
        "In the list, scroll the columns on",
        Scope::Global,
        |cx, _| columns(cx, 1),
    ),
];

fn columns(cx: &mut Context<'_>, by: isize) -> Outcome {
    let last = cx.app.list.columns().len().saturating_sub(2);
    cx.app.list.skip = cx.app.list.skip.saturating_add_signed(by).min(last);
    Outcome::Done
}

fn go(cx: &mut Context<'_>, travel: Travel) -> Outcome {
    self::travel(cx.app, travel);
    Outcome::Done
}

/// Moves whatever has the focus.
pub fn travel(app: &mut App, travel: Travel) {
    if app.overlay.is_some() {
        return overlays::travel(app, travel);
    }
    match app.focus {
        PaneId::List => list(app, travel),
        PaneId::Facets => {
            let half = (app.facets.page() / 2).max(1) as i64;
            app.facets.step(travel.rows(half));
        }
        PaneId::Detail => {
            let half = app
                .layout()
                .detail
                .map_or(1, |area| i64::from(area.height / 2).max(1));
            app.detail.step(travel.rows(half));
        }
        PaneId::Histogram => match travel {
            // Up and down have no meaning on a time axis; first and last have.
            Travel::First => app.histogram.step(i64::MIN),
            Travel::Last => app.histogram.step(i64::MAX),
            Travel::Rows(_) | Travel::Halves(_) => {}
        },
    }
}

fn list(app: &mut App, travel: Travel) {
    let matched = app.counts.matched;
    let half = (app.list.room() / 2).max(1) as i64;
    let fetch = match travel {
        Travel::Rows(by) => app.list.step(by, matched),
        Travel::Halves(by) => app.list.page(by * half, matched),
        Travel::First => app.list.go_oldest(),
        Travel::Last => return app.set_follow(true),
    };
    if fetch {
        app.need(Parts::WINDOW);
    }
}

impl Travel {
    /// The same in rows where half a page has `half` of them.
    pub fn rows(self, half: i64) -> i64 {
        match self {
            Self::Rows(by) => by,
            Self::Halves(by) => by * half,
            Self::First => i64::from(i32::MIN),
            Self::Last => i64::from(i32::MAX),
        }
    }
}
