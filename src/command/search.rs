//! Going to the next event that matches something, without filtering.

use std::sync::Arc;

use super::Run::Plain;
use super::Scope::{Global, Pane};
use super::{Command, Context, Outcome, row};
use crate::app::layout::PaneId;
use crate::app::names;
use crate::engine::{SeekWant, Sought};
use crate::overlays::{Overlay, Prompt, PromptKind};
use crate::query::Node;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("search.edit", "search", Global, Plain(edit),
        "Search for text, /expression/ or a query; the filter stays as it is"),
    row("search.next", "next hit", Global, Plain(|cx| again(cx, true)),
        "To the next event that matches the search"),
    row("search.previous", "previous hit", Global, Plain(|cx| again(cx, false)),
        "To the previous event that matches the search"),
    row("list.next-failure", "next failure", Pane(PaneId::List), Plain(|cx| failure(cx, true)),
        "To the next event with a status of 400 or more"),
    row("list.previous-failure", "previous failure", Pane(PaneId::List), Plain(|cx| failure(cx, false)),
        "To the previous event with a status of 400 or more"),
];

fn edit(cx: &mut Context<'_>) -> Outcome {
    cx.app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Search, "")));
    Outcome::Done
}

fn again(cx: &mut Context<'_>, forward: bool) -> Outcome {
    match cx.app.search.clone() {
        Some((_, query)) => seek(cx, query, forward),
        None => Outcome::Refused("nothing searched for yet: / searches".into()),
    }
}

fn failure(cx: &mut Context<'_>, forward: bool) -> Outcome {
    match names::parse("http_response_status>=400", &cx.app.names) {
        Ok(query) => seek(cx, Arc::new(query), forward),
        Err(problem) => Outcome::Refused(problem.text),
    }
}

fn seek(cx: &mut Context<'_>, query: Arc<Node>, forward: bool) -> Outcome {
    let Some(row) = cx.app.list.focused() else {
        return Outcome::Refused("no events to search".into());
    };
    let from = row.id;
    cx.app.seek(SeekWant {
        from,
        forward,
        what: Sought::Query(query),
    });
    Outcome::Done
}
