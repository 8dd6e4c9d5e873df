//! Ranges offered by the time prompt, with the number of events in each. Counting waits for a pause in typing.

use std::sync::Arc;

use super::Scene;
use super::choice_box::{self, Row};
use crate::engine::{Answer, SideQueryWant};
use crate::model::time::{Nanos, SECOND};
use crate::model::zone::Zone;
use crate::query::TimeRange;
use crate::widgets::text;

/// Pause in typing before anything is counted.
const REST: Nanos = SECOND / 20;

/// Range with the text that gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    pub text: String,
    pub meaning: &'static str,
    pub range: TimeRange,
}

/// State of the ranges below the time prompt.
#[derive(Clone, Debug, Default)]
pub struct Presets {
    all: Vec<Preset>,
    /// Range of the typed text; without text, all ranges are shown.
    typed: Option<TimeRange>,
    is_empty: bool,
    /// Counts of the shown ranges; the flag is false while counting is incomplete.
    counts: Vec<(u64, bool)>,
    selected: Option<usize>,
    /// Time of the next request, and the id of the newest one.
    due: Option<Nanos>,
    asked: Option<u64>,
}

impl Presets {
    /// Ranges for a newly opened prompt: they are counted immediately.
    pub(super) fn new(all: Vec<Preset>) -> Self {
        Self {
            all,
            is_empty: true,
            due: Some(0),
            ..Self::default()
        }
    }

    /// Handles a changed text; `range` is the range it gives, if any.
    pub fn changed(&mut self, is_empty: bool, range: Option<TimeRange>, now: Nanos) {
        self.is_empty = is_empty;
        self.typed = range;
        self.selected = None;
        self.counts.clear();
        self.asked = None;
        self.due = (is_empty || range.is_some()).then_some(now + REST);
    }

    /// Moves in the ranges; the position before the first one is the text itself. Returns false if there are none.
    pub fn step(&mut self, down: bool) -> bool {
        if !self.is_empty || self.all.is_empty() {
            return false;
        }
        self.selected = choice_box::step(self.selected, self.all.len(), down);
        true
    }

    /// Text of the selected range.
    pub fn chosen(&self) -> Option<&str> {
        let preset = self.all.get(self.selected?)?;
        Some(&preset.text)
    }

    /// Time of the next request, if one is needed.
    pub fn due(&self) -> Option<Nanos> {
        self.due
    }

    /// Clears the due time, as the request is about to be sent.
    pub fn asking(&mut self) {
        self.due = None;
    }

    fn ranges(&self) -> Vec<TimeRange> {
        if self.is_empty {
            self.all.iter().map(|preset| preset.range).collect()
        } else {
            self.typed.into_iter().collect()
        }
    }

    /// Side queries that count the shown ranges, in the request with this id.
    pub(super) fn want(&mut self, id: u64, scene: &Scene<'_>) -> Vec<SideQueryWant> {
        self.asked = Some(id);
        let counted = |range| {
            let mut filter = (**scene.filter).clone();
            filter.range = range;
            SideQueryWant {
                filter: Arc::new(filter),
                facets: Vec::new(),
                histogram: None,
                seen: false,
            }
        };
        self.ranges().into_iter().map(counted).collect()
    }

    /// Applies the counts of an answer to the newest request.
    pub(super) fn arrive(&mut self, answer: &Answer) {
        if self.asked == Some(answer.id) {
            let counts = answer.side.iter().take(self.ranges().len());
            self.counts = counts.map(|part| (part.matched, answer.complete)).collect();
        }
    }

    /// Rows to show, and the selected one.
    pub(super) fn rows(&self, zone: Zone) -> (Vec<Row>, Option<usize>) {
        let row = |(at, range): (usize, TimeRange)| {
            let preset = self.all.get(at).filter(|_| self.is_empty);
            let count = self.counts.get(at).map(|(count, whole)| {
                let about = if *whole { "" } else { "~" };
                format!("{about}{}", text::counted(*count, "event"))
            });
            Row {
                text: preset.map_or_else(String::new, |preset| preset.text.clone()),
                meaning: match preset.map_or("", |preset| preset.meaning) {
                    "" => shown(range, zone),
                    meaning => format!("{meaning:28}  {}", shown(range, zone)),
                },
                note: count.unwrap_or_default(),
                ..Row::default()
            }
        };
        let rows = self.ranges().into_iter().enumerate().map(row).collect();
        (rows, self.selected)
    }
}

/// Formats a range: the date once if both ends are on one day.
fn shown(range: TimeRange, zone: Zone) -> String {
    match (range.since, range.until) {
        (None, None) => "no limit".to_owned(),
        (Some(since), None) => format!("from {}", zone.second(since)),
        (None, Some(until)) => format!("until {}", zone.second(until)),
        (Some(since), Some(until)) => {
            let end = if zone.date_only(since) == zone.date_only(until) {
                zone.clock(until, 0, 0)
            } else {
                zone.second(until)
            };
            format!("{} to {end}", zone.second(since))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_within_a_day_names_the_day_once() {
        let range = |since, until| TimeRange { since, until };
        let hour = 3_600 * SECOND;
        let text = |range| shown(range, Zone::Utc);
        let within = range(Some(hour), Some(2 * hour));
        assert_eq!(text(within), "1970-01-01 01:00:00 to 02:00:00");
        let across = range(Some(hour), Some(25 * hour));
        assert_eq!(text(across), "1970-01-01 01:00:00 to 1970-01-02 01:00:00");
        assert_eq!(text(range(Some(0), None)), "from 1970-01-01 00:00:00");
        assert_eq!(text(TimeRange::default()), "no limit");
    }
}
