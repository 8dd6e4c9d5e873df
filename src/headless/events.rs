//! Matching events, printed.

use std::io::Write;

use super::{Loaded, QueryFailure, complain};
use crate::aggregate::{Around, Matches, Without, window};
use crate::cli::Output;
use crate::export::events::{COLUMNS, Records, is_for_people, sheet};
use crate::export::{Cell, RAW, find};
use crate::index::Place;
use crate::model::{CATALOGUE, FieldId, FieldKind};
use crate::query::Filter;

/// Marks are a thing of the explorer.
const NO_NOTES: Option<fn(Place) -> Cell> = None;

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
    let every = places.iter().copied();
    match Records::of(format).filter(|_| output.columns.is_empty() || format == RAW) {
        Some(records) => {
            let lost = records.write(&snapshot, every, out)?;
            if lost > 0 {
                let values = if lost == 1 { "value" } else { "values" };
                complain(&format!(
                    "{lost} {values} with bytes that are not UTF-8 or broken escapes, printed as U+FFFD; -o raw keeps them"
                ));
            }
        }
        None => {
            let export = find(format).expect("the command line admits rows of EXPORTS");
            let columns = columns(loaded, &places, output, format);
            let zone = is_for_people(format).then_some(loaded.zone);
            (export.write)(sheet(&snapshot, every, columns, zone, NO_NOTES), out)?;
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
