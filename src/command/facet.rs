//! The facets: picking values, finding among them, their order.

use super::{Arg, ArgKind, Command, Context, Outcome, Scope, row, with};
use crate::app::chips::value_text;
use crate::app::layout::PaneId;
use crate::app::refine::Refinement;
use crate::engine::FacetOrder;
use crate::model::CATALOGUE;
use crate::overlays::{Overlay, Prompt, PromptKind};
use crate::query::{Filter, PickState};

const HERE: Scope = Scope::Pane(PaneId::Facets);

pub(super) const COMMANDS: &[Command] = &[
    row(
        "facet.toggle",
        "include",
        "Include the value, or drop it from the picks",
        HERE,
        |cx, _| pick(cx, Refinement::Toggle),
    ),
    row(
        "facet.include",
        "include",
        "Include the value; again takes it back",
        HERE,
        |cx, _| pick(cx, Refinement::Include),
    ),
    row(
        "facet.exclude",
        "exclude",
        "Exclude the value; again takes it back",
        HERE,
        |cx, _| pick(cx, Refinement::Exclude),
    ),
    row(
        "facet.only",
        "only",
        "Only this value, without the field's other picks",
        HERE,
        |cx, _| pick(cx, Refinement::Only),
    ),
    row(
        "facet.find",
        "find",
        "Find among the values",
        HERE,
        |cx, _| {
            let at = cx.app.facets.focused();
            let text = cx.app.facets.facets[at].find.clone().unwrap_or_default();
            cx.app.facets.collapse(false);
            cx.app.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Find(at), &text)));
            Outcome::Done
        },
    ),
    row(
        "facet.sort",
        "sort",
        "Sort the values by count, name, first seen, last seen",
        HERE,
        |cx, _| {
            cx.app.facets.toggle_order();
            let facet = &cx.app.facets.facets[cx.app.facets.focused()];
            let order = match facet.order {
                FacetOrder::Count => "count",
                FacetOrder::Name => "name",
                FacetOrder::First => "first seen, newest first",
                FacetOrder::Last => "last seen, newest first",
            };
            let text = format!("{} sorted by {order}", facet.title);
            cx.app.tell(text);
            Outcome::Done
        },
    ),
    row(
        "facet.table",
        "table",
        "The facet as a table of all values: count, share, failures, first and last seen, over time",
        HERE,
        |cx, _| {
            let field = cx.app.facets.facets[cx.app.facets.focused()].field.clone();
            super::group::table(cx, &field)
        },
    ),
    row(
        "facet.hide",
        "hide",
        "Take the facet out of the column; facet.show brings any field back",
        HERE,
        |cx, _| {
            let looks = cx.app.shown_looks();
            if cx.app.facets.hide() {
                cx.app.filters.note(looks);
                Outcome::Done
            } else {
                Outcome::Refused("the last facet stays".into())
            }
        },
    ),
    with(
        row(
            "facet.show",
            "show facet",
            "A facet of any field, logged, derived or unknown",
            Scope::Global,
            |cx, arg| {
                let Arg::Field(name) = arg else {
                    return Outcome::Refused("of which field?".into());
                };
                let info = CATALOGUE.find(&name).and_then(|id| CATALOGUE.get(id));
                let looks = cx.app.shown_looks();
                cx.app.facets.show(info.map_or(&name, |info| &info.name));
                if looks != cx.app.shown_looks() {
                    cx.app.filters.note(looks);
                }
                cx.app.focus(PaneId::Facets);
                Outcome::Done
            },
        ),
        ArgKind::Field,
    ),
    row(
        "facet.clear",
        "clear",
        "Drop the picks of this field",
        HERE,
        |cx, _| {
            let facet = &cx.app.facets.facets[cx.app.facets.focused()];
            let (field, title) = (facet.field.clone(), facet.title.clone());
            let inner = facet.inner.as_ref().map(|inner| inner.field.clone());
            let clear = |filter: &mut Filter| {
                filter.clear(&field);
                if let Some(inner) = &inner {
                    filter.clear(inner);
                }
            };
            if cx.app.refine(clear) {
                Outcome::Done
            } else {
                Outcome::Refused(format!("{title} has no picks"))
            }
        },
    ),
    row(
        "facet.collapse",
        "collapse",
        "Fold the value under the cursor, else show the heading only",
        HERE,
        |cx, _| {
            if !cx.app.facets.fold() {
                cx.app.facets.collapse(true);
            }
            Outcome::Done
        },
    ),
    row(
        "facet.expand",
        "expand",
        "Show the values; unfold a class of statuses, a role; then more of them",
        HERE,
        |cx, _| {
            let at = cx.app.facets.focused();
            if cx.app.facets.facets[at].collapsed {
                cx.app.facets.collapse(false);
            } else if !cx.app.facets.unfold() {
                cx.app.facets.more();
            }
            Outcome::Done
        },
    ),
    with(
        row(
            "facet.focus",
            "facets",
            "To a facet by its number",
            Scope::Global,
            |cx, arg| {
                let Arg::Number(number) = arg else {
                    return Outcome::Refused("which facet?".into());
                };
                if !cx.app.facets.focus(number.saturating_sub(1)) {
                    return Outcome::Refused(format!("there is no facet {number}"));
                }
                cx.app.focus(PaneId::Facets);
                Outcome::Done
            },
        ),
        ArgKind::Number,
    ),
];

fn pick(cx: &mut Context<'_>, how: Refinement) -> Outcome {
    if cx.app.facets.is_on_more() {
        cx.app.facets.more();
        return Outcome::Done;
    }
    let Some((field, value)) = cx.app.facets.focused_value() else {
        if cx.app.facets.unfold() {
            return Outcome::Done;
        }
        return Outcome::Refused("no value under the cursor".into());
    };
    let facet = &cx.app.facets.facets[cx.app.facets.focused()];
    let Some(inner) = facet.inner.as_ref().map(|inner| inner.field.clone()) else {
        cx.app.refine_value(&field, &value, how);
        return Outcome::Done;
    };
    let outer = facet.field.clone();
    let filter = cx.app.filters.current();
    let includes = filter.state(&field, &value) == PickState::None
        && matches!(how, Refinement::Include | Refinement::Toggle);
    // Picks of two fields hold together: what is inside of no included value could not be seen.
    if let Some((of, holder)) = cx.app.facets.focused_outer()
        && includes
        && filter
            .pick(&of)
            .is_some_and(|pick| !pick.include.is_empty())
        && filter.state(&of, &holder) != PickState::Include
    {
        let holder = value_text(&holder);
        return Outcome::Refused(format!(
            "{holder} is not included: include it first, or pick only this (enter)"
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
    Outcome::Done
}
