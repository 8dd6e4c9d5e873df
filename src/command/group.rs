//! The table of groups: by which fields, in which order, and into one of its rows.

use super::{Arg, ArgKind, Command, Context, Outcome, Scope, row, with};
use crate::app::asking::Parts;
use crate::app::refine::Refinement;
use crate::model::CATALOGUE;
use crate::overlays::{GroupView, Overlay};

pub(super) const COMMANDS: &[Command] = &[
    with(
        row(
            "group.by",
            "group by",
            "Group by a field: counts, failures, first and last seen; in the table, by one more",
            Scope::Global,
            |cx, arg| {
                let Arg::Field(name) = arg else {
                    return Outcome::Refused("by which field?".into());
                };
                group(cx, &name)
            },
        ),
        ArgKind::Field,
    ),
    row(
        "group.open",
        "only these",
        "From the table of groups to the events of a row",
        Scope::Global,
        |cx, _| open(cx),
    ),
    row(
        "group.include",
        "include",
        "In the table of one field: include the value of the row; again takes it back",
        Scope::Global,
        |cx, _| pick(cx, Refinement::Include),
    ),
    row(
        "group.exclude",
        "exclude",
        "In the table of one field: exclude the value of the row; again takes it back",
        Scope::Global,
        |cx, _| pick(cx, Refinement::Exclude),
    ),
    row(
        "group.sort",
        "sort",
        "Sort the table of groups by count, failures, users, 403 and later 2xx, first seen, last seen, value",
        Scope::Global,
        |cx, _| {
            let Some(view) = view(cx) else {
                return none();
            };
            let name = view.sort();
            cx.app.need(Parts::GROUP);
            cx.app.tell(format!("sorted by {name}"));
            Outcome::Done
        },
    ),
    row(
        "group.reverse",
        "reverse",
        "The table of groups the other way round",
        Scope::Global,
        |cx, _| {
            let Some(view) = view(cx) else {
                return none();
            };
            view.reverse();
            cx.app.need(Parts::GROUP);
            Outcome::Done
        },
    ),
];

fn view<'a>(cx: &'a mut Context<'_>) -> Option<&'a mut GroupView> {
    match &mut cx.app.overlay {
        Some(Overlay::Group(view)) => Some(view),
        _ => None,
    }
}

fn none() -> Outcome {
    Outcome::Refused("no table of groups is open: group.by opens one".into())
}

/// Opens the table, or adds the field to the open one.
pub(super) fn group(cx: &mut Context<'_>, name: &str) -> Outcome {
    let info = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
    let field = info.map_or(name, |info| &info.name);
    let looks = cx.app.group_looks();
    match view(cx) {
        Some(view) => view.toggle(field),
        None => cx.app.overlay = Some(Overlay::Group(GroupView::new(field))),
    }
    if looks != cx.app.group_looks() {
        cx.app.filters.note(looks);
    }
    cx.app.need(Parts::GROUP);
    Outcome::Done
}

/// Opens the table of a facet.
pub(super) fn table(cx: &mut Context<'_>, field: &str) -> Outcome {
    let looks = cx.app.group_looks();
    cx.app.overlay = Some(Overlay::Group(GroupView::facet(field)));
    cx.app.filters.note(looks);
    cx.app.need(Parts::GROUP);
    Outcome::Done
}

/// Picks the value of the row; the table stays.
fn pick(cx: &mut Context<'_>, how: Refinement) -> Outcome {
    let Some(view) = view(cx) else {
        return none();
    };
    let Some(row) = view.focused() else {
        return Outcome::Refused("no row under the cursor".into());
    };
    match (view.fields(), &*row.key) {
        ([field], [value]) => {
            let (field, value) = (field.clone(), value.clone());
            cx.app.refine_value(&field, &value, how);
            Outcome::Done
        }
        _ => Outcome::Refused("a row of several values: enter shows its events".into()),
    }
}

/// Picks the values of the row, one step to undo, and shows the list.
fn open(cx: &mut Context<'_>) -> Outcome {
    let Some(view) = view(cx) else {
        return none();
    };
    let Some(row) = view.focused() else {
        return Outcome::Refused("no row under the cursor".into());
    };
    let key = row.key.clone();
    let fields = view.fields().to_vec();
    let looks = cx.app.group_looks();
    cx.app.overlay = None;
    cx.app.refine_with(looks, |filter| {
        for (field, value) in fields.iter().zip(&key) {
            filter.only(field, value);
        }
    });
    Outcome::Done
}
