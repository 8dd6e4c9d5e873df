//! Values near the words of a filter without matches, for the text of the empty list.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::engine::{Answer, FacetOrder, FacetWant, SideQuery, SideQueryWant};
use crate::query::{Filter, WORD_FIELDS, distance, edit};
use crate::widgets::chips::field_name;
use crate::widgets::text;

/// Maximum length of a word that is compared, in characters: facets are searched letter by letter.
const MAX_WORD: usize = 100;
/// Maximum number of words compared, and of values shown.
const WORDS: usize = 2;
const SHOWN: usize = 3;
/// Number of values of each field that are compared with a word.
const CANDIDATES: usize = 50;

/// A value that the loaded data has, with its number of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearValue {
    pub field: Arc<str>,
    pub value: Arc<str>,
    pub count: u64,
}

/// Builds the requests: for each word the values that contain it, then those that contain its beginning. Counts are of
/// the time range without the other conditions.
pub(super) fn wants(filter: &Filter) -> Vec<SideQueryWant> {
    let base = Arc::new(Filter {
        range: filter.range,
        ..Filter::default()
    });
    let fields = |field: Option<&Arc<str>>| match field {
        Some(field) => vec![field.clone()],
        None => WORD_FIELDS.map(Arc::from).to_vec(),
    };
    let wanted = filter.wanted().into_iter();
    let mut probes: Vec<(Vec<Arc<str>>, String)> = wanted
        .map(|one| (fields(one.test.field.as_ref()), one.text))
        .collect();
    probes.retain(|(_, word)| (2..=MAX_WORD).contains(&word.chars().count()));
    // A longer text says more about the value that is meant.
    probes.sort_by_key(|(_, word)| Reverse(word.chars().count()));
    probes.truncate(WORDS);
    let want = |(fields, find): (&[Arc<str>], String)| SideQueryWant {
        filter: Arc::clone(&base),
        facets: fields
            .iter()
            .map(|field| FacetWant {
                field: field.clone(),
                order: FacetOrder::Count,
                limit: CANDIDATES,
                find: Some(find.clone()),
            })
            .collect(),
        histogram: None,
        seen: false,
    };
    let both = probes.iter().flat_map(|(fields, word)| {
        let head = head(word);
        [want((fields, word.clone())), want((fields, head))]
    });
    both.collect()
}

/// Returns two thirds of a word, at least three letters.
fn head(word: &str) -> String {
    let letters = word.chars().count();
    word.chars().take((letters * 2 / 3).max(3)).collect()
}

/// Chooses the values most like the words, the most frequent first among equals: those that contain a word, else those
/// that contain its beginning.
pub(super) fn choose(answer: &Answer, from: usize, wants: &[SideQueryWant]) -> Vec<NearValue> {
    let parts = wants.iter().zip(answer.side.iter().skip(from));
    let parts: Vec<(&str, Vec<NearValue>)> = parts.map(containing).collect();
    let mut found: Vec<(u32, NearValue)> = Vec::new();
    for pair in parts.chunks(2) {
        let [(word, whole), (_, head)] = pair else {
            continue;
        };
        let values = if whole.is_empty() { head } else { whole };
        found.extend(values.iter().map(|near| {
            let distance = distance(&near.field, word, &near.value);
            (distance.unwrap_or(u32::MAX), near.clone())
        }));
    }
    found.sort_by(|(a, one), (b, other)| {
        let order = a.cmp(b).then_with(|| other.count.cmp(&one.count));
        order.then_with(|| one.value.cmp(&other.value))
    });
    let mut chosen: Vec<NearValue> = Vec::new();
    for (_, near) in found {
        if near.count > 0 && !chosen.contains(&near) {
            chosen.push(near);
        }
    }
    chosen.truncate(SHOWN);
    chosen
}

/// Returns the word of a side query, and the values that contain it: the search of a facet also finds letters that are
/// apart.
fn containing<'a>((want, part): (&'a SideQueryWant, &SideQuery)) -> (&'a str, Vec<NearValue>) {
    let find = want.facets.first().and_then(|facet| facet.find.as_deref());
    let find = find.unwrap_or_default();
    let lower = find.to_lowercase();
    let mut values = Vec::new();
    for table in &part.facets {
        for entry in &table.values {
            let Some(value) = entry.value.clone() else {
                continue;
            };
            if value.to_lowercase().contains(&lower) {
                values.push(NearValue {
                    field: table.field.clone(),
                    value,
                    count: entry.count,
                });
            }
        }
    }
    (find, values)
}

/// Formats the values as conditions to type: `Nearest values: user==role/ci-infra → 12,720 · …`.
pub fn line(values: &[NearValue]) -> Option<String> {
    let one = |near: &NearValue| {
        let name = edit::field(field_name(&near.field));
        let value = edit::plain(&near.field, &near.value);
        format!("{name}=={value} → {}", text::grouped(near.count))
    };
    let texts: Vec<String> = values.iter().map(one).collect();
    (!texts.is_empty()).then(|| format!("Nearest values: {}", texts.join(" · ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::CatalogueNames;

    #[test]
    fn a_filter_without_matches_asks_for_values_near_its_words() {
        let mut filter = Filter::default();
        filter
            .set_text(
                "user:ci-deplyo and not tag:v1 Manifest",
                &CatalogueNames::default(),
            )
            .expect("reads");
        let wants = wants(&filter);
        let finds: Vec<_> = wants
            .iter()
            .map(|want| want.facets[0].find.as_deref())
            .collect();
        assert_eq!(
            finds,
            [
                Some("ci-deplyo"),
                Some("ci-dep"),
                Some("Manifest"),
                Some("Manif")
            ]
        );
        assert_eq!(
            (wants[0].facets.len(), &*wants[0].facets[0].field),
            (1, "user")
        );
        assert_eq!(wants[2].facets.len(), WORD_FIELDS.len());
        assert!(wants[0].filter.is_all());
    }

    #[test]
    fn near_values_are_conditions_that_can_be_typed() {
        let near = |field: &str, value: &str, count| NearValue {
            field: field.into(),
            value: value.into(),
            count,
        };
        let values = [near("user", "role/ci-infra", 12_720), near("tag", "1 x", 1)];
        assert_eq!(
            line(&values).as_deref(),
            Some("Nearest values: user==role/ci-infra → 12,720 · tag==\"1 x\" → 1")
        );
        assert_eq!(line(&[]), None);
    }
}
