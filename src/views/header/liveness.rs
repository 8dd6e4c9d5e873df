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
pub(super) const BEHIND: Nanos = 60 * SECOND;

/// Backlog in bytes from which it is shown: less is normal while reading.
pub(super) const BACKLOG: u64 = 1 << 20;

fn live(app: &App) -> Vec<&SourceStatus> {
    let sources = app.status.sources.iter();
    let is_live = |source: &&SourceStatus| source.state == SourceState::Live;
    sources.filter(is_live).collect()
}

/// Time of the newest event of all sources that may deliver more.
fn newest(app: &App) -> Option<Nanos> {
    let sources = app.status.sources.iter();
    let running = sources.filter(|source| source.state.is_running());
    running.filter_map(|source| source.newest).max()
}

/// Returns true if nothing arrives: for some seconds, or since the start if the newest event is old.
pub(super) fn is_idle(app: &App) -> bool {
    let (now, sources) = (app.clock.now, live(app));
    let silent = sources.iter().filter_map(|source| idle(source, now)).min();
    let rate: u64 = sources.iter().map(|source| source.rate).sum();
    let is_fresh = sources.iter().any(|source| lag(source, now).is_some());
    let is_old = newest(app).is_some_and(|newest| now - newest >= BEHIND);
    rate == 0 && (silent.is_some_and(|silent| silent >= SILENT) || !is_fresh && is_old)
}

pub(super) fn parts(app: &App) -> Vec<Part> {
    let sources = live(app);
    let mut parts = Vec::new();
    let behind: u64 = sources.iter().map(|source| source.behind).sum();
    if behind >= BACKLOG {
        let text = format!("{}B behind", text::short(behind));
        parts.push(Part::new(text, Role::Warning, 2));
    }
    let rate: u64 = sources.iter().map(|source| source.rate).sum();
    if is_idle(app) || sources.is_empty() {
        let mut age = age(app, &sources);
        if sources.is_empty() {
            // The reason of the wait comes first.
            age.rank = 4;
        }
        parts.push(age);
        parts.extend(polled(&sources, app.clock.now));
    } else {
        // The newest event of all sources counts: a quiet source next to a busy one does not lag.
        let lags = sources.iter().filter_map(|s| lag(s, app.clock.now));
        let lag = lags
            .min()
            .or_else(|| Some((app.clock.now - newest(app)?).max(0)));
        if let Some(lag) = lag {
            let role = if lag >= BEHIND {
                Role::Warning
            } else {
                Role::Dim
            };
            let seconds = lag as f64 / SECOND as f64;
            parts.push(Part::new(format!("lag {}", text::lag(seconds)), role, 1));
        }
        parts.push(Part::new(format!("{}/s", text::short(rate)), Role::Dim, 5));
    }
    if sources.is_empty() {
        return parts;
    }
    let losses: u64 = app.status.sources.iter().map(|source| source.losses).sum();
    parts.push(match losses {
        0 => Part::new("dropped 0".into(), Role::Dim, 7),
        n => Part::new(text::counted(n, "gap"), Role::Warning, 1),
    });
    parts
}

/// Formats `newest 4m ago (usually 14/s)`.
fn age(app: &App, sources: &[&SourceStatus]) -> Part {
    let Some(newest) = newest(app) else {
        return Part::new("no events yet".into(), Role::Dim, 5);
    };
    let age = text::ago((app.clock.now - newest).max(0) / SECOND);
    let age = format!("newest {age} ago");
    let usual: f64 = sources.iter().map(|source| source.usual).sum();
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
