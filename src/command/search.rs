//! Going to the next event that matches something, without filtering.

use std::sync::Arc;

use super::{Command, Context, Outcome, Scope, row};
use crate::app::layout::PaneId;
use crate::app::names;
use crate::engine::{SeekWant, Sought};
use crate::overlays::{Overlay, Prompt, PromptKind};
use crate::query::Node;

pub(super) const COMMANDS: &[Command] = &[
    row(
        "search.edit",
        "search",
        "Search for text, /expression/ or a query; the filter stays as it is",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Search, "")));
            Outcome::Done
        },
    ),
    row(
        "search.next",
        "next hit",
        "To the next event that matches the search",
        Scope::Global,
        |cx, _| again(cx, true),
    ),
    row(
        "search.previous",
        "previous hit",
        "To the previous event that matches the search",
        Scope::Global,
        |cx, _| again(cx, false),
    ),
    row(
        "list.next-failure",
        "next failure",
        "To the next event with a status of 400 or more",
        Scope::Pane(PaneId::List),
        |cx, _| failure(cx, true),
    ),
    row(
        "list.previous-failure",
        "previous failure",
        "To the previous event with a status of 400 or more",
        Scope::Pane(PaneId::List),
        |cx, _| failure(cx, false),
    ),
];

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
