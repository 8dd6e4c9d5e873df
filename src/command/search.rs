//! Going to the next event that matches something, without filtering.

use std::sync::Arc;

use super::Run::{Do, Try};
use super::Scope::{Global, Pane};
use super::{Command, Context, Outcome, row};
use crate::app::layout::PaneId;
use crate::engine::{SeekWant, Sought};
use crate::overlays::PromptKind;
use crate::overlays::names;
use crate::query::Node;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("search.edit", "search", Global, Do(|cx| cx.prompt(PromptKind::Search, "")),
        "Search for text, /expression/ or a query; the filter stays as it is"),
    row("search.next", "next hit", Global, Try(|cx| again(cx, true)),
        "To the next event that matches the search"),
    row("search.previous", "previous hit", Global, Try(|cx| again(cx, false)),
        "To the previous event that matches the search"),
    row("list.next-failure", "next failure", Pane(PaneId::List), Try(|cx| failure(cx, true)),
        "To the next event with a status of 400 or more"),
    row("list.previous-failure", "previous failure", Pane(PaneId::List), Try(|cx| failure(cx, false)),
        "To the previous event with a status of 400 or more"),
];

fn again(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let search = cx.app.prompts.search.clone();
    let (_, query) = search.ok_or("nothing searched for yet: / searches")?;
    seek(cx, query, forward)
}

fn failure(cx: &mut Context<'_>, forward: bool) -> Outcome {
    let query = names::parse("http_response_status>=400", &cx.app.session.names);
    let query = query.map_err(|problem| problem.text)?;
    seek(cx, Arc::new(query), forward)
}

fn seek(cx: &mut Context<'_>, query: Arc<Node>, forward: bool) -> Outcome {
    let row = cx.app.panes.list.focused().ok_or("no events to search")?;
    let from = row.id;
    cx.app.seek(SeekWant {
        from,
        forward,
        what: Sought::Query(query),
    });
    Ok(())
}
