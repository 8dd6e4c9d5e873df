//! Time ranges as people type them, by the clock in use.

use chrono::NaiveDateTime;

use super::App;
use super::names::Problem;
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
    let local = move |civil: NaiveDateTime| zone.instant(civil, own);
    time_words::range(text, now, &local).map_err(|error| Problem {
        at: 0,
        text: error.to_string(),
        slip: false,
    })
}
