//! Liveness of sources: lag, rate, backlog and gaps. Texts only; [`super`] drops them by rank if the line is short.

use super::Part;
use crate::app::App;
use crate::engine::{SourceState, SourceStatus};
use crate::model::time::{Nanos, SECOND};
use crate::panes::condition::{idle, lag, usually};
use crate::theme::Role;
use crate::widgets::text;

/// Time without a new event from which a source is idle.
const SILENT: Nanos = 10 * SECOND;

/// Lag from which the view counts as behind, and age of the newest event from which a log without arrivals is idle.
const BEHIND: Nanos = 60 * SECOND;

/// Backlog in bytes from which it is shown: less is normal while reading.
const BACKLOG: u64 = 1 << 20;

/// Width of the screen from which the line says that nothing is missing.
const ROOMY: u16 = 120;

/// Flow of the live sources. The word for the state and the numbers next to it are made from it.
pub(super) struct Flow<'a> {
    live: Vec<&'a SourceStatus>,
    /// Bytes received but not read, and events per second, of all sources.
    backlog: u64,
    rate: u64,
    /// Least lag: a quiet source next to a busy one is not late.
    lag: Option<Nanos>,
    /// Time of the newest event of all sources that may deliver more.
    newest: Option<Nanos>,
}

impl<'a> Flow<'a> {
    pub(super) fn of(app: &'a App) -> Self {
        let sources = &app.status.sources;
        let is_live = |source: &&SourceStatus| source.state == SourceState::Live;
        let live: Vec<&SourceStatus> = sources.iter().filter(is_live).collect();
        let running = sources.iter().filter(|source| source.state.is_running());
        Self {
            backlog: live.iter().map(|source| source.behind).sum(),
            rate: live.iter().map(|source| source.rate).sum(),
            lag: live.iter().filter_map(|s| lag(s, app.clock.now)).min(),
            newest: running.filter_map(|source| source.newest).max(),
            live,
        }
    }

    pub(super) fn has_backlog(&self) -> bool {
        self.backlog >= BACKLOG
    }

    pub(super) fn is_late(&self) -> bool {
        self.lag.is_some_and(|lag| lag >= BEHIND)
    }

    /// Returns true if nothing arrives: for some seconds, or since the start if the newest event is old.
    pub(super) fn is_idle(&self, now: Nanos) -> bool {
        let silent = self
            .live
            .iter()
            .filter_map(|source| idle(source, now))
            .min();
        let is_old = self.newest.is_some_and(|newest| now - newest >= BEHIND);
        let is_silent = silent.is_some_and(|silent| silent >= SILENT);
        self.rate == 0 && (is_silent || self.lag.is_none() && is_old)
    }
}

pub(super) fn parts(app: &App, flow: &Flow<'_>) -> Vec<Part> {
    let now = app.clock.now;
    let mut parts = Vec::new();
    if flow.has_backlog() {
        let text = format!("{}B behind", text::short(flow.backlog));
        parts.push(Part::new(text, Role::Warning, 2));
    }
    if flow.is_idle(now) || flow.live.is_empty() {
        let mut age = age(flow, now);
        if flow.live.is_empty() {
            // The reason of the wait comes first.
            age.rank = 4;
        }
        parts.push(age);
        parts.extend(polled(&flow.live, now));
    } else {
        if let Some(lag) = flow.lag.or_else(|| Some((now - flow.newest?).max(0))) {
            let role = if lag >= BEHIND {
                Role::Warning
            } else {
                Role::Dim
            };
            let seconds = lag as f64 / SECOND as f64;
            parts.push(Part::new(format!("lag {}", text::lag(seconds)), role, 1));
        }
        let rate = format!("{}/s", text::short(flow.rate));
        parts.push(Part::new(rate, Role::Dim, 5));
    }
    if flow.live.is_empty() {
        return parts;
    }
    let losses: u64 = app.status.sources.iter().map(|source| source.losses).sum();
    match losses {
        0 if app.screen.size.0 >= ROOMY => {
            parts.push(Part::new("dropped 0".into(), Role::Dim, 7));
        }
        0 => {}
        n => parts.push(Part::new(text::counted(n, "gap"), Role::Warning, 1)),
    }
    parts
}

/// Formats `newest 4m ago (usually 14/s)`.
fn age(flow: &Flow<'_>, now: Nanos) -> Part {
    let Some(newest) = flow.newest else {
        return Part::new("no events yet".into(), Role::Dim, 5);
    };
    let age = text::ago((now - newest).max(0) / SECOND);
    let age = format!("newest {age} ago");
    let usual: f64 = flow.live.iter().map(|source| source.usual).sum();
    let part = |text: String| Part {
        stays: true,
        ..Part::new(text, Role::Dim, 5)
    };
    match usually(usual) {
        Some(usual) => part(format!("{age} (usually {usual})")).or(age),
        None => Part::new(age, Role::Dim, 1),
    }
}

/// Time since the last response of a polled source; the longest of all sources.
fn polled(sources: &[&SourceStatus], clock: Nanos) -> Option<Part> {
    let last = sources.iter().filter_map(|source| source.polled).min()?;
    let ago = text::ago((clock - last).max(0) / SECOND);
    Some(Part::new(format!("polled {ago} ago"), Role::Dim, 6))
}
