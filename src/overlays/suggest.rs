//! Choices of the filter prompt: earlier filters, names of fields, operators, and values of the data.

use std::cmp::Reverse;
use std::sync::Arc;

use super::choice_box::Row;
use super::query_input::{self, Names};
use super::rank;
use crate::engine::{FacetOrder, FacetTable, FacetValue, FacetWant};
use crate::model::{CATALOGUE, name};
use crate::query::edit::condition;
use crate::query::{OPERATORS, Pick};
use crate::widgets::chips::field_name;
use crate::widgets::text;

/// Section of the choices, in display order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    /// Choices of one kind, without a heading.
    Only,
    Recent,
    Examples,
    /// Fields whose names begin with the typed word.
    Fields,
    Values,
    /// Fields whose names contain its letters.
    Similar,
}

impl Section {
    fn heading(self) -> Option<&'static str> {
        match self {
            Self::Only => None,
            Self::Recent => Some("Recent filters"),
            Self::Examples => Some("Examples"),
            Self::Fields => Some("Fields"),
            Self::Values => Some("Values"),
            Self::Similar => Some("Similar field names"),
        }
    }

    /// Returns true if its choices replace the whole line.
    pub(super) fn is_whole_line(self) -> bool {
        matches!(self, Self::Recent | Self::Examples)
    }
}

/// Choice for the text at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) section: Section,
    pub(super) text: Arc<str>,
    pub(super) meaning: String,
    /// Number of occurrences.
    pub(super) note: String,
    /// Text to insert into the line.
    pub(super) insert: String,
    /// The choice continues the typed text: tab may insert it unselected.
    pub(super) continues: bool,
}

impl Choice {
    /// Filter for the whole line.
    pub(super) fn line(section: Section, text: &str, note: String) -> Self {
        Self {
            section,
            text: text.into(),
            meaning: String::new(),
            note,
            insert: text.to_owned(),
            continues: false,
        }
    }
}

/// Fields in an empty prompt, most useful first; their values complete any typed word.
const FIELDS: [&str; 11] = [
    name::ACTION,
    name::USER,
    name::NAMESPACE_REPO,
    name::TAG,
    name::STATUS,
    name::IP,
    name::CLIENT,
    name::INSTANCE,
    name::OPERATION,
    name::OUTCOME,
    name::NETWORK,
];

/// Maximum number of values of a word, in total and of one field.
const VALUES: usize = 8;
const OF_FIELD: usize = 4;

/// Most useful fields, for an empty prompt.
pub(super) fn common_fields() -> Vec<Choice> {
    let fields = FIELDS.iter().map(|field| field_name(field));
    fields
        .map(|name| field(Section::Fields, name.into()))
        .collect()
}

/// Fields for a typed word: names that begin with it, shortest first, and similar names.
pub(super) fn fields(word: &str, names: &Names) -> Vec<Choice> {
    let mut hits: Vec<(Section, i64, Arc<str>)> = names
        .all()
        .into_iter()
        .filter_map(|name| {
            let is_start = name.to_lowercase().starts_with(&word.to_lowercase());
            let (section, cost) = if is_start {
                (Section::Fields, 0)
            } else {
                (Section::Similar, rank::letters_of(&name, word)?.cost)
            };
            Some((section, cost, name))
        })
        .collect();
    hits.sort_by(|a, b| (a.0, a.1, a.2.len(), &a.2).cmp(&(b.0, b.1, b.2.len(), &b.2)));
    let choice = |(section, _, name)| field(section, name);
    hits.into_iter().map(choice).collect()
}

fn field(section: Section, name: Arc<str>) -> Choice {
    let info = CATALOGUE.find(&name).and_then(|id| CATALOGUE.get(id));
    let meaning = info.map_or("", |info| &info.meaning);
    // The first clause fits on the line.
    let end = [". ", ": ", ", ", "; "]
        .iter()
        .filter_map(|end| meaning.find(end))
        .min();
    let meaning = meaning[..end.unwrap_or(meaning.len())].trim_end_matches('.');
    Choice {
        section,
        meaning: meaning.to_owned(),
        note: String::new(),
        insert: format!("{}:", query_input::spelled(&name)),
        text: name,
        continues: section == Section::Fields,
    }
}

/// Operators that begin with the typed text.
pub(super) fn operators(typed: &str) -> Vec<Choice> {
    let fits = OPERATORS.iter().filter(|(op, _)| op.starts_with(typed));
    let choice = |(op, meaning): &(&str, &str)| Choice {
        section: Section::Only,
        text: (*op).into(),
        meaning: (*meaning).to_owned(),
        note: String::new(),
        insert: if *op == "in" { "in " } else { op }.to_owned(),
        continues: true,
    };
    fits.map(choice).collect()
}

/// Values of one field.
pub(super) fn values_of(table: &FacetTable) -> Vec<Choice> {
    let choice = |entry: &FacetValue| {
        let value = entry.value.clone()?;
        Some(Choice {
            section: Section::Only,
            meaning: String::new(),
            note: text::grouped(entry.count),
            insert: query_input::spelled(&value),
            text: value,
            continues: true,
        })
    };
    table.values.iter().filter_map(choice).collect()
}

/// Requests the values of all common fields that match a word. The facet of a field with picks ignores these picks, so
/// its counts would be too high.
pub(super) fn wants(word: &str, picks: &[Pick]) -> Vec<FacetWant> {
    let free = |field: &&&str| picks.iter().all(|pick| *pick.field != ***field);
    let want = |field: &&str| FacetWant {
        field: (*field).into(),
        order: FacetOrder::Count,
        limit: OF_FIELD,
        find: Some(word.to_owned()),
    };
    FIELDS.iter().filter(free).map(want).collect()
}

/// Values of any field that contain a word: those that begin with it first, then those with such a
/// word, each by frequency.
pub(super) fn values(word: &str, tables: &[FacetTable]) -> Vec<Choice> {
    let mut hits = Vec::new();
    for table in tables {
        for entry in &table.values {
            let Some(value) = entry.value.as_deref() else {
                continue;
            };
            let place = match rank::prefix(value, word) {
                Some(found) if found.at.first() == Some(&0) => 0,
                Some(_) => 1,
                None if rank::inside(value, word).is_some() => 2,
                None => continue,
            };
            hits.push((place, Reverse(entry.count), &table.field, entry));
        }
    }
    hits.sort_by_key(|(place, count, ..)| (*place, *count));
    hits.truncate(VALUES);
    let choice = |(place, _, field, entry): (u8, _, &Arc<str>, &FacetValue)| {
        let name = field_name(field);
        Choice {
            section: Section::Values,
            text: entry.value.clone().unwrap_or_default(),
            meaning: name.to_owned(),
            note: text::grouped(entry.count),
            insert: condition(name, &entry.value),
            continues: place < 2,
        }
    };
    hits.into_iter().map(choice).collect()
}

/// Rows of the choices with the headings of their sections, and the row of the selected choice.
pub(super) fn rows(choices: &[Choice], selected: Option<usize>) -> (Vec<Row>, Option<usize>) {
    let (mut rows, mut at) = (Vec::new(), None);
    let mut section = None;
    for (index, choice) in choices.iter().enumerate() {
        if section != Some(choice.section) {
            section = Some(choice.section);
            rows.extend(choice.section.heading().map(Row::heading));
        }
        if selected == Some(index) {
            at = Some(rows.len());
        }
        rows.push(Row {
            text: choice.text.to_string(),
            meaning: choice.meaning.clone(),
            note: choice.note.clone(),
            is_heading: false,
        });
    }
    (rows, at)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_value_is_found_by_any_of_its_words_and_never_by_scattered_letters() {
        let tables = [
            table(name::ACTION, &[("DeleteTag", 102), ("GetModel", 999)]),
            table(name::OPERATION, &[("delete", 103)]),
            table(name::USER, &[("user/delivery", 700), ("user/d-e-l", 900)]),
        ];
        let found = values("del", &tables);
        let texts: Vec<&str> = found.iter().map(|choice| &*choice.text).collect();
        assert_eq!(texts, ["delete", "DeleteTag", "user/delivery", "GetModel"]);
        let tab: Vec<bool> = found.iter().map(|choice| choice.continues).collect();
        assert_eq!(tab, [true, true, true, false]);
        assert_eq!(found[1].insert, "action == \"DeleteTag\"");
    }

    #[test]
    fn every_common_field_has_a_meaning_on_one_line() {
        for choice in common_fields() {
            assert!((3..60).contains(&choice.meaning.len()), "{choice:?}");
            assert!(choice.insert.ends_with(':'), "{choice:?}");
        }
    }

    #[test]
    fn headings_are_not_counted_as_choices() {
        let (shown, at) = rows(&fields("ac", &Names::default()), Some(0));
        assert!(shown[0].is_heading);
        assert_eq!(at, Some(1));
    }
}
