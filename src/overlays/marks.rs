//! The marked events as a list.

use ratatui::buffer::Buffer;

use super::frame;
use crate::app::App;
use crate::model::Row;
use crate::panes::Look;
use crate::panes::list::columns;
use crate::theme::Role;
use crate::widgets::text;

pub(super) fn step(app: &mut App, by: i64) {
    let last = app.marks.len().saturating_sub(1) as i64;
    app.marks.cursor = (app.marks.cursor as i64).saturating_add(by).clamp(0, last) as usize;
}

pub(super) fn draw(app: &App, look: &Look<'_>, buf: &mut Buffer) {
    let title = format!("MARKS  {}", text::grouped(app.marks.len() as u64));
    let mut canvas = frame::draw(&title, look, buf);
    if app.marks.is_empty() {
        canvas.text(0, 0, "No marked events.", Role::Dim);
        return;
    }
    let rows = usize::from(canvas.height());
    let top = (app.marks.cursor + 1).saturating_sub(rows);
    let lines = app.marks.rows().enumerate().skip(top).take(rows);
    for (y, (at, row)) in (0..).zip(lines) {
        canvas.text(2, y, &line(app, row), Role::Overlay);
        if at == app.marks.cursor {
            canvas.text(0, y, canvas.glyphs().cursor, Role::Text);
            canvas.tint(0, y, canvas.width(), Role::Cursor);
        }
    }
}

fn line(app: &App, row: &Row) -> String {
    let time = row.time.map_or_else(
        || "no time".into(),
        |time| {
            let day = app.zone.date_only(time);
            format!("{day} {}", app.zone.clock(time, row.offset, 0))
        },
    );
    let fields = [
        "action",
        "http_response_status",
        "user",
        "namespace_repo",
        "tag",
        "ip",
    ];
    let values = fields.iter().map(|field| {
        let value = columns::value(row, field).unwrap_or_default();
        if value.is_empty() { "-" } else { value }.to_owned()
    });
    std::iter::once(time)
        .chain(values)
        .collect::<Vec<_>>()
        .join("  ")
}
