//! Columns and sort order of the list.

use std::sync::Arc;

use super::Run::{Do, Field, Try};
use super::Scope::{Global, Pane};
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::Effect;
use crate::app::layout::PaneId;
use crate::app::request::Topics;
use crate::engine::Sort;
use crate::model::{CATALOGUE, name};
use crate::overlays::{ColumnList, Overlay, column_fields, column_width};
use crate::panes::list::columns::Columns;
use crate::widgets::chips::field_name;

const HERE: Scope = Scope::Overlay("columns", "Column list");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("columns.edit", "columns", Task::View, Global, Do(|cx| cx.app.open(ColumnList::default())),
        "Choose columns, their order and width")
            .also("fields headers layout hide show"),
    row("columns.toggle", "toggle", Task::View, HERE, Try(toggle),
        "Toggle column"),
    row("columns.move-left", "move left", Task::View, HERE, Try(|cx| shift(cx, -1)),
        "Move column left"),
    row("columns.move-right", "move right", Task::View, HERE, Try(|cx| shift(cx, 1)),
        "Move column right"),
    row("columns.wider", "wider", Task::View, HERE, Try(|cx| widen(cx, 2)),
        "Widen column"),
    row("columns.narrower", "narrower", Task::View, HERE, Try(|cx| widen(cx, -2)),
        "Narrow column"),
    row("columns.sort", "sort", Task::View, HERE, Try(sort_focused),
        "Sort the list by this column"),
    row("columns.reset", "reset", Task::View, Global, Do(reset),
        "Reset columns to defaults")
            .also("default"),
    row("list.sort", "sort", Task::View, Pane(PaneId::List), Field(|cx, name| { sort(cx, name); Ok(()) }),
        "Sort by a field; repeat: reverse, then by time")
            .also("order rank"),
    row("list.reverse", "reverse", Task::View, Pane(PaneId::List), Do(reverse),
        "Reverse sort order")
            .also("order descending newest"),
    row("list.by-time", "by time", Task::View, Pane(PaneId::List), Do(|cx| order(cx, None)),
        "Sort by time")
            .also("order chronological"),
];

fn toggle(cx: &mut Context<'_>) -> Outcome {
    change(cx, |columns, at, field| {
        columns.toggle(field);
        at
    })
}

fn sort_focused(cx: &mut Context<'_>) -> Outcome {
    let (_, field) = column(cx)?;
    sort(cx, &field);
    Ok(())
}

fn reset(cx: &mut Context<'_>) {
    cx.app.set_columns(&[]);
    keep(cx);
}

fn reverse(cx: &mut Context<'_>) {
    let to = match cx.app.view.sort.clone() {
        None => Some(Sort {
            field: name::TIME.into(),
            descending: true,
        }),
        Some(sort) if *sort.field == *name::TIME => None,
        Some(sort) => Some(Sort {
            descending: !sort.descending,
            ..sort
        }),
    };
    order(cx, to);
}

/// Column under the cursor of the open column list, and its index.
fn column(cx: &Context<'_>) -> Result<(usize, Arc<str>), &'static str> {
    let at = match cx.app.overlay {
        Some(Overlay::Columns(list)) => Some(list.cursor.at),
        _ => None,
    };
    let fields = column_fields(&cx.app.panes.list, &cx.app.panes.detail);
    at.and_then(|at| Some((at, fields.get(at).cloned()?)))
        .ok_or("the column list is not open: columns.edit opens it")
}

/// Changes the columns, starting from the one under the cursor; `act` returns the new position of the cursor.
fn change(cx: &mut Context<'_>, act: impl FnOnce(&mut Columns, usize, &str) -> usize) -> Outcome {
    let (at, field) = column(cx)?;
    let (looks, names) = (cx.app.shown_looks(), cx.app.panes.list.columns().names());
    let to = act(cx.app.panes.list.columns_mut(), at, &field);
    if cx.app.panes.list.columns().names() != names {
        cx.app.filters.note(looks);
    }
    if let Some(Overlay::Columns(list)) = &mut cx.app.overlay {
        list.cursor.at = to;
    }
    keep(cx);
    Ok(())
}

fn shift(cx: &mut Context<'_>, by: isize) -> Outcome {
    change(cx, |columns, at, _| columns.shift(at, by))
}

fn widen(cx: &mut Context<'_>, by: i16) -> Outcome {
    let (at, _) = column(cx)?;
    let scene = cx.app.scene();
    let now = column_width(scene.list, scene.list_width, at);
    change(cx, |columns, at, _| {
        columns.widen(at, now, by);
        at
    })
}

/// Requests the rows for the new columns and stores the choice.
fn keep(cx: &mut Context<'_>) {
    let last = cx.app.panes.list.columns().shown().len().saturating_sub(2);
    cx.app.panes.list.skip = cx.app.panes.list.skip.min(last);
    cx.app.need(Topics::WINDOW);
    let (class, columns) = (cx.app.screen.class(), cx.app.panes.list.columns().chosen());
    cx.effects.push(Effect::Columns { class, columns });
}

fn sort(cx: &mut Context<'_>, field: &str) {
    let info = CATALOGUE.find(field).and_then(|id| CATALOGUE.get(id));
    let name = info.map_or(field, |info| &info.name);
    let descending = match &cx.app.view.sort {
        Some(sort) if *sort.field == *name && sort.descending => None,
        Some(sort) if *sort.field == *name => Some(true),
        // The list is in time order already.
        _ if name == name::TIME => Some(true),
        _ => Some(false),
    };
    let field = name.into();
    order(cx, descending.map(|descending| Sort { field, descending }));
}

/// Sorts the list and shows a notice of the order.
fn order(cx: &mut Context<'_>, order: Option<Sort>) {
    cx.app.set_sort(order);
    let reported = match &cx.app.view.sort {
        None => "sorted by time, oldest first".to_owned(),
        Some(sort) if *sort.field == *name::TIME => "sorted by time, newest first".to_owned(),
        Some(sort) => {
            let way = if sort.descending {
                "largest"
            } else {
                "smallest"
            };
            format!("sorted by {}, {way} first", field_name(&sort.field))
        }
    };
    cx.app.tell(reported);
}
