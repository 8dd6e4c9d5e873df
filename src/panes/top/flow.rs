//! How live a live log is: lag or silence, rate, what waits, what is missing. Pure words and numbers; where
//! the line is short, [`super`] drops them by rank.

use super::Part;
use crate::app::App;
use crate::engine::{SourceState, SourceStatus};
use crate::model::time::{Nanos, SECOND};
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
        .filter_map(|source| idle(source, app.clock))
        .min();
    match silent {
        Some(silent) if silent >= SILENT && rate == 0 => {
            parts.push(silence(&sources, silent));
            parts.extend(polled(&sources, app.clock));
        }
        _ => {
            // The newest event of all: a quiet source beside a busy one does not lag.
            if let Some(lag) = sources.iter().filter_map(|s| lag(s, app.clock)).min() {
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

/// A rate in the unit in which it is a number of one or more.
pub(crate) fn usually(a_second: f64) -> Option<String> {
    let units = [(1.0, "s"), (60.0, "min"), (3600.0, "h"), (86_400.0, "d")];
    let unit = |(seconds, name): &(f64, &str)| {
        let number = (a_second * seconds).round();
        (number >= 1.0).then(|| format!("{}/{name}", text::short(number as u64)))
    };
    units.iter().find_map(unit)
}

/// When the source that asks again and again was last answered, the one that waits longest.
fn polled(sources: &[&SourceStatus], clock: Nanos) -> Option<Part> {
    let last = sources.iter().filter_map(|source| source.polled).min()?;
    let ago = text::ago((clock - last).max(0) / SECOND);
    Some(Part::new(format!("polled {ago} ago"), Role::Dim, 6))
}

/// How long a live source has been silent.
pub(crate) fn idle(source: &SourceStatus, clock: Nanos) -> Option<Nanos> {
    let last = source.received.unwrap_or(0).max(source.since);
    (source.state == SourceState::Live).then(|| (clock - last).max(0))
}

/// From the time of the newest event to now, where it came while the source was live: what was loaded may be
/// old without anything being late.
pub(crate) fn lag(source: &SourceStatus, clock: Nanos) -> Option<Nanos> {
    let came = source.received? >= source.since && source.usual > 0.0;
    came.then(|| (clock - source.newest.unwrap_or(clock)).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> SourceStatus {
        SourceStatus {
            state: SourceState::Live,
            since: 100 * SECOND,
            ..SourceStatus::new("log".into())
        }
    }

    #[test]
    fn rates_are_told_in_the_unit_that_fits() {
        let told = |rate: f64| usually(rate).unwrap_or_default();
        assert_eq!(told(14.2), "14/s");
        assert_eq!(told(0.05), "3/min");
        assert_eq!(told(0.0001), "9/d");
        assert_eq!(told(0.0), "");
    }

    #[test]
    fn what_was_loaded_long_ago_is_no_lag_and_silence_counts_from_the_start() {
        let mut source = live();
        source.newest = Some(3 * SECOND);
        source.received = Some(99 * SECOND);
        assert_eq!(lag(&source, 130 * SECOND), None);
        assert_eq!(idle(&source, 130 * SECOND), Some(30 * SECOND));
        source.received = Some(125 * SECOND);
        source.newest = Some(123 * SECOND);
        source.usual = 1.0;
        assert_eq!(lag(&source, 130 * SECOND), Some(7 * SECOND));
        assert_eq!(idle(&source, 130 * SECOND), Some(5 * SECOND));
        assert_eq!(
            lag(&source, 120 * SECOND),
            Some(0),
            "a clock that is behind"
        );
    }
}
