//! The marked events as a list, each with its note.

use ratatui::buffer::Buffer;

use super::frame;
use crate::app::App;
use crate::config::Marked;
use crate::panes::{Canvas, Look};
use crate::theme::Role;
use crate::widgets::text;

pub(super) fn step(app: &mut App, by: i64) {
    let last = app.marks.len().saturating_sub(1) as i64;
    app.marks.cursor = (app.marks.cursor as i64).saturating_add(by).clamp(0, last) as usize;
}

/// Lines of a mark: the event, and its note where it has one.
fn high(marked: &Marked) -> usize {
    1 + usize::from(!marked.note.is_empty())
}

pub(super) fn draw(app: &App, look: &Look<'_>, buf: &mut Buffer) {
    let title = format!("MARKS  {}", text::grouped(app.marks.len() as u64));
    let mut canvas = frame::draw(&title, look, buf);
    if app.marks.is_empty() {
        canvas.text(
            0,
            0,
            "No marked events. m marks the one under the cursor, i writes a note on it.",
            Role::Dim,
        );
        return;
    }
    let rows = usize::from(canvas.height());
    // The first mark in view so that the one under the cursor is in view as a whole.
    let all: Vec<&Marked> = app.marks.all().collect();
    let (mut top, mut used) = (app.marks.cursor, 0);
    for at in (0..=app.marks.cursor.min(all.len() - 1)).rev() {
        used += high(all[at]);
        if used > rows {
            break;
        }
        top = at;
    }
    let mut y = 0;
    for (at, marked) in all.iter().enumerate().skip(top) {
        if usize::from(y) >= rows {
            break;
        }
        entry(app, marked, y, &mut canvas);
        if at == app.marks.cursor {
            canvas.text(0, y, canvas.glyphs().cursor, Role::Text);
            canvas.tint(0, y, canvas.width(), Role::Cursor);
        }
        y += high(marked) as u16;
    }
}

fn entry(app: &App, marked: &Marked, y: u16, canvas: &mut Canvas<'_>) {
    if app.marks.chosen.as_ref() == Some(&marked.key()) {
        canvas.text(1, y, "c", Role::Held);
    }
    let loaded = app.status.span.is_some_and(|(oldest, newest)| {
        marked
            .time
            .is_none_or(|time| (oldest..=newest).contains(&time))
    });
    let role = if loaded { Role::Overlay } else { Role::Dim };
    let mut told = line(app, marked);
    if !loaded {
        told.push_str("  (not loaded)");
    }
    canvas.text(3, y, &told, role);
    if !marked.note.is_empty() {
        canvas.text(5, y + 1, &marked.note, Role::Message);
    }
}

fn line(app: &App, marked: &Marked) -> String {
    let time = marked.time.map_or_else(
        || "no time".into(),
        |time| {
            let day = app.zone.date_only(time);
            format!("{day} {}", app.zone.clock(time, marked.offset, 0))
        },
    );
    let value = |field: &str| marked.value(field).filter(|value| !value.is_empty());
    let image = match (value("namespace_repo"), value("tag")) {
        (Some(repo), Some(tag)) => Some(format!("{repo}:{tag}")),
        (repo, _) => repo.map(str::to_owned),
    };
    let named = ["action", "http_response_status", "user"].map(|f| value(f).map(str::to_owned));
    let values = named
        .into_iter()
        .chain([image, value("ip").map(str::to_owned)]);
    let values = values.map(|value| value.unwrap_or_else(|| "-".into()));
    std::iter::once(time)
        .chain(values)
        .collect::<Vec<_>>()
        .join("  ")
}
