//! Group tables, and facet values ordered by time.

use std::collections::HashMap;

use super::Execution;
use crate::aggregate::{self, Part, Progress, UNWATCHED, Ungrouped};
use crate::engine::request::{
    FacetOrder, FacetWant, Group, GroupOrder, GroupTable, GroupWant, MOST_GROUPS,
};
use crate::model::Value;
use crate::model::time::Nanos;
use crate::query::Chip;

/// Sorts values by time, newest first.
pub(super) fn sort_by_time(open: &Execution, want: &FacetWant, values: &mut [(Value, u64)]) {
    let own = |part: &Part| matches!(&part.chip, Chip::Picks(field) if *field == want.field);
    let without = open.plan.parts.iter().position(own);
    let fields = std::slice::from_ref(&want.field);
    // No limit: a facet has no more values than the index holds anyway.
    let most = usize::MAX;
    let (snapshot, matches, failed) = (&open.snapshot, &open.matches, &open.failed);
    let groups = aggregate::group(snapshot, matches, fields, failed, without, most, UNWATCHED);
    let times: HashMap<Value, Option<Nanos>> = groups
        .unwrap_or_default()
        .into_iter()
        .filter_map(|mut group| {
            let time = match want.order {
                FacetOrder::First => group.first,
                _ => group.last,
            };
            Some((group.key.pop()?, time))
        })
        .collect();
    let time = |value: &Value| times.get(value).copied().flatten();
    values.sort_by(|a, b| time(&b.0).cmp(&time(&a.0)).then_with(|| a.0.cmp(&b.0)));
}

/// Returns the group table; `None` if it was stopped.
pub(super) fn group(open: &Execution, want: &GroupWant, watch: Progress<'_>) -> Option<GroupTable> {
    let Execution {
        snapshot, matches, ..
    } = open;
    let own = |part: &Part| matches!((&part.chip, &*want.fields), (Chip::Picks(field), [one]) if field == one);
    let without = open.plan.parts.iter().position(own).filter(|_| want.facet);
    let fields = &want.fields;
    let groups = aggregate::group(
        snapshot,
        matches,
        fields,
        &open.failed,
        without,
        MOST_GROUPS,
        watch,
    );
    let mut rows = match groups {
        Ok(rows) => rows,
        Err(Ungrouped::Stopped) => return None,
        Err(Ungrouped::TooMany) => {
            return Some(GroupTable {
                fields: want.fields.clone(),
                is_over: true,
                ..GroupTable::default()
            });
        }
    };
    let total = rows.len() as u64;
    let single = rows.iter().filter(|row| row.users == 1).count() as u64;
    let admitted = rows.iter().filter(|row| row.admitted).count() as u64;
    sort_groups(&mut rows, want);
    rows.truncate(want.limit);
    let times = |time: fn(&Group) -> Option<Nanos>| rows.iter().filter_map(time);
    let (first, last) = (times(|row| row.first).min(), times(|row| row.last).max());
    if let (Some(first), Some(last)) = (first, last)
        && want.bins > 0
    {
        let step = (last - first) / want.bins as i64 + 1;
        let bins = (first, step, want.bins);
        if !aggregate::over_time(snapshot, matches, fields, without, bins, &mut rows, watch) {
            return None;
        }
    }
    Some(GroupTable {
        fields: want.fields.clone(),
        total,
        single,
        admitted,
        rows,
        is_over: false,
    })
}

/// Sorts groups in the requested order; ties are by count, descending, then by value.
pub(in crate::engine) fn sort_groups(rows: &mut [Group], want: &GroupWant) {
    let order = |a: &Group, b: &Group| match want.order {
        GroupOrder::Count => a.count.cmp(&b.count),
        GroupOrder::Failed => a.failed.cmp(&b.failed),
        GroupOrder::Users => a.users.cmp(&b.users),
        GroupOrder::Admitted => (a.admitted, a.forbidden).cmp(&(b.admitted, b.forbidden)),
        GroupOrder::First => a.first.cmp(&b.first),
        GroupOrder::Last => a.last.cmp(&b.last),
        GroupOrder::Key => a.key.cmp(&b.key),
        GroupOrder::Value(at) => a.key.get(at).cmp(&b.key.get(at)),
    };
    rows.sort_unstable_by(|a, b| {
        let by = order(a, b);
        let by = if want.ascending { by } else { by.reverse() };
        by.then_with(|| b.count.cmp(&a.count))
            .then_with(|| a.key.cmp(&b.key))
    });
}
