//! List of marked events with their notes.

use ratatui::buffer::Buffer;

use crate::config::{MARK_FIELDS, Marked};
use crate::export::Cell;
use crate::model::name;
use crate::overlays::{CLOSE, COPY, EXPORT, Panel, Scene, Spec, Table, frame, table};
use crate::theme::Role;
use crate::widgets::{Canvas, Look, text};

/// Open list; the marks are in [`Marks`](super::Marks).
#[derive(Clone, Copy, Debug)]
pub struct MarkList;

/// Height of a mark: one line for the event, and one for its note if any.
fn high(marked: &Marked) -> usize {
    1 + usize::from(!marked.note.is_empty())
}

impl Panel for MarkList {
    fn spec(&self) -> Spec {
        Spec {
            title: "MARKS",
            scopes: &["marks", "overlay", "global"],
            hints: &[
                ("mark.open", "go to event"),
                ("mark.note", "note"),
                ("mark.compare", "compare"),
                ("mark.toggle", "unmark"),
                COPY,
                EXPORT,
                CLOSE,
            ],
        }
    }

    /// The stored fields, also of marked events that are not loaded.
    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        let headings: Vec<&str> = [name::TIME]
            .into_iter()
            .chain(MARK_FIELDS)
            .chain([name::REQUEST_ID, "note"])
            .collect();
        let row = |marked: &Marked| {
            let values = (0..MARK_FIELDS.len())
                .map(|at| Cell::from(marked.values.get(at).and_then(|value| value.as_deref())));
            let ends = [&marked.request, &marked.note].map(table::text);
            [table::instant(marked.time, scene.zone, marked.offset)]
                .into_iter()
                .chain(values)
                .chain(ends)
                .collect()
        };
        (!scene.marks.is_empty()).then(|| Table {
            rows: scene.marks.all().map(row).collect(),
            at: Some(scene.marks.cursor.at),
            ..Table::new("Marked events", &headings)
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let title = format!("MARKS  {}", text::grouped(scene.marks.len() as u64));
        let mut canvas = frame::draw(&title, look, buf);
        if scene.marks.is_empty() {
            canvas.text(
                0,
                0,
                "No marked events. In the list, press m to mark one or i to write a note.",
                Role::Dim,
            );
            return None;
        }
        let rows = usize::from(canvas.height());
        // Find the first visible mark, such that the one under the cursor is completely visible.
        let all: Vec<&Marked> = scene.marks.all().collect();
        let (mut top, mut used) = (scene.marks.cursor.at, 0);
        for at in (0..=scene.marks.cursor.at.min(all.len() - 1)).rev() {
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
            entry(scene, marked, y, &mut canvas);
            if at == scene.marks.cursor.at {
                canvas.cursor_row(y);
            }
            y += high(marked) as u16;
        }
        None
    }
}

fn entry(scene: &Scene<'_>, marked: &Marked, y: u16, canvas: &mut Canvas<'_>) {
    if scene.marks.chosen.as_ref() == Some(&marked.key()) {
        canvas.text(1, y, "c", Role::Held);
    }
    let loaded = scene.status.span.is_some_and(|(oldest, newest)| {
        marked
            .time
            .is_none_or(|time| (oldest..=newest).contains(&time))
    });
    let role = if loaded { Role::Overlay } else { Role::Dim };
    let mut x = 3;
    for (text, cells) in parts(scene, marked, canvas.width().saturating_sub(3), loaded) {
        canvas.text(x, y, &text::clip_middle(&text, usize::from(cells)), role);
        x += cells + 2;
    }
    if !marked.note.is_empty() {
        canvas.text(5, y + 1, &marked.note, Role::Message);
    }
}

/// Texts for a marked event, with the width of each in cells.
fn parts(scene: &Scene<'_>, marked: &Marked, width: u16, loaded: bool) -> Vec<(String, u16)> {
    let time = marked.time.map_or_else(
        || "no time".into(),
        |time| {
            let day = scene.zone.date_only(time);
            format!("{day} {}", scene.zone.clock(time, marked.offset, 0))
        },
    );
    let value = |field: &str| marked.value(field).unwrap_or_default().to_owned();
    let (action, status, user) = (value(name::ACTION), value(name::STATUS), value(name::USER));
    let wide = width >= 100;
    let (action_cells, user_cells, ip_cells) = if wide { (16, 20, 15) } else { (9, 11, 0) };
    let action = match action.as_str() {
        "PutImageManifest" if !wide => "Put".to_owned(),
        "GetImageManifest" if !wide => "Get".to_owned(),
        _ => action,
    };
    let used = 19 + action_cells + 3 + user_cells + ip_cells + 2 * if wide { 5 } else { 4 };
    let rest = width.saturating_sub(used);
    let tag = value(name::TAG);
    let tag = Some(tag.as_str()).filter(|tag| !tag.is_empty());
    let image = if loaded {
        text::image(&value(name::NAMESPACE_REPO), tag, usize::from(rest))
    } else {
        "not loaded".to_owned()
    };
    let mut parts = vec![
        (time, 19),
        (action, action_cells),
        (status, 3),
        (user, user_cells),
        (image, rest),
    ];
    if wide {
        parts.push((value(name::IP), ip_cells));
    }
    parts
}
