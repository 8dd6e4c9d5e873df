//! State of the sources and the view in one word: LIVE, HELD, PAUSED, IDLE, BEHIND, WAITING, ENDED, STOPPED or FAILED.

use super::Part;
use super::liveness::Flow;
use crate::app::App;
use crate::engine::{SourceState, SourceStatus};
use crate::theme::Role;
use crate::widgets::text;

/// Returns the word, with a number that belongs to it; `None` while sources are loading, unless the view is paused.
pub(super) fn word(app: &App, flow: &Flow<'_>, live: &str) -> Option<Part> {
    let sources = &app.status.sources;
    let all = |state: fn(&SourceState) -> bool| sources.iter().all(|source| state(&source.state));
    let any = |state: fn(&SourceState) -> bool| sources.iter().any(|source| state(&source.state));
    let part = |text: &str, role| Some(Part::new(text.into(), role, 0));
    if app.view.paused {
        return Some(numbered("PAUSED", app.waiting(), "waiting"));
    }
    if app.status.is_loading() || sources.is_empty() {
        // The view can be held before the state of the sources is known.
        let is_held = app.status.is_loading() && !app.panes.list.is_following();
        return is_held.then(|| Part::new("HELD".into(), Role::Held, 0));
    }
    if app.status.is_live() {
        return Some(live_word(app, flow, live));
    }
    if any(|state| {
        matches!(
            state,
            SourceState::Missing { .. } | SourceState::Retrying { .. }
        )
    }) {
        return part("WAITING", Role::Warning);
    }
    if all(|state| *state == SourceState::Paused) {
        return part("PAUSED", Role::Held);
    }
    if any(|state| matches!(state, SourceState::Failed { .. })) {
        return part("FAILED", Role::Error);
    }
    if any(|state| *state == SourceState::Stopped) {
        let is_whole = |source: &SourceStatus| source.whole || source.state != SourceState::Stopped;
        let text = if sources.iter().all(is_whole) {
            "STOPPED"
        } else {
            "STOPPED, incomplete"
        };
        return part(text, Role::Warning);
    }
    all(|state| *state == SourceState::Done).then(|| Part::new("ENDED".into(), Role::Dim, 0))
}

/// Word for sources of which at least one is live.
fn live_word(app: &App, flow: &Flow<'_>, live: &str) -> Part {
    let (now, filter) = (app.clock.now, app.filters.current());
    if filter.range.until.is_some_and(|until| until <= now) {
        let text = "ENDED, time range is past".to_owned();
        return Part {
            stays: true,
            ..Part::new(text, Role::Warning, 2).or("ENDED".into())
        };
    }
    if !app.panes.list.is_following() {
        return numbered("HELD", app.arrivals(), "new");
    }
    let (text, role) = if flow.has_backlog() {
        ("BEHIND".to_owned(), Role::Warning)
    } else if flow.is_idle(now) {
        ("IDLE".to_owned(), Role::Dim)
    } else if flow.is_late() {
        ("BEHIND".to_owned(), Role::Warning)
    } else {
        (format!("{live} LIVE"), Role::Live)
    };
    Part::new(text, role, 0)
}

/// Formats a state of the view with a number of events, as in `HELD, 14 new`.
fn numbered(word: &str, count: u64, what: &str) -> Part {
    if count == 0 {
        return Part::new(word.into(), Role::Held, 0);
    }
    let text = format!("{word}, {} {what}", text::grouped(count));
    Part::new(text, Role::Held, 6).or(format!("{word} +{}", text::short(count)))
}
