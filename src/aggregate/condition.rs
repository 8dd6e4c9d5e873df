//! The condition of a predicate, tested against one value.

use std::collections::HashSet;
use std::sync::Arc;

use crate::index::Vocabulary;
use crate::model::{FieldId, Value, id};
use crate::query::{Network, Pick, Test, TestOp, TimeRange, picks};

/// Condition that values are tested against.
#[derive(Debug)]
pub(super) enum Condition {
    Test(Test),
    Pick(PickSet),
    Range(TimeRange),
    /// Conditions on one column joined into one, known by the ordinals that match.
    Joined,
}

/// The picks of one field, prepared for lookup.
#[derive(Debug)]
pub(super) struct PickSet {
    field: Arc<str>,
    include: HashSet<Value>,
    exclude: HashSet<Value>,
    /// Networks among the included and the excluded values.
    networks: [Vec<Network>; 2],
}

impl From<&Pick> for PickSet {
    fn from(pick: &Pick) -> Self {
        let networks = |values: &[Value]| {
            let network = |value| picks::network(&pick.field, value);
            values.iter().filter_map(network).collect()
        };
        Self {
            networks: [networks(&pick.include), networks(&pick.exclude)],
            field: pick.field.clone(),
            include: pick.include.iter().cloned().collect(),
            exclude: pick.exclude.iter().cloned().collect(),
        }
    }
}

impl PickSet {
    fn passes(&self, value: Option<&str>) -> bool {
        // The sets hold a handful of values; a lookup by `&str` would need an `Arc` first.
        let is = |set: &HashSet<Value>, networks: &[Network]| {
            set.iter().any(|v| v.as_deref() == value)
                || value.is_some_and(|value| networks.iter().any(|net| net.matches(value)))
        };
        let [include, exclude] = &self.networks;
        (self.include.is_empty() || is(&self.include, include)) && !is(&self.exclude, exclude)
    }
}

impl Condition {
    pub(super) fn passes(&self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::Test(test), Some(value)) => test.matches(value),
            (Self::Test(test), None) => test.matches_missing(),
            (Self::Pick(pick), value) => pick.passes(value),
            (Self::Range(_) | Self::Joined, _) => false,
        }
    }

    /// Returns the fields the condition is about, or `None` for a name that neither a record nor the catalogue has.
    pub(super) fn fields(&self, vocabulary: &Vocabulary) -> Option<Vec<FieldId>> {
        match self {
            // A bare word searches the fields logged by the registry, not those added in transport.
            Self::Test(Test { field: None, .. }) => {
                let reserved = id::LOG_TIME..=id::LOG_TOPIC;
                Some(
                    vocabulary
                        .record_fields()
                        .filter(|f| !reserved.contains(f))
                        .collect(),
                )
            }
            Self::Test(Test {
                field: Some(name), ..
            }) => vocabulary.field(name).map(|f| vec![f]),
            Self::Pick(pick) => vocabulary.field(&pick.field).map(|f| vec![f]),
            Self::Range(_) | Self::Joined => Some(Vec::new()),
        }
    }
}

/// Returns true if a condition on any field can match a value of a typed column in its usual form. A wrong `true` costs
/// time; `false` must be certain.
pub(super) fn may_occur(condition: &Condition, field: FieldId) -> bool {
    let Condition::Test(Test { op, .. }) = condition else {
        return true;
    };
    let TestOp::Words(words) = op else {
        return true;
    };
    let usual = |c: char| match field {
        id::REQUEST_ID => c.is_ascii_hexdigit() || c == '-',
        id::TIME => c.is_ascii_digit() || matches!(c, '-' | '.' | '+' | 'T' | 't' | 'Z' | 'z'),
        _ => c.is_ascii_digit(),
    };
    words.words().iter().all(|word| {
        let text = word.text();
        if word.is_wild() {
            return text.chars().all(|c| usual(c) || matches!(c, '*' | '?'));
        }
        let fits = match field {
            // An id is one word.
            id::REQUEST_ID => text.len() == 36,
            // The only all-digit words of a time are its hours and minutes.
            id::TIME => text.len() == 2 || !text.bytes().all(|b| b.is_ascii_digit()),
            _ => true,
        };
        fits && text.chars().all(usual)
    })
}
