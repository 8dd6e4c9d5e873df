//! Memory use of a snapshot, by column and by dictionary. Counts only what the snapshot itself holds. The lookup tables
//! of the dictionaries belong to the writer and are not included.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::{ColumnId, GROUPS};
use super::segment::Part;
use super::snapshot::Snapshot;
use super::vocabulary::Vocabulary;
use crate::model::{CATALOGUE, FieldId, id};

/// Memory of a snapshot, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Memory that grows with every event, largest first.
    pub columns: Vec<ColumnUsage>,
    /// Memory that grows with distinct values, largest first.
    pub dictionaries: Vec<DictionaryUsage>,
}

/// One column of all segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnUsage {
    pub name: Arc<str>,
    /// The logged fields it holds; empty for internal columns.
    pub fields: Vec<Arc<str>>,
    pub bytes: usize,
}

/// One dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DictionaryUsage {
    pub name: Arc<str>,
    /// Number of distinct values, without "missing".
    pub values: u64,
    pub bytes: usize,
}

impl Usage {
    /// Measures a snapshot. Costs a pass over the segments, but not over rows.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut parts: BTreeMap<Part, usize> = BTreeMap::new();
        for segment in &snapshot.segments {
            for (part, bytes) in segment.parts() {
                *parts.entry(part).or_default() += bytes;
            }
        }
        let vocabulary = &snapshot.vocabulary;
        let mut columns: Vec<ColumnUsage> = parts
            .into_iter()
            .filter(|(_, bytes)| *bytes > 0)
            .map(|(part, bytes)| column(vocabulary, part, bytes))
            .collect();
        columns.sort_by_key(|column| std::cmp::Reverse(column.bytes));
        let mut dictionaries = dictionaries(vocabulary);
        dictionaries.sort_by_key(|dictionary| std::cmp::Reverse(dictionary.bytes));
        Self {
            columns,
            dictionaries,
        }
    }

    pub fn column_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.bytes).sum()
    }

    pub fn dictionary_bytes(&self) -> usize {
        self.dictionaries.iter().map(|one| one.bytes).sum()
    }
}

/// Names of the columns of tuples, in the order of [`GROUPS`].
const TUPLES: [&str; GROUPS.len()] = ["request", "identity", "target"];

fn column(vocabulary: &Vocabulary, part: Part, bytes: usize) -> ColumnUsage {
    let own = |name: &str| (name.into(), Vec::new());
    let one = |field: FieldId| {
        let name = vocabulary.name(field);
        (name.clone(), vec![name])
    };
    let (name, fields): (Arc<str>, Vec<Arc<str>>) = match part {
        Part::Column(ColumnId::SPELLING) => own("spelling of the time"),
        Part::Column(ColumnId::SHAPE) => own("template"),
        Part::Column(ColumnId::ADDRESS) => one(id::ADDRESS),
        Part::Column(ColumnId::PORT) => ("port".into(), vec![vocabulary.name(id::ADDRESS)]),
        Part::Column(column) => match GROUPS.get(column.index()) {
            Some(members) => (
                TUPLES[column.index()].into(),
                members.iter().map(|f| vocabulary.name(*f)).collect(),
            ),
            None => one(vocabulary
                .record_fields()
                .find(|field| vocabulary.access(*field).is_some_and(|(c, _)| c == column))
                .expect("every other column is that of a field")),
        },
        Part::Typed(field) => one(field),
        Part::Arrival => own("order of arrival"),
        Part::Kept => own("records kept whole"),
        Part::Frame => own("segments"),
    };
    ColumnUsage {
        name,
        fields,
        bytes,
    }
}

fn dictionaries(vocabulary: &Vocabulary) -> Vec<DictionaryUsage> {
    let derived = (0..CATALOGUE.fields().len() as u16)
        .map(FieldId)
        .filter(|field| field.is_derived());
    let fields = vocabulary.record_fields().chain(derived).map(|field| {
        let values = vocabulary.values(field);
        DictionaryUsage {
            name: vocabulary.name(field),
            values: u64::from(values.len().saturating_sub(1)),
            bytes: values.bytes() + vocabulary.map_bytes(field),
        }
    });
    let tuples = TUPLES.iter().zip(0u16..).map(|(name, group)| {
        let column = ColumnId(group);
        DictionaryUsage {
            name: (*name).into(),
            values: u64::from(vocabulary.ordinals(column).saturating_sub(1)),
            bytes: vocabulary.tuple_bytes(column),
        }
    });
    let spellings = vocabulary.ordinals(ColumnId::SPELLING).saturating_sub(1);
    let spellings = DictionaryUsage {
        name: "spelling of the time".into(),
        values: u64::from(spellings),
        bytes: vocabulary.spelling_bytes(),
    };
    let templates = (1..vocabulary.ordinals(ColumnId::SHAPE)).filter_map(|n| vocabulary.shape(n));
    let templates = DictionaryUsage {
        name: "template".into(),
        values: u64::from(vocabulary.ordinals(ColumnId::SHAPE).saturating_sub(1)),
        bytes: templates.map(|shape| shape.bytes()).sum(),
    };
    fields
        .chain(tuples)
        .chain([spellings, templates])
        .filter(|one| one.values > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;
    use crate::index::{Interner, Publisher};

    #[test]
    fn columns_add_up_to_the_segments_and_every_field_of_the_record_has_one() {
        let interner = Arc::new(Interner::default());
        let mut decoder = Decoder::new(interner.clone());
        for n in 0..3000 {
            let line = format!(
                r#"{{"time":"2024-04-12T16:00:00.{n:09}+08:00","http_request_id":"6192385a-3610-4bd1-9f2a-2032162{n:05}","action":"GetBlob","namespace_repo":"team/app-{}","extra":"{}"}}"#,
                n % 7,
                n % 3
            );
            decoder.lines(line.as_bytes(), n * 200);
        }
        let (segments, flaws) = decoder.finish();
        assert!(flaws.is_empty());
        let held: usize = segments.iter().map(crate::index::Segment::bytes).sum();
        let snapshot = Snapshot {
            events: 3000,
            segments: segments.into_iter().map(Arc::new).collect(),
            vocabulary: interner.publish(&mut Publisher::default()),
            ..Snapshot::default()
        };
        let usage = Usage::of(&snapshot);
        assert_eq!(usage.column_bytes(), held);
        for name in ["time", "http_request_id", "namespace_repo", "extra"] {
            let has = |column: &ColumnUsage| column.fields.iter().any(|field| &**field == name);
            assert!(usage.columns.iter().any(has), "{name}: {usage:?}");
        }
        let values = |name: &str| {
            let found = usage.dictionaries.iter().find(|one| &*one.name == name);
            found.map(|one| one.values)
        };
        assert_eq!(values("namespace_repo"), Some(7));
        assert_eq!(values("target"), Some(7));
        assert_eq!(values("extra"), Some(3));
        assert!(values("operation").is_some(), "derived fields have theirs");
        assert_eq!(values("tag"), None, "nothing is said of what is not there");
        assert!(usage.dictionary_bytes() > 0);
    }
}
