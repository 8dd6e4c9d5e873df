//! Examples for an empty filter prompt: queries that match some of the loaded events but not all, with their counts.

use std::sync::Arc;

use super::Scene;
use crate::engine::{FacetOrder, FacetTable, FacetWant, SideQuery, SideQueryWant};
use crate::model::name;
use crate::model::time::SECOND;
use crate::query::edit::condition;
use crate::query::{Chip, Filter, parse};

/// Maximum number of examples shown.
const SHOWN: usize = 3;

/// Fields whose values make examples, with the names used in queries.
const FIELDS: [(&str, &str); 2] = [(name::USER, "user"), (name::NAMESPACE_REPO, "repository")];

const FAILURES: &str = "status>=400";

/// Queries with a requested count, in request order. The request for the values of [`FIELDS`] precedes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Requested(Vec<String>);

impl Requested {
    /// Number of side queries in the request.
    pub(super) fn len(&self) -> usize {
        self.0.len() + 1
    }
}

/// Builds the requests for examples, under the filter without its text.
pub(super) fn wants(scene: &Scene<'_>) -> (Requested, Vec<SideQueryWant>) {
    let base = scene.filter.without(&Chip::Text);
    let mut texts = vec![FAILURES.to_owned()];
    // With a time range, the last quarter of the data may be outside of it.
    if let Some((first, last)) = scene.status.span.filter(|_| base.range.is_all()) {
        let minute = 60 * SECOND;
        let from = last - (last - first) / 4;
        let time = scene.zone.rfc3339(from.div_euclid(minute) * minute, 0);
        texts.push(format!("time >= {time}"));
    }
    let facets = FIELDS.iter();
    // The facet of a field with picks ignores these picks, so its counts would be too high.
    let facets = facets.filter(|(field, _)| base.pick(field).is_none());
    let facets = facets.map(|(field, _)| FacetWant {
        field: (*field).into(),
        order: FacetOrder::Count,
        limit: 2,
        find: None,
    });
    let mut wants = vec![SideQueryWant {
        filter: Arc::new(base.clone()),
        facets: facets.collect(),
        histogram: None,
        seen: false,
    }];
    let counted = |text: &String| SideQueryWant {
        filter: Arc::new(with(&base, text, scene)),
        facets: Vec::new(),
        histogram: None,
        seen: false,
    };
    wants.extend(texts.iter().map(counted));
    (Requested(texts), wants)
}

fn with(base: &Filter, text: &str, scene: &Scene<'_>) -> Filter {
    let mut filter = base.clone();
    // Always succeeds; tested.
    if let Ok(query) = parse(text, scene.names.known()) {
        filter.query = query;
        text.clone_into(&mut filter.text);
    }
    filter
}

/// Chooses examples, with their counts: a user, failures, a repository, a time. Leaves out those that match no events
/// or all of them.
pub(super) fn choose(requested: &Requested, parts: &[SideQuery]) -> Vec<(String, u64)> {
    let Some((values, counts)) = parts.split_first() else {
        return Vec::new();
    };
    let mut found: Vec<(String, u64)> = values.facets.iter().filter_map(value).collect();
    let counts = requested
        .0
        .iter()
        .cloned()
        .zip(counts.iter().map(|part| part.matched));
    for (at, counted) in counts.enumerate() {
        // Failures are second, after the user; the time is last.
        let at = if at == 0 {
            1.min(found.len())
        } else {
            found.len()
        };
        found.insert(at, counted);
    }
    found.retain(|(_, count)| *count > 0 && *count < values.matched);
    found.truncate(SHOWN);
    found
}

/// Condition for the second most frequent value of a field, or for its only value.
fn value(table: &FacetTable) -> Option<(String, u64)> {
    let (_, typed) = FIELDS.iter().find(|(field, _)| **field == *table.field)?;
    let mut known = table.values.iter().filter(|entry| entry.value.is_some());
    let first = known.next()?;
    let entry = known.next().unwrap_or(first);
    Some((condition(typed, &entry.value), entry.count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::FacetValue;

    fn table(field: &str, values: &[(&str, u64)]) -> FacetTable {
        let value = |(value, count): &(&str, u64)| FacetValue {
            value: Some((*value).into()),
            count: *count,
        };
        FacetTable {
            field: field.into(),
            distinct: values.len() as u64,
            missing: 0,
            found: values.len() as u64,
            values: values.iter().map(value).collect(),
            kept: 0,
        }
    }

    fn counted(matched: u64, facets: Vec<FacetTable>) -> SideQuery {
        SideQuery {
            matched,
            span: None,
            facets,
            histogram: None,
            seen: Vec::new(),
        }
    }

    #[test]
    fn examples_match_something_but_not_everything() {
        let requested = Requested(vec![FAILURES.into(), "time >= 2024-04-12T16:00:00Z".into()]);
        let users = table("user", &[("role/ci", 70), ("user/\"a\"", 20)]);
        let repositories = table("namespace_repo", &[("team/app", 90)]);
        let parts = |failed| {
            [
                counted(100, vec![users.clone(), repositories.clone()]),
                counted(failed, Vec::new()),
                counted(25, Vec::new()),
            ]
        };
        let texts = |parts: &[SideQuery]| -> Vec<String> {
            let found = choose(&requested, parts).into_iter();
            found
                .map(|(text, count)| format!("{text} → {count}"))
                .collect()
        };
        assert_eq!(
            texts(&parts(4)),
            [
                r#"user == "user/\"a\"" → 20"#,
                "status>=400 → 4",
                r#"repository == "team/app" → 90"#
            ]
        );
        assert_eq!(
            texts(&parts(0))[1..],
            [
                r#"repository == "team/app" → 90"#,
                "time >= 2024-04-12T16:00:00Z → 25"
            ]
        );
        let all = [
            counted(9, Vec::new()),
            counted(9, Vec::new()),
            counted(9, Vec::new()),
        ];
        assert!(texts(&all).is_empty() && texts(&[]).is_empty());
    }
}
