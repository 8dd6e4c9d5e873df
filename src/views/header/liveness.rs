//! Liveness of live sources: lag or idle time, rate, backlog and gaps. Texts only; [`super`] drops them by rank if the
//! line is short.

use super::Part;
use crate::app::App;
use crate::engine::{SourceState, SourceStatus};
use crate::model::time::{Nanos, SECOND};
use crate::panes::condition::{idle, lag, usually};
use crate::theme::Role;
use crate::widgets::text;

/// Idle time from which it is shown in place of the lag, which would only grow.
const SILENT: Nanos = 10 * SECOND;

/// Lag from which the view counts as behind.
const BEHIND: Nanos = 60 * SECOND;

/// Backlog in bytes from which it is shown: less is normal while reading.
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
            // The newest event of all sources counts: a quiet source next to a busy one does not lag.
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

/// Formats `no events for 4m07s (usually 14/s)`.
fn silence(sources: &[&SourceStatus], silent: Nanos) -> Part {
    let silent = text::duration(silent / SECOND);
    let usual: f64 = sources.iter().map(|source| source.usual).sum();
    let mut reported = format!("no events for {silent}");
    if let Some(usual) = usually(usual) {
        reported = format!("{reported} (usually {usual})");
    }
    Part::new(reported, Role::Dim, 5).or(format!("idle {silent}"))
}

/// Time since the last response of a polled source; the longest of all sources.
fn polled(sources: &[&SourceStatus], clock: Nanos) -> Option<Part> {
    let last = sources.iter().filter_map(|source| source.polled).min()?;
    let ago = text::ago((clock - last).max(0) / SECOND);
    Some(Part::new(format!("polled {ago} ago"), Role::Dim, 6))
}
