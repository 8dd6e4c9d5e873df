//! All fields of one event.

use std::sync::Arc;

use crate::index::{Place, Snapshot};
use crate::model::{CATALOGUE, FieldId, FieldKind, Value};

/// Returns the fields of an event by name: all logged fields in catalogue order, present or not, then the reserved and
/// unknown fields it has, then the derived fields.
pub fn detail(snapshot: &Snapshot, place: Place) -> Vec<(Arc<str>, Value)> {
    let vocabulary = &snapshot.vocabulary;
    let value = |field| snapshot.value(place, field).map(Arc::from);
    let row = |field: FieldId| (vocabulary.name(field), value(field));
    let unknown = vocabulary
        .record_fields()
        .filter(|f| *f >= FieldId::FIRST_UNKNOWN);
    let logged = CATALOGUE.of_kind(FieldKind::Logged).map(row);
    let others = CATALOGUE
        .of_kind(FieldKind::Reserved)
        .chain(unknown)
        .map(row)
        .filter(|(_, v)| v.is_some());
    logged
        .chain(others)
        .chain(CATALOGUE.of_kind(FieldKind::Derived).map(row))
        .collect()
}
