//! A snapshot: the segments published so far, with the vocabulary of their ordinals.

use std::borrow::Cow;
use std::sync::Arc;

use super::dictionary::{MISSING, Ordinal};
use super::layout::{ColumnId, Home, home};
use super::segment::{Segment, Typed};
use super::spelling;
use super::uuid::uuid_text;
use super::vocabulary::Vocabulary;
use crate::model::time::Nanos;
use crate::model::{EventId, FieldId, Mark, id};

/// All events loaded up to some moment. Never changes; cheap to share.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Incremented with each publication.
    pub generation: u64,
    /// In order of their events' ids.
    pub segments: Vec<Arc<Segment>>,
    pub vocabulary: Arc<Vocabulary>,
    /// Names of the sources, by number.
    pub sources: Arc<[Arc<str>]>,
    pub events: u64,
    /// Incremented when all ordinals change, see [`super::Compactor`]. Results by ordinal of another epoch are invalid
    /// here.
    pub epoch: u64,
    pub evicted: Evicted,
    /// Rotations, truncations, reconnects.
    pub marks: Arc<[Mark]>,
}

/// Events evicted to stay within the memory limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evicted {
    pub events: u64,
    /// Time of the newest evicted event; data after it is complete. `None` if none had a time.
    pub newest: Option<Nanos>,
    /// Number of further events evicted because they were already printed. They do not make the data incomplete.
    pub printed: u64,
}

/// One event within a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Index of the segment.
    pub segment: usize,
    pub row: usize,
}

/// Position of an event in the total order of a snapshot: by time (missing first), then by source, then by position
/// within the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pub time: Option<Nanos>,
    source: u32,
    position: u64,
    row: usize,
}

impl Snapshot {
    /// Returns the oldest and newest time.
    pub fn span(&self) -> Option<(Nanos, Nanos)> {
        self.segments
            .iter()
            .filter_map(|s| s.span())
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Returns the place of an event, or `None` once it has been evicted.
    pub fn find(&self, event: EventId) -> Option<Place> {
        let after = self.segments.partition_point(|s| s.first_id <= event.0);
        let segment = after.checked_sub(1)?;
        let found = &self.segments[segment];
        let arrival = (event.0 - found.first_id) as usize;
        (arrival < found.rows).then(|| Place {
            segment,
            row: found.row_of(arrival),
        })
    }

    pub fn id(&self, place: Place) -> EventId {
        let segment = &self.segments[place.segment];
        EventId(segment.first_id + segment.arrival(place.row) as u64)
    }

    pub fn rank(&self, place: Place) -> Rank {
        let segment = &self.segments[place.segment];
        Rank {
            time: segment.time(place.row),
            source: segment.source,
            position: segment.position,
            row: place.row,
        }
    }

    /// Returns the first row of a segment that does not come before `rank`.
    pub fn lower_bound(&self, segment: usize, rank: Rank) -> usize {
        let s = &self.segments[segment];
        let start = rank.time.map_or(0, |t| s.lower_bound(t));
        let end = match rank.time {
            None => s.untimed,
            Some(t) => t.checked_add(1).map_or(s.rows, |t| s.lower_bound(t)),
        };
        // Rows start..end share the rank's time.
        match (s.source, s.position).cmp(&(rank.source, rank.position)) {
            std::cmp::Ordering::Less => end,
            std::cmp::Ordering::Greater => start,
            std::cmp::Ordering::Equal => rank.row.clamp(start, end),
        }
    }

    /// Returns the text of a field of an event.
    pub fn value(&self, place: Place, field: FieldId) -> Option<Cow<'_, str>> {
        self.segments[place.segment].value(&self.vocabulary, place.row, field)
    }
}

impl Segment {
    /// Returns the text of a field in a row, as logged, or `None` if the record does not have it.
    pub fn value<'a>(
        &self,
        vocabulary: &'a Vocabulary,
        row: usize,
        field: FieldId,
    ) -> Option<Cow<'a, str>> {
        if let Some((column, access)) = vocabulary.access(field) {
            let ordinal = access.of(self.ordinal(column, row));
            return vocabulary.values(field).get(ordinal).map(Cow::Borrowed);
        }
        if field.is_path() {
            let parts = vocabulary.parts(field).iter();
            let mut parts = parts.copied();
            return parts.find_map(|part| self.value(vocabulary, row, part));
        }
        match home(field) {
            Home::RequestId => match self.request_id(row) {
                Typed::Value(uuid) => Some(Cow::Owned(uuid_text(&uuid))),
                Typed::Text(ordinal) => vocabulary.values(field).get(ordinal).map(Cow::Borrowed),
                Typed::Missing => None,
            },
            Home::Address => self.address(vocabulary, row),
            Home::LogTime => number_text(self.log_time(row), vocabulary, field),
            Home::LogTimeNs => number_text(self.log_time_ns(row), vocabulary, field),
            _ => self
                .spelled(vocabulary, row)
                .map(|(text, _)| Cow::Owned(text)),
        }
    }

    /// Returns the logged address with its port.
    fn address<'a>(&self, vocabulary: &'a Vocabulary, row: usize) -> Option<Cow<'a, str>> {
        let host = vocabulary.values(id::ADDRESS);
        let host = host.get(self.ordinal(ColumnId::ADDRESS, row))?;
        match self.ordinal(ColumnId::PORT, row) {
            MISSING => Some(Cow::Borrowed(host)),
            port => {
                let mut text = String::with_capacity(host.len() + ":65535".len());
                address_text(host, port, &mut text);
                Some(Cow::Owned(text))
            }
        }
    }

    /// Returns the logged `time` in its original spelling, and its offset from UTC in seconds. `None` if it is missing.
    pub fn spelled(&self, vocabulary: &Vocabulary, row: usize) -> Option<(String, i32)> {
        let encoded = vocabulary.spelling(self.ordinal(ColumnId::SPELLING, row))?;
        Some(spelling::text_of(encoded, self.time(row)))
    }
}

/// Appends an address and its port as logged. `port` is an ordinal, `MISSING` for none.
pub fn address_text(host: &str, port: Ordinal, out: &mut String) {
    out.push_str(host);
    if port != MISSING {
        out.push(':');
        let mut digits = [0; 5];
        let (mut at, mut left) = (digits.len(), port - 1);
        while at == digits.len() || left > 0 {
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
        }
        out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
    }
}

fn number_text(
    number: Typed<i64>,
    vocabulary: &Vocabulary,
    field: FieldId,
) -> Option<Cow<'_, str>> {
    match number {
        Typed::Value(number) => Some(Cow::Owned(number.to_string())),
        Typed::Text(ordinal) => vocabulary.values(field).get(ordinal).map(Cow::Borrowed),
        Typed::Missing => None,
    }
}
