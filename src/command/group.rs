//! Table of groups: fields, sort order, and drill-down from its rows.

use super::Run::{Field, Try};
use super::Scope::Global;
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::refine::Refinement;
use crate::app::request::Topics;
use crate::engine::GroupOrder;
use crate::model::CATALOGUE;
use crate::overlays::{GroupView, Overlay};

const HERE: Scope = Scope::Overlay("group", "Group table");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("group.by", "group by", Task::Look, Global, Field(|cx, name| { group(cx, name); Ok(()) }),
        "Group by a field; in the table, add or remove it")
            .also("who count top aggregate statistics sum table pivot"),
    row("group.open", "show events", Task::Look, HERE, Try(open),
        "Show the events of this row"),
    row("group.include", "include", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Include)),
        "Include the row's value (again to undo)"),
    row("group.exclude", "exclude", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Exclude)),
        "Exclude the row's value (again to undo)"),
    row("group.sort-count", "sort by count", Task::View, HERE, Try(|cx| sort(cx, GroupOrder::Count)),
        "Sort by number of events (again: reverse)"),
    row("group.sort-failures", "sort by failures", Task::View, HERE, Try(|cx| sort(cx, GroupOrder::Failed)),
        "Sort by failures (again: reverse)"),
    row("group.sort-users", "sort by users", Task::View, HERE, Try(|cx| sort(cx, GroupOrder::Users)),
        "Sort by number of users (again: reverse)"),
    row("group.sort-admitted", "sort by 403 then 2xx", Task::View, HERE, Try(|cx| sort(cx, GroupOrder::Admitted)),
        "Sort by access after 403 (again: reverse)"),
    row("group.sort-first", "sort by first seen", Task::View, HERE, Try(|cx| sort(cx, GroupOrder::First)),
        "Sort by first event (again: reverse)"),
    row("group.sort-last", "sort by last seen", Task::View, HERE, Try(|cx| sort(cx, GroupOrder::Last)),
        "Sort by last event (again: reverse)"),
    row("group.sort-value", "sort by value", Task::View, HERE, Try(|cx| sort(cx, GroupOrder::Key)),
        "Sort by value (again: reverse)"),
    row("group.sort", "sort by the next column", Task::View, HERE, Try(sort_next),
        "Sort by the next column"),
    row("group.reverse", "reverse", Task::View, HERE, Try(reverse),
        "Reverse sort order"),
];

fn sort(cx: &mut Context<'_>, order: GroupOrder) -> Outcome {
    let name = view(cx)?.sort(order);
    cx.app.need(Topics::GROUP);
    cx.app.tell(format!("sorted by {name}"));
    Ok(())
}

fn sort_next(cx: &mut Context<'_>) -> Outcome {
    let name = view(cx)?.sort_next();
    cx.app.need(Topics::GROUP);
    cx.app.tell(format!("sorted by {name}"));
    Ok(())
}

fn reverse(cx: &mut Context<'_>) -> Outcome {
    let view = view(cx)?;
    view.reverse();
    cx.app.need(Topics::GROUP);
    Ok(())
}

/// The open table.
fn view<'a>(cx: &'a mut Context<'_>) -> Result<&'a mut GroupView, &'static str> {
    match &mut cx.app.overlay {
        Some(Overlay::Group(view)) => Ok(view),
        _ => Err("no group table is open: group.by opens one"),
    }
}

/// Opens the table, or adds the field to the open one.
pub(super) fn group(cx: &mut Context<'_>, name: &str) {
    let info = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
    let field = info.map_or(name, |info| &info.name);
    let looks = cx.app.group_looks();
    match view(cx) {
        Ok(view) => view.toggle(field),
        Err(_) => cx.app.open(GroupView::new(field)),
    }
    if looks != cx.app.group_looks() {
        cx.app.filters.note(looks);
    }
    cx.app.need(Topics::GROUP);
}

/// Opens the table for a facet.
pub(super) fn table(cx: &mut Context<'_>, field: &str) {
    let looks = cx.app.group_looks();
    cx.app.open(GroupView::facet(field));
    cx.app.filters.note(looks);
}

/// Picks the value of the row; the table stays open.
fn pick(cx: &mut Context<'_>, how: Refinement) -> Outcome {
    let view = view(cx)?;
    let row = view.focused().ok_or("no row under the cursor")?;
    match (view.fields(), &*row.key) {
        ([field], [value]) => {
            let (field, value) = (field.clone(), value.clone());
            cx.app.refine_value(&field, &value, how);
            Ok(())
        }
        _ => Err("cannot pick a row of several fields: press enter to show its events".into()),
    }
}

/// Picks the values of the row as one undo step, and shows the list; on the line below the rows, loads more of them.
fn open(cx: &mut Context<'_>) -> Outcome {
    let view = view(cx)?;
    if view.load_more() {
        cx.app.need(Topics::GROUP);
        return Ok(());
    }
    let row = view.focused().ok_or("no row under the cursor")?;
    let key = row.key.clone();
    let fields = view.fields().to_vec();
    let looks = cx.app.group_looks();
    cx.app.overlay = None;
    cx.app.refine_with(looks, |filter| {
        for (field, value) in fields.iter().zip(&key) {
            filter.only(field, value);
        }
    });
    Ok(())
}
