//! A segment: up to 65,536 events, immutable, sorted by time. What depends on no dictionary is shared where a
//! segment is carried over to new ones, see [`super::compact`].

use std::sync::Arc;

use super::dictionary::{MISSING, Ordinal};
use super::layout::ColumnId;
use super::packed::{Packed, unzigzag};
use crate::model::time::{Nanos, SECOND};
use crate::model::{FieldId, id};

/// Rows a segment has at most, so that a code always fits two bytes.
pub const MAX_ROWS: usize = 1 << 16;

/// Ordinals of one column for the rows of a segment, through a dictionary of the segment's own.
#[derive(Debug)]
pub struct Column {
    /// The distinct ordinals, by code.
    pub ordinals: Box<[Ordinal]>,
    pub codes: Codes,
    /// Rows that have each code; empty where it is not worth the memory, see [`Column::totals`].
    pub(super) totals: Arc<[u16]>,
}

/// One code a row, as narrow as the number of distinct values allows.
#[derive(Clone, Debug)]
pub enum Codes {
    /// All rows have code 0.
    Constant,
    Byte(Arc<[u8]>),
    Short(Arc<[u16]>),
}

impl Column {
    /// Rows that have each code; `None` for a constant column, and where most values are rare: counting anew then
    /// costs as much as adding these up.
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

/// Values of a field that do not fit its type, by row, in order; an ordinal of MISSING is "not there".
pub(super) type Exceptions = Box<[(u16, Ordinal)]>;

/// Request ids: 16 bytes each where the text is a UUID in lower case.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Empty where no row has one.
    pub(super) uuids: Arc<[[u8; 16]]>,
    pub(super) other: Exceptions,
}

/// A number that mostly follows from the event's time: the difference is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Follows {
    pub(super) deltas: Packed,
    pub(super) other: Exceptions,
    /// No row has the field.
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

/// What takes memory in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Column(ColumnId),
    Typed(FieldId),
    /// Order of arrival, where it is not that of the rows.
    Arrival,
    /// Records that no template gives back.
    Kept,
    /// The segment itself.
    Frame,
}

/// An immutable run of events of one source.
#[derive(Debug)]
pub struct Segment {
    /// Never used twice: names the segment in caches.
    pub number: u64,
    /// Events have the ids from here on, in the order in which they arrived.
    pub first_id: u64,
    pub rows: usize,
    pub source: u32,
    /// Where the first record lies in its source, in bytes; orders the segments of one source.
    pub position: u64,
    /// Arrival number of each row within the segment; `None` where rows are in order of arrival.
    pub(super) arrival: Option<Arc<[u16]>>,
    /// Rows without a time; they come first.
    pub untimed: usize,
    pub(super) first_time: Nanos,
    pub(super) times: Packed,
    /// By [`ColumnId`]; `None` or past the end: MISSING in every row.
    pub(super) columns: Vec<Option<Column>>,
    pub(super) ids: Ids,
    pub(super) log_time: Follows,
    pub(super) log_time_ns: Follows,
    /// Records that no template gives back, by row.
    pub(super) kept: Arc<[(u16, Box<[u8]>)]>,
}

impl Segment {
    pub fn column(&self, column: ColumnId) -> Option<&Column> {
        self.columns.get(column.index())?.as_ref()
    }

    pub fn ordinal(&self, column: ColumnId, row: usize) -> Ordinal {
        self.column(column).map_or(MISSING, |c| c.ordinal(row))
    }

    /// Time of a row; `None` for the untimed ones at the start.
    pub fn time(&self, row: usize) -> Option<Nanos> {
        (row >= self.untimed).then(|| self.first_time.wrapping_add(self.times.get(row) as i64))
    }

    /// Oldest and newest time; `None` where no row has one.
    pub fn span(&self) -> Option<(Nanos, Nanos)> {
        (self.untimed < self.rows).then(|| {
            (
                self.first_time,
                self.time(self.rows - 1).unwrap_or(self.first_time),
            )
        })
    }

    /// The first row whose time is not before `time`; rows without a time count as before.
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

    /// Arrival number of a row within the segment.
    pub fn arrival(&self, row: usize) -> usize {
        self.arrival.as_ref().map_or(row, |a| a[row].into())
    }

    /// The row with an arrival number. Scans: for single look-ups.
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

    /// Request ids by row, all zero where the row has none or one of another form; empty where no row has one.
    pub fn uuids(&self) -> &[[u8; 16]] {
        &self.ids.uuids
    }

    /// `__time__` in seconds.
    pub fn log_time(&self, row: usize) -> Typed<i64> {
        self.follows(&self.log_time, row, |time| time.div_euclid(SECOND))
    }

    /// `__time_ns_part__` in nanoseconds.
    pub fn log_time_ns(&self, row: usize) -> Typed<i64> {
        self.follows(&self.log_time_ns, row, |time| time.rem_euclid(SECOND))
    }

    fn follows(&self, column: &Follows, row: usize, expected: impl Fn(Nanos) -> i64) -> Typed<i64> {
        let missing = column.absent.then_some(MISSING);
        typed(missing.or_else(|| exception(&column.other, row)), || {
            expected(self.time(row).unwrap_or(0)).wrapping_add(unzigzag(column.deltas.get(row)))
        })
    }

    /// Rows whose value of a typed field does not fit its type, with its ordinal (MISSING: not there).
    pub fn exceptions(&self, field: FieldId) -> &[(u16, Ordinal)] {
        match field {
            id::REQUEST_ID => &self.ids.other,
            id::LOG_TIME => &self.log_time.other,
            id::LOG_TIME_NS => &self.log_time_ns.other,
            _ => &[],
        }
    }

    /// The record itself, where no template gives it back.
    pub fn kept(&self, row: usize) -> Option<&[u8]> {
        let at = self
            .kept
            .binary_search_by_key(&(row as u16), |(r, _)| *r)
            .ok()?;
        Some(&self.kept[at].1)
    }

    /// Bytes it takes in memory, without the dictionaries.
    pub fn bytes(&self) -> usize {
        self.parts().map(|(_, bytes)| bytes).sum()
    }

    /// The same, part by part.
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
