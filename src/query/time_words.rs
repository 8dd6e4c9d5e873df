//! Times as users write them: absolute, relative to now, and ranges of both.
//!
//! Uses no clock and no zone database: the caller passes the current time and the conversion from local time to an
//! instant.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::TimeRange;
use crate::model::time::{Nanos, SECOND};

const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 86_400 * SECOND;

/// Converts a local date and time to an instant. If the local time does not exist or exists twice, the caller chooses.
pub type Local<'a> = &'a dyn Fn(NaiveDateTime) -> Nanos;

/// Text that is not a valid time. Displays the valid forms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{reason}: write 2024-04-12T16:00:00+08:00, 2024-04-12, \"2024-04-12 16:00\", 13:20, 13:20:05, -2h (s m h d w), \
     now, today, yesterday, \"yesterday 14:00\", Unix seconds of 10 digits{}",
    if *range { ", or a range: 13:20..13:35, -2h.., ..-1h" } else { "" }
)]
pub struct TimeWordsError {
    /// Reason, safe to print.
    pub reason: String,
    /// True if a range of two times is also valid.
    pub range: bool,
}

fn error(text: &str, what: &str) -> TimeWordsError {
    let text: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    TimeWordsError {
        reason: format!("`{text}` {what}"),
        range: false,
    }
}

/// Parses one time and returns the start of the period it names.
pub fn instant(text: &str, now: Nanos, local: Local) -> Result<Nanos, TimeWordsError> {
    named(text.trim(), now, local)
        .map(|(start, _)| start)
        .ok_or_else(|| {
            error(
                text.trim(),
                if text.contains("..") {
                    "is a range, but a single time is expected"
                } else {
                    "is not a time"
                },
            )
        })
}

/// Parses a range, `since..until` with either end optional; ends are as for [`instant`]. A single day is that day; any
/// other single time means from then on.
pub fn range(text: &str, now: Nanos, local: Local) -> Result<TimeRange, TimeWordsError> {
    read_range(text, now, local).map_err(|error| TimeWordsError {
        range: true,
        ..error
    })
}

fn read_range(text: &str, now: Nanos, local: Local) -> Result<TimeRange, TimeWordsError> {
    let text = text.trim();
    let Some((since, until)) = text.split_once("..") else {
        let (start, len) = named(text, now, local).ok_or_else(|| error(text, "is not a time"))?;
        let until = (len == DAY).then(|| next_day(start, local));
        return Ok(TimeRange {
            since: Some(start),
            until,
        });
    };
    let end = |part: &str| match part.trim() {
        "" => Ok(None),
        part => instant(part, now, local).map(Some),
    };
    let range = TimeRange {
        since: end(since)?,
        until: end(until)?,
    };
    match (range.since, range.until) {
        (Some(since), Some(until)) if since >= until => Err(error(text, "ends before it starts")),
        _ => Ok(range),
    }
}

/// Parses RFC 3339 to nanoseconds; `None` for other text and for years outside 1678 to 2261.
pub(super) fn rfc3339(text: &str) -> Option<Nanos> {
    DateTime::parse_from_rfc3339(text)
        .ok()?
        .timestamp_nanos_opt()
}

/// Parses the forms that do not depend on now: RFC 3339, date, date and time, Unix seconds. Returns start and length: a
/// day, a minute if seconds are omitted, else one nanosecond.
pub(super) fn absolute(text: &str, local: Local) -> Option<(Nanos, i64)> {
    if let Some(time) = rfc3339(text) {
        return Some((time, 1));
    }
    if text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text
            .parse::<i64>()
            .ok()?
            .checked_mul(SECOND)
            .map(|time| (time, 1));
    }
    let offset = text.strip_suffix('Z').map(|wall| format!("{wall}+00:00"));
    if let Ok(time) =
        DateTime::parse_from_str(offset.as_deref().unwrap_or(text), "%Y-%m-%dT%H:%M%:z")
    {
        return Some((time.timestamp_nanos_opt()?, MINUTE));
    }
    let (date, clock) = match text.split_once(['T', ' ']) {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    // Unlike chrono, requires exactly four digits for the year, so that `1-1-1` is not the year 1.
    if !date.bytes().take(4).all(|b| b.is_ascii_digit()) || date.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let (time, len) = clock.map_or(Some((NaiveTime::MIN, DAY)), |text| clock_time(text.trim()))?;
    at(date, time, local).map(|start| (start, len))
}

/// Parses `13:20`, `13:20:05`, `13:20:05.25`.
fn clock_time(text: &str) -> Option<(NaiveTime, i64)> {
    let minute = NaiveTime::parse_from_str(text, "%H:%M").map(|time| (time, MINUTE));
    minute
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S%.f").map(|time| (time, 1)))
        .ok()
}

/// Returns the instant of a local time, if nanoseconds can hold it.
fn at(date: NaiveDate, time: NaiveTime, local: Local) -> Option<Nanos> {
    let wall = date.and_time(time);
    // A day of margin on either side covers every zone.
    let fits = |days: Option<NaiveDate>| {
        days.and_then(|d| d.and_time(time).and_utc().timestamp_nanos_opt())
    };
    fits(date.checked_sub_days(Days::new(1)))?;
    fits(date.checked_add_days(Days::new(1)))?;
    Some(local(wall))
}

fn next_day(start: Nanos, local: Local) -> Nanos {
    let date = local_date(start, local).checked_add_days(Days::new(1));
    date.and_then(|date| at(date, NaiveTime::MIN, local))
        .unwrap_or_else(|| start.saturating_add(DAY))
}

/// Returns the local date at an instant. `local` converts only in the opposite direction, so the offset is found by
/// iteration. It converges at once except within hours of a clock change.
fn local_date(time: Nanos, local: Local) -> NaiveDate {
    let wall =
        |offset: i64| DateTime::from_timestamp_nanos(time.saturating_add(offset)).naive_utc();
    let mut offset = 0;
    for _ in 0..3 {
        let guess = wall(offset);
        let Some(as_utc) = guess.and_utc().timestamp_nanos_opt() else {
            break;
        };
        offset = as_utc.saturating_sub(local(guess));
    }
    wall(offset).date()
}

/// Returns the start and length of any single time.
fn named(text: &str, now: Nanos, local: Local) -> Option<(Nanos, i64)> {
    if let Some(found) = absolute(text, local) {
        return Some(found);
    }
    if text == "now" {
        return Some((now, 1));
    }
    if let Some(ago) = text.strip_prefix('-') {
        return now.checked_sub(duration(ago)?).map(|time| (time, 1));
    }
    let today = local_date(now, local);
    let (word, clock) = text
        .split_once(char::is_whitespace)
        .map_or((text, ""), |(w, c)| (w, c.trim()));
    let (date, clock) = match word {
        "today" => (today, clock),
        "yesterday" => (today.checked_sub_days(Days::new(1))?, clock),
        "" => return None,
        _ => (today, text),
    };
    let (time, len) = if clock.is_empty() {
        (NaiveTime::MIN, DAY)
    } else {
        clock_time(clock)?
    };
    at(date, time, local).map(|start| (start, len))
}

/// Parses `2h`, `1h30m`: whole numbers, each with a unit.
pub fn duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total = 0_i64;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: i64 = rest[..digits].parse().ok()?;
        let mut units = rest[digits..].chars();
        let unit = match units.next()? {
            's' => SECOND,
            'm' => MINUTE,
            'h' => 60 * MINUTE,
            'd' => DAY,
            'w' => 7 * DAY,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = units.as_str();
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-04-12T08:58:30Z, 16:58:30 in Hangzhou.
    const NOW: Nanos = 1_712_912_310 * SECOND;

    fn east(wall: NaiveDateTime) -> Nanos {
        wall.and_utc().timestamp_nanos_opt().expect("in range") - 8 * 3600 * SECOND
    }

    fn shown(time: Nanos) -> String {
        DateTime::from_timestamp_nanos(time).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
    }

    #[test]
    fn every_form_of_a_time_is_read() {
        for (text, expect) in [
            ("2024-04-12T16:00:00+08:00", "2024-04-12T08:00:00Z"),
            (
                "2024-04-12T16:58:30.855892463+08:00",
                "2024-04-12T08:58:30.855892463Z",
            ),
            ("2024-04-12T16:00Z", "2024-04-12T16:00:00Z"),
            ("2024-04-12T16:00", "2024-04-12T08:00:00Z"),
            ("2024-04-12", "2024-04-11T16:00:00Z"),
            ("2024-04-12 16:00", "2024-04-12T08:00:00Z"),
            ("2024-04-12 16:00:01.5", "2024-04-12T08:00:01.500Z"),
            ("13:20", "2024-04-12T05:20:00Z"),
            (" 13:20:05 ", "2024-04-12T05:20:05Z"),
            ("-2h", "2024-04-12T06:58:30Z"),
            ("-30m", "2024-04-12T08:28:30Z"),
            ("-7d", "2024-04-05T08:58:30Z"),
            ("-1h30m", "2024-04-12T07:28:30Z"),
            ("now", "2024-04-12T08:58:30Z"),
            ("today", "2024-04-11T16:00:00Z"),
            ("yesterday", "2024-04-10T16:00:00Z"),
            ("yesterday 14:00", "2024-04-11T06:00:00Z"),
            ("1712912310", "2024-04-12T08:58:30Z"),
        ] {
            assert_eq!(
                instant(text, NOW, &east).map(shown).as_deref(),
                Ok(expect),
                "{text}"
            );
        }
    }

    #[test]
    fn the_local_date_is_that_of_the_zone() {
        // 17:00 UTC is already the 13th in Hangzhou.
        let late = NOW + 8 * 3600 * SECOND;
        assert_eq!(
            instant("today", late, &east).map(shown).as_deref(),
            Ok("2024-04-12T16:00:00Z")
        );
    }

    #[test]
    fn ranges_have_two_ends_or_one() {
        let ends = |text| range(text, NOW, &east).map(|r| (r.since.map(shown), r.until.map(shown)));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            ends("13:20..13:35"),
            Ok((some("2024-04-12T05:20:00Z"), some("2024-04-12T05:35:00Z")))
        );
        assert_eq!(ends("-2h.."), Ok((some("2024-04-12T06:58:30Z"), None)));
        assert_eq!(ends("..-1h"), Ok((None, some("2024-04-12T07:58:30Z"))));
        assert_eq!(ends(".."), Ok((None, None)));
        assert_eq!(
            ends("yesterday"),
            Ok((some("2024-04-10T16:00:00Z"), some("2024-04-11T16:00:00Z")))
        );
        assert_eq!(ends("-2h"), Ok((some("2024-04-12T06:58:30Z"), None)));
        assert!(ends("13:35..13:20").is_err());
    }

    #[test]
    fn other_words_list_what_would_do() {
        for text in [
            "",
            "soon",
            "-",
            "-2",
            "-2x",
            "25:00",
            "2024-13-01",
            "171291231",
            "1-1-1",
            "9999-01-01",
            "-99999999999d",
        ] {
            let error = instant(text, NOW, &east).expect_err(text).to_string();
            assert!(
                error.contains("yesterday 14:00") && !error.contains("range"),
                "{error}"
            );
            if !text.is_empty() && text != "-2h" {
                let error = range(text, NOW, &east).expect_err(text).to_string();
                assert!(error.contains("13:20..13:35"), "{error}");
            }
        }
        assert!(
            instant("\u{1b}[2J", NOW, &east)
                .expect_err("no time")
                .to_string()
                .starts_with("`\\u{1b}[2J` is not a time")
        );
    }
}
