//! The order of sums.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::aggregate::Group;
use crate::index::Vocabulary;

/// Groups in the order asked for; ties stay in the order they come in: count descending, then values ascending.
pub(super) fn groups(
    groups: &mut [Group],
    sort: Option<&str>,
    fields: &[Arc<str>],
    vocabulary: &Vocabulary,
) {
    let Some(sort) = sort else { return };
    let (name, descending) = sort
        .strip_prefix('-')
        .map_or((sort, false), |name| (name, true));
    let field = vocabulary.field(name);
    let at = field.and_then(|field| {
        let field = vocabulary.name(field);
        fields.iter().position(|name| **name == *field)
    });
    let compare = |a: &Group, b: &Group| match (at, name) {
        (Some(at), _) => a.key[at].cmp(&b.key[at]),
        (None, "count") => a.count.cmp(&b.count),
        (None, "failed") => a.failed.cmp(&b.failed),
        (None, "first") => a.first.cmp(&b.first),
        (None, "last") => a.last.cmp(&b.last),
        (None, "value" | "name") => a.key.cmp(&b.key),
        (None, _) => Ordering::Equal,
    };
    groups.sort_by(|a, b| {
        if descending {
            compare(b, a)
        } else {
            compare(a, b)
        }
    });
}
