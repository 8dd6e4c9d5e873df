//! Search: jumps to the next matching event without filtering.

use std::sync::Arc;

use super::Run::{Do, Try};
use super::Scope::{Global, Pane};
use super::unless::{no_event, no_search};
use super::{Command, Context, Outcome, Task, row};
use crate::app::layout::PaneId;
use crate::engine::{SeekTarget, SeekWant};
use crate::overlays::PromptKind;
use crate::overlays::query_input;
use crate::query::Node;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("search.edit", "search", Task::Find, Global, Do(|cx| cx.prompt(PromptKind::Search, "")),
        "Search for text, /regex/ or a query")
            .also("find grep regex"),
    row("search.next", "next match", Task::Find, Global, Try(|cx| again(cx, true)),
        "Go to the next match")
            .also("find").unless(no_search),
    row("search.previous", "previous match", Task::Find, Global, Try(|cx| again(cx, false)),
        "Go to the previous match")
            .also("find").unless(no_search),
    row("list.next-failure", "next failure", Task::Find, Pane(PaneId::List), Try(|cx| failure(cx, true)),
        "Go to the next failure (status 400 or above)")
            .also("error denied 4xx 5xx failed").unless(no_event),
    row("list.previous-failure", "previous failure", Task::Find, Pane(PaneId::List), Try(|cx| failure(cx, false)),
        "Go to the previous failure (status 400 or above)")
            .also("error denied 4xx 5xx failed").unless(no_event),
];

fn again(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let search = cx.app.prompts.search.clone();
    let (_, query) = search.ok_or("no search yet: press / to search")?;
    seek(cx, query, forward)
}

fn failure(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let query = query_input::parse("http_response_status>=400", &cx.app.session.names);
    let query = query.map_err(|problem| problem.text)?;
    seek(cx, Arc::new(query), forward)
}

fn seek(cx: &mut Context<'_>, query: Arc<Node>, forward: bool) -> Outcome {
    let row = cx.app.panes.list.focused().ok_or("no events to search")?;
    let from = row.id;
    cx.app.seek(SeekWant {
        from,
        forward,
        what: SeekTarget::Query(query),
    });
    Ok(())
}
