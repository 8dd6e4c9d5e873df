//! Drawing of the list: heading, events, the lines between them, and the text of an empty list.

use super::{empty, highlight};
use crate::app::context::Context;
use crate::app::layout::PaneId;
use crate::app::{App, Times};
use crate::engine::Gap;
use crate::model::time::SECOND;
use crate::model::{Row, name};
use crate::panes::list::Line;
use crate::panes::list::columns::{self, Column, Content, Placed};
use crate::theme::Role;
use crate::widgets::{Canvas, text};

/// Width of the cells before the columns: cursor, failure and a space.
pub(super) const GUTTER: u16 = 3;

pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let columns = columns::place(
        app.panes.list.columns().shown(),
        canvas.width().saturating_sub(GUTTER),
        app.panes.list.skip,
    );
    heading(app, &columns, canvas);
    let height = canvas.height().saturating_sub(1);
    let width = canvas.width();
    let mut body = canvas.inset(0, 1, width, height);
    if app.panes.list.focused().is_none() {
        return empty::draw(app, &mut body);
    }
    for (y, line) in (0..).zip(app.panes.list.visible()) {
        match *line {
            Line::Row(index) => {
                if let Some(row) = app.panes.list.row(index) {
                    let origin = app.view.context.as_ref().map(Context::origin);
                    if origin == Some(row.id) {
                        body.text(1, y, "o", Role::Held);
                        body.tint(0, y, width, Role::Selection);
                    }
                    if app.panes.list.is_selected(index) {
                        body.tint(0, y, width, Role::Selection);
                    }
                    let firsts = app.firsts(index);
                    event(app, row, &firsts, &columns, &mut body.inset(0, y, width, 1));
                    if index == app.panes.list.cursor() {
                        cursor(app, y, &mut body);
                    }
                    if !firsts.is_empty() {
                        body.text(0, y, body.glyphs().first_seen, Role::FirstSeen);
                    }
                    if let Some(marked) = app.session.marks.get(row) {
                        let sign = if marked.note.is_empty() { "m" } else { "n" };
                        body.text(0, y, sign, Role::Mark);
                    }
                }
            }
            Line::Day(index) => {
                let day = app
                    .panes
                    .list
                    .row(index)
                    .and_then(|row| row.time.map(|time| app.clock.zone.date(time, row.offset)));
                separator(&day.unwrap_or_default(), y, &mut body);
            }
            Line::Gap(_, at) => {
                if let Some(found) = app.panes.list.gaps().get(at) {
                    gap(&gap_text(found), y, &mut body);
                }
            }
            Line::Mark(index) => {
                let mark = app
                    .panes
                    .list
                    .window()
                    .marks
                    .get(index)
                    .map(|(_, mark)| mark.text.as_str());
                gap(mark.unwrap_or_default(), y, &mut body);
            }
        }
    }
    let newer = app.panes.list.newer(app.results.counts.matched);
    if !app.panes.list.is_following() && newer > 0 && height >= 3 {
        let about = if app.is_provisional() { "~" } else { "" };
        let glyph = body.glyphs().newer;
        // Arrivals are counted in the header: rows below may have been there from the start.
        let what = if app.view.sort.is_some() {
            "below"
        } else {
            "below — G or F to follow"
        };
        let hint = format!("{glyph} {about}{} {what}", text::grouped(newer));
        let start = (width as usize).saturating_sub(text::width(&hint)) / 2;
        body.text(start as u16, height - 1, &hint, Role::Held);
    }
}

fn heading(app: &App, columns: &[Placed<'_>], canvas: &mut Canvas<'_>) {
    let focused = app.screen.focus == PaneId::List;
    let role = if focused {
        Role::TitleFocused
    } else {
        Role::Header
    };
    if focused {
        canvas.text(0, 0, canvas.glyphs().cursor, role);
    }
    let at = app.time_at_cursor();
    for placed in columns {
        let mut title = placed.column.title.clone();
        if placed.column.content == Content::Time && app.clock.times == Times::Ages {
            title = String::from("AGO");
        } else if placed.column.content == Content::Time && placed.width >= 11 {
            title = format!("TIME {}", app.clock.zone.heading(at));
        }
        if let Some(sort) = app
            .view
            .sort
            .as_ref()
            .filter(|sort| sort.field == placed.column.field)
        {
            let glyphs = canvas.glyphs();
            let arrow = if sort.descending {
                glyphs.down
            } else {
                glyphs.up
            };
            let room = usize::from(placed.width).saturating_sub(1);
            title = format!("{}{arrow}", text::clip(&title, room));
        }
        canvas.text(
            GUTTER + placed.x,
            0,
            &text::clip(&title, usize::from(placed.width)),
            role,
        );
    }
    scrolled(app, columns.len(), role, canvas);
}

/// Draws the numbers of columns that are out of sight: `‹2` scrolled away, `›3` without room.
fn scrolled(app: &App, placed: usize, role: Role, canvas: &mut Canvas<'_>) {
    let all = app.panes.list.columns().shown();
    let skipped = app.panes.list.skip.min(columns::most_skipped(all));
    if skipped > 0 {
        canvas.text(1, 0, &text::clip(&format!("‹{skipped}"), 2), role);
    }
    let hidden = all.len().saturating_sub(placed + skipped);
    if hidden > 0 {
        let mark = format!(" ›{hidden}");
        canvas.text_before(canvas.width(), 0, &mark, role);
    }
}

fn event(app: &App, row: &Row, firsts: &[&str], columns: &[Placed<'_>], canvas: &mut Canvas<'_>) {
    let status = columns::value(row, name::STATUS).unwrap_or_default();
    let role = Role::of_status(status);
    if role != Role::StatusOk {
        canvas.text(1, 0, canvas.glyphs().failed, role);
    }
    for placed in columns {
        let (shown, role) = cell(app, row, placed);
        let (x, cells) = (GUTTER + placed.x, usize::from(placed.width));
        let shown = if placed.column.content == Content::User {
            // One form in all rows: the end of a role name distinguishes it, the prefix is in the detail.
            let name = shown.strip_prefix("role/").unwrap_or(&shown);
            let clipped = text::clip_middle(name, cells).into_owned();
            canvas.user(x, 0, &clipped, &shown);
            clipped
        } else if placed.column.content == Content::Plain {
            let clipped = text::clip_middle(&shown, cells).into_owned();
            canvas.text(x, 0, &clipped, role);
            clipped
        } else {
            let clipped = text::clip(&shown, cells).into_owned();
            canvas.text(x, 0, &clipped, role);
            clipped
        };
        for field in fields_of(placed.column) {
            if firsts.contains(&field) {
                canvas.tint(x, 0, text::width(&shown) as u16, Role::FirstSeen);
            }
            let value = app
                .panes
                .list
                .columns()
                .value(row, field)
                .unwrap_or_default();
            highlight::mark(app, field, value, &shown, (x, 0), canvas);
        }
    }
}

/// Fields whose values a column shows.
fn fields_of(column: &Column) -> Vec<&str> {
    match column.content {
        Content::Image => vec![name::NAMESPACE_REPO, name::TAG],
        Content::Time => Vec::new(),
        _ => vec![&column.field],
    }
}

/// Text and role of a cell.
fn cell(app: &App, row: &Row, placed: &Placed<'_>) -> (String, Role) {
    let cells = usize::from(placed.width);
    let plain = |field: &str| columns::value(row, field).unwrap_or_default();
    match placed.column.content {
        Content::Time => {
            let digits = if placed.width >= 12 { 3 } else { 0 };
            match row.time {
                Some(time) if app.clock.times == Times::Ages => {
                    let age = text::ago((app.clock.now - time) / SECOND);
                    (text::fit_right(&age, cells.min(8)), Role::Text)
                }
                Some(time) => (app.clock.zone.clock(time, row.offset, digits), Role::Text),
                None => ("no time".into(), Role::Warning),
            }
        }
        Content::Action => action(plain(name::ACTION), cells),
        Content::Status => {
            let value = plain(name::STATUS);
            (
                if value.is_empty() {
                    "-".into()
                } else {
                    value.into()
                },
                Role::of_status(value),
            )
        }
        Content::Image => {
            let tag = Some(plain(name::TAG)).filter(|tag| !tag.is_empty());
            (
                text::image(plain(name::NAMESPACE_REPO), tag, cells),
                Role::Text,
            )
        }
        Content::User => {
            let user = plain(name::USER);
            (
                user.strip_prefix("user/").unwrap_or(user).to_owned(),
                Role::Text,
            )
        }
        Content::Plain => {
            let value = app.panes.list.columns().value(row, &placed.column.field);
            (value.unwrap_or_default().to_owned(), Role::Text)
        }
    }
}

/// Action name; if it does not fit, shortened so that known actions remain distinguishable.
fn action(action: &str, cells: usize) -> (String, Role) {
    let role = Role::of_action(action);
    let short = match action {
        "PutImageManifest" => "Put",
        "GetImageManifest" => "Get",
        other => other,
    };
    let shown = if text::width(action) > cells {
        short
    } else {
        action
    };
    (shown.to_owned(), role)
}

fn cursor(app: &App, y: u16, canvas: &mut Canvas<'_>) {
    canvas.text(0, y, canvas.glyphs().cursor, Role::Text);
    let role = if app.screen.focus == PaneId::List {
        Role::Cursor
    } else {
        Role::CursorUnfocused
    };
    canvas.tint(0, y, canvas.width(), role);
}

/// Draws a rule across the list, around a text and not below it: a style is added to that of the cell.
fn rule(sign: &str, y: u16, (at, words, role): (u16, &str, Role), canvas: &mut Canvas<'_>) {
    let end = canvas.text(at, y, &format!(" {words} "), role);
    let last = canvas.width().saturating_sub(1);
    canvas.rule(GUTTER, y, at, sign, Role::DaySeparator);
    canvas.rule(end, y, last, sign, Role::DaySeparator);
}

fn separator(day: &str, y: u16, canvas: &mut Canvas<'_>) {
    let sign = canvas.glyphs().hline;
    rule(sign, y, (GUTTER + 2, day, Role::DaySeparator), canvas);
}

/// Formats `gap 4m07s: no events from cri-prod-hz01`.
fn gap_text(gap: &Gap) -> String {
    let long = text::duration((gap.until - gap.from) / SECOND);
    match &gap.instance {
        Some(instance) => format!("gap {long}: no events from {instance}"),
        None => format!("gap {long}"),
    }
}

fn gap(mark: &str, y: u16, canvas: &mut Canvas<'_>) {
    let sign = canvas.glyphs().gap;
    rule(sign, y, (GUTTER + 4, mark, Role::Warning), canvas);
}
