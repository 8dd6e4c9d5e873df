//! Column editor: fields, order and widths. A drawer at the right, so that the list is visible next to it while it
//! changes.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{CLOSE, Panel, Scene, Spec, frame};
use crate::model::CATALOGUE;
use crate::panes::detail::DetailState;
use crate::panes::list::ListState;
use crate::panes::list::columns::place;
use crate::theme::Role;
use crate::widgets::{Area, ListCursor, Look, text};

/// Width of the drawer in cells.
const WIDTH: u16 = 42;

/// Open column editor.
#[derive(Clone, Copy, Debug, Default)]
pub struct ColumnList {
    pub cursor: ListCursor,
}

/// Fields with a line: the columns in display order, then all other fields.
pub fn fields(list: &ListState, detail: &DetailState) -> Vec<Arc<str>> {
    let shown = list
        .columns()
        .shown()
        .iter()
        .map(|column| column.field.clone());
    let known = CATALOGUE
        .fields()
        .iter()
        .map(|info| Arc::from(info.name.as_str()));
    let seen = detail.entries().iter().map(|entry| entry.name.clone());
    let mut fields: Vec<Arc<str>> = shown.collect();
    for field in known.chain(seen) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// Current width of a column in the list; its ideal width if it is not visible.
pub fn width_now(list: &ListState, width: u16, at: usize) -> u16 {
    let placed = place(list.columns().shown(), width.saturating_sub(3), list.skip);
    let Some(column) = list.columns().shown().get(at) else {
        return 0;
    };
    let found = placed
        .iter()
        .find(|placed| placed.column.field == column.field);
    found.map_or(column.given.unwrap_or(column.ideal), |placed| placed.width)
}

impl Panel for ColumnList {
    fn spec(&self) -> Spec {
        Spec {
            title: "COLUMNS",
            scopes: &["columns", "overlay", "global"],
            hints: &[
                ("columns.toggle", "toggle"),
                ("columns.move-left columns.move-right", "move"),
                ("columns.wider columns.narrower", "width"),
                ("columns.sort", "sort"),
                ("columns.reset", "reset"),
                CLOSE,
            ],
        }
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = fields(scene.list, scene.detail).len();
        Some((&mut self.cursor, places))
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
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
        let top = self.cursor.top(rows);
        let shown = scene.list.columns().shown();
        for (y, (at, field)) in (0..).zip(
            fields(scene.list, scene.detail)
                .iter()
                .enumerate()
                .skip(top)
                .take(rows),
        ) {
            let column = shown.get(at);
            let (sign, role) = match column {
                Some(_) => (canvas.glyphs().include, Role::FacetInclude),
                None => (" ", Role::Dim),
            };
            canvas.text(2, y, sign, role);
            let mut right = canvas.width();
            if let Some(column) = column {
                let cells = width_now(scene.list, scene.list_width, at);
                let by_hand = if column.given.is_some() { "=" } else { "" };
                right = canvas.text_before(right, y, &format!("{by_hand}{cells:>2}"), Role::Count);
            }
            if let Some(sort) = scene.sort.filter(|sort| sort.field == *field) {
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
            let name = text::clip_middle(CATALOGUE.short(field), room);
            let end = usize::from(canvas.text(4, y, &name, role)) + 2;
            // The logged name, where there is room for all of it.
            if *name != **field && end + text::width(field) <= usize::from(right) {
                canvas.text(end as u16, y, field, Role::Dim);
            }
            if at == self.cursor.at {
                canvas.cursor_row(y);
            }
        }
        None
    }
}
