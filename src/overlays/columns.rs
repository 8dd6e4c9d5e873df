//! The columns of the list: which, in which order, how wide. A drawer at the right, so that the list is seen
//! to change beside it.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::frame;
use crate::app::App;
use crate::model::CATALOGUE;
use crate::panes::list::columns::place;
use crate::theme::Role;
use crate::widgets::{Area, Look, stepped, text};

/// Cells the drawer takes.
const WIDTH: u16 = 42;

/// The fields there is a line for: the columns that are shown in their order, then every other field.
pub fn fields(app: &App) -> Vec<Arc<str>> {
    let shown = app
        .list
        .columns()
        .shown()
        .iter()
        .map(|column| column.field.clone());
    let known = CATALOGUE
        .fields()
        .iter()
        .map(|info| Arc::from(info.name.as_str()));
    let seen = app.detail.entries().iter().map(|entry| entry.name.clone());
    let mut fields: Vec<Arc<str>> = shown.collect();
    for field in known.chain(seen) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

pub(super) fn step(app: &App, cursor: usize, by: i64) -> usize {
    stepped(cursor, by, fields(app).len())
}

/// Cells a column has in the list now; what it would like where it is not in view.
pub fn width_now(app: &App, at: usize) -> u16 {
    let area = app.layout().list.unwrap_or_default();
    let placed = place(
        app.list.columns().shown(),
        area.width.saturating_sub(3),
        app.list.skip,
    );
    let Some(column) = app.list.columns().shown().get(at) else {
        return 0;
    };
    let found = placed
        .iter()
        .find(|placed| placed.column.field == column.field);
    found.map_or(column.given.unwrap_or(column.ideal), |placed| placed.width)
}

pub(super) fn draw(app: &App, cursor: usize, look: &Look<'_>, buf: &mut Buffer) {
    let (width, height) = (buf.area.width, buf.area.height);
    let wide = WIDTH.min(width);
    let area = Area {
        x: width - wide,
        y: 1.min(height),
        width: wide,
        height: height.saturating_sub(2),
    };
    let mut canvas = frame::draw_in(area, "COLUMNS", look, buf);
    let rows = usize::from(canvas.height());
    let top = (cursor + 1).saturating_sub(rows);
    let shown = app.list.columns().shown();
    for (y, (at, field)) in (0..).zip(fields(app).iter().enumerate().skip(top).take(rows)) {
        let column = shown.get(at);
        let (sign, role) = match column {
            Some(_) => (canvas.glyphs().include, Role::FacetInclude),
            None => (" ", Role::Dim),
        };
        canvas.text(2, y, sign, role);
        let mut right = canvas.width();
        if let Some(column) = column {
            let cells = width_now(app, at);
            let by_hand = if column.given.is_some() { "=" } else { "" };
            right = canvas.text_before(right, y, &format!("{by_hand}{cells:>2}"), Role::Count);
        }
        if let Some(sort) = app.sort.as_ref().filter(|sort| sort.field == *field) {
            let glyphs = canvas.glyphs();
            let arrow = if sort.descending {
                glyphs.down
            } else {
                glyphs.up
            };
            right = canvas.text_before(right.saturating_sub(1), y, arrow, Role::Held);
        }
        let room = usize::from(right.saturating_sub(5));
        let role = if column.is_some() {
            Role::Overlay
        } else {
            Role::Dim
        };
        canvas.text(4, y, &text::clip_middle(field, room), role);
        if at == cursor {
            canvas.cursor_row(y);
        }
    }
}
