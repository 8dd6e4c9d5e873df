//! The growing dictionaries, shared by the decoders.
//!
//! A decoder requests only values it has not met itself, so the locks are taken once per distinct value and decoder,
//! not per event. The writer publishes the interned values as a [`Vocabulary`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::append_vec::AppendVec;
use super::dictionary::{Dictionary, Ordinal, Tuple, TupleDictionary};
use super::layout::GROUPS;
use super::template::Template;
use super::vocabulary::{Logged, Publisher, Vocabulary};
use crate::model::{FieldId, id};

/// Dictionaries of all interned values; ordinals are global and never change.
#[derive(Debug)]
pub struct Interner {
    /// Logged and reserved fields by id.
    pub(super) fields: Vec<Mutex<Dictionary>>,
    pub(super) groups: [Mutex<TupleDictionary>; GROUPS.len()],
    pub(super) spellings: Mutex<Dictionary>,
    pub(super) shapes: Mutex<TemplateStore>,
    pub(super) unknown: RwLock<Unknown>,
}

/// Templates by number. Number 0 means that there is none and the record itself is kept.
#[derive(Debug, Default)]
pub(super) struct TemplateStore {
    pub(super) list: AppendVec<Arc<Template>>,
    numbers: HashMap<Arc<Template>, Ordinal>,
    bytes: usize,
}

impl TemplateStore {
    /// Returns the number of a template, assigned now if it is new.
    fn number(&mut self, shape: Arc<Template>) -> Ordinal {
        if let Some(number) = self.numbers.get(&shape) {
            return *number;
        }
        let number = self.list.len() as Ordinal;
        self.bytes += shape.bytes();
        self.list.push(shape.clone());
        self.numbers.insert(shape, number);
        number
    }
}

/// Fields outside the catalogue, in order of first occurrence.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    pub(super) fields: Vec<(Arc<str>, Arc<Mutex<Dictionary>>)>,
    numbers: HashMap<Arc<str>, FieldId>,
}

/// Maximum number of templates; records of further ones are kept whole. A log has a handful. Thousands mean that its
/// producer shuffles the keys.
const MAX_SHAPES: usize = 10_000;

/// Maximum number of unknown fields with a column. Records with further ones are kept whole, see `decode`.
const MAX_UNKNOWN: usize = 1_000;

/// Locks a mutex. Poison is ignored: it means that another thread panicked between two complete pushes, so the data is
/// consistent.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Interner {
    fn default() -> Self {
        let mut shapes = TemplateStore::default();
        shapes.list.push(Arc::default());
        Self {
            fields: (0..id::USER.0).map(|_| Mutex::default()).collect(),
            groups: std::array::from_fn(|_| Mutex::default()),
            spellings: Mutex::default(),
            shapes: Mutex::new(shapes),
            unknown: RwLock::default(),
        }
    }
}

impl Interner {
    /// Returns the ordinal of a value of a logged, reserved or unknown field.
    pub fn value(&self, field: FieldId, text: &str) -> Ordinal {
        if let Some(dictionary) = self.fields.get(field.index()) {
            lock(dictionary).intern(text)
        } else {
            lock(&self.unknown_dictionary(field)).intern(text)
        }
    }

    pub fn tuple(&self, group: usize, tuple: &Tuple) -> Ordinal {
        lock(&self.groups[group]).intern(tuple)
    }

    /// Returns the ordinal of an encoded spelling of a time, see [`super::spelling`].
    pub fn spelling(&self, encoded: &str) -> Ordinal {
        lock(&self.spellings).intern(encoded)
    }

    /// Returns the number of a template, or `None` if there are too many.
    pub fn shape(&self, shape: Template) -> Option<Ordinal> {
        let mut shapes = lock(&self.shapes);
        if let Some(number) = shapes.numbers.get(&shape) {
            return Some(*number);
        }
        if shapes.list.len() >= MAX_SHAPES {
            return None;
        }
        Some(shapes.number(Arc::new(shape)))
    }

    /// Returns the number of a template of rows already in memory, to which no limit applies.
    pub(super) fn carried_shape(&self, shape: &Arc<Template>) -> Ordinal {
        lock(&self.shapes).number(shape.clone())
    }

    /// Calls a function with the text of an ordinal of a field.
    pub(super) fn with_value<R>(
        &self,
        field: FieldId,
        ordinal: Ordinal,
        what: impl FnOnce(&str) -> R,
    ) -> R {
        match self.fields.get(field.index()) {
            Some(dictionary) => what(lock(dictionary).get(ordinal)),
            None => what(lock(&self.unknown_dictionary(field)).get(ordinal)),
        }
    }

    /// Returns the names of the fields outside the catalogue, in order of their ids.
    pub(super) fn unknown_names(&self) -> Vec<Arc<str>> {
        let unknown = self.unknown.read().unwrap_or_else(PoisonError::into_inner);
        unknown
            .fields
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn unknown_dictionary(&self, field: FieldId) -> Arc<Mutex<Dictionary>> {
        let unknown = self.unknown.read().unwrap_or_else(PoisonError::into_inner);
        unknown.fields[field.index() - FieldId::FIRST_UNKNOWN.index()]
            .1
            .clone()
    }

    /// Returns the id of a field outside the catalogue, assigned now if it is new, or `None` if there are too many.
    pub fn unknown_field(&self, name: &str) -> Option<FieldId> {
        let known = self
            .unknown
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .numbers
            .get(name)
            .copied();
        if known.is_some() {
            return known;
        }
        let mut unknown = self.unknown.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(field) = unknown.numbers.get(name) {
            return Some(*field);
        }
        if unknown.fields.len() >= MAX_UNKNOWN {
            return None;
        }
        let name: Arc<str> = name.into();
        let field = FieldId(FieldId::FIRST_UNKNOWN.0 + unknown.fields.len() as u16);
        unknown.fields.push((name.clone(), Arc::default()));
        unknown.numbers.insert(name, field);
        Some(field)
    }

    /// Publishes everything interned so far, on top of the previous publication.
    pub fn publish(&self, before: &mut Publisher) -> Arc<Vocabulary> {
        // Tuples first: their members were interned before them, so the fields' views, created afterwards, cover them.
        let groups = std::array::from_fn(|g| lock(&self.groups[g]).view());
        let shapes = lock(&self.shapes).list.view();
        let spellings = lock(&self.spellings).view();
        let unknown: Vec<(Arc<str>, Arc<Mutex<Dictionary>>)> = self
            .unknown
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .fields
            .clone();
        let names = unknown.iter().map(|(name, _)| name.clone()).collect();
        let fields = self
            .fields
            .iter()
            .enumerate()
            .map(|(at, d)| before.field_view(at, &lock(d)))
            .collect();
        let unknown = unknown
            .iter()
            .enumerate()
            .map(|(at, (_, d))| before.unknown_view(at, &lock(d)))
            .collect();
        before.publish(Logged {
            groups,
            shapes,
            spellings,
            names,
            fields,
            unknown,
        })
    }

    /// Returns the size of all dictionaries in bytes. Derived fields belong to the publisher, see [`Publisher::bytes`].
    pub fn bytes(&self) -> usize {
        let fields: usize = self.fields.iter().map(|d| lock(d).bytes()).sum();
        let groups: usize = self.groups.iter().map(|d| lock(d).bytes()).sum();
        let unknown = self.unknown.read().unwrap_or_else(PoisonError::into_inner);
        fields
            + groups
            + lock(&self.spellings).bytes()
            + lock(&self.shapes).bytes
            + unknown
                .fields
                .iter()
                .map(|(_, d)| lock(d).bytes())
                .sum::<usize>()
    }
}
