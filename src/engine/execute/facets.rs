//! Facet tables: sorts, limits and searches their values.

use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::{Execution, Executor, group};
use crate::aggregate;
use crate::engine::request::{FacetOrder, FacetTable, FacetValue, FacetWant};
use crate::query::Filter;

/// Wraps the fuzzy matcher, which has no `Debug` of its own.
#[derive(Default)]
pub(super) struct Matcher(SkimMatcherV2);

impl std::fmt::Debug for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Matcher")
    }
}

impl Executor {
    pub(super) fn facets(
        &self,
        open: &Execution,
        filter: &Filter,
        wants: &[FacetWant],
    ) -> Vec<FacetTable> {
        let Execution {
            snapshot,
            plan,
            matches,
            ..
        } = open;
        let fields: Vec<Arc<str>> = wants.iter().map(|want| want.field.clone()).collect();
        let counted = aggregate::facet_counts(snapshot, plan, matches, &fields, &open.sums);
        let table = |(want, counts): (&FacetWant, aggregate::FacetCounts)| {
            let picked: Vec<_> = filter
                .pick(&want.field)
                .map(|pick| pick.include.iter().chain(&pick.exclude).cloned().collect())
                .unwrap_or_default();
            let find = want.find.as_deref().filter(|find| !find.is_empty());
            let score = |find: &str, text: &str| self.matcher.0.fuzzy_match(text, find);
            let score = find.map(|find| move |text: &str| score(find, text));
            let score = score
                .as_ref()
                .map(|score| score as &(dyn Fn(&str) -> Option<i64> + Sync));
            // With a find, picked values that it does not match come last; without one, picked values come first.
            let (picked, aside): (&[_], &[_]) = match find {
                Some(_) => (&[], &picked),
                None => (&picked, &[]),
            };
            // By time, all values are sorted before the limit applies.
            let by_time = matches!(want.order, FacetOrder::First | FacetOrder::Last);
            let limit = if by_time { usize::MAX } else { want.limit };
            let (mut values, found) =
                aggregate::facet_table(&counts, snapshot, (want.order, limit), picked, score);
            if by_time {
                group::sort_by_time(open, want, &mut values);
                let mut left = want.limit;
                values.retain(|(value, _)| {
                    let keep = left > 0 || picked.contains(value);
                    left = left.saturating_sub(1);
                    keep
                });
            }
            let shown = values.len();
            for value in aside {
                if !values[..shown].iter().any(|(shown, _)| shown == value) {
                    values.push((value.clone(), counts.of(snapshot, value)));
                }
            }
            FacetTable {
                field: want.field.clone(),
                distinct: counts.distinct(),
                missing: counts.missing(),
                found,
                kept: values.len() - shown,
                values: values
                    .into_iter()
                    .map(|(value, count)| FacetValue { value, count })
                    .collect(),
            }
        };
        wants.iter().zip(counted).map(table).collect()
    }
}
