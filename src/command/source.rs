//! Sources: how each is, and what can be done to the one under the cursor of their list.

use super::Run::{Do, Try};
use super::Scope::Global;
use super::{Command, Context, Outcome, row};
use crate::app::Effect;
use crate::engine::{SourceAction, SourceState, SourceStatus};
use crate::overlays::{Overlay, SourceList};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("sources.show", "sources", Global, Do(|cx| cx.app.open(SourceList::default())),
        "Where events come from, how each source is, and what to do about it"),
    row("sources.retry", "retry now", Global, Try(|cx| act(cx, retry)),
        "Try this source again at once, or look whether it has something new"),
    row("sources.pause", "pause or resume", Global, Try(|cx| act(cx, pause)),
        "Take nothing of this source for a while, or go on with it"),
    row("sources.stop", "stop", Global, Try(|cx| act(cx, stop)),
        "End reading this source; what is loaded stays"),
];

/// What is done to a source, and what is said of it; or why nothing is done.
type Act = Result<(SourceAction, &'static str), &'static str>;

fn act(cx: &mut Context<'_>, what: fn(&SourceStatus) -> Act) -> Outcome {
    let at = match &cx.app.overlay {
        Some(Overlay::Sources(list)) => list.cursor.at,
        _ if cx.app.status.sources.len() == 1 => 0,
        _ => return Err("open the list of sources and choose one".into()),
    };
    let source = cx.app.status.sources.get(at).ok_or("there is no source")?;
    let (action, told) = what(source)?;
    cx.effects.push(Effect::Sources(vec![at], action));
    cx.app.tell(told);
    Ok(())
}

fn retry(source: &SourceStatus) -> Act {
    match source.state {
        SourceState::Paused => Err("it is paused: resume it first"),
        SourceState::Done | SourceState::Stopped => {
            Err("it has ended; start the program again to read it anew")
        }
        _ => Ok((SourceAction::Retry, "tried again")),
    }
}

/// Tries all sources again that failed or wait. Says whether there are any.
pub(super) fn retry_all(cx: &mut Context<'_>) -> bool {
    let waits = |source: &SourceStatus| {
        match source.state {
            SourceState::Retrying { .. } => true,
            // A file that failed has been read as far as it can be.
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
        cx.app.tell("tried again");
    }
    any
}

fn pause(source: &SourceStatus) -> Act {
    match &source.state {
        SourceState::Paused => Ok((SourceAction::Resume, "resumed")),
        state if state.is_running() => Ok((
            SourceAction::Pause,
            "paused: nothing is taken of this source until it is resumed",
        )),
        _ => Err("it has ended: there is nothing to pause"),
    }
}

fn stop(source: &SourceStatus) -> Act {
    match source.state {
        SourceState::Done | SourceState::Stopped => Err("it has ended already"),
        _ => Ok((SourceAction::Stop, "stopped; what is loaded stays")),
    }
}
