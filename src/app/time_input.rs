//! Parser for typed time ranges, in the current zone.

use chrono::NaiveDateTime;

use super::App;
use crate::model::time::Nanos;
use crate::overlays::query_input::Problem;
use crate::query::{TimeRange, time_words};

/// Parses a range. A time of day without a date is on the day of the event under the cursor, so that an old log can be
/// explored by its own times. Everything else is relative to now. An empty text, or `all`, is all time.
pub fn range(text: &str, app: &App) -> Result<TimeRange, Problem> {
    if matches!(text.trim(), "" | "all") {
        return Ok(TimeRange::default());
    }
    let row = app.panes.list.focused();
    let near = app.time_at_cursor();
    let own = row.map_or(0, |row| row.offset);
    if let Some(range) = near_something(text.trim(), app) {
        return range;
    }
    let on_the_clock = text
        .trim()
        .starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let now = if on_the_clock { near } else { app.clock.now };
    read(text, now, own, app)
}

fn read(text: &str, now: Nanos, own: i32, app: &App) -> Result<TimeRange, Problem> {
    let zone = app.clock.zone;
    let local = move |civil: NaiveDateTime| zone.instant(civil, own);
    time_words::range(text, now, &local).map_err(|error| Problem::whole(error.to_string()))
}

/// Parses ranges relative to loaded data. `last 1h` or `$1h`: up to the newest loaded event. `<1m`: before the event
/// under the cursor, including it; `>1m`: that event and after it.
fn near_something(text: &str, app: &App) -> Option<Result<TimeRange, Problem>> {
    let newest = app.status.span.map(|(_, newest)| newest);
    let here = app.panes.list.focused().and_then(|row| row.time);
    let long = |span: &str, from: Nanos| read(&format!("-{}", span.trim()), from, 0, app);
    let last = text
        .strip_prefix("last ")
        .or_else(|| text.strip_prefix('$'));
    let before = text.strip_prefix('<');
    let after = text.strip_prefix('>');
    let (span, middle) = last.zip(newest).or(before.or(after).zip(here))?;
    // Length of the span: the distance that it moves the given time back.
    let range = long(span, middle).map(|range| {
        let start = range.since.unwrap_or(middle);
        let long = middle.saturating_sub(start);
        let (since, until) = if after.is_some() {
            (middle, middle.saturating_add(long))
        } else {
            (start, middle + 1)
        };
        TimeRange {
            since: Some(since),
            until: Some(until),
        }
    });
    Some(range)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::Options;
    use crate::engine::{Anchor, Status, Window};
    use crate::model::time::SECOND;
    use crate::model::{EventId, Row};

    #[test]
    fn ranges_end_with_the_data_or_stand_by_the_event_under_the_cursor() {
        let mut app = App::new(Options::default());
        app.clock.now = 1_000_000 * SECOND;
        assert!(
            range("last 1h", &app).is_err(),
            "there is no last event yet"
        );
        app.status = Arc::new(Status {
            span: Some((0, 9_000 * SECOND)),
            ..Status::default()
        });
        let row = Row {
            id: EventId(1),
            time: Some(500 * SECOND),
            offset: 28_800,
            values: Vec::new(),
        };
        let window = Window {
            anchor: Some(0),
            rows: vec![row],
            ..Window::default()
        };
        app.panes.list.arrive(window, Anchor::Newest);
        let ends = |text: &str| {
            let range = range(text, &app).expect(text);
            (range.since, range.until)
        };
        let hour = (Some(5_400 * SECOND), Some(9_000 * SECOND + 1));
        assert_eq!((ends("last 1h"), ends("$1h")), (hour, hour));
        assert_eq!(ends("<1m"), (Some(440 * SECOND), Some(500 * SECOND + 1)));
        assert_eq!(ends(">1m"), (Some(500 * SECOND), Some(560 * SECOND)));
        assert!(range("<someday", &app).is_err());
    }
}
