//! List of rejected records.

use ratatui::buffer::Buffer;

use super::{Panel, Scene, Spec, Table, frame, table};
use crate::export::Cell;
use crate::theme::Role;
use crate::widgets::{Canvas, ListCursor, Look, text};

/// Open list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defects {
    cursor: ListCursor,
}

impl Panel for Defects {
    fn spec(&self) -> Spec {
        Spec::of_text("REJECTED")
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = scene.tops(lines(scene, scene.room().0).len());
        Some((&mut self.cursor, places))
    }

    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        let row = |defect: &std::sync::Arc<crate::model::Defect>| {
            let line = defect.line.map_or(Cell::Missing, Cell::Number);
            vec![
                table::text(&defect.source),
                line,
                Cell::Number(defect.offset),
                table::text(defect.kind.name()),
                table::text(&defect.reason),
                table::text(&defect.sample),
            ]
        };
        let headings = ["source", "line", "byte", "kind", "reason", "sample"];
        (!scene.defects.is_empty()).then(|| Table {
            rows: scene.defects.iter().map(row).collect(),
            ..Table::new("Rejected records", &headings)
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let title = format!("REJECTED  {}", text::grouped(scene.status.defects));
        let mut canvas = frame::draw(&title, look, buf);
        if scene.defects.is_empty() {
            let text = if scene.status.defects == 0 {
                "No rejected records."
            } else {
                "loading"
            };
            canvas.text(0, 0, text, Role::Dim);
            return None;
        }
        let lines = lines(scene, canvas.width());
        rows(&lines, self.cursor, &mut canvas);
        None
    }
}

/// Position and reason of each record, and its beginning.
fn lines(scene: &Scene<'_>, width: u16) -> Vec<(String, Role)> {
    let width = usize::from(width);
    let mut lines = Vec::new();
    for defect in scene.defects {
        let source = text::clip_middle(&defect.source, width / 2);
        let place = match defect.line {
            Some(line) => format!("{source}:{line}"),
            None => format!("{source} byte {}", text::grouped(defect.offset)),
        };
        let reported = format!("{place}  {}: {}", defect.kind.name(), defect.reason);
        lines.extend(wrapped(&reported, width, Role::Text));
        // A rejected record has no known fields to mask.
        let sample = if text::is_hiding() {
            "(masked)"
        } else {
            &defect.sample
        };
        lines.push((format!("    {sample}"), Role::Dim));
    }
    lines
}

/// Wraps a text; indents all lines but the first.
pub(super) fn wrapped(reported: &str, width: usize, role: Role) -> Vec<(String, Role)> {
    let (margin, rest) = reported.split_at(reported.len() - reported.trim_start().len());
    let pieces = text::wrap(rest, width.saturating_sub(4));
    let set_in = |(at, piece): (usize, String)| match at {
        0 => (format!("{margin}{piece}"), role),
        _ => (format!("    {piece}"), role),
    };
    pieces.into_iter().enumerate().map(set_in).collect()
}

pub(super) fn rows(lines: &[(String, Role)], cursor: ListCursor, canvas: &mut Canvas<'_>) {
    for (y, (line, role)) in (0..canvas.height()).zip(lines.iter().skip(cursor.at)) {
        canvas.text(0, y, line, *role);
    }
}
