//! Sources: their states, and actions on the one under the cursor of the source list.

use super::Run::{Do, Try};
use super::Scope::Global;
use super::{Command, Context, Outcome, Task, row};
use crate::app::{App, Effect};
use crate::engine::{SourceAction, SourceState, SourceStatus};
use crate::overlays::{Overlay, SourceList};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("sources.show", "sources", Task::View, Global, Do(|cx| cx.app.open(SourceList::default())),
        "Show sources and their state")
            .also("files input status connection"),
    row("sources.retry", "retry now", Task::View, Global, Try(|cx| act(cx, retry)),
        "Retry the source now")
            .also("reconnect reload again").unless(|app| unless(app, retry)),
    row("sources.pause", "pause or resume", Task::View, Global, Try(|cx| act(cx, pause)),
        "Pause or resume the source")
            .also("stop continue").unless(|app| unless(app, pause)),
    row("sources.stop", "stop", Task::View, Global, Try(|cx| act(cx, stop)),
        "Stop reading the source (keeps loaded events)")
            .also("close end").unless(|app| unless(app, stop)),
];

/// Action for a source and the notice to show; or the reason why it is not possible.
type Act = Result<(SourceAction, &'static str), &'static str>;

fn act(cx: &mut Context<'_>, what: fn(&SourceStatus) -> Act) -> Outcome {
    let at =
        selected(cx.app).ok_or("several sources: select one in the source list (sources.show)")?;
    let source = cx.app.status.sources.get(at).ok_or("no source")?;
    let (action, reported) = what(source)?;
    cx.effects.push(Effect::Sources(vec![at], action));
    cx.app.tell(reported);
    Ok(())
}

/// Index of the source under the cursor of the source list, or of the only source.
fn selected(app: &App) -> Option<usize> {
    match &app.overlay {
        Some(Overlay::Sources(list)) => Some(list.cursor.at),
        _ => (app.status.sources.len() == 1).then_some(0),
    }
}

/// Reason why an action is not possible, for the palette.
fn unless(app: &App, what: fn(&SourceStatus) -> Act) -> Option<&'static str> {
    let Some(source) = selected(app).and_then(|at| app.status.sources.get(at)) else {
        return Some("select a source first");
    };
    match (what(source), &source.state) {
        (Ok(_), _) => None,
        (Err(_), SourceState::Paused) => Some("the source is paused"),
        (Err(_), _) => Some("the source has ended"),
    }
}

fn retry(source: &SourceStatus) -> Act {
    match source.state {
        SourceState::Paused => Err("source is paused: resume it first"),
        SourceState::Done | SourceState::Stopped => {
            Err("source has ended: restart regtrail to read it again")
        }
        _ => Ok((SourceAction::Retry, "retrying")),
    }
}

/// Retries all sources that failed or wait for a retry. Returns false if there are none.
pub(super) fn retry_all(cx: &mut Context<'_>) -> bool {
    let waits = |source: &SourceStatus| {
        match source.state {
            SourceState::Retrying { .. } => true,
            // A failed file has been read as far as possible: a retry is useless.
            SourceState::Failed { .. } => source.name.contains("://"),
            _ => false,
        }
    };
    let sources = cx.app.status.sources.iter().enumerate();
    let waiting: Vec<usize> = sources
        .filter(|(_, source)| waits(source))
        .map(|(at, _)| at)
        .collect();
    let any = !waiting.is_empty();
    if any {
        cx.effects
            .push(Effect::Sources(waiting, SourceAction::Retry));
        cx.app.tell("retrying");
    }
    any
}

fn pause(source: &SourceStatus) -> Act {
    match &source.state {
        SourceState::Paused => Ok((SourceAction::Resume, "source resumed")),
        state if state.is_running() => Ok((SourceAction::Pause, "source paused")),
        _ => Err("source has ended: nothing to pause"),
    }
}

fn stop(source: &SourceStatus) -> Act {
    match source.state {
        SourceState::Done | SourceState::Stopped => Err("source has already ended"),
        _ => Ok((SourceAction::Stop, "source stopped; loaded events are kept")),
    }
}
