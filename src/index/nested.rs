//! Dotted paths into logged values that hold JSON, as fields.
//!
//! A path is evaluated on its first request: once per distinct value of the field it begins with, like a derived field,
//! and later only for new values. Paths without values take no memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::append_vec::{AppendVec, AppendView};
use super::dictionary::{Dictionary, DictionaryView, MISSING, Ordinal};
use crate::model::{FieldId, nested};

/// Maximum number of paths with values in one epoch. Further ones count as absent.
const MAX_PATHS: usize = 1024;

/// Maximum number of paths cached as having no value.
const MAX_ABSENT: usize = 256;

/// The paths of one epoch, shared by all its vocabularies and extended by their readers.
#[derive(Debug, Default)]
pub(super) struct Paths {
    grown: Mutex<Grown>,
    bytes: AtomicUsize,
}

#[derive(Debug, Default)]
struct Grown {
    ids: HashMap<Key, FieldId>,
    entries: Vec<Entry>,
    /// Ordinal of its field up to which a path has no value.
    absent: HashMap<Key, Ordinal>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Member(FieldId, Arc<str>),
    /// The first of several fields that a record has.
    First(Vec<FieldId>),
}

#[derive(Debug)]
struct Entry {
    key: Key,
    name: Arc<str>,
    values: Dictionary,
    of: AppendVec<Ordinal>,
}

/// The paths requested from one vocabulary.
#[derive(Clone, Debug, Default)]
pub(super) struct Nested {
    paths: Arc<Paths>,
    asked: OnceLock<Box<[OnceLock<Path>]>>,
}

/// One path, for one vocabulary.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    pub(super) name: Arc<str>,
    pub(super) values: DictionaryView,
    /// The field it begins with, and the map from that field's ordinals to its own.
    pub(super) base: Option<(FieldId, AppendView<Ordinal>)>,
    /// The fields of a name with several readings; the first one that a record has counts.
    pub(super) parts: Vec<FieldId>,
}

impl Paths {
    /// Returns the size of all paths in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Nested {
    pub(super) fn new(paths: Arc<Paths>) -> Self {
        Self {
            paths,
            asked: OnceLock::new(),
        }
    }

    /// Returns the id of a path within the values of a field, or `None` if no value has it.
    pub(super) fn member(
        &self,
        (base, values): (FieldId, &DictionaryView),
        path: &str,
        name: &str,
    ) -> Option<FieldId> {
        let key = Key::Member(base, path.into());
        let mut grown = self.grown();
        if let Some(known) = grown.ids.get(&key) {
            return Some(*known);
        }
        let from = grown.absent.get(&key).copied().unwrap_or(MISSING);
        let mut new = values.iter_from(from);
        if new.any(|(_, text)| nested::member(text, path).is_some()) {
            grown.absent.remove(&key);
            return grown.enter(key, name);
        }
        if grown.absent.len() >= MAX_ABSENT {
            grown.absent.clear();
        }
        grown.absent.insert(key, values.len());
        None
    }

    /// Returns the id for the first of several fields that a record has.
    pub(super) fn first_of(&self, parts: Vec<FieldId>, name: &str) -> Option<FieldId> {
        let key = Key::First(parts);
        let mut grown = self.grown();
        match grown.ids.get(&key) {
            Some(known) => Some(*known),
            None => grown.enter(key, name),
        }
    }

    /// Returns a path by its id. `values` returns the values of the field it begins with.
    pub(super) fn path<'a>(
        &self,
        field: FieldId,
        values: impl Fn(FieldId) -> &'a DictionaryView,
    ) -> &Path {
        let asked = self
            .asked
            .get_or_init(|| (0..MAX_PATHS).map(|_| OnceLock::new()).collect());
        let at = field.index() - FieldId::FIRST_PATH.index();
        asked[at].get_or_init(|| {
            let mut grown = self.grown();
            let Some(entry) = grown.entries.get_mut(at) else {
                return Path::default(); // From another epoch.
            };
            let before = entry.bytes();
            let path = entry.path(values);
            let more = entry.bytes() - before;
            self.paths.bytes.fetch_add(more, Ordering::Relaxed);
            path
        })
    }

    fn grown(&self) -> std::sync::MutexGuard<'_, Grown> {
        self.paths
            .grown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Grown {
    fn enter(&mut self, key: Key, name: &str) -> Option<FieldId> {
        if self.entries.len() >= MAX_PATHS {
            return None;
        }
        let id = FieldId(FieldId::FIRST_PATH.0 + self.entries.len() as u16);
        self.ids.insert(key.clone(), id);
        self.entries.push(Entry {
            key,
            name: name.into(),
            values: Dictionary::default(),
            of: AppendVec::default(),
        });
        Some(id)
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        self.values.bytes() + self.of.len() * size_of::<Ordinal>()
    }

    /// Evaluates the new values and returns the view for a vocabulary.
    fn path<'a>(&mut self, values: impl Fn(FieldId) -> &'a DictionaryView) -> Path {
        let mut path = Path {
            name: self.name.clone(),
            ..Path::default()
        };
        match &self.key {
            Key::First(parts) => path.parts.clone_from(parts),
            Key::Member(base, members) => {
                let texts = values(*base);
                for ordinal in self.of.len() as Ordinal..texts.len() {
                    let text = texts.get(ordinal);
                    let found = text.and_then(|text| nested::member(text, members));
                    let own = found.map_or(MISSING, |found| self.values.intern(&found));
                    self.of.push(own);
                }
                path.values = self.values.view();
                path.base = Some((*base, self.of.view()));
            }
        }
        path
    }
}
