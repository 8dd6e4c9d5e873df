//! The facets: picking values, finding among them, their order.

use super::{Arg, ArgKind, Command, Context, Outcome, Scope, row, with};
use crate::app::layout::PaneId;
use crate::app::refine::Refinement;
use crate::engine::FacetOrder;
use crate::model::CATALOGUE;
use crate::overlays::{Overlay, Prompt, PromptKind};

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
        "All values of the facet as a table: count, share, failures, first and last seen",
        HERE,
        |cx, _| {
            let field = cx.app.facets.facets[cx.app.facets.focused()].field.clone();
            super::group::group(cx, &field)
        },
    ),
    row(
        "facet.hide",
        "hide",
        "Take the facet out of the column; facet.show brings any field back",
        HERE,
        |cx, _| {
            if cx.app.facets.hide() {
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
                cx.app.facets.show(info.map_or(&name, |info| &info.name));
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
            if cx.app.refine(|filter| filter.clear(&field)) {
                Outcome::Done
            } else {
                Outcome::Refused(format!("{title} has no picks"))
            }
        },
    ),
    row(
        "facet.collapse",
        "collapse",
        "Show the heading only",
        HERE,
        |cx, _| {
            cx.app.facets.collapse(true);
            Outcome::Done
        },
    ),
    row(
        "facet.expand",
        "expand",
        "Show the values, then more of them",
        HERE,
        |cx, _| {
            let at = cx.app.facets.focused();
            if cx.app.facets.facets[at].collapsed {
                cx.app.facets.collapse(false);
            } else {
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
        return Outcome::Refused("no value under the cursor".into());
    };
    cx.app.refine_value(&field, &value, how);
    Outcome::Done
}
