//! A segment: up to 65,536 events, immutable, sorted by time. Data that depends on no dictionary is shared when a
//! segment is carried over to new dictionaries, see [`super::compact`].

use std::sync::Arc;

use super::dictionary::{MISSING, Ordinal};
use super::layout::ColumnId;
use super::packed::{Packed, unzigzag};
use crate::model::time::{Nanos, SECOND};
use crate::model::{FieldId, id};

/// Maximum number of rows in a segment, so that a code always fits in two bytes.
pub const MAX_ROWS: usize = 1 << 16;

/// Ordinals of one column for the rows of a segment, through a dictionary local to the segment.
#[derive(Debug)]
pub struct Column {
    /// The distinct ordinals, by code.
    pub ordinals: Box<[Ordinal]>,
    pub codes: Codes,
    /// Number of rows with each code; empty if it is not worth the memory, see [`Column::totals`].
    pub(super) totals: Arc<[u16]>,
}

/// One code per row, as narrow as the number of distinct values allows.
#[derive(Clone, Debug)]
pub enum Codes {
    /// All rows have code 0.
    Constant,
    Byte(Arc<[u8]>),
    Short(Arc<[u16]>),
}

impl Column {
    /// Returns the number of rows with each code. `None` for a constant column, and if most values are rare: counting
    /// the rows then costs as much as adding up the totals.
    pub fn totals(&self) -> Option<&[u16]> {
        (!self.totals.is_empty()).then_some(&*self.totals)
    }

    pub fn ordinal(&self, row: usize) -> Ordinal {
        self.ordinals[self.code(row)]
    }

    pub fn code(&self, row: usize) -> usize {
        match &self.codes {
            Codes::Constant => 0,
            Codes::Byte(codes) => codes[row].into(),
            Codes::Short(codes) => codes[row].into(),
        }
    }

    pub fn bytes(&self) -> usize {
        let codes = match &self.codes {
            Codes::Constant => 0,
            Codes::Byte(codes) => codes.len(),
            Codes::Short(codes) => codes.len() * 2,
        };
        codes + self.ordinals.len() * size_of::<Ordinal>() + self.totals.len() * size_of::<u16>()
    }
}

/// Values of a field that do not fit its type, in order of rows; `MISSING` means that the row has no value.
pub(super) type Exceptions = Box<[(u16, Ordinal)]>;

/// Request ids: 16 bytes each for texts that are lower-case UUIDs.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Empty if no row has one.
    pub(super) uuids: Arc<[[u8; 16]]>,
    pub(super) other: Exceptions,
}

/// A number that mostly follows from the event's time, stored as the difference.
#[derive(Clone, Debug, Default)]
pub(super) struct Follows {
    pub(super) deltas: Packed,
    pub(super) other: Exceptions,
    /// True if no row has the field.
    pub(super) absent: bool,
}

/// A value of a typed column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed<T> {
    Value(T),
    /// Text that does not fit the type, in the field's dictionary.
    Text(Ordinal),
    Missing,
}

fn exception(other: &Exceptions, row: usize) -> Option<Ordinal> {
    let at = other
        .binary_search_by_key(&(row as u16), |(r, _)| *r)
        .ok()?;
    Some(other[at].1)
}

fn typed<T>(exception: Option<Ordinal>, value: impl FnOnce() -> T) -> Typed<T> {
    match exception {
        None => Typed::Value(value()),
        Some(MISSING) => Typed::Missing,
        Some(ordinal) => Typed::Text(ordinal),
    }
}

/// Component of a segment's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Column(ColumnId),
    Typed(FieldId),
    /// Order of arrival, if it differs from that of the rows.
    Arrival,
    /// Records that no template can reproduce.
    Kept,
    /// The segment structure itself.
    Frame,
}

/// An immutable run of events of one source.
#[derive(Debug)]
pub struct Segment {
    /// Unique number that identifies the segment in caches; never reused.
    pub number: u64,
    /// Id of the first event by arrival; the others follow in order of arrival.
    pub first_id: u64,
    pub rows: usize,
    pub source: u32,
    /// Byte offset of the first record in its source. Orders the segments of one source.
    pub position: u64,
    /// Arrival number of each row within the segment; `None` if rows are in order of arrival.
    pub(super) arrival: Option<Arc<[u16]>>,
    /// Number of rows without a time; they come first.
    pub untimed: usize,
    pub(super) first_time: Nanos,
    pub(super) times: Packed,
    /// By [`ColumnId`]. `None` or past the end: `MISSING` in every row.
    pub(super) columns: Vec<Option<Column>>,
    pub(super) ids: Ids,
    pub(super) log_time: Follows,
    pub(super) log_time_ns: Follows,
    /// Records that no template can reproduce, by row.
    pub(super) kept: Arc<[(u16, Box<[u8]>)]>,
}

impl Segment {
    pub fn column(&self, column: ColumnId) -> Option<&Column> {
        self.columns.get(column.index())?.as_ref()
    }

    pub fn ordinal(&self, column: ColumnId, row: usize) -> Ordinal {
        self.column(column).map_or(MISSING, |c| c.ordinal(row))
    }

    /// Returns the time of a row, or `None` for the untimed rows at the start.
    pub fn time(&self, row: usize) -> Option<Nanos> {
        (row >= self.untimed).then(|| self.first_time.wrapping_add(self.times.get(row) as i64))
    }

    /// Returns the oldest and newest time, or `None` if no row has one.
    pub fn span(&self) -> Option<(Nanos, Nanos)> {
        (self.untimed < self.rows).then(|| {
            (
                self.first_time,
                self.time(self.rows - 1).unwrap_or(self.first_time),
            )
        })
    }

    /// Returns the first row whose time is not before `time`. Rows without a time count as before.
    pub fn lower_bound(&self, time: Nanos) -> usize {
        let (mut low, mut high) = (self.untimed, self.rows);
        while low < high {
            let middle = low.midpoint(high);
            if self.time(middle).is_some_and(|t| t < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Returns the arrival number of a row within the segment.
    pub fn arrival(&self, row: usize) -> usize {
        self.arrival.as_ref().map_or(row, |a| a[row].into())
    }

    /// Returns the row with an arrival number. Scans, so use it for single lookups only.
    pub fn row_of(&self, arrival: usize) -> usize {
        match &self.arrival {
            None => arrival,
            Some(all) => all
                .iter()
                .position(|a| usize::from(*a) == arrival)
                .unwrap_or(arrival),
        }
    }

    pub fn request_id(&self, row: usize) -> Typed<[u8; 16]> {
        let missing = if self.ids.uuids.is_empty() {
            Some(MISSING)
        } else {
            None
        };
        typed(exception(&self.ids.other, row).or(missing), || {
            self.ids.uuids[row]
        })
    }

    /// Returns the request ids by row: all zero for a row without one or with one of another form. Empty if no row has
    /// one.
    pub fn uuids(&self) -> &[[u8; 16]] {
        &self.ids.uuids
    }

    /// Returns `__time__` in seconds.
    pub fn log_time(&self, row: usize) -> Typed<i64> {
        self.follows(&self.log_time, row, |time| time.div_euclid(SECOND))
    }

    /// Returns `__time_ns_part__` in nanoseconds.
    pub fn log_time_ns(&self, row: usize) -> Typed<i64> {
        self.follows(&self.log_time_ns, row, |time| time.rem_euclid(SECOND))
    }

    fn follows(&self, column: &Follows, row: usize, expected: impl Fn(Nanos) -> i64) -> Typed<i64> {
        let missing = column.absent.then_some(MISSING);
        typed(missing.or_else(|| exception(&column.other, row)), || {
            expected(self.time(row).unwrap_or(0)).wrapping_add(unzigzag(column.deltas.get(row)))
        })
    }

    /// Returns the rows whose value of a typed field does not fit its type, with the value's ordinal (`MISSING` for no
    /// value).
    pub fn exceptions(&self, field: FieldId) -> &[(u16, Ordinal)] {
        match field {
            id::REQUEST_ID => &self.ids.other,
            id::LOG_TIME => &self.log_time.other,
            id::LOG_TIME_NS => &self.log_time_ns.other,
            _ => &[],
        }
    }

    /// Returns the stored record of a row, if its template cannot reproduce it.
    pub fn kept(&self, row: usize) -> Option<&[u8]> {
        let at = self
            .kept
            .binary_search_by_key(&(row as u16), |(r, _)| *r)
            .ok()?;
        Some(&self.kept[at].1)
    }

    /// Returns the memory in bytes, without the dictionaries.
    pub fn bytes(&self) -> usize {
        self.parts().map(|(_, bytes)| bytes).sum()
    }

    /// Iterates over the memory in bytes of each component.
    pub fn parts(&self) -> impl Iterator<Item = (Part, usize)> {
        let exceptions = |other: &Exceptions| other.len() * size_of::<(u16, Ordinal)>();
        let follows = |column: &Follows| column.deltas.bytes() + exceptions(&column.other);
        let kept = self.kept.iter();
        let frame = self.columns.len() * size_of::<Option<Column>>() + size_of::<Self>();
        let rest = [
            (Part::Typed(id::TIME), self.times.bytes()),
            (
                Part::Typed(id::REQUEST_ID),
                self.ids.uuids.len() * 16 + exceptions(&self.ids.other),
            ),
            (Part::Typed(id::LOG_TIME), follows(&self.log_time)),
            (Part::Typed(id::LOG_TIME_NS), follows(&self.log_time_ns)),
            (
                Part::Arrival,
                self.arrival.as_ref().map_or(0, |a| a.len() * 2),
            ),
            (Part::Kept, kept.map(|(_, r)| r.len() + 24).sum()),
            (Part::Frame, frame),
        ];
        let columns = (0u16..).map(ColumnId).zip(&self.columns);
        columns
            .filter_map(|(id, column)| Some((Part::Column(id), column.as_ref()?.bytes())))
            .chain(rest)
    }
}
