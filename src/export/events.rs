//! Events as rows of a sheet, or as their original records. The caller selects and orders the events.

use std::io::{self, Write};
use std::sync::Arc;

use super::{Cell, RAW, Sheet};
use crate::decode::mended;
use crate::decode::original;
use crate::index::{Place, Snapshot};
use crate::model::zone::Zone;
use crate::model::{FieldId, id, name};

/// Default columns of a table.
pub const COLUMNS: [&str; 7] = [
    name::TIME,
    name::ACTION,
    name::STATUS,
    name::USER,
    name::NAMESPACE_REPO,
    name::TAG,
    name::IP,
];

/// Layout of records in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// One record per line.
    Lines,
    /// All records in one JSON array.
    Array,
    /// One record per line, byte for byte as read.
    Raw,
}

impl Records {
    /// Returns the record layout of a format, or `None` for a table format. JSON and NDJSON can write both: records if
    /// no columns are requested.
    pub fn of(format: &str) -> Option<Self> {
        match format {
            RAW => Some(Self::Raw),
            "ndjson" => Some(Self::Lines),
            "json" => Some(Self::Array),
            _ => None,
        }
    }

    /// Writes the original records, one per line even if they had several. JSON output is always valid: invalid records
    /// are repaired. Returns the number of values damaged by that.
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
                // Line ends occur only between the tokens of a record, never inside a string.
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

/// Appends the record of an event as valid JSON. Returns the number of its values damaged by repairs.
pub fn json(snapshot: &Snapshot, place: Place, out: &mut Vec<u8>) -> u64 {
    // Templates are valid JSON, and so are the values inserted into them.
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

/// Returns true if a format is for human readers, who choose the time zone.
pub fn is_for_people(format: &str) -> bool {
    matches!(format, "table" | "markdown")
}

/// Returns the values of some fields of events as a sheet, with notes if there are any. Times use the zone if one is
/// given, else they are as logged.
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
            // It may represent bytes that are not UTF-8, which only the record itself still contains.
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
