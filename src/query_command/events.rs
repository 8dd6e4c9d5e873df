//! Printing of matching events.

use std::io::Write;

use super::Loaded;
use crate::aggregate::{self, Anchor, Matches, Planner, Without, window};
use crate::cli::Output;
use crate::export::events::{COLUMNS, Records, is_for_people, sheet};
use crate::export::{Cell, RAW, Sheet, find};
use crate::failure::{Failure, complain};
use crate::index::{Place, Snapshot};
use crate::model::{CATALOGUE, FieldId, FieldKind, name};
use crate::query::Filter;

/// Notes belong to marks, which only the explorer has.
pub(super) const NO_NOTES: Option<fn(Place) -> Cell> = None;

/// Prints the matches; returns their number.
pub(super) fn print(
    loaded: &Loaded,
    filter: &Filter,
    output: &Output,
    terminal: bool,
    out: &mut impl Write,
) -> Result<u64, Failure> {
    let snapshot = loaded.snapshot.clone();
    let plan = Planner::default().plan(filter, &snapshot);
    let matches = Matches::all(&snapshot, &plan, Without::Nothing);
    let places = order(loaded, &matches, output);
    let format = output
        .output
        .as_deref()
        .unwrap_or(if terminal { "table" } else { "ndjson" });
    let every = places.iter().copied();
    match records(format, output) {
        Some(records) => {
            let lost = records.write(&snapshot, every, out)?;
            tell_lost(lost);
        }
        None => {
            let export = find(format).expect("the command line admits rows of EXPORTS");
            let columns = columns(&snapshot, &loaded.columns, &places, output, format);
            let zone = is_for_people(format).then_some(loaded.zone);
            let sheet = sheet(&snapshot, every, columns, zone, NO_NOTES);
            (export.write)(disarmed(sheet, output), out)?;
        }
    }
    Ok(matches.matched)
}

/// Prepares a sheet for printing: escapes formulas if it is for a spreadsheet.
pub(super) fn disarmed<'a>(sheet: Sheet<'a>, output: &Output) -> Sheet<'a> {
    if output.for_spreadsheet {
        sheet.for_spreadsheet()
    } else {
        sheet
    }
}

/// Record output of a format; `None` if events are printed as rows of values.
pub(super) fn records(format: &str, output: &Output) -> Option<Records> {
    Records::of(format).filter(|_| output.columns.is_empty() || format == RAW)
}

/// Reports the number of values printed with a replacement character.
pub(super) fn tell_lost(count: u64) {
    if count > 0 {
        let values = if count == 1 { "value" } else { "values" };
        complain(&format!(
            "{count} {values} with invalid UTF-8 or broken escapes printed with U+FFFD; use -o raw to keep the bytes"
        ));
    }
}

/// Matches in the requested order, up to the requested limit.
fn order(loaded: &Loaded, matches: &Matches, output: &Output) -> Vec<Place> {
    let snapshot = &loaded.snapshot;
    let all = usize::try_from(matches.matched).unwrap_or(usize::MAX);
    let limit = output.limit.unwrap_or(all).min(all);
    let (field, descending) = match output.sort.as_deref() {
        None => (name::TIME, false),
        Some(sort) => match sort.strip_prefix('-') {
            Some(field) => (field, true),
            None => (sort, false),
        },
    };
    if field == name::TIME {
        let (anchor, before, after) = if descending {
            (Anchor::Newest, limit.saturating_sub(1), 1)
        } else {
            (Anchor::Oldest, 0, limit)
        };
        let mut places = window(snapshot, matches, anchor, before, after).places;
        places.truncate(limit);
        if descending {
            places.reverse();
        }
        return places;
    }
    // For a field without values, all events compare equal.
    let order = snapshot.vocabulary.field(field).and_then(|field| {
        aggregate::sorted(snapshot, matches, field, descending, aggregate::UNWATCHED)
    });
    match order {
        Some(order) => {
            let places = order.iter().filter_map(|id| snapshot.find(*id));
            places.take(limit).collect()
        }
        None => window(snapshot, matches, Anchor::Oldest, 0, limit).places,
    }
}

/// Column names: the requested ones; otherwise a selection for table formats, and every field of the records for CSV,
/// which programs read.
pub(super) fn columns(
    snapshot: &Snapshot,
    of_view: &[String],
    places: &[Place],
    output: &Output,
    format: &str,
) -> Vec<String> {
    if !output.columns.is_empty() {
        return output.columns.clone();
    }
    if format != "csv" && !of_view.is_empty() {
        return of_view.to_vec();
    }
    if format != "csv" {
        return COLUMNS.map(str::to_owned).to_vec();
    }
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
