//! The records that could not be read, and the sources with how each is.

use ratatui::buffer::Buffer;

use super::{Scroll, frame};
use crate::app::App;
use crate::engine::{SourceState, SourceStatus};
use crate::panes::{Canvas, Look};
use crate::theme::Role;
use crate::widgets::text;

pub(super) fn draw_defects(app: &App, scroll: Scroll, look: &Look<'_>, buf: &mut Buffer) {
    let title = format!("REJECTED  {}", text::grouped(app.status.defects));
    let mut canvas = frame::draw(&title, look, buf);
    if app.defects.is_empty() {
        let text = if app.status.defects == 0 {
            "Every record could be read."
        } else {
            "loading"
        };
        canvas.text(0, 0, text, Role::Dim);
        return;
    }
    let lines = app.defects.iter().flat_map(|defect| {
        let place = match defect.line {
            Some(line) => format!("{}:{line}", defect.source),
            None => format!("{} byte {}", defect.source, text::grouped(defect.offset)),
        };
        let place = text::clip_middle(&place, 50).into_owned();
        let first = format!("{place}  {}: {}", defect.kind.name(), defect.reason);
        [
            (first, Role::Text),
            (format!("    {}", defect.sample), Role::Dim),
        ]
    });
    rows(lines, scroll, &mut canvas);
}

pub(super) fn draw_sources(app: &App, scroll: Scroll, look: &Look<'_>, buf: &mut Buffer) {
    let title = format!(
        "SOURCES  {} events, index {}B",
        text::grouped(app.status.events),
        text::short(app.status.memory)
    );
    let mut canvas = frame::draw(&title, look, buf);
    let glyphs = canvas.glyphs();
    let lines = app.status.sources.iter().flat_map(|source| {
        let (sign, role) = match &source.state {
            SourceState::Live => (glyphs.live, Role::Live),
            SourceState::Done => (glyphs.ok, Role::Text),
            SourceState::Connecting | SourceState::Loading => (glyphs.spinner[0], Role::Loading),
            SourceState::Stopped | SourceState::Retrying { .. } => (glyphs.warning, Role::Warning),
            SourceState::Failed { .. } => (glyphs.error, Role::Error),
        };
        let name = text::clip_middle(&source.name, 60).into_owned();
        [
            (format!("{sign} {name}  {}", state(&source.state)), role),
            (format!("    {}", numbers(app, source)), Role::Dim),
        ]
    });
    rows(lines, scroll, &mut canvas);
}

fn rows(lines: impl Iterator<Item = (String, Role)>, scroll: Scroll, canvas: &mut Canvas<'_>) {
    for (y, (line, role)) in (0..canvas.height()).zip(lines.skip(scroll.top)) {
        canvas.text(0, y, &line, role);
    }
}

fn state(state: &SourceState) -> String {
    match state {
        SourceState::Connecting => "connecting".into(),
        SourceState::Loading => "loading".into(),
        SourceState::Live => "live".into(),
        SourceState::Done => "loaded".into(),
        SourceState::Stopped => "stopped, not all is loaded".into(),
        SourceState::Retrying { seconds, why } => format!("{why}, retry in {seconds}s"),
        SourceState::Failed { why } => format!("failed: {why}"),
    }
}

fn numbers(app: &App, source: &SourceStatus) -> String {
    let mut parts = vec![format!("{} events", text::grouped(source.events))];
    if source.defects > 0 {
        parts.push(format!("{} rejected", text::grouped(source.defects)));
    }
    parts.push(match source.bytes_total {
        Some(total) => format!(
            "{} of {} bytes",
            text::short(source.bytes),
            text::short(total)
        ),
        None => format!("{} bytes", text::short(source.bytes)),
    });
    if source.rate > 0 {
        parts.push(format!("{}/s", text::short(source.rate)));
    }
    if let Some(newest) = source.newest {
        parts.push(format!("newest {}", app.zone.rfc3339(newest, 0)));
    }
    if !source.note.is_empty() {
        parts.push(source.note.clone());
    }
    parts.join(" · ")
}
