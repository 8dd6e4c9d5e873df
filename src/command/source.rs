//! Sources: their states, and actions on the one under the cursor of the source list.

use super::Run::{Do, Try};
use super::Scope::Global;
use super::{Command, Context, Outcome, Task, row};
use crate::app::Effect;
use crate::engine::{SourceAction, SourceState, SourceStatus};
use crate::overlays::{Overlay, SourceList};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("sources.show", "sources", Task::View, Global, Do(|cx| cx.app.open(SourceList::default())),
        "Show sources and their state"),
    row("sources.retry", "retry now", Task::View, Global, Try(|cx| act(cx, retry)),
        "Retry the source now"),
    row("sources.pause", "pause or resume", Task::View, Global, Try(|cx| act(cx, pause)),
        "Pause or resume the source"),
    row("sources.stop", "stop", Task::View, Global, Try(|cx| act(cx, stop)),
        "Stop reading the source (keeps loaded events)"),
];

/// Action for a source and the notice to show; or the reason why it is not possible.
type Act = Result<(SourceAction, &'static str), &'static str>;

fn act(cx: &mut Context<'_>, what: fn(&SourceStatus) -> Act) -> Outcome {
    let at = match &cx.app.overlay {
        Some(Overlay::Sources(list)) => list.cursor.at,
        _ if cx.app.status.sources.len() == 1 => 0,
        _ => return Err("several sources: select one in the source list (sources.show)".into()),
    };
    let source = cx.app.status.sources.get(at).ok_or("no source")?;
    let (action, reported) = what(source)?;
    cx.effects.push(Effect::Sources(vec![at], action));
    cx.app.tell(reported);
    Ok(())
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
