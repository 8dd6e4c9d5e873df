//! The values of a snapshot's ordinals: the published views of all dictionaries, and the derived fields, which are
//! computed once per distinct ordinal of their source column.

use std::borrow::Cow;
use std::sync::Arc;

use super::append_vec::{AppendVec, AppendView};
use super::dictionary::{Dictionary, DictionaryView, MISSING, Ordinal, Tuple, TupleView};
use super::layout::{ColumnId, DERIVED, GROUPS, Home, derived_place, home};
use super::nested::{Nested, Path, Paths};
use super::template::Template;
use crate::model::derive::{self, Identity};
use crate::model::nested::MAX_DEPTH;
use crate::model::{CATALOGUE, FieldId, id};

/// Immutable values of all ordinals up to some moment.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    logged: Logged,
    derived: Vec<Derived>,
    nested: Nested,
}

/// Prefix for a record's own field whose name collides with one of ours.
const RAW: &str = "raw.";

/// Returns the id of a logged or reserved field by its name in records.
fn logged(name: &str) -> Option<FieldId> {
    let field = CATALOGUE.find(name)?;
    let info = CATALOGUE.get(field)?;
    (!field.is_derived() && info.name == name).then_some(field)
}

/// Number of port ordinals: none, then every possible port.
const PORTS: u32 = 1 + (1 << 16);

/// Views of the interned values.
#[derive(Clone, Debug, Default)]
pub(super) struct Logged {
    pub(super) groups: [TupleView; GROUPS.len()],
    pub(super) shapes: AppendView<Arc<Template>>,
    pub(super) spellings: DictionaryView,
    /// Names of the unknown fields, as recorded.
    pub(super) names: Arc<[Arc<str>]>,
    pub(super) fields: Vec<DictionaryView>,
    pub(super) unknown: Vec<DictionaryView>,
}

/// One derived field: map from ordinals of its source column to its own.
#[derive(Clone, Debug, Default)]
struct Derived {
    values: DictionaryView,
    of: AppendView<Ordinal>,
}

/// Extends the derived fields from one publication to the next. Belongs to the writer.
#[derive(Debug)]
pub struct Publisher {
    derived: Vec<(Dictionary, AppendVec<Ordinal>)>,
    paths: Arc<Paths>,
    last: Arc<Vocabulary>,
}

impl Default for Publisher {
    fn default() -> Self {
        Self {
            derived: (0..DERIVED).map(|_| Default::default()).collect(),
            paths: Arc::default(),
            last: Arc::default(),
        }
    }
}

/// Access of one field to the ordinals of a code column.
#[derive(Clone, Debug)]
pub enum Access<'a> {
    /// The column's ordinals are the field's own.
    Own,
    Member(&'a TupleView, usize),
    Derived(&'a AppendView<Ordinal>),
    /// Computed from a member.
    OfMember(&'a TupleView, usize, &'a AppendView<Ordinal>),
}

impl Access<'_> {
    /// Returns the field's ordinal for an ordinal of its column.
    #[inline]
    pub fn of(&self, ordinal: Ordinal) -> Ordinal {
        match self {
            Self::Own => ordinal,
            Self::Member(tuples, at) => tuples.get(ordinal as usize)[*at],
            Self::Derived(map) => *map.get(ordinal as usize),
            Self::OfMember(tuples, at, map) => *map.get(tuples.get(ordinal as usize)[*at] as usize),
        }
    }
}

impl Vocabulary {
    /// Returns the id of a field: a catalogue field by name or alias, a field seen in records, a record's own field as
    /// `raw.NAME`, or a path into values that hold JSON. If a dotted name has several readings, the first one that a
    /// record has counts, starting with the longest field name.
    pub fn field(&self, name: &str) -> Option<FieldId> {
        if let Some(known) = CATALOGUE.find(name) {
            return Some(known);
        }
        if !name.contains('.') {
            return self.own(name);
        }
        let mut found: Vec<FieldId> = self.own(name).into_iter().collect();
        let dots = name.bytes().enumerate().rev();
        for (dot, _) in dots.filter(|(_, byte)| *byte == b'.').take(MAX_DEPTH) {
            let (base, path) = (self.base(&name[..dot]), &name[dot + 1..]);
            let values = base.map(|base| (base, self.values(base)));
            found.extend(values.and_then(|base| self.nested.member(base, path, name)));
        }
        let recorded = |name| self.own(name).or_else(|| logged(name));
        found.extend(name.strip_prefix(RAW).and_then(recorded));
        if found.len() > 1 {
            return self.nested.first_of(found, name);
        }
        found.pop()
    }

    /// Returns the id of a field outside the catalogue by its recorded name.
    fn own(&self, name: &str) -> Option<FieldId> {
        let at = self.logged.names.iter().position(|n| &**n == name)?;
        Some(FieldId(FieldId::FIRST_UNKNOWN.0 + at as u16))
    }

    /// Returns the field that a path begins with. A record's own field takes precedence over one of ours, whose values
    /// hold no JSON.
    fn base(&self, name: &str) -> Option<FieldId> {
        let plain = name.strip_prefix(RAW).unwrap_or(name);
        let own = self.own(name).or_else(|| self.own(plain));
        own.or_else(|| CATALOGUE.find(plain).filter(|field| !field.is_derived()))
            .filter(|field| matches!(home(*field), Home::Member { .. } | Home::Single(_)))
    }

    fn path(&self, field: FieldId) -> &Path {
        self.nested.path(field, |base| self.values(base))
    }

    /// Returns the fields of a name with several readings; the first one that a record has counts.
    pub(super) fn parts(&self, field: FieldId) -> &[FieldId] {
        if field.is_path() {
            &self.path(field).parts
        } else {
            &[]
        }
    }

    /// Returns the name by which a field is found. A record's own field whose name is one of ours is `raw.NAME`.
    pub fn name(&self, field: FieldId) -> Arc<str> {
        if let Some(info) = CATALOGUE.get(field) {
            return info.name.as_str().into();
        }
        if field.is_path() {
            return self.path(field).name.clone();
        }
        let name = &self.logged.names[field.index() - FieldId::FIRST_UNKNOWN.index()];
        match CATALOGUE.find(name) {
            Some(_) => format!("{RAW}{name}").into(),
            None => name.clone(),
        }
    }

    /// Returns the names of the fields outside the catalogue, as in [`Self::name`].
    pub fn unknown(&self) -> Vec<Arc<str>> {
        let fields = self.record_fields();
        fields
            .filter(|field| *field >= FieldId::FIRST_UNKNOWN)
            .map(|field| self.name(field))
            .collect()
    }

    /// Iterates over the ids of all fields that a record itself can hold: logged, reserved, unknown.
    pub fn record_fields(&self) -> impl Iterator<Item = FieldId> {
        let unknown =
            FieldId::FIRST_UNKNOWN.0..FieldId::FIRST_UNKNOWN.0 + self.logged.names.len() as u16;
        (0..id::USER.0).chain(unknown).map(FieldId)
    }

    /// Returns the values of a field by its own ordinals; for the address, without ports.
    pub fn values(&self, field: FieldId) -> &DictionaryView {
        if field.is_path() {
            &self.path(field).values
        } else if field.is_derived() {
            &self.derived[derived_place(field)].values
        } else if field >= FieldId::FIRST_UNKNOWN {
            &self.logged.unknown[field.index() - FieldId::FIRST_UNKNOWN.index()]
        } else {
            &self.logged.fields[field.index()]
        }
    }

    /// Returns the code column of a field and the map from its ordinals to the field's. `None` for typed columns, for
    /// the address, whose ordinals do not cover its port, and for names with several readings.
    pub fn access(&self, field: FieldId) -> Option<(ColumnId, Access<'_>)> {
        if field.is_path() {
            let (base, map) = self.path(field).base.as_ref()?;
            return match self.access(*base)? {
                (column, Access::Own) => Some((column, Access::Derived(map))),
                (column, Access::Member(tuples, at)) => {
                    Some((column, Access::OfMember(tuples, at, map)))
                }
                _ => None,
            };
        }
        match home(field) {
            Home::Member { column, at } => Some((
                column,
                Access::Member(&self.logged.groups[column.index()], at),
            )),
            Home::Single(column) => Some((column, Access::Own)),
            Home::Derived { column, which } => {
                Some((column, Access::Derived(&self.derived[which].of)))
            }
            Home::Address | Home::RequestId | Home::Time | Home::LogTime | Home::LogTimeNs => None,
        }
    }

    /// Returns the number of ordinals of a code column.
    pub fn ordinals(&self, column: ColumnId) -> u32 {
        match column {
            ColumnId::REQUEST | ColumnId::IDENTITY | ColumnId::TARGET => {
                self.logged.groups[column.index()].len() as u32
            }
            ColumnId::SPELLING => self.logged.spellings.len(),
            ColumnId::SHAPE => self.logged.shapes.len() as u32,
            ColumnId::PORT => PORTS,
            single => self.values(single.field()).len(),
        }
    }

    /// Returns the size in bytes of the combinations of a column of tuples.
    pub(super) fn tuple_bytes(&self, column: ColumnId) -> usize {
        self.logged.groups[column.index()].bytes()
    }

    /// Returns the size in bytes of the map from a column's ordinals to those of a derived field.
    pub(super) fn map_bytes(&self, field: FieldId) -> usize {
        match home(field) {
            Home::Derived { which, .. } => self.derived[which].of.bytes(),
            _ => 0,
        }
    }

    pub(super) fn spelling_bytes(&self) -> usize {
        self.logged.spellings.bytes()
    }

    pub fn spelling(&self, ordinal: Ordinal) -> Option<&str> {
        self.logged.spellings.get(ordinal)
    }

    /// Returns the template of a record, or `None` if the record itself was kept.
    pub fn shape(&self, ordinal: Ordinal) -> Option<&Arc<Template>> {
        (ordinal != MISSING).then(|| self.logged.shapes.get(ordinal as usize))
    }
}

impl Publisher {
    /// Returns the size in bytes of the derived fields and the requested paths.
    pub fn bytes(&self) -> usize {
        let one = |(values, of): &(Dictionary, AppendVec<Ordinal>)| {
            values.bytes() + of.len() * size_of::<Ordinal>()
        };
        self.derived.iter().map(one).sum::<usize>() + self.paths.bytes()
    }

    /// Returns the view of a logged or unknown field's dictionary. Views that did not grow since the last publication
    /// are shared with it.
    pub(super) fn field_view(&self, at: usize, dictionary: &Dictionary) -> DictionaryView {
        fresh(self.last.logged.fields.get(at), dictionary)
    }

    pub(super) fn unknown_view(&self, at: usize, dictionary: &Dictionary) -> DictionaryView {
        fresh(self.last.logged.unknown.get(at), dictionary)
    }

    /// Computes the derived fields of the ordinals added since the last publication.
    pub(super) fn publish(&mut self, logged: Logged) -> Arc<Vocabulary> {
        let mut vocabulary = Vocabulary {
            logged,
            derived: vec![Derived::default(); DERIVED],
            nested: Nested::new(self.paths.clone()),
        };
        for (which, (values, of)) in self.derived.iter_mut().enumerate() {
            let field = FieldId(id::USER.0 + which as u16);
            let Home::Derived { column, .. } = home(field) else {
                unreachable!("derived fields are derived")
            };
            for ordinal in of.len() as u32..vocabulary.ordinals(column) {
                let text = vocabulary.derive(field, ordinal);
                of.push(text.map_or(MISSING, |text| values.intern(&text)));
            }
        }
        for (derived, (values, of)) in vocabulary.derived.iter_mut().zip(&self.derived) {
            *derived = Derived {
                values: values.view(),
                of: of.view(),
            };
        }
        self.last = Arc::new(vocabulary);
        self.last.clone()
    }
}

/// Returns the last view if the dictionary has not grown since, else a new one.
fn fresh(last: Option<&DictionaryView>, dictionary: &Dictionary) -> DictionaryView {
    last.filter(|view| view.len() == dictionary.len())
        .cloned()
        .unwrap_or_else(|| dictionary.view())
}

impl Vocabulary {
    /// Returns the derived value of an ordinal of the field's column, by the rules of [`mod@derive`].
    fn derive(&self, field: FieldId, ordinal: Ordinal) -> Option<Cow<'_, str>> {
        let text = |field: FieldId, ordinal| self.logged.fields[field.index()].get(ordinal);
        let member = |column: ColumnId, field: FieldId| {
            let tuple: &Tuple = self.logged.groups[column.index()].get(ordinal as usize);
            let at = GROUPS[column.index()].iter().position(|m| *m == field)?;
            text(field, tuple[at])
        };
        let identity = |field| member(ColumnId::IDENTITY, field);
        match field {
            id::USER => Some(Cow::Owned(derive::user(&Identity {
                user_type: identity(id::USER_TYPE),
                role_name: identity(id::ROLE_NAME),
                role_id: identity(id::ROLE_ID),
                user_name: identity(id::USER_NAME),
                principal_id: identity(id::PRINCIPAL),
                account_id: identity(id::ACCOUNT),
            }))),
            id::SESSION => {
                derive::session(identity(id::USER_TYPE), identity(id::PRINCIPAL)).map(Cow::Borrowed)
            }
            id::IP => text(id::ADDRESS, ordinal).and_then(derive::ip),
            id::CLIENT => {
                text(id::AGENT, ordinal).map(|agent| Cow::Borrowed(derive::client(agent)))
            }
            id::STATUS_CLASS => Some(Cow::Borrowed(derive::status_class(member(
                ColumnId::REQUEST,
                id::STATUS,
            )))),
            id::OUTCOME => {
                derive::outcome(member(ColumnId::REQUEST, id::STATUS)).map(Cow::Borrowed)
            }
            id::IMAGE => {
                let target = |field| member(ColumnId::TARGET, field);
                derive::image(target(id::NAMESPACE_REPO), target(id::TAG)).map(Cow::Owned)
            }
            id::OPERATION => Some(Cow::Borrowed(derive::operation(member(
                ColumnId::REQUEST,
                id::ACTION,
            )))),
            _ => None,
        }
    }
}
