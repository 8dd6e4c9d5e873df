//! List of saved views: one row each, with a summary.

use ratatui::buffer::Buffer;

use super::{CLOSE, Panel, Scene, Spec, Table, frame, table};
use crate::config::{SavedView, View};
use crate::theme::Role;
use crate::widgets::chips::{field_name, value_text};
use crate::widgets::{ListCursor, Look, text};

/// Saved views as last listed, and the cursor.
#[derive(Clone, Debug, Default)]
pub struct ViewList {
    pub saved: Vec<SavedView>,
    pub cursor: ListCursor,
    /// The views have been read.
    pub known: bool,
    /// Name of the view for which delete was pressed once.
    pub deleting: Option<String>,
}

impl ViewList {
    pub fn focused(&self) -> Option<&SavedView> {
        self.saved.get(self.cursor.at)
    }

    pub fn step(&mut self, by: i64) {
        self.deleting = None;
        self.cursor.step(by, self.saved.len());
    }

    pub fn arrive(&mut self, saved: Vec<SavedView>) {
        let name = self.focused().map(|saved| saved.name.clone());
        let same = name.and_then(|name| saved.iter().position(|saved| saved.name == name));
        self.cursor.at = same.unwrap_or(self.cursor.at);
        self.cursor.step(0, saved.len());
        self.saved = saved;
        self.known = true;
    }
}

/// Open list.
#[derive(Clone, Copy, Debug)]
pub struct ViewsScreen;

impl Panel for ViewsScreen {
    fn spec(&self) -> Spec {
        Spec {
            title: "VIEWS",
            scopes: &["views", "overlay", "global"],
            hints: &[
                ("views.open", "open"),
                ("views.save", "save current"),
                ("views.rename", "rename"),
                ("views.delete", "delete"),
                CLOSE,
            ],
        }
    }

    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        let row = |saved: &SavedView| {
            let shows = match &saved.view {
                Ok(view) => says(view),
                Err(why) => why.clone(),
            };
            vec![table::text(&saved.name), table::text(shows)]
        };
        let views = scene.views;
        (!views.saved.is_empty()).then(|| Table {
            rows: views.saved.iter().map(row).collect(),
            at: Some(views.cursor.at),
            ..Table::new("Saved views", &["name", "view"])
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let views = scene.views;
        let title = format!("SAVED VIEWS  {}", views.saved.len());
        let mut canvas = frame::draw(&title, look, buf);
        if views.saved.is_empty() {
            let text = if views.known {
                "No saved views. Press s to save the current one."
            } else {
                "loading"
            };
            canvas.text(0, 0, text, Role::Dim);
            return None;
        }
        let names = views.saved.iter().map(|saved| text::width(&saved.name));
        let wide = names.max().unwrap_or(0).min(30) as u16;
        let rows = usize::from(canvas.height());
        let top = views.cursor.top(rows);
        let lines = views.saved.iter().enumerate().skip(top).take(rows);
        for (y, (at, saved)) in (0..).zip(lines) {
            let name = text::clip_middle(&saved.name, usize::from(wide));
            canvas.text(2, y, &name, Role::Overlay);
            match &saved.view {
                Ok(view) => canvas.text(wide + 4, y, &says(view), Role::Dim),
                Err(why) => canvas.text(wide + 4, y, why, Role::Error),
            };
            if at == views.cursor.at {
                canvas.cursor_row(y);
            }
        }
        None
    }
}

/// Summary of a view in one line, in the notation of the chips.
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
        parts.push("all events".into());
    }
    parts.join("  ")
}
