//! Facets: picks, search for values, sort order.

use super::Run::{Do, Field, Number, Try};
use super::Scope::{Global, Pane};
use super::{Command, Context, Outcome, Scope, Task, row};
use crate::app::layout::PaneId;
use crate::app::refine::Refinement;
use crate::engine::FacetOrder;
use crate::model::CATALOGUE;
use crate::overlays::PromptKind;
use crate::query::{Filter, PickState};
use crate::widgets::chips::value_text;

const HERE: Scope = Pane(PaneId::Facets);

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("facet.toggle", "include", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Toggle)),
        "Include the value, or remove it from the filter"),
    row("facet.include", "include", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Include)),
        "Include the value (again to undo)"),
    row("facet.exclude", "exclude", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Exclude)),
        "Exclude the value (again to undo)"),
    row("facet.only", "only", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Only)),
        "Show only this value of the field"),
    row("facet.pivot", "pivot", Task::Filter, HERE, Try(|cx| pick(cx, Refinement::Pivot)),
        "Show only this value; keep just the time range"),
    row("facet.find", "find", Task::Find, HERE, Do(find),
        "Find values by name")
            .also("search value"),
    row("facet.sort", "sort", Task::View, HERE, Do(sort),
        "Cycle sort: count, name, first seen, last seen"),
    row("facet.table", "table", Task::Look, HERE, Do(table),
        "Show all values in a table")
            .also("values all top"),
    row("facet.hide", "hide", Task::View, HERE, Try(hide),
        "Hide the facet (facet.show brings it back)")
            .also("remove close"),
    row("facet.show", "show facet", Task::View, Global, Field(|cx, name| { show(cx, name); Ok(()) }),
        "Show a facet for any field")
            .also("add field values top count"),
    row("facet.clear", "clear", Task::Filter, HERE, Try(clear),
        "Clear the picks of this field"),
    row("facet.collapse", "collapse", Task::Look, HERE, Do(collapse),
        "Collapse the value, or the whole facet"),
    row("facet.expand", "expand", Task::Look, HERE, Do(expand),
        "Expand the facet or the value, or show more"),
    row("facet.focus", "facets", Task::Move, Global, Number(focus),
        "Focus a facet by number")
            .also("sidebar values"),
];

fn find(cx: &mut Context<'_>) {
    let at = cx.app.panes.facets.focused();
    let text = cx.app.panes.facets.facets[at]
        .find
        .clone()
        .unwrap_or_default();
    cx.app.panes.facets.collapse(false);
    cx.prompt(PromptKind::Find(at), &text);
}

fn sort(cx: &mut Context<'_>) {
    cx.app.panes.facets.toggle_order();
    let facet = &cx.app.panes.facets.facets[cx.app.panes.facets.focused()];
    let order = match facet.order {
        FacetOrder::Count => "count",
        FacetOrder::Name => "name",
        FacetOrder::First => "first seen, newest first",
        _ => "last seen, newest first",
    };
    let text = format!("{} sorted by {order}", facet.title);
    cx.app.tell(text);
}

fn table(cx: &mut Context<'_>) {
    let field = cx.app.panes.facets.facets[cx.app.panes.facets.focused()]
        .field
        .clone();
    super::group::table(cx, &field);
}

fn hide(cx: &mut Context<'_>) -> Outcome {
    let looks = cx.app.shown_looks();
    if !cx.app.panes.facets.hide() {
        return Err("cannot hide the last facet".into());
    }
    cx.app.filters.note(looks);
    Ok(())
}

fn show(cx: &mut Context<'_>, name: &str) {
    let info = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
    let looks = cx.app.shown_looks();
    cx.app
        .panes
        .facets
        .show(info.map_or(name, |info| &info.name));
    if looks != cx.app.shown_looks() {
        cx.app.filters.note(looks);
    }
    cx.app.focus(PaneId::Facets);
}

fn clear(cx: &mut Context<'_>) -> Outcome {
    let facet = &cx.app.panes.facets.facets[cx.app.panes.facets.focused()];
    let (field, title) = (facet.field.clone(), facet.title.clone());
    let inner = facet.inner.as_ref().map(|inner| inner.field.clone());
    let clear = |filter: &mut Filter| {
        filter.clear(&field);
        if let Some(inner) = &inner {
            filter.clear(inner);
        }
    };
    if !cx.app.refine(clear) {
        return Err(format!("{title} has no picks"));
    }
    Ok(())
}

fn collapse(cx: &mut Context<'_>) {
    if !cx.app.panes.facets.fold() {
        cx.app.panes.facets.collapse(true);
    }
}

fn expand(cx: &mut Context<'_>) {
    let at = cx.app.panes.facets.focused();
    if cx.app.panes.facets.facets[at].collapsed {
        cx.app.panes.facets.collapse(false);
    } else if !cx.app.panes.facets.unfold() {
        cx.app.panes.facets.more();
    }
}

fn focus(cx: &mut Context<'_>, number: usize) -> Outcome {
    if !cx.app.panes.facets.focus(number.saturating_sub(1)) {
        return Err(format!("no facet {number}"));
    }
    cx.app.focus(PaneId::Facets);
    Ok(())
}

fn pick(cx: &mut Context<'_>, how: Refinement) -> Outcome {
    if cx.app.panes.facets.is_on_more() {
        match how {
            Refinement::Only => table(cx),
            _ => cx.app.panes.facets.more(),
        }
        return Ok(());
    }
    let Some((field, value)) = cx.app.panes.facets.focused_value() else {
        if cx.app.panes.facets.unfold() {
            return Ok(());
        }
        return Err("no value under the cursor".into());
    };
    let facet = &cx.app.panes.facets.facets[cx.app.panes.facets.focused()];
    let Some(inner) = facet.inner.as_ref().map(|inner| inner.field.clone()) else {
        cx.app.refine_value(&field, &value, how);
        return Ok(());
    };
    let outer = facet.field.clone();
    let filter = cx.app.filters.current();
    let includes = filter.state(&field, &value) == PickState::None
        && matches!(how, Refinement::Include | Refinement::Toggle);
    // Picks of two fields combine with AND: a value inside a holder that is not included would match nothing.
    if let Some((of, holder)) = cx.app.panes.facets.focused_outer()
        && includes
        && filter
            .pick(&of)
            .is_some_and(|pick| !pick.include.is_empty())
        && filter.state(&of, &holder) != PickState::Include
    {
        let holder = value_text(&holder);
        return Err(format!(
            "{holder} is not included: include it first, or press enter to show only this"
        ));
    }
    if how == Refinement::Only {
        cx.app.refine(|filter| {
            filter.clear(&outer);
            filter.clear(&inner);
            filter.only(&field, &value);
        });
    } else {
        cx.app.refine_value(&field, &value, how);
    }
    Ok(())
}
