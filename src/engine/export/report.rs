//! Parts of the incident report that come from the events: counts, the histogram, the marked events.

use std::sync::Arc;

use super::pulse::{Pulse, Stopped};
use super::{Noted, ReportWords, WriteWant, note};
use crate::aggregate::{self, Bins, Group, Matches, Part, Planner, Progress, Ungrouped};
use crate::engine::request::MOST_GROUPS;
use crate::export::events::{COLUMNS, sheet};
use crate::export::report::{Bin, Report};
use crate::export::{Cell, Sheet};
use crate::index::{Place, Snapshot};
use crate::model::time::Nanos;
use crate::model::{Value, name};

/// Fields to count by, and number of values shown for each.
const COUNTS: [(&str, &str, usize); 4] = [
    ("Actions", name::ACTION, 20),
    ("Outcomes", name::OUTCOME, 20),
    ("Users", name::USER, 10),
    ("Addresses", name::IP, 10),
];

/// Most bars of the histogram.
const BARS: usize = 40;

/// Percentage of the work that is done before the counts, and after them.
const BEFORE: f64 = 60.0;
const AFTER: f64 = 95.0;

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
            counts,
            over_time: self.over_time(&failed),
            marked: self.marked(),
        })
    }

    fn time(&self, time: Nanos) -> String {
        self.want.zone.rfc3339(time, 0)
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
        (title, field, most): &(&str, &str, usize),
        failed: &Part,
        watch: Progress<'_>,
    ) -> Option<Sheet<'static>> {
        let fields: [Arc<str>; 1] = [(*field).into()];
        let Self {
            snapshot, matches, ..
        } = self;
        let groups = aggregate::group(snapshot, matches, &fields, failed, None, MOST_GROUPS, watch);
        let headings = [field, "events", "failed", "first", "last"].map(str::to_owned);
        let mut groups = match groups {
            Ok(groups) => groups,
            Err(Ungrouped::Stopped) => return None,
            Err(Ungrouped::TooMany) => {
                let title = format!("{title}: more than {MOST_GROUPS}, not counted");
                return Some(Sheet::whole(title, headings.to_vec(), Vec::new()));
            }
        };
        let all = groups.len();
        groups.truncate(*most);
        let title = if all > *most {
            format!("{title}: {most} of {all}")
        } else {
            (*title).to_owned()
        };
        let time =
            |time: Option<Nanos>| time.map_or(Cell::Missing, |time| Cell::Text(self.time(time)));
        let row = |group: Group| {
            let key: Value = group.key.into_iter().next().flatten();
            let value = match key.as_deref() {
                None => "(missing)",
                Some("") => "(empty)",
                Some(value) => value,
            };
            vec![
                Cell::Text(value.to_owned()),
                Cell::Number(group.count),
                Cell::Number(group.failed),
                time(group.first),
                time(group.last),
            ]
        };
        let rows = groups.into_iter().map(row).collect();
        Some(Sheet::whole(title, headings.to_vec(), rows))
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
        let notes = |place: Place| {
            let noted = self.marked.iter().find(|(marked, _)| *marked == place);
            Cell::from(note(noted.map(|(_, noted)| *noted)).as_deref())
        };
        let places = self.marked.iter().map(|(place, _)| *place);
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
