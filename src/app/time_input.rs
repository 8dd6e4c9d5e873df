//! Parser for typed time ranges, in the current zone.

use chrono::NaiveDateTime;

use super::App;
use crate::model::time::{Nanos, SECOND};
use crate::model::visible;
use crate::overlays::Preset;
use crate::overlays::query_input::Problem;
use crate::query::{TimeRange, time_words};

/// Ranges offered by the time prompt: of the data, of the day, and around the event under the cursor. Ranges that hold
/// all loaded events are omitted.
pub fn presets(app: &App) -> Vec<Preset> {
    let oldest = app.status.span.map(|(oldest, _)| oldest);
    let here = app.panes.list.focused().and_then(|row| row.time);
    let day = here.map(|here| app.clock.zone.date_only(here));
    let today = app.clock.zone.date_only(app.clock.now);
    let mut offers = vec![
        ("15m", "last 15 minutes of the data"),
        ("1h", "last hour of the data"),
        ("6h", "last 6 hours of the data"),
        ("24h", "last 24 hours of the data"),
        ("today", "since midnight"),
    ];
    if let Some(day) = day.as_deref().filter(|day| *day != today) {
        offers.push((day, "day of the selected event"));
    }
    offers.extend([
        ("+-1m", "around the selected event"),
        ("<15m", "before the selected event"),
        (">15m", "after the selected event"),
    ]);
    let preset = |(text, meaning): (&str, &'static str)| {
        let range = range(text, app).ok()?;
        let is_whole = range.until.is_none() && range.since <= oldest;
        (!is_whole).then(|| Preset {
            text: text.to_owned(),
            meaning,
            range,
        })
    };
    let mut presets: Vec<Preset> = offers.into_iter().filter_map(preset).collect();
    presets.push(Preset {
        text: "all".to_owned(),
        meaning: "no time range",
        range: TimeRange::default(),
    });
    presets
}

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
    time_words::range(text, now, &local).map_err(|error| not_a_time(&error.reason))
}

fn not_a_time(reason: &str) -> Problem {
    Problem::whole(format!("{reason}. {FORMS}"))
}

/// Forms of a range that the prompt accepts.
const FORMS: &str = "Try 1h, last 1h (or $1h), -2h, 13:20..13:35, today, yesterday 14:00, 2024-04-12 16:00, <1m, >1m, \
                     +-1m or all";

/// Parses ranges relative to loaded data. `1h`: from an hour before the newest loaded event; `last 1h` or `$1h`: up to
/// that event. `<1m`: before the event under the cursor, including it; `>1m`: that event and after it; `+-1m`: both.
fn near_something(text: &str, app: &App) -> Option<Result<TimeRange, Problem>> {
    let newest = app.status.span.map(|(_, newest)| newest);
    let here = app.panes.list.focused().and_then(|row| row.time);
    let last = (text.strip_prefix("last ")).or_else(|| text.strip_prefix('$'));
    let around = (text.strip_prefix("+-")).or_else(|| text.strip_prefix('±'));
    let (before, after) = (text.strip_prefix('<'), text.strip_prefix('>'));
    let open = span(text).and(Some(text));
    let by_event = around.or(before).or(after);
    let length = last.or(by_event).or(open)?;
    let Some(long) = span(length) else {
        return Some(Err(not_a_time(&format!(
            "`{}` is not a length of time",
            visible(length)
        ))));
    };
    let Some(middle) = (if by_event.is_some() { here } else { newest }) else {
        // Without events, a length ends now.
        return match open {
            Some(_) => Some(read(&format!("-{}s", long / SECOND), app.clock.now, 0, app)),
            None => Some(Err(Problem::whole("no events to measure the time from"))),
        };
    };
    // Ends that no event defines are whole seconds, which are short to read.
    let start = middle.saturating_sub(long).div_euclid(SECOND) * SECOND;
    let end = up_to_second(middle.saturating_add(long));
    let (since, until) = match () {
        () if around.is_some() => (start, Some(end)),
        () if after.is_some() => (middle, Some(end)),
        () if open.is_some() => (start, None),
        () if before.is_some() => (start, Some(middle + 1)),
        () => (start, Some(up_to_second(middle + 1))),
    };
    let since = Some(since);
    Some(Ok(TimeRange { since, until }))
}

/// Rounds a time up to a whole second.
fn up_to_second(time: Nanos) -> Nanos {
    time.div_euclid(SECOND)
        .saturating_add(i64::from(time.rem_euclid(SECOND) > 0))
        .saturating_mul(SECOND)
}

/// Length of a time: `90s`, `1h30m`, `5 minutes`, `hour`.
fn span(text: &str) -> Option<Nanos> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unit = match text[digits..].trim() {
        "second" | "seconds" | "sec" => "s",
        "minute" | "minutes" | "min" => "m",
        "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        _ => return time_words::duration(text),
    };
    let number = if digits == 0 { "1" } else { &text[..digits] };
    time_words::duration(&format!("{number}{unit}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::Options;
    use crate::engine::{Anchor, Status, Window};
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
        let hour = (Some(5_400 * SECOND), Some(9_001 * SECOND));
        assert_eq!((ends("last 1h"), ends("$1h")), (hour, hour));
        assert_eq!(ends("<1m"), (Some(440 * SECOND), Some(500 * SECOND + 1)));
        assert_eq!(ends(">1m"), (Some(500 * SECOND), Some(560 * SECOND)));
        let around = (Some(440 * SECOND), Some(560 * SECOND));
        assert_eq!((ends("+-1m"), ends("±1m")), (around, around));
        assert!(range("<someday", &app).is_err());
    }

    #[test]
    fn a_length_alone_is_the_end_of_the_data_and_what_follows() {
        let mut app = App::new(Options::default());
        app.clock.now = 1_000_000 * SECOND;
        let since = |text: &str, app: &App| {
            let range = range(text, app).expect(text);
            assert_eq!(range.until, None, "{text}");
            range.since.map(|since| since / SECOND)
        };
        assert_eq!(since("1h", &app), Some(996_400), "without data, until now");
        app.status = Arc::new(Status {
            span: Some((0, 900_000 * SECOND)),
            ..Status::default()
        });
        for text in [
            "1h",
            "60m",
            "3600s",
            "hour",
            "1 hour",
            "60 min",
            "60 minutes",
        ] {
            assert_eq!(since(text, &app), Some(896_400), "{text}");
        }
        let closed = |text: &str| range(text, &app).map(|range| range.until.is_some());
        assert_eq!(closed("last hour"), Ok(true));
        assert_eq!(closed("last 5 minutes"), Ok(true));
    }

    #[test]
    fn an_error_names_every_form_that_help_names() {
        let app = App::new(Options::default());
        for text in ["25:00", "soon", "last soon", "<soon", "1 fortnight", "1"] {
            let problem = range(text, &app).expect_err(text).text;
            for form in [
                "1h",
                "last 1h",
                "$1h",
                "<1m",
                ">1m",
                "+-1m",
                "all",
                "13:20..13:35",
            ] {
                assert!(problem.contains(form), "{form}: {problem}");
            }
        }
    }

    #[test]
    fn every_offered_range_is_one_that_can_be_typed() {
        let mut app = App::new(Options::default());
        app.clock.now = 1_000_000 * SECOND;
        app.status = Arc::new(Status {
            span: Some((900_000 * SECOND, 950_000 * SECOND)),
            ..Status::default()
        });
        let offered = presets(&app);
        let texts: Vec<&str> = offered.iter().map(|preset| preset.text.as_str()).collect();
        assert_eq!(
            texts,
            ["15m", "1h", "6h", "today", "all"],
            "24h is all of it"
        );
        for preset in &offered {
            assert_eq!(
                range(&preset.text, &app),
                Ok(preset.range),
                "{}",
                preset.text
            );
        }
    }
}
