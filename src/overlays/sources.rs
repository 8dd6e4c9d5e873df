//! Source list: one line per source with state and numbers, and details of the one under the cursor.

use ratatui::buffer::Buffer;

use super::rejected::wrapped;
use super::{CLOSE, EXPORT, Panel, Scene, Spec, Table, frame, table};
use crate::engine::{SourceState, SourceStatus};
use crate::export::{Cell, groups};
use crate::model::time::{Nanos, SECOND};
use crate::panes::condition;
use crate::theme::Role;
use crate::widgets::{Canvas, Glyphs, ListCursor, Look, text};

/// Open list, with the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceList {
    pub cursor: ListCursor,
}

/// Columns after the name with their widths; the last ones are dropped first if space is short.
const COLUMNS: [(&str, u16); 5] = [
    ("STATE", 20),
    ("EVENTS", 10),
    ("READ", 6),
    ("REJECTED", 8),
    ("RATE", 8),
];

/// Columns that fit next to a name of a distinguishable length, and the width of the name.
fn columns(width: u16) -> (&'static [(&'static str, u16)], u16) {
    let rest = |count: usize| {
        let cells: u16 = COLUMNS[..count].iter().map(|(_, cells)| cells + 1).sum();
        width.saturating_sub(cells + 4)
    };
    let fits = (1..=COLUMNS.len()).rev().find(|count| rest(*count) >= 22);
    let count = fits.unwrap_or(1);
    (&COLUMNS[..count], rest(count).max(8))
}

impl Panel for SourceList {
    fn spec(&self) -> Spec {
        Spec {
            title: "SOURCES",
            scopes: &["sources", "overlay", "global"],
            hints: &[
                ("sources.retry", "retry now"),
                ("sources.pause", "pause or resume"),
                ("sources.stop", "stop"),
                EXPORT,
                CLOSE,
            ],
        }
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = scene.status.sources.len();
        Some((&mut self.cursor, places))
    }

    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        let row = |source: &SourceStatus| {
            vec![
                table::text(&source.name),
                table::text(word(scene, source)),
                Cell::Number(source.events),
                Cell::Number(source.bytes),
                Cell::Number(source.defects),
                Cell::Number(source.losses),
                groups::time(source.newest, scene.zone),
            ]
        };
        let headings = [
            "source", "state", "events", "bytes", "rejected", "gaps", "newest",
        ];
        Some(Table {
            rows: scene.status.sources.iter().map(row).collect(),
            at: Some(self.cursor.at),
            ..Table::new("Sources", &headings)
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let gone = match scene.status.evicted.events {
            0 => String::new(),
            gone => format!(", {} evicted", text::grouped(gone)),
        };
        let title = format!(
            "SOURCES  {}, index {}B{gone}",
            text::counted(scene.status.events, "event"),
            text::short(scene.status.memory)
        );
        let mut canvas = frame::draw(&title, look, buf);
        if scene.status.sources.is_empty() {
            canvas.text(0, 0, "No sources.", Role::Dim);
            return None;
        }
        let (width, height) = (canvas.width(), canvas.height());
        let sources = &scene.status.sources;
        // Half of the height is for the details.
        let rows = sources.len().min(usize::from(height / 2)).max(1);
        heading(&mut canvas);
        let top = self.cursor.top(rows);
        for (y, (at, source)) in (1..).zip(sources.iter().enumerate().skip(top).take(rows)) {
            line(scene, source, y, &mut canvas);
            if at == self.cursor.at {
                canvas.cursor_row(y);
            }
        }
        let source = sources.get(self.cursor.at)?;
        let start = rows as u16 + 1;
        canvas.rule(0, start, width, canvas.glyphs().hline, Role::Dim);
        let lines = about(scene, source, width);
        for (y, (line, role)) in (start + 1..height).zip(&lines) {
            canvas.text(1, y, line, *role);
        }
        None
    }
}

/// Draws the cells of a row: the first left-aligned, the others right-aligned.
fn cells(x: u16, y: u16, texts: &[(String, Role)], canvas: &mut Canvas<'_>) {
    let (columns, name) = columns(canvas.width());
    let mut x = x + name + 1;
    for (at, ((shown, role), (_, cells))) in texts.iter().zip(columns).enumerate() {
        let shown = match at {
            0 => text::fit(shown, usize::from(*cells)),
            _ => text::fit_right(shown, usize::from(*cells)),
        };
        canvas.text(x, y, &shown, *role);
        x += cells + 1;
    }
}

fn heading(canvas: &mut Canvas<'_>) {
    canvas.text(4, 0, "SOURCE", Role::Header);
    let titles = COLUMNS.map(|(title, _)| (title.to_owned(), Role::Header));
    cells(4, 0, &titles, canvas);
}

fn line(scene: &Scene<'_>, source: &SourceStatus, y: u16, canvas: &mut Canvas<'_>) {
    let (sign, role) = sign(source, canvas.glyphs());
    canvas.text(2, y, sign, role);
    let room = usize::from(columns(canvas.width()).1);
    let name = text::clip_middle(condition::base(&source.name), room).into_owned();
    canvas.text(4, y, &name, Role::Overlay);
    let some = |n: u64, shown: String| if n == 0 { String::new() } else { shown };
    let values = [
        (word(scene, source), role),
        (text::grouped(source.events), Role::Overlay),
        (format!("{}B", text::short(source.bytes)), Role::Dim),
        (
            some(source.defects, text::grouped(source.defects)),
            Role::Warning,
        ),
        (
            some(source.rate, format!("{}/s", text::short(source.rate))),
            Role::Dim,
        ),
    ];
    cells(4, y, &values, canvas);
}

fn sign(source: &SourceStatus, glyphs: &Glyphs) -> (&'static str, Role) {
    match &source.state {
        SourceState::Live => (glyphs.live, Role::Live),
        SourceState::Done => (glyphs.ok, Role::Text),
        SourceState::Connecting | SourceState::Loading => (glyphs.spinner[0], Role::Loading),
        SourceState::Awaiting
        | SourceState::Stopped
        | SourceState::Missing { .. }
        | SourceState::Retrying { .. } => (glyphs.warning, Role::Warning),
        SourceState::Paused => (glyphs.warning, Role::Held),
        SourceState::Failed { .. } => (glyphs.error, Role::Error),
    }
}

/// Short text of the state.
fn word(scene: &Scene<'_>, source: &SourceStatus) -> String {
    match &source.state {
        SourceState::Connecting => "connecting".into(),
        SourceState::Awaiting => "no writer yet".into(),
        SourceState::Loading => match source.bytes_total {
            Some(total) if total > 0 => {
                let percent = (u128::from(source.bytes) * 100 / u128::from(total)).min(99);
                format!("loading {percent} %")
            }
            _ => "loading".into(),
        },
        SourceState::Live => "live".into(),
        SourceState::Done => "loaded".into(),
        SourceState::Stopped if source.whole => "stopped".into(),
        SourceState::Stopped => "stopped, incomplete".into(),
        SourceState::Paused => "paused".into(),
        SourceState::Missing { .. } => "missing".into(),
        SourceState::Retrying { .. } => condition::reconnecting(source, scene.clock),
        SourceState::Failed { .. } => "failed".into(),
    }
}

/// Details of one source.
fn about(scene: &Scene<'_>, source: &SourceStatus, width: u16) -> Vec<(String, Role)> {
    let wide = usize::from(width.saturating_sub(2));
    let mut lines = wrapped(&source.name, wide, Role::Overlay);
    let mut say = |reported: &str, role| lines.extend(wrapped(reported, wide, role));
    let since = |at: Nanos| text::duration((scene.clock - at).max(0) / SECOND);
    match &source.state {
        SourceState::Retrying { why, .. } => {
            let end = if why.ends_with(['?', '.', '!']) {
                ""
            } else {
                ":"
            };
            let seconds = source.retry_in(scene.clock).unwrap_or(0);
            say(
                &format!("{why}{end} retry in {seconds}s · Enter retries · data kept"),
                Role::Warning,
            );
        }
        SourceState::Failed { .. } => {
            let why = condition::reason(source).unwrap_or_default();
            say(
                &format!("failed: {why} · Enter retries · data kept"),
                Role::Error,
            );
        }
        SourceState::Missing { why } => {
            let reported = format!(
                "{why} for {}, {} · data kept",
                since(source.since),
                condition::RETURNS
            );
            say(&reported, Role::Warning);
        }
        SourceState::Awaiting => {
            let reported = format!("{} for {}", condition::AWAITS, since(source.since));
            say(&reported, Role::Warning);
        }
        SourceState::Paused => {
            let reported = format!("paused for {}", since(source.since));
            say(&reported, Role::Held);
        }
        _ => {}
    }
    say(&numbers(scene, source).join(" · "), Role::Text);
    if !source.note.is_empty() && !source.parts.contains(&source.note) {
        say(&source.note, Role::Dim);
    }
    if let Some((at, why)) = &source.trouble
        && !matches!(
            source.state,
            SourceState::Failed { .. } | SourceState::Retrying { .. }
        )
    {
        let at = scene.zone.second(*at);
        say(&format!("last error {at}: {why}"), Role::Warning);
    }
    for part in source.parts.iter() {
        say(part, Role::Dim);
    }
    lines
}

fn numbers(scene: &Scene<'_>, source: &SourceStatus) -> Vec<String> {
    let mut parts = vec![text::counted(source.events, "event")];
    if source.defects > 0 {
        parts.push(format!("{} rejected", text::grouped(source.defects)));
    }
    // If a file was replaced or truncated, more may have been read than it holds now.
    parts.push(match source.bytes_total {
        Some(total) if total > source.bytes => format!(
            "{}B of {}B read",
            text::short(source.bytes),
            text::short(total)
        ),
        _ => format!("{}B read", text::short(source.bytes)),
    });
    if source.behind > 0 {
        parts.push(format!("{}B waiting", text::short(source.behind)));
    }
    if let Some(usual) = condition::usually(source.usual) {
        parts.push(format!(
            "{}/s now, usually {usual}",
            text::short(source.rate)
        ));
    }
    if let Some(newest) = source.newest {
        parts.push(format!("newest {}", scene.zone.second(newest)));
    }
    if let Some(lag) = condition::lag(source, scene.clock) {
        parts.push(format!("lag {}", text::lag(lag as f64 / SECOND as f64)));
    }
    if let Some(idle) = condition::idle(source, scene.clock) {
        parts.push(format!("silent for {}", text::duration(idle / SECOND)));
    }
    if let Some(polled) = source.polled {
        parts.push(format!(
            "polled {} ago",
            text::ago((scene.clock - polled).max(0) / SECOND)
        ));
    }
    parts.push(match source.losses {
        0 => "no gaps".into(),
        n => text::counted(n, "gap"),
    });
    parts
}
