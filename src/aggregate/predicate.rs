//! One condition against one snapshot: the matching ordinals, then the rows that have them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rayon::prelude::*;

use super::address::Addresses;
use super::condition::{Condition, may_occur};
use super::row_set::{RowSet, in_range, with_ordinals};
use super::seek::{IdNeedle, Needle};
use crate::index::spelling::{self, Spelling};
use crate::index::{
    Access, Bitmap, ColumnId, DictionaryView, Segment, Stretch, Typed, Vocabulary, uuid_bytes,
};
use crate::model::{FieldId, id};
use crate::query::{Test, TestOp, TimeRange};

/// Number of values from which threads share the work.
const MANY: usize = 4096;

/// One condition with all its results so far.
#[derive(Debug)]
pub(super) struct Predicate {
    condition: Condition,
    /// Text that every matching value contains.
    needle: Option<Needle>,
    /// Per field: true for each matching ordinal. Grows with the dictionaries.
    passes: Mutex<HashMap<FieldId, Vec<bool>>>,
    /// Rows by segment number. Segments never change, so neither does an entry.
    rows: RwLock<HashMap<u64, RowSet>>,
}

/// A predicate prepared for one vocabulary. It holds if any of its parts does.
#[derive(Debug)]
pub(super) struct Ready {
    leaf: Arc<Predicate>,
    columns: Vec<(ColumnId, Vec<bool>)>,
    /// Typed columns, which are read row by row.
    typed: Vec<FieldId>,
    addresses: Option<Box<Addresses>>,
    range: Option<TimeRange>,
    /// Set if the field does not exist: the result for every row.
    absent: Option<bool>,
}

impl Predicate {
    pub(super) fn new(condition: Condition) -> Self {
        let needle = match &condition {
            Condition::Test(test) => Needle::of(&test.op),
            _ => None,
        };
        Self {
            condition,
            needle,
            passes: Mutex::default(),
            rows: RwLock::default(),
        }
    }

    /// Prepares a [`Condition::Joined`] with its matching ordinals.
    pub(super) fn joined(self: &Arc<Self>, column: ColumnId, set: Vec<bool>) -> Ready {
        Ready {
            leaf: self.clone(),
            columns: vec![(column, set)],
            typed: Vec::new(),
            addresses: None,
            range: None,
            absent: None,
        }
    }

    /// Drops the rows of segments that are gone.
    pub(super) fn retain(&self, keep: &HashSet<u64>) {
        self.rows
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|number, _| keep.contains(number));
    }

    pub(super) fn ready(self: &Arc<Self>, vocabulary: &Vocabulary) -> Ready {
        let mut ready = Ready {
            leaf: self.clone(),
            columns: Vec::new(),
            typed: Vec::new(),
            addresses: None,
            range: None,
            absent: None,
        };
        match &self.condition {
            Condition::Range(range)
            | Condition::Test(Test {
                op: TestOp::Time(range),
                ..
            }) => ready.range = Some(*range),
            condition => match condition.fields(vocabulary) {
                None => ready.absent = Some(condition.passes(None)),
                Some(fields) => self.prepare(vocabulary, &fields, &mut ready),
            },
        }
        ready
    }

    fn prepare(&self, vocabulary: &Vocabulary, fields: &[FieldId], ready: &mut Ready) {
        let mut known = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        for &field in fields {
            let access = vocabulary.access(field);
            if access.is_none() && field != id::ADDRESS {
                ready.typed.push(field);
                continue;
            }
            let values = vocabulary.values(field);
            let passes = known.entry(field).or_default();
            if passes.is_empty() {
                passes.push(self.condition.passes(None));
            }
            let new = passes.len() as u32..values.len();
            let test = |ordinal| self.condition.passes(values.get(ordinal));
            if let Some(needle) = &self.needle {
                self.seek(needle, values, new.start, passes);
            } else if new.len() < MANY {
                passes.extend(new.map(test));
            } else {
                passes.par_extend(new.into_par_iter().map(test));
            }
            let Some((column, access)) = access else {
                let addresses = Addresses::new(passes.clone(), self.needle.clone());
                ready.addresses = Some(Box::new(addresses));
                continue;
            };
            if !passes.contains(&true) {
                continue;
            }
            let here: Vec<bool> = match access {
                Access::Own => passes.clone(),
                access => (0..vocabulary.ordinals(column))
                    .map(|ordinal| passes[access.of(ordinal) as usize])
                    .collect(),
            };
            match ready.columns.iter_mut().find(|(c, _)| *c == column) {
                Some((_, set)) => set.iter_mut().zip(here).for_each(|(all, one)| *all |= one),
                None => ready.columns.push((column, here)),
            }
        }
    }
}

impl Predicate {
    /// Tests the values from an ordinal on, using the text they must contain.
    fn seek(&self, needle: &Needle, values: &DictionaryView, from: u32, passes: &mut Vec<bool>) {
        passes.resize(values.len() as usize, false);
        let stretches: Vec<Stretch<'_>> = values
            .stretches()
            .filter(|stretch| stretch.ordinals().end > from)
            .collect();
        let passing = |stretch: &Stretch<'_>| {
            let mut found = Vec::new();
            let test = |text: &str| self.condition.passes(Some(text));
            if !stretch.is_ascii() {
                // Non-ASCII letters may equal an ASCII letter (the Kelvin sign is a k), so each value is tested.
                let new = stretch.ordinals().start.max(from)..stretch.ordinals().end;
                found.extend(new.filter(|at| values.get(*at).is_some_and(test)));
                return found;
            }
            stretch.holding(
                needle.len(),
                |bytes, from| needle.find(bytes, from),
                |ordinal, text| {
                    if ordinal >= from && (needle.decides || test(text)) {
                        found.push(ordinal);
                    }
                },
            );
            found.extend(
                stretch
                    .apart()
                    .filter(|(_, text)| test(text))
                    .map(|(at, _)| at),
            );
            found
        };
        let found: Vec<Vec<u32>> = if stretches.len() > 1 {
            stretches.par_iter().map(passing).collect()
        } else {
            stretches.iter().map(passing).collect()
        };
        for ordinal in found.into_iter().flatten() {
            passes[ordinal as usize] = true;
        }
    }
}

impl Ready {
    /// Returns the column and its matching ordinals, if nothing else decides.
    pub(super) fn set(&self) -> Option<(ColumnId, &[bool])> {
        match &*self.columns {
            [(column, set)]
                if self.typed.is_empty()
                    && self.addresses.is_none()
                    && self.range.is_none()
                    && self.absent.is_none() =>
            {
                Some((*column, set))
            }
            _ => None,
        }
    }

    /// Returns the rows of a segment for which the condition holds.
    pub(super) fn rows(&self, segment: &Segment, vocabulary: &Vocabulary) -> RowSet {
        if let Some(absent) = self.absent {
            return if absent { RowSet::All } else { RowSet::None };
        }
        if let Some(range) = &self.range {
            return in_range(segment, range);
        }
        let known = self
            .leaf
            .rows
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&segment.number)
            .cloned();
        if let Some(rows) = known {
            return rows;
        }
        let mut rows = RowSet::None;
        for (column, set) in &self.columns {
            rows = rows.or(with_ordinals(segment, *column, set));
        }
        if let Some(addresses) = &self.addresses {
            let passes = |text: &str| self.leaf.condition.passes(Some(text));
            rows = rows.or(addresses.rows(segment, vocabulary, passes));
        }
        for field in &self.typed {
            if matches!(rows, RowSet::All) {
                break;
            }
            rows = rows.or(self.typed_rows(segment, vocabulary, *field));
        }
        self.leaf
            .rows
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(segment.number, rows.clone());
        rows
    }

    /// Returns the matching rows of a typed column; formats each value.
    fn typed_rows(&self, segment: &Segment, vocabulary: &Vocabulary, field: FieldId) -> RowSet {
        let passes = |text: Option<&str>| self.leaf.condition.passes(text);
        let missing = passes(None);
        let bare = matches!(
            &self.leaf.condition,
            Condition::Test(Test { field: None, .. })
        );
        if bare && !may_occur(&self.leaf.condition, field) {
            return self.exceptions(segment, vocabulary, field);
        }
        if field == id::REQUEST_ID
            && let Some(needle) = &self.leaf.needle
        {
            let mut rows = self.exceptions(segment, vocabulary, field);
            if let Some(ids) = needle.in_ids() {
                rows = rows.or(self.ids(segment, needle, &ids));
            }
            return rows;
        }
        let test = |row: usize| match field {
            id::REQUEST_ID => match segment.request_id(row) {
                Typed::Value(uuid) => passes(std::str::from_utf8(&uuid_bytes(&uuid)).ok()),
                Typed::Text(ordinal) => passes(vocabulary.values(field).get(ordinal)),
                Typed::Missing => missing,
            },
            _ => match segment.value(vocabulary, row, field) {
                Some(text) => passes(Some(&text)),
                None => missing,
            },
        };
        RowSet::from(Bitmap::from_fn(segment.rows, test))
    }
}

impl Ready {
    /// Returns the rows whose request id has the usual form and matches.
    fn ids(&self, segment: &Segment, needle: &Needle, ids: &IdNeedle) -> RowSet {
        let mut rows = Bitmap::none(segment.rows);
        ids.rows(segment.uuids(), |row, text| {
            let passes = || self.leaf.condition.passes(std::str::from_utf8(text).ok());
            let usual = || matches!(segment.request_id(row), Typed::Value(_));
            if (needle.decides || passes()) && usual() {
                rows.insert(row);
            }
        });
        RowSet::from(rows)
    }

    /// Returns the rows of a typed column whose value matches and does not have the usual form.
    fn exceptions(&self, segment: &Segment, vocabulary: &Vocabulary, field: FieldId) -> RowSet {
        let passes = |text: &str| self.leaf.condition.passes(Some(text));
        if field == id::TIME {
            let spelled = |ordinal| match vocabulary.spelling(ordinal).map(spelling::decode) {
                Some(Spelling::Text(text)) => passes(text),
                _ => false,
            };
            let set: Vec<bool> = (0..vocabulary.ordinals(ColumnId::SPELLING))
                .map(spelled)
                .collect();
            return with_ordinals(segment, ColumnId::SPELLING, &set);
        }
        let mut rows = Bitmap::none(segment.rows);
        for (row, ordinal) in segment.exceptions(field) {
            if vocabulary.values(field).get(*ordinal).is_some_and(passes) {
                rows.insert(usize::from(*row));
            }
        }
        RowSet::from(rows)
    }
}
