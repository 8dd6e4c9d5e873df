//! One export from the first match to the finished file: matching, sorting and writing, each of which reports progress
//! and can be stopped.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::file::{NewFile, Refusal};
use super::pulse::{Pulse, Stopped};
use super::{Noted, WriteContent, WriteWant, inputs, note, report};
use crate::aggregate::{self, Group, Matches, Planner, Ungrouped, Without};
use crate::engine::execute::sort_groups;
use crate::engine::request::{GroupWant, MOST_GROUPS};
use crate::engine::status::WriteStep;
use crate::export::events::{Records, is_for_people, sheet};
use crate::export::{self, Cell, Sheet};
use crate::index::{Place, Snapshot};
use crate::query::Filter;

/// Segments processed between two checks for a stop.
const STEP: usize = 32;

/// Events written between two checks of the clock.
const BEAT: u64 = 256;

/// Percentage of the work that is done after matching, and after sorting.
const MATCHED: f64 = 15.0;
const ORDERED: f64 = 40.0;

/// Writes the file. Reports progress and returns the outcome.
pub(super) fn run(
    want: &WriteWant,
    snapshot: &Arc<Snapshot>,
    stop: &AtomicBool,
    tell: &(dyn Fn(WriteStep) + Sync),
) -> WriteStep {
    let mut file = match NewFile::create(&want.path, want.overwrite) {
        Ok(file) => file,
        Err(Refusal::Exists(bytes)) => return WriteStep::Exists(bytes),
        Err(Refusal::Why(why)) => return WriteStep::Failed(why),
    };
    tell(WriteStep::Begun);
    let pulse = Pulse::new(stop, tell);
    let written = write(want, snapshot, &pulse, &mut file);
    // A stop is not an error, whatever error the format returned for it.
    match written {
        _ if pulse.is_stopped() => WriteStep::Stopped,
        Err(why) => WriteStep::Failed(why),
        Ok((events, missing)) => match file.finish() {
            Ok(bytes) => WriteStep::Written {
                events,
                bytes,
                missing,
            },
            Err(error) => WriteStep::Failed(NewFile::reported(&want.path, &error)),
        },
    }
}

/// Writes the events or the report. Returns the number of events, and of requested ones that are not loaded. An error
/// includes the remedy.
fn write(
    want: &WriteWant,
    snapshot: &Snapshot,
    pulse: &Pulse<'_>,
    file: &mut NewFile,
) -> Result<(u64, u64), String> {
    let marked = marked(snapshot, &want.marked);
    let failed = |error: io::Error| NewFile::reported(&want.path, &error);
    let stopped = |_: Stopped| String::new();
    match &want.content {
        WriteContent::Events { marked: true, .. } => {
            let missing = (want.marked.len() - marked.len()) as u64;
            let places: Vec<Place> = marked.iter().map(|(place, _)| *place).collect();
            let many = places.len() as u64;
            events(
                want,
                snapshot,
                (many, places.into_iter()),
                &marked,
                pulse,
                file,
            )
            .map_err(failed)?;
            Ok((many, missing))
        }
        WriteContent::Events { .. } => {
            let (matches, _) = matching(&want.filter, snapshot, MATCHED, pulse).map_err(stopped)?;
            let many = matches.matched;
            match &want.order {
                None => {
                    let places = aggregate::in_order(snapshot, &matches);
                    events(want, snapshot, (many, places), &marked, pulse, file)
                }
                Some(sort) => {
                    let field = snapshot.vocabulary.field(&sort.field);
                    let field = field.unwrap_or(crate::model::id::TIME);
                    let watch = pulse.watch(MATCHED, ORDERED);
                    let sorted =
                        aggregate::sorted(snapshot, &matches, field, sort.descending, &watch);
                    let sorted = sorted.ok_or(Stopped).map_err(stopped)?;
                    let places = sorted.iter().filter_map(|id| snapshot.find(*id));
                    events(want, snapshot, (many, places), &marked, pulse, file)
                }
            }
            .map_err(failed)?;
            Ok((many, 0))
        }
        WriteContent::Table(table) => {
            let rows = match &table.whole {
                None => table.rows.clone(),
                Some(groups) => counted(want, groups, snapshot, pulse)?,
            };
            let many = rows.len() as u64;
            let export = export::find(table.format).ok_or("unknown format")?;
            let sheet = Sheet::whole(table.title.clone(), table.headings.clone(), rows);
            (export.write)(sheet.for_spreadsheet(), file).map_err(failed)?;
            Ok((many, 0))
        }
        WriteContent::Text(text) => {
            file.write_all(text.as_bytes()).map_err(failed)?;
            Ok((0, 0))
        }
        WriteContent::Report(words) => {
            let inputs = inputs::table(&words.sources, 30.0, pulse).map_err(stopped)?;
            let (matches, planner) =
                matching(&want.filter, snapshot, 60.0, pulse).map_err(stopped)?;
            let data = report::Data {
                want,
                snapshot,
                matches: &matches,
                marked: &marked,
            };
            let report = data.report(words, inputs, planner, pulse);
            let report = report.map_err(stopped)?;
            export::report::write(report, file).map_err(failed)?;
            Ok((matches.matched, (want.marked.len() - marked.len()) as u64))
        }
    }
}

/// Returns the rows of all groups.
fn counted(
    want: &WriteWant,
    groups: &GroupWant,
    snapshot: &Snapshot,
    pulse: &Pulse<'_>,
) -> Result<Vec<Vec<Cell>>, String> {
    let mut filter = (*want.filter).clone();
    if groups.facet {
        // A facet ignores its own picks.
        filter
            .picks
            .retain(|pick| !groups.fields.contains(&pick.field));
    }
    let stopped = |_: Stopped| String::new();
    let (matches, mut planner) = matching(&filter, snapshot, MATCHED, pulse).map_err(stopped)?;
    let failed = planner.part(&aggregate::failed(), snapshot);
    let fields = &groups.fields;
    let watch = pulse.watch(MATCHED, 95.0);
    let found = aggregate::group(
        snapshot,
        &matches,
        fields,
        &failed,
        None,
        MOST_GROUPS,
        &watch,
    );
    let mut found = found.map_err(|why| match why {
        Ungrouped::Stopped => String::new(),
        Ungrouped::TooMany => format!("more than {MOST_GROUPS} rows: narrow the filter"),
    })?;
    sort_groups(&mut found, groups);
    let cells = |group: &Group| export::groups::cells(group, want.zone);
    Ok(found.iter().map(cells).collect())
}

/// Finds the positions of the marked events, by time; those not loaded are left out.
fn marked<'a>(snapshot: &Snapshot, marked: &'a [Noted]) -> Vec<(Place, &'a Noted)> {
    let find = |noted: &'a Noted| {
        let place = match noted.id {
            Some(id) => snapshot.find(id),
            None => aggregate::find(snapshot, &noted.key),
        };
        Some((place?, noted))
    };
    let mut found: Vec<_> = marked.iter().filter_map(find).collect();
    found.sort_by_key(|(place, _)| snapshot.rank(*place));
    found
}

/// Returns all matches of the filter; when done, `share` per cent of the work is done.
fn matching(
    filter: &Filter,
    snapshot: &Snapshot,
    share: f64,
    pulse: &Pulse<'_>,
) -> Result<(Matches, Planner), Stopped> {
    let mut planner = Planner::default();
    let plan = planner.plan(filter, snapshot);
    let mut matches = Matches::new(snapshot);
    let all: Vec<usize> = (0..snapshot.segments.len()).collect();
    for (at, step) in all.chunks(STEP).enumerate() {
        matches.extend(snapshot, &plan, step, Without::Nothing);
        pulse.at(share * ((at * STEP + step.len()) as f64 / all.len() as f64))?;
    }
    Ok((matches, planner))
}

/// Writes events in their order. Ends early, with any error, if stopped.
fn events(
    want: &WriteWant,
    snapshot: &Snapshot,
    (many, places): (u64, impl Iterator<Item = Place>),
    marked: &[(Place, &Noted)],
    pulse: &Pulse<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let WriteContent::Events {
        format,
        columns,
        title,
        marked: only_marked,
    } = &want.content
    else {
        return Ok(());
    };
    let from = match (&want.order, only_marked) {
        (Some(_), false) => ORDERED,
        _ => MATCHED,
    };
    let continues = |(at, _): &(u64, Place)| {
        let beat = || pulse.at(from + (99.0 - from) * (*at as f64 / many.max(1) as f64));
        !at.is_multiple_of(BEAT) || beat().is_ok()
    };
    let places = (0..)
        .zip(places)
        .take_while(continues)
        .map(|(_, place)| place);
    if let Some(records) = Records::of(format) {
        return records.write(snapshot, places, out).map(|_| ());
    }
    let export = export::find(format).ok_or(io::ErrorKind::Unsupported)?;
    let zone = is_for_people(format).then_some(want.zone);
    let notes: HashMap<Place, &Noted> = marked.iter().copied().collect();
    let has_notes = *only_marked || notes.values().any(|noted| !noted.note.is_empty());
    let noted =
        has_notes.then_some(|place: Place| Cell::from(note(notes.get(&place).copied()).as_deref()));
    let mut sheet = sheet(snapshot, places, columns.clone(), zone, noted);
    sheet.title.clone_from(title);
    (export.write)(sheet, out)
}
