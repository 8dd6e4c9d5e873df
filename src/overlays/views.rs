//! The saved views: a row each, with what it says.

use ratatui::buffer::Buffer;

use super::frame;
use crate::app::App;
use crate::config::View;
use crate::theme::Role;
use crate::widgets::chips::{field_name, value_text};
use crate::widgets::{Look, stepped, text};

pub(super) fn step(app: &mut App, by: i64) {
    app.views.deleting = None;
    app.views.cursor = stepped(app.views.cursor, by, app.views.saved.len());
}

pub(super) fn draw(app: &App, look: &Look<'_>, buf: &mut Buffer) {
    let views = &app.views;
    let title = format!("SAVED VIEWS  {}", views.saved.len());
    let mut canvas = frame::draw(&title, look, buf);
    if views.saved.is_empty() {
        let text = if views.known {
            "No saved views. s saves the present one under a name."
        } else {
            "loading"
        };
        canvas.text(0, 0, text, Role::Dim);
        return;
    }
    let names = views.saved.iter().map(|saved| text::width(&saved.name));
    let wide = names.max().unwrap_or(0).min(30) as u16;
    let rows = usize::from(canvas.height());
    let top = (views.cursor + 1).saturating_sub(rows);
    let lines = views.saved.iter().enumerate().skip(top).take(rows);
    for (y, (at, saved)) in (0..).zip(lines) {
        let name = text::clip_middle(&saved.name, usize::from(wide));
        canvas.text(2, y, &name, Role::Overlay);
        match &saved.view {
            Ok(view) => canvas.text(wide + 4, y, &says(view), Role::Dim),
            Err(why) => canvas.text(wide + 4, y, why, Role::Error),
        };
        if at == views.cursor {
            canvas.cursor_row(y);
        }
    }
}

/// A view in one line, as the chips would say it.
fn says(view: &View) -> String {
    let mut parts = Vec::new();
    if !view.filter.is_empty() {
        parts.push(view.filter.clone());
    }
    for pick in &view.picks {
        for (sign, values) in [("", &pick.include), ("-", &pick.exclude)] {
            let values: Vec<_> = values.iter().map(value_text).collect();
            if !values.is_empty() {
                parts.push(format!(
                    "{sign}{}:{}",
                    field_name(&pick.field),
                    values.join(",")
                ));
            }
        }
    }
    if !view.time.is_empty() {
        parts.push(format!("time {}", view.time));
    }
    if parts.is_empty() {
        parts.push("everything".into());
    }
    parts.join("  ")
}
