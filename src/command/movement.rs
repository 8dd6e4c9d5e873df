//! Motion within the focused pane or list overlay.

use super::Run::{Do, Number};
use super::Scope::{Always, Global};
use super::{Command, Context, Outcome, Task, card, help, row};
use crate::app::App;
use crate::app::layout::PaneId;
use crate::app::request::Topics;
use crate::engine::Anchor;
use crate::panes::list::columns::most_skipped;
use crate::widgets::Travel;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("move.down", "down", Task::Move, Always, Do(|cx| go(cx, Travel::Rows(1))),
        "Move down one row"),
    row("move.up", "up", Task::Move, Always, Do(|cx| go(cx, Travel::Rows(-1))),
        "Move up one row; in the list, stop following"),
    row("move.half-page-down", "half page down", Task::Move, Always, Do(|cx| go(cx, Travel::Halves(1))),
        "Move down half a page"),
    row("move.half-page-up", "half page up", Task::Move, Always, Do(|cx| go(cx, Travel::Halves(-1))),
        "Move up half a page"),
    row("move.page-down", "page down", Task::Move, Always, Do(|cx| go(cx, Travel::Halves(2))),
        "Move down one page"),
    row("move.page-up", "page up", Task::Move, Always, Do(|cx| go(cx, Travel::Halves(-2))),
        "Move up one page"),
    row("move.first", "oldest", Task::Move, Always, Do(|cx| go(cx, Travel::First)),
        "Go to the first row (oldest event)")
            .also("top begin start earliest"),
    row("move.last", "newest", Task::Move, Always, Do(|cx| go(cx, Travel::Last)),
        "Go to the last row (newest event, and follow)")
            .also("bottom end tail latest"),
    row("move.left", "left", Task::Move, Global, Do(|cx| columns(cx, -1)),
        "Scroll the list's columns left")
            .also("scroll"),
    row("move.right", "right", Task::Move, Global, Do(|cx| columns(cx, 1)),
        "Scroll the list's columns right")
            .also("scroll"),
    row("move.count", "count", Task::Move, Always, Number(count),
        "Type a count for the next motion"),
];

fn columns(cx: &mut Context<'_>, by: isize) {
    if help::across(cx.app, by) || card::across(cx.app, by) {
        return;
    }
    let last = most_skipped(cx.app.panes.list.columns().shown());
    cx.app.panes.list.skip = cx.app.panes.list.skip.saturating_add_signed(by).min(last);
}

fn go(cx: &mut Context<'_>, travel: Travel) {
    let travel = match cx.app.keyboard.count.take() {
        Some(count) => travel.times(count),
        None => travel,
    };
    self::travel(cx.app, travel);
}

/// Starts a count, or appends a digit to it.
fn count(cx: &mut Context<'_>, digit: usize) -> Outcome {
    if digit > 9 {
        return Err("move.count takes one digit (0-9)".into());
    }
    let app = &mut *cx.app;
    if digit == 0 && app.keyboard.count.is_none() {
        app.focus(PaneId::List);
        return Ok(());
    }
    let longer = app.keyboard.count.unwrap_or(0) * 10 + digit as u64;
    app.keyboard.count = Some(longer.min(MOST));
    Ok(())
}

/// Limit of a count; no list is longer.
const MOST: u64 = 1_000_000_000_000;

/// Moves within the focused pane or overlay.
pub fn travel(app: &mut App, travel: Travel) {
    if app.overlay.is_some() {
        return app.travel_over(travel);
    }
    travel_in(app, app.screen.focus, travel);
}

/// Moves within a pane, focused or not.
pub fn travel_in(app: &mut App, pane: PaneId, travel: Travel) {
    match pane {
        PaneId::List => list(app, travel),
        PaneId::Facets => {
            let half = (app.panes.facets.page() / 2).max(1) as i64;
            app.panes.facets.step(travel.rows(half));
        }
        PaneId::Detail => {
            let half = app
                .screen
                .layout()
                .detail
                .map_or(1, |area| i64::from(area.height / 2).max(1));
            app.panes.detail.step(travel.rows(half));
        }
        PaneId::Histogram => match travel {
            // Up and down have no meaning on a time axis; first and last do.
            Travel::First => app.panes.histogram.step(i64::MIN),
            Travel::Last => app.panes.histogram.step(i64::MAX),
            Travel::Rows(_) | Travel::Halves(_) | Travel::Row(_) => {}
        },
    }
}

fn list(app: &mut App, travel: Travel) {
    let matched = app.results.counts.matched;
    let half = (app.panes.list.room() / 2).max(1) as i64;
    let fetch = match travel {
        Travel::Rows(by) => app.panes.list.step(by, matched),
        Travel::Halves(by) => app.panes.list.page(by * half, matched),
        Travel::First => app.panes.list.go_oldest(),
        Travel::Last if app.view.sort.is_none() => return app.set_follow(true),
        Travel::Last => {
            app.panes.list.go_to_end();
            true
        }
        Travel::Row(number) => return app.go(Anchor::Rank(number.saturating_sub(1))),
    };
    if fetch {
        app.need(Topics::WINDOW);
    }
}
