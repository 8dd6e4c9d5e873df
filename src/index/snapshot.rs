//! A snapshot: the segments published so far and what their ordinals mean.

use std::borrow::Cow;
use std::sync::Arc;

use super::layout::{Home, home};
use super::segment::{Segment, Typed};
use super::spelling;
use super::vocabulary::Vocabulary;
use crate::model::time::Nanos;
use crate::model::{EventId, FieldId, Mark};

/// Everything loaded up to some moment. Never changes; cheap to share.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Grows with each publication.
    pub generation: u64,
    /// In the order of their events' ids.
    pub segments: Vec<Arc<Segment>>,
    pub vocabulary: Arc<Vocabulary>,
    /// Names of the sources, by number.
    pub sources: Arc<[Arc<str>]>,
    pub events: u64,
    /// Counts the times all ordinals changed, see [`super::Carrier`]: what was worked out about those of another
    /// epoch means nothing here.
    pub epoch: u64,
    pub let_go: LetGo,
    /// Rotations, truncations, reconnects.
    pub marks: Arc<[Mark]>,
}

/// What was let go to keep to a ceiling of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetGo {
    pub events: u64,
    /// Time of the newest of them: after it the data is whole. `None` where none had a time.
    pub newest: Option<Nanos>,
}

/// One event within a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Index of the segment.
    pub segment: usize,
    pub row: usize,
}

/// Position of an event in the total order of a snapshot: by time (none first), then by source, then by
/// position within the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pub time: Option<Nanos>,
    source: u16,
    position: u64,
    row: usize,
}

impl Snapshot {
    /// Oldest and newest time.
    pub fn span(&self) -> Option<(Nanos, Nanos)> {
        self.segments
            .iter()
            .filter_map(|s| s.span())
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Where an event is; `None` once it has been let go.
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

    /// The first row of a segment that does not come before `rank`.
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

    /// Text of a field of an event.
    pub fn value(&self, place: Place, field: FieldId) -> Option<Cow<'_, str>> {
        self.segments[place.segment].value(&self.vocabulary, place.row, field)
    }
}

impl Segment {
    /// Text of a field in a row, as logged; `None` where the record does not have it.
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
        match home(field) {
            Home::RequestId => match self.request_id(row) {
                Typed::Value(uuid) => Some(Cow::Owned(uuid_text(&uuid))),
                Typed::Text(ordinal) => vocabulary.values(field).get(ordinal).map(Cow::Borrowed),
                Typed::Missing => None,
            },
            Home::LogTime => number_text(self.log_time(row), vocabulary, field),
            Home::LogTimeNs => number_text(self.log_time_ns(row), vocabulary, field),
            _ => self
                .spelled(vocabulary, row)
                .map(|(text, _)| Cow::Owned(text)),
        }
    }

    /// The logged `time` as it was spelled, and its offset from UTC in seconds; `None` where there is none.
    pub fn spelled(&self, vocabulary: &Vocabulary, row: usize) -> Option<(String, i32)> {
        let encoded = vocabulary.spelling(self.ordinal(super::ColumnId::SPELLING, row))?;
        Some(spelling::text_of(encoded, self.time(row)))
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

/// The usual text of a UUID, lower case.
pub fn uuid_text(uuid: &[u8; 16]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(36);
    for (i, byte) in uuid.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(HEX[usize::from(byte >> 4)] as char);
        text.push(HEX[usize::from(byte & 15)] as char);
    }
    text
}

/// Places of the pairs of digits in the text of a UUID.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// Reads the usual text of a UUID in lower case; anything else is `None`.
pub fn parse_uuid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if text[8] != b'-' || text[13] != b'-' || text[18] != b'-' || text[23] != b'-' {
        return None;
    }
    let mut uuid = [0; 16];
    let mut bad = 0u8;
    for (byte, at) in uuid.iter_mut().zip(PAIRS) {
        let (high, low) = (
            DIGIT[usize::from(text[at])],
            DIGIT[usize::from(text[at + 1])],
        );
        bad |= high | low;
        *byte = high << 4 | low & 15;
    }
    (bad < 16).then_some(uuid)
}

/// Value of each byte as a lower-case hexadecimal digit; 255 for the others.
const DIGIT: [u8; 256] = {
    let mut table = [255; 256];
    let mut n = 0;
    while n < 16 {
        table[b"0123456789abcdef"[n] as usize] = n as u8;
        n += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_come_back_and_everything_else_is_left_to_text() {
        let text = "718e09d1-aab5-4c1e-9f00-0123456789ab";
        assert_eq!(
            parse_uuid(text.as_bytes())
                .map(|u| uuid_text(&u))
                .as_deref(),
            Some(text)
        );
        for bad in [
            "",
            "718E09d1-aab5-4c1e-9f00-0123456789ab",
            "718e09d1-aab5-4c1e-9f00-0123456789a",
            "718e09d1aab5-4c1e-9f00-0123456789abb",
            "718e09d1-aab5-4c1e-9f00-0123456789ag",
        ] {
            assert_eq!(parse_uuid(bad.as_bytes()), None, "{bad}");
        }
    }
}
