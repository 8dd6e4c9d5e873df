//! The order of sums: `--sort` as the engine knows it.

use std::sync::Arc;

use crate::engine::{FacetOrder, GroupOrder};
use crate::index::Vocabulary;

/// The order of groups, and whether it is ascending. By default, and by what is for facets, most come first.
pub(super) fn groups(
    sort: Option<&str>,
    fields: &[Arc<str>],
    vocabulary: &Vocabulary,
) -> (GroupOrder, bool) {
    let sort = sort.unwrap_or_default();
    let name = sort.strip_prefix('-').unwrap_or(sort);
    let field = vocabulary.field(name);
    let is_it =
        |other: &Arc<str>| **other == *name || field.is_some() && vocabulary.field(other) == field;
    let order = match (fields.iter().position(is_it), name) {
        (Some(at), _) => GroupOrder::Value(at),
        (None, "count") => GroupOrder::Count,
        (None, "failed") => GroupOrder::Failed,
        (None, "users") => GroupOrder::Users,
        (None, "admitted") => GroupOrder::Admitted,
        (None, "first") => GroupOrder::First,
        (None, "last") => GroupOrder::Last,
        (None, "value" | "name") => GroupOrder::Key,
        (None, _) => return (GroupOrder::Count, false),
    };
    (order, !sort.starts_with('-'))
}

/// The order of the values of a facet. By default, and by what is for groups, most come first.
pub(super) fn facet(sort: Option<&str>) -> FacetOrder {
    match sort {
        Some("value" | "name") => FacetOrder::Bytes { descending: false },
        Some("-value" | "-name") => FacetOrder::Bytes { descending: true },
        Some("count") => FacetOrder::Fewest,
        _ => FacetOrder::Count,
    }
}
