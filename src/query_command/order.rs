//! Sort order of summaries: from `--sort` to the orders of the engine.

use std::sync::Arc;

use crate::engine::{FacetOrder, GroupOrder};
use crate::index::Vocabulary;

/// Order of groups, and true if ascending. By default, and for sort keys of facets, the largest count is first.
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

/// Order of the values of a facet. By default, and for sort keys of groups, the largest count is first.
pub(super) fn facet(sort: Option<&str>) -> FacetOrder {
    match sort {
        Some("value" | "name") => FacetOrder::Bytes { descending: false },
        Some("-value" | "-name") => FacetOrder::Bytes { descending: true },
        Some("count") => FacetOrder::Fewest,
        _ => FacetOrder::Count,
    }
}
