//! Reasons why a command cannot run in the current state, for the palette. Each is at most 26 characters.

use super::{Command, Scope};
use crate::app::App;
use crate::app::layout::PaneId;

/// Returns the reason why a command cannot run; `None` if it can.
pub(super) type Unless = fn(&App) -> Option<&'static str>;

/// Reason why a command cannot run in the current state: that of its pane, or its own.
pub(super) fn why_not(app: &App, command: &Command) -> Option<&'static str> {
    // Commands of the list act on the list from every pane; those of other panes act on a cursor that is not shown.
    let focus = app.screen.focus;
    let elsewhere = match command.scope {
        Scope::Pane(pane) if pane == PaneId::List || pane == focus => None,
        Scope::Pane(PaneId::Facets) => Some("only in the facets"),
        Scope::Pane(PaneId::Detail) => Some("only in the detail"),
        Scope::Pane(PaneId::Histogram) => Some("only in the histogram"),
        _ => None,
    };
    elsewhere
        .filter(|_| !command.anywhere)
        .or_else(|| (command.unless)(app))
}

fn unless(is: bool, reason: &'static str) -> Option<&'static str> {
    (!is).then_some(reason)
}

pub(super) fn no_source(app: &App) -> Option<&'static str> {
    unless(!app.session.start.alone, "open a source first")
}

pub(super) fn never(_: &App) -> Option<&'static str> {
    None
}

pub(super) fn no_event(app: &App) -> Option<&'static str> {
    no_source(app).or(unless(
        app.panes.list.focused().is_some(),
        "no event selected",
    ))
}

pub(super) fn no_selection(app: &App) -> Option<&'static str> {
    unless(app.panes.list.selected().is_some(), "no selected range")
}

pub(super) fn no_marks(app: &App) -> Option<&'static str> {
    unless(!app.session.marks.is_empty(), "no marked events")
}

pub(super) fn no_other_mark(app: &App) -> Option<&'static str> {
    let other = |row| app.session.marks.other(row).is_some();
    let any = app.panes.list.focused().is_some_and(other);
    no_event(app).or(unless(any, "mark another event first"))
}

pub(super) fn no_mark_below(app: &App) -> Option<&'static str> {
    no_mark(app, true)
}

pub(super) fn no_mark_above(app: &App) -> Option<&'static str> {
    no_mark(app, false)
}

fn no_mark(app: &App, forward: bool) -> Option<&'static str> {
    let next = |row| app.session.marks.next(row, forward).is_some();
    let any = app.panes.list.focused().is_some_and(next);
    let reason = if forward {
        "no mark below"
    } else {
        "no mark above"
    };
    no_marks(app).or(unless(any, reason))
}

pub(super) fn no_gap_below(app: &App) -> Option<&'static str> {
    unless(app.panes.list.gap(true).is_some(), "no gap below")
}

pub(super) fn no_gap_above(app: &App) -> Option<&'static str> {
    unless(app.panes.list.gap(false).is_some(), "no gap above")
}

pub(super) fn no_search(app: &App) -> Option<&'static str> {
    unless(app.prompts.search.is_some(), "no search yet")
}

pub(super) fn no_filter(app: &App) -> Option<&'static str> {
    let filter = app.filters.current();
    unless(!filter.is_all(), "no filter")
}

pub(super) fn no_range(app: &App) -> Option<&'static str> {
    let range = app.filters.current().range;
    unless(!range.is_all(), "no time range")
}

pub(super) fn no_closed_range(app: &App) -> Option<&'static str> {
    let range = app.filters.current().range;
    let is_closed = range.since.is_some() && range.until.is_some();
    unless(is_closed, "no time range to shift")
}

pub(super) fn no_undo(app: &App) -> Option<&'static str> {
    unless(app.filters.can_undo(), "nothing to undo")
}

pub(super) fn no_redo(app: &App) -> Option<&'static str> {
    unless(app.filters.can_redo(), "nothing to redo")
}

pub(super) fn no_value(app: &App) -> Option<&'static str> {
    match app.screen.focus {
        PaneId::Facets => {
            let value = app.panes.facets.focused_value();
            unless(value.is_some(), "no value under the cursor")
        }
        PaneId::Detail => {
            let field = app.panes.detail.focused();
            unless(field.is_some(), "no field under the cursor")
        }
        PaneId::List | PaneId::Histogram => no_event(app),
    }
}

pub(super) fn no_field_search(app: &App) -> Option<&'static str> {
    unless(app.panes.detail.find.is_some(), "no field search yet")
}

pub(super) fn no_finer(app: &App) -> Option<&'static str> {
    unless(app.panes.histogram.can_coarsen(-1), "buckets are smallest")
}

pub(super) fn no_coarser(app: &App) -> Option<&'static str> {
    unless(app.panes.histogram.can_coarsen(1), "buckets are largest")
}

pub(super) fn no_demo(app: &App) -> Option<&'static str> {
    unless(app.session.tour.demo, "only in the demo")
}

pub(super) fn no_hints(app: &App) -> Option<&'static str> {
    no_demo(app).or(unless(app.tour().is_some(), "no hints are shown"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Options;
    use crate::command::{Context, Run, all, execute};
    use crate::overlays::Start;

    fn app(alone: bool) -> App {
        App::new(Options {
            start: Start {
                alone,
                ..Start::default()
            },
            ..Options::default()
        })
    }

    #[test]
    fn a_command_that_would_fail_is_not_offered_as_one_that_runs() {
        for (alone, command) in all().flat_map(|command| [(false, command), (true, command)]) {
            let mut app = app(alone);
            if matches!(command.scope, Scope::Overlay(..)) || why_not(&app, command).is_some() {
                continue;
            }
            let mut effects = Vec::new();
            let cx = &mut Context {
                app: &mut app,
                effects: &mut effects,
            };
            let argument = match command.run {
                Run::Number(_) => Some("1"),
                Run::Field(_) => Some("user"),
                Run::Do(_) | Run::Try(_) => None,
            };
            let outcome = execute(cx, command, argument);
            assert_eq!(outcome, Ok(()), "{} (start screen: {alone})", command.name);
        }
    }

    #[test]
    fn reasons_fit_beside_the_descriptions() {
        for command in all() {
            let reason = why_not(&app(false), command).or(why_not(&app(true), command));
            assert!(
                reason.is_none_or(|reason| reason.len() <= 26),
                "{command:?}"
            );
        }
    }
}
