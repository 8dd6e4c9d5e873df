//! Events as rows of a sheet, or as the records they were read from. Which events, and in which order, is decided
//! elsewhere.

use std::io::{self, Write};
use std::sync::Arc;

use super::{Cell, RAW, Sheet};
use crate::decode::mended;
use crate::decode::original;
use crate::index::{Place, Snapshot};
use crate::model::zone::Zone;
use crate::model::{FieldId, id, name};

/// Columns of a table where none are named.
pub const COLUMNS: [&str; 7] = [
    name::TIME,
    name::ACTION,
    name::STATUS,
    name::USER,
    name::NAMESPACE_REPO,
    name::TAG,
    name::IP,
];

/// How records stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// One a line.
    Lines,
    /// All in one JSON array.
    Array,
    /// One a line, byte for byte as they were read.
    Raw,
}

impl Records {
    /// How records are written in a format; `None` for a format of tables. JSON and NDJSON are both: records where no
    /// columns are asked for.
    pub fn of(format: &str) -> Option<Self> {
        match format {
            RAW => Some(Self::Raw),
            "ndjson" => Some(Self::Lines),
            "json" => Some(Self::Array),
            _ => None,
        }
    }

    /// Writes records as they were read; those over several lines on one. JSON is always valid: what is not is mended.
    /// Returns the number of values of which something is lost by that.
    pub fn write(
        self,
        snapshot: &Snapshot,
        places: impl Iterator<Item = Place>,
        out: &mut dyn Write,
    ) -> io::Result<u64> {
        let mut lost = 0;
        let is_array = self == Self::Array;
        if is_array {
            out.write_all(b"[")?;
        }
        let mut record = Vec::new();
        for (at, place) in places.enumerate() {
            if is_array {
                out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            }
            record.clear();
            match self {
                Self::Raw => snapshot.record(place, &mut record),
                Self::Lines | Self::Array => lost += json(snapshot, place, &mut record),
            }
            if record.contains(&b'\n') {
                // Line ends stand only between the tokens of a record, never inside a string.
                record.retain(|byte| !matches!(byte, b'\n' | b'\r'));
            }
            out.write_all(&record)?;
            if !is_array {
                out.write_all(b"\n")?;
            }
        }
        if is_array {
            out.write_all(b"\n]\n")?;
        }
        Ok(lost)
    }
}

/// Appends the record of an event as valid JSON. Returns the number of its values of which something is lost by that.
pub fn json(snapshot: &Snapshot, place: Place, out: &mut Vec<u8>) -> u64 {
    // Templates are valid, and so is what is put into them.
    match snapshot.kept(place).and_then(mended) {
        Some(mended) => {
            out.extend_from_slice(mended.text.as_bytes());
            mended.lost
        }
        None => {
            snapshot.record(place, out);
            0
        }
    }
}

/// Whether a format is for people, who read times by a clock of their choice.
pub fn is_for_people(format: &str) -> bool {
    matches!(format, "table" | "markdown")
}

/// The values of some fields of events, and notes on them where there are any. Times by the zone where that is given,
/// else as they were read.
pub fn sheet<'a>(
    snapshot: &'a Snapshot,
    places: impl Iterator<Item = Place> + 'a,
    columns: Vec<String>,
    zone: Option<Zone>,
    note: Option<impl Fn(Place) -> Cell + 'a>,
) -> Sheet<'a> {
    let field = |name: &String| snapshot.vocabulary.field(&Arc::<str>::from(name.as_str()));
    let fields: Vec<Option<FieldId>> = columns.iter().map(field).collect();
    let mut headings = columns;
    headings.extend(note.as_ref().map(|_| "note".to_owned()));
    let row = move |place: Place| {
        let values = fields
            .iter()
            .map(|field| cell(snapshot, place, *field, zone));
        values
            .chain(note.as_ref().map(|note| note(place)))
            .collect()
    };
    Sheet {
        title: String::new(),
        headings,
        rows: Box::new(places.map(row)),
    }
}

fn cell(snapshot: &Snapshot, place: Place, field: Option<FieldId>, zone: Option<Zone>) -> Cell {
    match (field, zone) {
        (Some(id::TIME), Some(zone)) => {
            let segment = &snapshot.segments[place.segment];
            let own = segment
                .spelled(&snapshot.vocabulary, place.row)
                .map_or(0, |(_, offset)| offset);
            let time = segment.time(place.row);
            time.map_or(Cell::Missing, |time| Cell::Text(zone.rfc3339(time, own)))
        }
        (Some(field), _) => match snapshot.value(place, field) {
            // It may stand for bytes that are not UTF-8, which only the record itself still has.
            Some(text) if text.contains(char::REPLACEMENT_CHARACTER) => {
                let kept = snapshot.segments[place.segment].kept(place.row);
                let name = snapshot.vocabulary.name(field);
                match kept.and_then(|record| original(record, &name)) {
                    Some(bytes) => Cell::Bytes(text.into_owned(), bytes),
                    None => Cell::Text(text.into_owned()),
                }
            }
            text => text.as_deref().into(),
        },
        (None, _) => Cell::Missing,
    }
}
