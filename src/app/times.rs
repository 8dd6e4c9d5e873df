//! Time ranges as people type them, by the clock in use.

use chrono::{NaiveDateTime, TimeZone};

use super::App;
use super::names::Problem;
use super::zone::Zone;
use crate::model::time::{Nanos, SECOND};
use crate::query::{TimeRange, time_words};

/// Reads a range. A clock time without a date is on the day of the event under the cursor, so that an old
/// log can be walked by its own clock; everything else is relative to now. Empty text is the whole of time.
pub fn range(text: &str, app: &App) -> Result<TimeRange, Problem> {
    if text.trim().is_empty() {
        return Ok(TimeRange::default());
    }
    let row = app.list.focused();
    let near = row.and_then(|row| row.time).unwrap_or(app.clock);
    let own = row.map_or(0, |row| row.offset);
    let on_the_clock = text
        .trim()
        .starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let now = if on_the_clock { near } else { app.clock };
    let zone = app.zone;
    let local = move |civil: NaiveDateTime| instant(civil, zone, own);
    time_words::range(text, now, &local).map_err(|error| Problem {
        at: 0,
        text: error.to_string(),
    })
}

/// The instant of a local time; the earlier one where there are two, and UTC where there is none.
fn instant(civil: NaiveDateTime, zone: Zone, own: i32) -> Nanos {
    let utc = civil.and_utc();
    let shown = match zone {
        Zone::Place(tz) => tz
            .from_local_datetime(&civil)
            .earliest()
            .map_or(utc, |time| time.to_utc()),
        Zone::Utc | Zone::Record => utc,
    };
    let own = if zone == Zone::Record {
        i64::from(own) * SECOND
    } else {
        0
    };
    shown
        .timestamp_nanos_opt()
        .unwrap_or(Nanos::MAX)
        .saturating_sub(own)
}
