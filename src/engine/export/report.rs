//! Parts of the incident report that come from the events: counts, the histogram, the marked events.

use std::sync::Arc;

use super::pulse::{Pulse, Stopped};
use super::{Noted, ReportWords, WriteWant, exposure, note};
use crate::aggregate::{self, Bins, Group, Matches, Part, Planner, Progress, Ungrouped};
use crate::engine::request::MOST_GROUPS;
use crate::export::events::{COLUMNS, sheet};
use crate::export::report::{Bin, Report};
use crate::export::{Cell, Sheet, groups};
use crate::index::{Place, Snapshot};
use crate::model::time::Nanos;
use crate::model::{Value, name};

/// Fields to count by.
const COUNTS: [(&str, &[&str]); 7] = [
    ("Actions", &[name::ACTION]),
    ("Outcomes", &[name::OUTCOME]),
    ("Users", &[name::USER]),
    ("Addresses", &[name::IP]),
    ("Users and addresses", &[name::USER, name::IP]),
    ("Repositories", &[name::NAMESPACE_REPO]),
    ("Images", &[name::IMAGE]),
];

/// Most values listed for each.
const VALUES: usize = 300;

/// Most events up to which a report lists all of them.
const EVENTS: u64 = 50;

/// Most bars of the histogram.
const BARS: usize = 40;

/// Percentage of the work that is done before the counts, and after them.
const BEFORE: f64 = 60.0;
pub(super) const AFTER: f64 = 95.0;

/// Content of a report.
pub(super) struct Data<'a> {
    pub(super) want: &'a WriteWant,
    pub(super) snapshot: &'a Snapshot,
    pub(super) matches: &'a Matches,
    /// By time.
    pub(super) marked: &'a [(Place, &'a Noted)],
}

impl Data<'_> {
    pub(super) fn report(
        &self,
        words: &ReportWords,
        inputs: Option<Sheet<'static>>,
        mut planner: Planner,
        pulse: &Pulse<'_>,
    ) -> Result<Report, Stopped> {
        let failed = planner.part(&aggregate::failed(), self.snapshot);
        let mut counts = Vec::new();
        for (at, count) in COUNTS.iter().enumerate() {
            let share = (AFTER - BEFORE) / COUNTS.len() as f64;
            let from = BEFORE + share * at as f64;
            let watch = pulse.watch(from, from + share);
            counts.push(self.counts(count, &failed, &watch).ok_or(Stopped)?);
        }
        pulse.at(AFTER)?;
        let mut scope = words.scope.clone();
        scope.extend(self.scope());
        Ok(Report {
            title: words.title.clone(),
            scope,
            filter: words.filter.clone(),
            command: words.command.clone(),
            inputs,
            exposure: exposure::exposure(self, &mut planner, &failed, pulse)?,
            counts,
            over_time: self.over_time(&failed),
            events: (1..=EVENTS).contains(&self.matches.matched).then(|| {
                let places = aggregate::in_order(self.snapshot, self.matches);
                self.events(places)
            }),
            marked: self.marked(),
        })
    }

    fn time(&self, time: Nanos) -> String {
        groups::second(time, self.want.zone)
    }

    fn scope(&self) -> Vec<(String, String)> {
        let span = |span: Option<(Nanos, Nanos)>| match span {
            Some((from, to)) => format!(", from {} to {}", self.time(from), self.time(to)),
            None => String::new(),
        };
        let Self {
            snapshot, matches, ..
        } = self;
        let mut scope = vec![
            (
                "loaded".to_owned(),
                format!("{} events{}", snapshot.events, span(snapshot.span())),
            ),
            (
                "events in this report".to_owned(),
                format!("{}{}", matches.matched, span(matches.span)),
            ),
        ];
        if snapshot.evicted.events > 0 {
            let since = snapshot.evicted.newest.map(|time| self.time(time));
            scope.push((
                "missing".to_owned(),
                format!(
                    "{} older events evicted at the memory limit; complete from {}",
                    snapshot.evicted.events,
                    since.as_deref().unwrap_or("an unknown time"),
                ),
            ));
        }
        let missing = self.want.marked.len() - self.marked.len();
        if missing > 0 {
            scope.push(("marked events not loaded".to_owned(), missing.to_string()));
        }
        scope
    }

    fn counts(
        &self,
        (title, fields): &(&str, &[&str]),
        failed: &Part,
        watch: Progress<'_>,
    ) -> Option<Sheet<'static>> {
        let sums = ["events", "failed", "first", "last"];
        let headings = fields.iter().copied().chain(sums);
        let headings: Vec<String> = headings.map(str::to_owned).collect();
        let fields: Vec<Arc<str>> = fields.iter().map(|&field| field.into()).collect();
        let Self {
            snapshot, matches, ..
        } = self;
        let found = aggregate::group(snapshot, matches, &fields, failed, None, MOST_GROUPS, watch);
        let mut found = match found {
            Ok(found) => found,
            Err(Ungrouped::Stopped) => return None,
            Err(Ungrouped::TooMany) => {
                let title = format!("{title}: more than {MOST_GROUPS}, not counted");
                return Some(Sheet::whole(title, headings, Vec::new()));
            }
        };
        let all = found.len();
        found.truncate(VALUES);
        let title = if all > VALUES {
            format!("{title}: the {VALUES} with most events of {all}")
        } else {
            format!("{title}: {all}")
        };
        let zone = self.want.zone;
        let value = |value: &Value| match value.as_deref() {
            None => "(missing)".to_owned(),
            Some("") => "(empty)".to_owned(),
            Some(value) => value.to_owned(),
        };
        let row = |group: Group| {
            let key = group.key.iter().map(|key| Cell::Text(value(key)));
            let sums = [
                Cell::Number(group.count),
                Cell::Number(group.failed),
                groups::time(group.first, zone),
                groups::time(group.last, zone),
            ];
            key.chain(sums).collect()
        };
        let rows = found.into_iter().map(row).collect();
        Some(Sheet::whole(title, headings, rows))
    }

    fn over_time(&self, failed: &Part) -> Vec<Bin> {
        let Some(span) = self.matches.span else {
            return Vec::new();
        };
        let bins = Bins::fit(span, BARS, self.want.zone);
        let (counts, failed) = aggregate::histogram(self.snapshot, self.matches, &bins, failed);
        let bin = |(at, (count, failed)): (usize, (u64, u64))| Bin {
            from: self.time(bins.start_of(at)),
            count,
            failed,
        };
        (0..).zip(counts.into_iter().zip(failed)).map(bin).collect()
    }

    fn marked(&self) -> Sheet<'static> {
        self.events(self.marked.iter().map(|(place, _)| *place))
    }

    /// Table of events with their notes.
    fn events(&self, places: impl Iterator<Item = Place>) -> Sheet<'static> {
        let notes = |place: Place| {
            let noted = self.marked.iter().find(|(marked, _)| *marked == place);
            Cell::from(note(noted.map(|(_, noted)| *noted)).as_deref())
        };
        let columns = COLUMNS.into_iter().chain([name::REQUEST_ID]);
        let columns = columns.map(str::to_owned).collect();
        let sheet = sheet(
            self.snapshot,
            places,
            columns,
            Some(self.want.zone),
            Some(notes),
        );
        let rows = sheet.rows.collect();
        Sheet::whole(String::new(), sheet.headings, rows)
    }
}
