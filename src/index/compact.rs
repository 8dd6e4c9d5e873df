//! Carries segments over to new dictionaries, which drops values that only evicted events had. Ordinals change; codes
//! do not, so the rows themselves are shared regardless of their number.

use std::sync::Arc;

use super::dictionary::{MISSING, Ordinal, WIDTH};
use super::interner::{Interner, lock};
use super::layout::{ColumnId, GROUPS};
use super::segment::{Column, Exceptions, Follows, Ids, Segment};
use crate::model::{FieldId, id};

/// Lazy map from the ordinals of one set of dictionaries to those of another.
#[derive(Debug)]
pub struct Compactor {
    from: Arc<Interner>,
    to: Arc<Interner>,
    /// By field: the new ordinal per old one, `MISSING` while unknown.
    values: Vec<Vec<Ordinal>>,
    tuples: [Vec<Ordinal>; GROUPS.len()],
    spellings: Vec<Ordinal>,
    shapes: Vec<Ordinal>,
}

impl Compactor {
    /// Creates new dictionaries, empty except for the names of the fields, which keep their ids.
    pub fn new(from: Arc<Interner>) -> Self {
        let to = Interner::default();
        for name in from.unknown_names() {
            to.unknown_field(&name);
        }
        Self {
            from,
            to: Arc::new(to),
            values: Vec::new(),
            tuples: Default::default(),
            spellings: Vec::new(),
            shapes: Vec::new(),
        }
    }

    /// Returns the old dictionaries.
    pub fn from(&self) -> &Arc<Interner> {
        &self.from
    }

    /// Returns the new dictionaries.
    pub fn to(&self) -> &Arc<Interner> {
        &self.to
    }

    /// Converts a segment to the new dictionaries; its identity does not change. Costs one lookup for each distinct
    /// value of each column, and one insertion for each value not met before.
    pub fn segment(&mut self, segment: &Segment) -> Segment {
        let columns = (0..).map(ColumnId).zip(&segment.columns);
        let columns = columns
            .map(|(at, column)| column.as_ref().map(|column| self.column(at, column)))
            .collect();
        let ids = Ids {
            uuids: segment.ids.uuids.clone(),
            other: self.exceptions(id::REQUEST_ID, &segment.ids.other),
        };
        Segment {
            arrival: segment.arrival.clone(),
            times: segment.times.clone(),
            columns,
            ids,
            log_time: self.follows(id::LOG_TIME, &segment.log_time),
            log_time_ns: self.follows(id::LOG_TIME_NS, &segment.log_time_ns),
            kept: segment.kept.clone(),
            ..*segment
        }
    }

    fn column(&mut self, at: ColumnId, column: &Column) -> Column {
        let ordinals = column.ordinals.iter();
        Column {
            ordinals: ordinals.map(|old| self.ordinal(at, *old)).collect(),
            codes: column.codes.clone(),
            totals: column.totals.clone(),
        }
    }

    fn follows(&mut self, field: FieldId, column: &Follows) -> Follows {
        Follows {
            other: self.exceptions(field, &column.other),
            ..column.clone()
        }
    }

    fn exceptions(&mut self, field: FieldId, other: &Exceptions) -> Exceptions {
        let carried = |(row, old): &(u16, Ordinal)| (*row, self.value(field, *old));
        other.iter().map(carried).collect()
    }

    fn ordinal(&mut self, column: ColumnId, old: Ordinal) -> Ordinal {
        match column {
            ColumnId::REQUEST | ColumnId::IDENTITY | ColumnId::TARGET => {
                self.tuple(column.index(), old)
            }
            ColumnId::SPELLING => known(&mut self.spellings, old, || {
                self.to.spelling(lock(&self.from.spellings).get(old))
            }),
            ColumnId::SHAPE => known(&mut self.shapes, old, || {
                self.to
                    .carried_shape(lock(&self.from.shapes).list.get(old as usize))
            }),
            ColumnId::PORT => old,
            single => self.value(single.field(), old),
        }
    }

    fn tuple(&mut self, group: usize, old: Ordinal) -> Ordinal {
        if let Some(new) = self.tuples[group]
            .get(old as usize)
            .filter(|new| **new != MISSING)
        {
            return *new;
        }
        let mut tuple = *lock(&self.from.groups[group]).get(old);
        debug_assert!(GROUPS[group].len() <= WIDTH);
        for (member, field) in tuple.iter_mut().zip(GROUPS[group]) {
            *member = self.value(*field, *member);
        }
        known(&mut self.tuples[group], old, || {
            self.to.tuple(group, &tuple)
        })
    }

    fn value(&mut self, field: FieldId, old: Ordinal) -> Ordinal {
        if self.values.len() <= field.index() {
            self.values.resize_with(field.index() + 1, Vec::new);
        }
        known(&mut self.values[field.index()], old, || {
            self.from
                .with_value(field, old, |text| self.to.value(field, text))
        })
    }
}

/// Returns the known new ordinal, or computes it with `find`.
fn known(map: &mut Vec<Ordinal>, old: Ordinal, find: impl FnOnce() -> Ordinal) -> Ordinal {
    if old == MISSING {
        return MISSING;
    }
    let at = old as usize;
    if map.len() <= at {
        map.resize(at + 1, MISSING);
    }
    if map[at] == MISSING {
        map[at] = find();
    }
    map[at]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;
    use crate::index::{Place, Publisher, Snapshot};

    fn snapshot(segments: Vec<Segment>, interner: &Interner) -> Snapshot {
        Snapshot {
            events: segments.iter().map(|segment| segment.rows as u64).sum(),
            segments: segments.into_iter().map(Arc::new).collect(),
            vocabulary: interner.publish(&mut Publisher::default()),
            ..Snapshot::default()
        }
    }

    /// Records of every kind: with unknown fields, unusual times and ids, kept whole, and empty.
    fn records(n: usize) -> String {
        let text = (0..n).map(|n| {
            let (id, action, extra, second) = (n % 5, n % 3, n % 2, 1_712_908_800 + n % 4);
            format!(
                r#"{{"time":"2024-04-12T16:00:00.{n:09}+08:00","http_request_id":"id-{id}","action":"Act{action}","namespace_repo":"team/app-{n}","tag":"上{n}","extra{extra}":"{n}","__time__":{second}}}
{{"action":"A{n}","action":"B","time":"soon"}}
{{}}
"#
            )
        });
        text.collect()
    }

    #[test]
    fn records_come_back_byte_for_byte_and_values_of_others_are_gone() {
        let text = records(60);
        let interner = Arc::new(Interner::default());
        let mut decoder = Decoder::new(interner.clone());
        decoder.lines(text.as_bytes(), 0);
        let (all, _) = decoder.finish();
        // Values of the rest, which is not carried over, must not appear.
        decoder.lines(records(20).as_bytes(), 0);
        let (few, _) = decoder.finish();
        let mut carrier = Compactor::new(interner.clone());
        let carried: Vec<Segment> = few.iter().map(|segment| carrier.segment(segment)).collect();
        let (before, after) = (snapshot(few, &interner), snapshot(carried, carrier.to()));
        assert!(all[0].rows > before.segments[0].rows);
        for row in 0..before.segments[0].rows {
            let place = Place { segment: 0, row };
            let (mut old, mut new) = (Vec::new(), Vec::new());
            before.record(place, &mut old);
            after.record(place, &mut new);
            assert_eq!(
                String::from_utf8_lossy(&old),
                String::from_utf8_lossy(&new),
                "row {row}"
            );
            for field in before
                .vocabulary
                .record_fields()
                .chain([id::USER, id::IMAGE, id::IP])
            {
                let values = (before.value(place, field), after.value(place, field));
                assert_eq!(values.0, values.1, "row {row}, {field:?}");
            }
        }
        let values = |snapshot: &Snapshot| snapshot.vocabulary.values(id::NAMESPACE_REPO).len();
        assert_eq!((values(&before), values(&after)), (61, 21));
    }
}
