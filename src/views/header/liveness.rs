//! How live a live log is: lag or silence, rate, what waits, what is missing. Pure words and numbers; where
//! the line is short, [`super`] drops them by rank.

use super::Part;
use crate::app::App;
use crate::engine::{SourceState, SourceStatus};
use crate::model::time::{Nanos, SECOND};
use crate::panes::condition::{idle, lag, usually};
use crate::theme::Role;
use crate::widgets::text;

/// After this much silence the line says so, in place of a lag that only grows.
const SILENT: Nanos = 10 * SECOND;

/// A lag from which on the view is behind.
const BEHIND: Nanos = 60 * SECOND;

/// Bytes that wait and are worth a word: less is what is just being read.
const WAITING: u64 = 1 << 20;

pub(super) fn parts(app: &App) -> Vec<Part> {
    let sources: Vec<&SourceStatus> = (app.status.sources.iter())
        .filter(|source| source.state == SourceState::Live)
        .collect();
    let mut parts = Vec::new();
    let behind: u64 = sources.iter().map(|source| source.behind).sum();
    if behind >= WAITING {
        let text = format!("{}B behind", text::short(behind));
        parts.push(Part::new(text, Role::Warning, 2));
    }
    let rate: u64 = sources.iter().map(|source| source.rate).sum();
    let silent = sources
        .iter()
        .filter_map(|source| idle(source, app.clock.now))
        .min();
    match silent {
        Some(silent) if silent >= SILENT && rate == 0 => {
            parts.push(silence(&sources, silent));
            parts.extend(polled(&sources, app.clock.now));
        }
        _ => {
            // The newest event of all: a quiet source beside a busy one does not lag.
            if let Some(lag) = sources.iter().filter_map(|s| lag(s, app.clock.now)).min() {
                let role = if lag >= BEHIND {
                    Role::Warning
                } else {
                    Role::Dim
                };
                let seconds = lag as f64 / SECOND as f64;
                parts.push(Part::new(format!("lag {}", text::lag(seconds)), role, 4));
            }
            parts.push(Part::new(format!("{}/s", text::short(rate)), Role::Dim, 5));
        }
    }
    let losses: u64 = app.status.sources.iter().map(|source| source.losses).sum();
    parts.push(match losses {
        0 => Part::new("dropped 0".into(), Role::Dim, 7),
        n => Part::new(text::counted(n, "gap"), Role::Warning, 1),
    });
    parts
}

/// `no events for 4m07s (usually 14/s)`.
fn silence(sources: &[&SourceStatus], silent: Nanos) -> Part {
    let silent = text::duration(silent / SECOND);
    let usual: f64 = sources.iter().map(|source| source.usual).sum();
    let mut told = format!("no events for {silent}");
    if let Some(usual) = usually(usual) {
        told = format!("{told} (usually {usual})");
    }
    Part::new(told, Role::Dim, 5).or(format!("idle {silent}"))
}

/// When the source that asks again and again was last answered, the one that waits longest.
fn polled(sources: &[&SourceStatus], clock: Nanos) -> Option<Part> {
    let last = sources.iter().filter_map(|source| source.polled).min()?;
    let ago = text::ago((clock - last).max(0) / SECOND);
    Some(Part::new(format!("polled {ago} ago"), Role::Dim, 6))
}
