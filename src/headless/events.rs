//! Matching events, printed.

use std::io::{self, Write};

use super::{Loaded, QueryFailure};
use crate::aggregate::{Around, Matches, Without, window};
use crate::cli::Output;
use crate::export::{Cell, EXPORTS, Sheet};
use crate::index::Place;
use crate::model::{CATALOGUE, FieldId, FieldKind, id};
use crate::query::Filter;

/// Columns of a table where none are named.
const COLUMNS: [&str; 7] = [
    "time",
    "action",
    "http_response_status",
    "user",
    "namespace_repo",
    "tag",
    "ip",
];

/// Prints the matches; returns their number.
pub(super) fn print(
    loaded: &mut Loaded,
    filter: &Filter,
    output: &Output,
    terminal: bool,
    out: &mut impl Write,
) -> Result<u64, QueryFailure> {
    let snapshot = loaded.snapshot.clone();
    let plan = loaded.planner.plan(filter, &snapshot);
    let matches = Matches::all(&snapshot, &plan, Without::Nothing);
    let places = order(loaded, &matches, output);
    let format = output
        .output
        .as_deref()
        .unwrap_or(if terminal { "table" } else { "ndjson" });
    match format {
        "ndjson" if output.columns.is_empty() => records(loaded, &places, b"", b"\n", out)?,
        "raw" => records(loaded, &places, b"", b"\n", out)?,
        "json" if output.columns.is_empty() => {
            out.write_all(b"[")?;
            records(loaded, &places, b"\n", b"", out)?;
            out.write_all(b"\n]\n")?;
        }
        name => {
            let export = EXPORTS
                .iter()
                .find(|e| e.name == name)
                .expect("the command line admits rows of EXPORTS");
            let columns = columns(loaded, &places, output, name);
            let for_people = name == "table" || name == "markdown";
            (export.write)(sheet(loaded, &places, columns, for_people), out)?;
        }
    }
    Ok(matches.matched)
}

/// The matches in the order asked for, as many as asked for.
fn order(loaded: &Loaded, matches: &Matches, output: &Output) -> Vec<Place> {
    let snapshot = &loaded.snapshot;
    let all = usize::try_from(matches.matched).unwrap_or(usize::MAX);
    let limit = output.limit.unwrap_or(all).min(all);
    let (field, descending) = match output.sort.as_deref() {
        None => ("time", false),
        Some(sort) => match sort.strip_prefix('-') {
            Some(field) => (field, true),
            None => (sort, false),
        },
    };
    if field == "time" {
        let (around, before, after) = if descending {
            (Around::Newest, limit.saturating_sub(1), 1)
        } else {
            (Around::Oldest, 0, limit)
        };
        let mut places = window(snapshot, matches, around, before, after).places;
        places.truncate(limit);
        if descending {
            places.reverse();
        }
        return places;
    }
    let mut places = window(snapshot, matches, Around::Oldest, 0, all).places;
    let Some(field) = snapshot.vocabulary.field(field) else {
        places.truncate(limit);
        return places;
    };
    // By value, ties in the order of time: a stable sort of what is in that order.
    places.sort_by_cached_key(|place| {
        let text = snapshot
            .value(*place, field)
            .map(std::borrow::Cow::into_owned);
        let number = text
            .as_deref()
            .and_then(|text| text.parse::<f64>().ok())
            .map(TotalOrder);
        (text.is_some(), number.is_none(), number, text)
    });
    if descending {
        places.reverse();
    }
    places.truncate(limit);
    places
}

/// Numbers in a total order.
#[derive(Clone, Copy, PartialEq)]
struct TotalOrder(f64);

impl Eq for TotalOrder {}

impl PartialOrd for TotalOrder {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TotalOrder {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Records as they were read; those over several lines on one.
fn records(
    loaded: &Loaded,
    places: &[Place],
    before: &[u8],
    after: &[u8],
    out: &mut impl Write,
) -> io::Result<()> {
    let mut record = Vec::new();
    for (n, place) in places.iter().enumerate() {
        record.clear();
        loaded.snapshot.record(*place, &mut record);
        if !before.is_empty() && n > 0 {
            out.write_all(b",")?;
        }
        out.write_all(before)?;
        if record.contains(&b'\n') {
            // Line ends stand only between the tokens of a record, never inside a string.
            record.retain(|byte| !matches!(byte, b'\n' | b'\r'));
        }
        out.write_all(&record)?;
        out.write_all(after)?;
    }
    Ok(())
}

/// Names of the columns: those asked for; else a choice for people, and everything that was logged for CSV,
/// which is read by programs.
fn columns(loaded: &Loaded, places: &[Place], output: &Output, format: &str) -> Vec<String> {
    if !output.columns.is_empty() {
        return output.columns.clone();
    }
    if format != "csv" && !loaded.columns.is_empty() {
        return loaded.columns.clone();
    }
    if format != "csv" {
        return COLUMNS.map(str::to_owned).to_vec();
    }
    let snapshot = &loaded.snapshot;
    let logged = |field: FieldId| {
        CATALOGUE
            .get(field)
            .is_some_and(|info| info.kind == FieldKind::Logged)
    };
    let held = |field: FieldId| {
        let has = |place: &Place| snapshot.value(*place, field).is_some();
        places.iter().any(has)
    };
    let fields = snapshot.vocabulary.record_fields();
    fields
        .filter(|field| logged(*field) || held(*field))
        .map(|field| snapshot.vocabulary.name(field).to_string())
        .collect()
}

fn sheet<'a>(
    loaded: &'a Loaded,
    places: &'a [Place],
    columns: Vec<String>,
    for_people: bool,
) -> Sheet<'a> {
    let snapshot = &loaded.snapshot;
    let fields: Vec<Option<FieldId>> = columns
        .iter()
        .map(|name| snapshot.vocabulary.field(name))
        .collect();
    let cell = move |place: &Place, field: &Option<FieldId>| -> Cell {
        match *field {
            Some(id::TIME) if for_people => {
                let segment = &snapshot.segments[place.segment];
                let own = segment
                    .spelled(&snapshot.vocabulary, place.row)
                    .map_or(0, |(_, offset)| offset);
                segment.time(place.row).map_or(Cell::Missing, |time| {
                    Cell::Text(loaded.zone.rfc3339(time, own))
                })
            }
            Some(field) => snapshot.value(*place, field).as_deref().into(),
            None => Cell::Missing,
        }
    };
    let row = move |place: &Place| fields.iter().map(|field| cell(place, field)).collect();
    Sheet {
        title: String::new(),
        headings: columns,
        rows: Box::new(places.iter().map(row)),
    }
}
