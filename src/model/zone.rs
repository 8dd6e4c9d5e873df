//! Time zones for display, and times as text. Does not read the clock: callers that show an age pass the current time.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::model::time::{Nanos, SECOND};

/// Zone in which times are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    Utc,
    /// Fixed number of seconds east of UTC.
    Fixed(i32),
    /// Zone of a place: the local one, or one named on the command line.
    Place(Tz),
    /// Offset that each record was written with.
    Record,
}

/// Number of a day; consecutive days have consecutive numbers.
pub type Day = i32;

impl Zone {
    /// Seconds east of UTC at an instant, for a record that was written `own` seconds east.
    pub fn offset(self, time: Nanos, own: i32) -> i32 {
        match self {
            Self::Utc => 0,
            Self::Record => own,
            Self::Fixed(seconds) => seconds,
            Self::Place(zone) => {
                let utc = DateTime::from_timestamp_nanos(time).naive_utc();
                zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
            }
        }
    }

    /// Parses the name of a zone: `utc`, `local`, `source`, an IANA name, or an offset such as `+08:00`, `+05:30` or
    /// `UTC+5:30`. `None` if there is no such zone.
    pub fn parse(name: &str, local: Self) -> Option<Self> {
        match name {
            "utc" | "UTC" => Some(Self::Utc),
            "local" => Some(local),
            "source" => Some(Self::Record),
            _ => (name.parse().ok().map(Self::place)).or_else(|| {
                let offset = ["UTC", "utc", "GMT", "gmt"]
                    .iter()
                    .find_map(|zero| name.strip_prefix(zero));
                Self::fixed(offset.unwrap_or(name))
            }),
        }
    }

    /// Zone of a place; UTC by any of its names is [`Self::Utc`].
    pub fn place(zone: Tz) -> Self {
        const UTC: [&str; 4] = ["UTC", "UCT", "Universal", "Zulu"];
        let name = zone.name();
        let name = name.strip_prefix("Etc/").unwrap_or(name);
        if UTC.contains(&name) {
            Self::Utc
        } else {
            Self::Place(zone)
        }
    }

    /// Zone with a fixed offset from UTC, as hours and minutes: `+08:00`, `-3`, `+05:30`, `+0530`. Offsets in use are
    /// between -12:00 and +14:00.
    pub fn fixed(offset: &str) -> Option<Self> {
        let (sign, rest) = offset.split_at_checked(1)?;
        let sign = match sign {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let (hours, minutes) = match rest.split_once(':') {
            Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
            Some(_) => return None,
            None if rest.len() == 4 => rest.split_at_checked(2)?,
            None => (rest, "0"),
        };
        let number = |text: &str| {
            let is_number =
                (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<i32>().ok().filter(|_| is_number)
        };
        let (hours, minutes) = (
            number(hours)?,
            number(minutes).filter(|minutes| *minutes < 60)?,
        );
        let seconds = sign * (hours * 60 + minutes) * 60;
        (-12 * 3600..=14 * 3600)
            .contains(&seconds)
            .then_some(Self::Fixed(seconds))
    }

    /// Name that [`Self::parse`] reads as this zone on every machine.
    pub fn name(self) -> Cow<'static, str> {
        match self {
            Self::Utc => "utc".into(),
            Self::Record => "source".into(),
            Self::Fixed(seconds) => signed_offset(seconds).into(),
            Self::Place(zone) => zone.name().into(),
        }
    }

    /// Instant of a civil time, for a record that was written `own` seconds east. If there are two, the earlier one; if
    /// clocks skip the time, the offset before the skip applies.
    pub fn instant(self, civil: NaiveDateTime, own: i32) -> Nanos {
        let utc = civil.and_utc();
        let shown = match self {
            Self::Place(tz) => tz.from_local_datetime(&civil).earliest().map_or_else(
                || {
                    let before = civil
                        .checked_sub_signed(TimeDelta::days(1))
                        .unwrap_or(civil);
                    let offset = tz.offset_from_utc_datetime(&before).fix();
                    utc - TimeDelta::seconds(offset.local_minus_utc().into())
                },
                |time| time.to_utc(),
            ),
            Self::Utc | Self::Record | Self::Fixed(_) => utc,
        };
        let own = match self {
            Self::Record => own,
            Self::Fixed(seconds) => seconds,
            Self::Utc | Self::Place(_) => 0,
        };
        let shown = shown
            .checked_sub_signed(TimeDelta::seconds(own.into()))
            .unwrap_or(shown);
        shown
            .timestamp_nanos_opt()
            .unwrap_or(if shown.timestamp() < 0 {
                Nanos::MIN
            } else {
                Nanos::MAX
            })
    }

    fn civil(self, time: Nanos, own: i32) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_nanos(time).naive_utc();
        utc + TimeDelta::seconds(i64::from(self.offset(time, own)))
    }

    pub fn day(self, time: Nanos, own: i32) -> Day {
        self.civil(time, own).num_days_from_ce()
    }

    /// Start of the day of a time, and start of the next day.
    pub fn day_span(self, time: Nanos, own: i32) -> (Nanos, Nanos) {
        let start = self
            .civil(time, own)
            .date()
            .and_time(chrono::NaiveTime::MIN);
        let end = start + TimeDelta::days(1);
        (self.instant(start, own), self.instant(end, own))
    }

    /// Formats `2024-04-12 Fri`.
    pub fn date(self, time: Nanos, own: i32) -> String {
        self.civil(time, own).format("%Y-%m-%d %a").to_string()
    }

    /// Formats `2024-04-12`.
    pub fn date_only(self, time: Nanos) -> String {
        self.civil(time, 0).format("%Y-%m-%d").to_string()
    }

    /// Formats `13:25:11.027` with up to nine fraction `digits`.
    pub fn clock(self, time: Nanos, own: i32, digits: usize) -> String {
        let civil = self.civil(time, own);
        let seconds = format!(
            "{:02}:{:02}:{:02}",
            civil.hour(),
            civil.minute(),
            civil.second()
        );
        let fraction = format!("{:09}", civil.nanosecond());
        match digits.min(9) {
            0 => seconds,
            digits => format!("{seconds}.{}", &fraction[..digits]),
        }
    }

    /// Formats `2024-04-12 13:25`, enough for the end of a span.
    pub fn minute(self, time: Nanos) -> String {
        self.civil(time, 0).format("%Y-%m-%d %H:%M").to_string()
    }

    /// Formats `2024-04-12 13:25:11` for a time that belongs to no record; in the zone of the records, as UTC with a
    /// suffix.
    pub fn second(self, time: Nanos) -> String {
        self.with_digits(time, 0)
    }

    /// Formats as [`Self::second`], with milliseconds.
    pub fn millisecond(self, time: Nanos) -> String {
        self.with_digits(time, 3)
    }

    fn with_digits(self, time: Nanos, digits: usize) -> String {
        let utc = if self == Self::Record { " UTC" } else { "" };
        let clock = self.clock(time, 0, digits);
        format!("{} {clock}{utc}", self.date_only(time))
    }

    /// Formats a time like [`Self::second`], at the precision of the instant.
    pub fn instant_text(self, time: Nanos) -> String {
        let digits = precision(time);
        self.with_digits(time, digits)
    }

    /// Formats RFC 3339 with the offset, at the precision of the instant.
    pub fn rfc3339(self, time: Nanos, own: i32) -> String {
        let digits = precision(time);
        let day = self.civil(time, own).format("%Y-%m-%d");
        let clock = self.clock(time, own, digits);
        format!("{day}T{clock}{}", offset_text(self.offset(time, own)))
    }

    /// Name of the zone in the header: `UTC`, `UTC+8`, `as recorded`.
    pub fn title(self, at: Nanos) -> String {
        match self {
            Self::Utc => "UTC".into(),
            Self::Record => "as recorded".into(),
            Self::Fixed(_) | Self::Place(_) => short_offset(self.offset(at, 0)),
        }
    }

    /// Suffix for the heading of a time column: `UTC`, `+08:00`, `logged`.
    pub fn heading(self, at: Nanos) -> String {
        match self {
            Self::Utc => "UTC".into(),
            Self::Record => "logged".into(),
            Self::Fixed(_) | Self::Place(_) => match self.offset(at, 0) {
                0 => "UTC".into(),
                seconds => offset_text(seconds),
            },
        }
    }
}

/// Returns the digits of a second that a time needs.
fn precision(time: Nanos) -> usize {
    match time.rem_euclid(SECOND) {
        0 => 0,
        rest if rest % 1_000_000 == 0 => 3,
        rest if rest % 1_000 == 0 => 6,
        _ => 9,
    }
}

fn offset_text(seconds: i32) -> String {
    if seconds == 0 {
        return "Z".into();
    }
    signed_offset(seconds)
}

fn signed_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn short_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".into(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

/// Formats a span of nanoseconds for an axis: `250 ms`, `10 s`, `4 min`, `1 h`, `7 d`.
pub fn step_text(step: i64) -> String {
    const MINUTE: i64 = 60 * SECOND;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    match step {
        s if s >= DAY && s % DAY == 0 => format!("{} d", s / DAY),
        s if s >= HOUR && s % HOUR == 0 => format!("{} h", s / HOUR),
        s if s >= MINUTE && s % MINUTE == 0 => format!("{} min", s / MINUTE),
        s if s >= SECOND => format!("{} s", s / SECOND),
        s if s >= 1_000_000 => format!("{} ms", s / 1_000_000),
        s => format!("{s} ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-04-12T08:58:30.855892463Z.
    const TIME: Nanos = 1_712_912_310_855_892_463;

    #[test]
    fn one_instant_by_each_clock() {
        let shanghai = Zone::Place(chrono_tz::Asia::Shanghai);
        assert_eq!(Zone::Utc.clock(TIME, 28_800, 3), "08:58:30.855");
        assert_eq!(shanghai.clock(TIME, 0, 0), "16:58:30");
        assert_eq!(Zone::Record.clock(TIME, -3_600, 9), "07:58:30.855892463");
        assert_eq!(
            shanghai.rfc3339(TIME, 0),
            "2024-04-12T16:58:30.855892463+08:00"
        );
        assert_eq!(Zone::Utc.date(TIME, 0), "2024-04-12 Fri");
        for (name, hours) in [
            ("+08:00", 8),
            ("+0800", 8),
            ("+8", 8),
            ("-03", -3),
            ("-12:00", -12),
            ("+00:00", 0),
            ("UTC+8", 8),
            ("GMT-3", -3),
        ] {
            let zone = Zone::parse(name, Zone::Record).expect("a zone");
            assert_eq!(zone.offset(TIME, 0), hours * 3600, "{name}");
        }
        for name in ["+05:30", "+0530", "+5:30", "UTC+5:30", "UTC+05:30"] {
            let zone = Zone::parse(name, Zone::Utc).expect("a zone");
            assert_eq!(zone.clock(TIME, 0, 0), "14:28:30", "{name}");
            assert_eq!(
                (&*zone.name(), zone.title(TIME)),
                ("+05:30", "UTC+5:30".into())
            );
            let civil = zone.civil(TIME, 0);
            assert_eq!(zone.instant(civil, 0), TIME);
        }
        for utc in ["Etc/UTC", "Zulu", "UTC"] {
            assert_eq!(Zone::parse(utc, Zone::Record), Some(Zone::Utc), "{utc}");
        }
        assert_eq!(Zone::Place(chrono_tz::Africa::Monrovia).title(TIME), "UTC");
        for none in [
            "08:00", "+", "+24", "+05:60", "+5:3", "+14:30", "+-8", "CST", "+1:2:3",
        ] {
            assert_eq!(Zone::parse(none, Zone::Utc), None, "{none}");
        }
        assert_eq!(shanghai.title(TIME), "UTC+8");
        assert_eq!(
            Zone::Place(chrono_tz::Asia::Kolkata).title(TIME),
            "UTC+5:30"
        );
    }

    #[test]
    fn the_ends_of_time_are_shown_and_not_overflowed() {
        for time in [i64::MIN, 0, i64::MAX] {
            for zone in [
                Zone::Utc,
                Zone::Record,
                Zone::Place(chrono_tz::Asia::Shanghai),
            ] {
                assert!(!zone.rfc3339(time, 50_400).is_empty());
            }
        }
    }

    #[test]
    fn steps_read_well() {
        assert_eq!(step_text(240 * SECOND), "4 min");
        assert_eq!(step_text(90 * SECOND), "90 s");
        assert_eq!(step_text(86_400 * SECOND), "1 d");
    }
}
