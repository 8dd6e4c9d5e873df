//! The records that could not be read, and the sources with how each is.

use ratatui::buffer::Buffer;

use super::{Scroll, frame};
use crate::app::App;
use crate::engine::{SourceState, SourceStatus};
use crate::panes::{Canvas, Look, top};
use crate::theme::Role;
use crate::widgets::{Glyphs, text};

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
    let lines = defect_lines(app, canvas.width());
    rows(&lines, scroll, &mut canvas);
}

/// Place and reason of each record, then how it starts.
pub(super) fn defect_lines(app: &App, width: u16) -> Vec<(String, Role)> {
    let width = usize::from(width);
    let mut lines = Vec::new();
    for defect in &app.defects {
        let source = text::clip_middle(&defect.source, width / 2);
        let place = match defect.line {
            Some(line) => format!("{source}:{line}"),
            None => format!("{source} byte {}", text::grouped(defect.offset)),
        };
        let told = format!("{place}  {}: {}", defect.kind.name(), defect.reason);
        lines.extend(wrapped(&told, width, Role::Text));
        lines.push((format!("    {}", defect.sample), Role::Dim));
    }
    lines
}

pub(super) fn draw_sources(app: &App, scroll: Scroll, look: &Look<'_>, buf: &mut Buffer) {
    let gone = match app.status.let_go.events {
        0 => String::new(),
        gone => format!(", {} older let go", text::grouped(gone)),
    };
    let title = format!(
        "SOURCES  {}, index {}B{gone}",
        text::counted(app.status.events, "event"),
        text::short(app.status.memory)
    );
    let mut canvas = frame::draw(&title, look, buf);
    let lines = source_lines(app, canvas.width(), canvas.glyphs());
    rows(&lines, scroll, &mut canvas);
}

/// Name and state of each source, why where it failed, and its numbers.
pub(super) fn source_lines(app: &App, width: u16, glyphs: &Glyphs) -> Vec<(String, Role)> {
    let width = usize::from(width);
    let mut lines = Vec::new();
    for source in &app.status.sources {
        let (sign, role) = match &source.state {
            SourceState::Live => (glyphs.live, Role::Live),
            SourceState::Done => (glyphs.ok, Role::Text),
            SourceState::Connecting | SourceState::Loading => (glyphs.spinner[0], Role::Loading),
            SourceState::Stopped | SourceState::Retrying { .. } => (glyphs.warning, Role::Warning),
            SourceState::Failed { .. } => (glyphs.error, Role::Error),
        };
        let name = text::clip_middle(&source.name, width * 3 / 4);
        lines.extend(wrapped(
            &format!("{sign} {name}  {}", state(source)),
            width,
            role,
        ));
        lines.extend(wrapped(
            &format!("    {}", numbers(app, source)),
            width,
            Role::Dim,
        ));
    }
    lines
}

/// A text over as many lines as it takes, all but the first set in.
fn wrapped(told: &str, width: usize, role: Role) -> Vec<(String, Role)> {
    let (margin, rest) = told.split_at(told.len() - told.trim_start().len());
    let pieces = text::wrap(rest, width.saturating_sub(4));
    let set_in = |(at, piece): (usize, String)| match at {
        0 => (format!("{margin}{piece}"), role),
        _ => (format!("    {piece}"), role),
    };
    pieces.into_iter().enumerate().map(set_in).collect()
}

fn rows(lines: &[(String, Role)], scroll: Scroll, canvas: &mut Canvas<'_>) {
    for (y, (line, role)) in (0..canvas.height()).zip(lines.iter().skip(scroll.top)) {
        canvas.text(0, y, line, *role);
    }
}

fn state(source: &SourceStatus) -> String {
    match &source.state {
        SourceState::Connecting => "connecting".into(),
        SourceState::Loading => "loading".into(),
        SourceState::Live => "live".into(),
        SourceState::Done => "loaded".into(),
        SourceState::Stopped => "stopped, not all is loaded".into(),
        SourceState::Retrying { seconds, why } => format!("{why}, retry in {seconds}s"),
        SourceState::Failed { .. } => {
            format!("failed: {}", top::reason(source).unwrap_or_default())
        }
    }
}

fn numbers(app: &App, source: &SourceStatus) -> String {
    let mut parts = vec![text::counted(source.events, "event")];
    if source.defects > 0 {
        parts.push(format!("{} rejected", text::grouped(source.defects)));
    }
    // What was read of a file that was replaced or cut may be more than it holds now.
    parts.push(match source.bytes_total {
        Some(total) if total >= source.bytes => format!(
            "{} of {} bytes",
            text::short(source.bytes),
            text::short(total)
        ),
        _ => format!("{} bytes", text::short(source.bytes)),
    });
    if source.rate > 0 {
        parts.push(format!("{}/s", text::short(source.rate)));
    }
    if let Some(newest) = source.newest {
        parts.push(format!("newest {}", app.zone.second(newest)));
    }
    if !source.note.is_empty() {
        parts.push(source.note.clone());
    }
    parts.join(" · ")
}
