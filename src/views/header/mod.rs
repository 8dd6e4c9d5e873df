//! Header line: source, its state, the view, the clock. States are words, never colours alone.

mod liveness;
mod state;

use std::fmt::Write as _;

use self::liveness::Flow;
use crate::app::layout::PaneId;
use crate::app::{App, Times};
use crate::engine::{SourceState, SourceStatus, Status};
use crate::overlays::Overlay;
use crate::panes::condition::{AWAITS, RETURNS, base, reason};
use crate::theme::Role;
use crate::widgets::{Canvas, text};

/// Part of the line. If space is short, the part with the highest rank takes its short form, or is dropped if it has
/// none. Rank 0 is never dropped.
struct Part {
    text: String,
    short: Option<String>,
    /// Clip the text before this many trailing bytes, which are kept; used while enough of it remains.
    clipped: Option<usize>,
    /// Keep the part after it has taken its short form.
    stays: bool,
    role: Role,
    rank: u8,
}

impl Part {
    fn new(text: String, role: Role, rank: u8) -> Self {
        Self {
            text,
            short: None,
            clipped: None,
            stays: false,
            role,
            rank,
        }
    }

    fn or(self, short: String) -> Self {
        Self {
            short: Some(short),
            ..self
        }
    }
}

/// Width of the source name that takes precedence over other parts.
const NAME: usize = 22;

/// Minimum useful width of a reason.
const TELLING: usize = 16;

pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let mut parts = parts(app, canvas.glyphs().live);
    let name = source_name(&app.status);
    let least = 12 + text::width(&name).min(NAME);
    loop {
        let used: usize = parts.iter().map(|part| text::width(&part.text) + 2).sum();
        if used + least <= usize::from(canvas.width()) {
            break;
        }
        let highest = |part: &usize| parts[*part].rank;
        let Some(at) = (0..parts.len())
            .max_by_key(highest)
            .filter(|at| parts[*at].rank > 0)
        else {
            break;
        };
        match parts[at].short.take() {
            Some(short) => {
                let others = used - text::width(&parts[at].text);
                let room = usize::from(canvas.width()).saturating_sub(others + least);
                let part = &mut parts[at];
                let (head, tail) = part
                    .text
                    .split_at(part.text.len() - part.clipped.unwrap_or(0));
                let left = room.saturating_sub(text::width(tail));
                part.text = if part.clipped.is_some() && left >= TELLING {
                    format!("{}{tail}", text::clip(head, left))
                } else {
                    short
                };
                part.rank = u8::from(!part.stays);
            }
            None => {
                parts.remove(at);
            }
        }
    }
    let used: usize = parts.iter().map(|part| text::width(&part.text) + 2).sum();
    let start = usize::from(canvas.width()).saturating_sub(used);
    // The name of the source says more than that of the program.
    let title = 1 + "regtrail".len() + 3;
    let at = match start.saturating_sub(title + 1) {
        room if room < text::width(&name).min(NAME) => 1,
        _ => {
            canvas.text(1, 0, "regtrail", Role::Title);
            title
        }
    };
    let room = start.saturating_sub(at + 1);
    canvas.text(at as u16, 0, &text::clip_middle(&name, room), Role::Text);
    let mut x = start as u16 + 1;
    for part in &parts {
        x = canvas.text(x, 0, &part.text, part.role) + 2;
    }
}

fn parts(app: &App, live: &str) -> Vec<Part> {
    let status = &app.status;
    let mut parts = Vec::new();
    if app.masking.on {
        parts.push(Part::new("masked".into(), Role::Held, 0));
    }
    let any = |state: &SourceState| status.sources.iter().any(|s| s.state == *state);
    if let Some((text, short)) = loading(status) {
        parts.push(Part {
            stays: true,
            ..Part::new(text, Role::Loading, 8).or(short)
        });
    }
    let flow = Flow::of(app);
    parts.extend(state::word(app, &flow, live));
    parts.extend(trouble(app));
    let mut add = |part: Part| parts.push(part);
    if any(&SourceState::Paused) {
        let count =
            |state: &SourceState| status.sources.iter().filter(|s| s.state == *state).count();
        let text = match (count(&SourceState::Paused), status.sources.len()) {
            (_, 1) => "source paused".into(),
            (n, all) => format!("{n} of {all} sources paused"),
        };
        add(Part::new(text, Role::Held, 1));
    }
    let is_waiting = |source: &SourceStatus| {
        let state = &source.state;
        matches!(
            state,
            SourceState::Missing { .. } | SourceState::Retrying { .. }
        )
    };
    let is_running = status.is_live() || status.sources.iter().any(is_waiting);
    if is_running && !status.is_loading() {
        parts.extend(liveness::parts(app, &flow));
    }
    if let Some(time) = status.evicted.newest {
        let text = format!("complete from {}", app.clock.zone.minute(time));
        parts.push(Part::new(text, Role::Warning, 2).or("older evicted".into()));
    }
    if status.defects > 0 {
        let text = format!("{} rejected", text::grouped(status.defects));
        parts.push(Part::new(text, Role::Warning, 1));
    }
    let at = app.time_at_cursor();
    let zone = match app.clock.times {
        Times::Clock => app.clock.zone.title(at),
        Times::Ages => format!("relative, {}", app.clock.zone.title(at)),
    };
    parts.push(Part::new(zone, Role::Dim, 0));
    parts
}

fn source_name(status: &Status) -> String {
    match status.sources.as_slice() {
        [] => String::new(),
        [source] => base(&source.name).to_owned(),
        [first, rest @ ..] => format!("{} +{}", base(&first.name), rest.len()),
    }
}

/// Sources that need attention: failed ones, with the reason if there is only one; otherwise those that are retried;
/// otherwise missing ones.
fn trouble(app: &App) -> Option<Part> {
    let status = &app.status;
    let all = status.sources.len();
    let failed: Vec<&SourceStatus> = status.sources.iter().filter(|s| is_failed(s)).collect();
    if let [source, ..] = failed.as_slice() {
        let why = reason(source).unwrap_or_default();
        let (text, short) = match failed.len() {
            _ if all == 1 => (why.to_owned(), "S shows why".to_owned()),
            1 => (
                format!("{} failed: {why}", base(&source.name)),
                format!("1 of {all} failed"),
            ),
            n => (
                format!("{n} of {all} sources failed"),
                format!("{n} of {all} failed"),
            ),
        };
        // A failed file has been read as far as possible: a retry is useless.
        let tail = if source.name.contains("://") {
            format!(" · {} retries · data kept", enter(app))
        } else {
            String::new()
        };
        return Some(Part {
            clipped: Some(tail.len()),
            ..Part::new(text + &tail, Role::Error, 3).or(short)
        });
    }
    status
        .sources
        .iter()
        .find_map(|source| waits(app, source))
        .or_else(|| missing(status))
}

/// Text for a source that waits for a retry: reason and time.
fn waits(app: &App, source: &SourceStatus) -> Option<Part> {
    let SourceState::Retrying { why, .. } = &source.state else {
        return None;
    };
    let name = if app.status.sources.len() > 1 {
        format!("{}: ", base(&source.name))
    } else {
        String::new()
    };
    let again = match source.retry_in(app.clock.now) {
        None | Some(0) => "retry now".to_owned(),
        Some(seconds) => format!("retry in {}", text::duration(seconds as i64)),
    };
    let stop = if why.ends_with(['?', '!', '.']) {
        ""
    } else {
        ";"
    };
    let tail = format!("{stop} {again} · {} retries · data kept", enter(app));
    Some(Part {
        clipped: Some(tail.len()),
        ..Part::new(format!("{name}{why}{tail}"), Role::Warning, 3)
            .or(format!("{again}, data kept"))
    })
}

/// Text for followed files that are missing; with the cause if there is only one.
fn missing(status: &Status) -> Option<Part> {
    let all = status.sources.len();
    let missing = |source: &&SourceStatus| matches!(source.state, SourceState::Missing { .. });
    let missing: Vec<&SourceStatus> = status.sources.iter().filter(missing).collect();
    let SourceState::Missing { why } = &missing.first()?.state else {
        return None;
    };
    let (text, short) = match missing.len() {
        _ if all == 1 => (format!("{why}, {RETURNS}"), why.clone()),
        1 => (
            format!("{} {why}, {RETURNS}", base(&missing[0].name)),
            format!("1 of {all} missing"),
        ),
        n => (
            format!("{n} of {all} sources missing, waiting for them to return"),
            format!("{n} of {all} missing"),
        ),
    };
    Some(Part {
        stays: true,
        ..Part::new(text, Role::Warning, 3).or(short)
    })
}

/// Keys that retry a source: Enter in the source list, and in a list without events.
fn enter(app: &App) -> &'static str {
    let free = app.overlay.is_none()
        && app.screen.focus == PaneId::List
        && app.panes.list.focused().is_none();
    let listed = matches!(app.overlay, Some(Overlay::Sources(_)));
    if free || listed { "Enter" } else { "S Enter" }
}

fn is_failed(source: &SourceStatus) -> bool {
    matches!(source.state, SourceState::Failed { .. })
}

/// Formats `loading audit.jsonl 43% 6.1M rec 1.9M/s ETA 4s · Esc stops`, and the same without the name.
fn loading(status: &Status) -> Option<(String, String)> {
    let busy: Vec<&SourceStatus> = status
        .sources
        .iter()
        .filter(|source| source.state.is_busy())
        .collect();
    let [first, ..] = busy.as_slice() else {
        return None;
    };
    if busy
        .iter()
        .all(|source| source.state != SourceState::Loading)
    {
        let text = match busy.iter().find(|s| s.state == SourceState::Awaiting) {
            Some(source) => format!("{AWAITS} to open {} · Esc stops", base(&source.name)),
            None => "connecting · Esc stops".to_owned(),
        };
        return Some((text.clone(), text));
    }
    let what = match busy.len() {
        1 => base(&first.name).to_owned(),
        n => format!("{n} sources"),
    };
    let mut text = String::new();
    let read: u64 = busy.iter().map(|source| source.bytes).sum();
    let total: Option<u64> = busy.iter().map(|source| source.bytes_total).sum();
    if let Some(total) = total.filter(|total| *total > 0) {
        let _ = write!(
            text,
            " {}%",
            (u128::from(read) * 100 / u128::from(total)).min(99)
        );
    }
    let events: u64 = busy.iter().map(|source| source.events).sum();
    let rate: u64 = busy.iter().map(|source| source.rate).sum();
    let _ = write!(text, " {} rec", text::short(events));
    // The rate is unknown in the first second.
    if rate > 0 {
        let _ = write!(text, " {}/s", text::short(rate));
    }
    if let Some(eta) = busy.iter().filter_map(|source| source.eta).max() {
        let _ = write!(text, " ETA {}", text::duration(eta as i64));
    }
    let short = if busy.len() == 1 {
        format!("loading{text} · Esc stops")
    } else {
        format!("loading {what}{text} · Esc stops")
    };
    Some((format!("loading {what}{text} · Esc stops"), short))
}
