//! Instants and RFC 3339 text at nanosecond precision.
//!
//! An instant is a number; the spelling in the record is a [`Style`], so that the text can be reproduced. Time zones
//! and calendars for display come from `chrono`; the parser here is on the decoder's hot path.

/// Nanoseconds since 1970-01-01T00:00:00Z. Covers the years 1678 to 2261.
pub type Nanos = i64;

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;

/// Nanoseconds in the unit of a Unix time of this magnitude: seconds until the year 5138, finer units from 1973 on.
pub fn unit_of(number: i64) -> i64 {
    if number < 100_000_000_000 {
        SECOND
    } else if number < 100_000_000_000_000 {
        1_000_000
    } else if number < 100_000_000_000_000_000 {
        1_000
    } else {
        1
    }
}

/// Returns true if a number may be Unix time or a date without separators: one of 11 or 12 digits (`202404121658`), or
/// of 10 that form year, month, day and hour (`2024041216`). Unix time of these magnitudes is before 2001 or after
/// 2033.
pub fn is_ambiguous(number: i64) -> bool {
    if (1_990_000_000..2_100_000_000).contains(&number) {
        let (year, month) = (number / 1_000_000, number / 10_000 % 100);
        let (day, hour) = (number / 100 % 100, number % 100);
        return (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && hour <= 23;
    }
    (10_000_000_000..1_000_000_000_000).contains(&number)
}

/// Spelling of a time: everything in RFC 3339 text except the instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Style {
    /// Character between date and time: `T`, `t` or a blank.
    pub separator: u8,
    /// Number of fraction digits, 0 to 9.
    pub digits: u8,
    pub zone: Zone,
}

/// Zone part of a spelled time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// `Z`.
    Zulu,
    /// `±hh:mm`, in minutes east of UTC.
    Offset(i16),
}

impl Style {
    /// Offset in seconds east of UTC.
    pub fn offset(self) -> i32 {
        match self.zone {
            Zone::Zulu => 0,
            Zone::Offset(minutes) => i32::from(minutes) * 60,
        }
    }
}

/// Parses RFC 3339 text with 0–9 fraction digits (further ones are ignored) and any offset. `None` for other text, and
/// outside the range of [`Nanos`].
pub fn parse(text: &[u8]) -> Option<(Nanos, Style)> {
    let minute = minute(text.get(..16)?)?;
    parse_rest(minute, text[10], text.get(16..)?)
}

/// Parses the first 16 bytes, `yyyy-mm-ddThh:mm`, as nanoseconds before any offset is subtracted. The decoder caches
/// the result: neighbours in a log mostly share their minute.
pub fn minute(text: &[u8]) -> Option<Nanos> {
    let ok = text.len() == 16
        && text[4] == b'-'
        && text[7] == b'-'
        && matches!(text[10], b'T' | b't' | b' ')
        && text[13] == b':';
    if !ok {
        return None;
    }
    let year = two(text, 0)? * 100 + two(text, 2)?;
    let (month, day, hour, minute) = (two(text, 5)?, two(text, 8)?, two(text, 11)?, two(text, 14)?);
    if !(1..=12).contains(&month)
        || day < 1
        || day > days_in(year, month)
        || hour > 23
        || minute > 59
    {
        return None;
    }
    let minutes = (days_from_civil(year, month, day) * 24 + hour) * 60 + minute;
    minutes.checked_mul(60 * SECOND)
}

/// Parses the text after the minute: `:ss[.fraction](Z|±hh:mm)`.
pub fn parse_rest(minute: Nanos, separator: u8, text: &[u8]) -> Option<(Nanos, Style)> {
    if text.len() < 4 || text[0] != b':' {
        return None;
    }
    let second = two(text, 1)?;
    if second > 60 {
        return None;
    }
    let mut at = 3;
    let mut fraction = 0i64;
    let mut digits = 0u8;
    if text[at] == b'.' {
        at += 1;
        let start = at;
        while let Some(digit) = text
            .get(at)
            .map(|b| b.wrapping_sub(b'0'))
            .filter(|d| *d < 10)
        {
            if at - start < 9 {
                fraction = fraction * 10 + i64::from(digit);
                digits += 1;
            }
            at += 1;
        }
        if at == start {
            return None;
        }
        fraction *= POWERS[9 - digits as usize];
    }
    let zone = match (text.get(at)?, &text[at + 1..]) {
        (b'Z' | b'z', []) => Zone::Zulu,
        (sign @ (b'+' | b'-'), [h1, h2, b':', m1, m2]) => {
            let hours = two(&[*h1, *h2], 0)?;
            let minutes = two(&[*m1, *m2], 0)?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = (hours * 60 + minutes) as i16;
            Zone::Offset(if *sign == b'-' { -offset } else { offset })
        }
        _ => return None,
    };
    let style = Style {
        separator,
        digits,
        zone,
    };
    let nanos = minute.checked_add(second * SECOND + fraction)?;
    Some((
        nanos.checked_sub(i64::from(style.offset()) * SECOND)?,
        style,
    ))
}

/// Appends the spelling of an instant to `out`. The inverse of [`parse`] for text in canonical form.
pub fn render(nanos: Nanos, style: Style, out: &mut String) {
    use std::fmt::Write as _;
    let local = i128::from(nanos) + i128::from(style.offset()) * i128::from(SECOND);
    let seconds = local.div_euclid(i128::from(SECOND)) as i64;
    let fraction = local.rem_euclid(i128::from(SECOND)) as i64;
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let separator = style.separator as char;
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "{year:04}-{month:02}-{day:02}{separator}{hour:02}:{minute:02}:{second:02}"
    );
    if style.digits > 0 {
        let shown = fraction / POWERS[9 - style.digits as usize];
        let _ = write!(out, ".{shown:0width$}", width = style.digits as usize);
    }
    match style.zone {
        Zone::Zulu => out.push('Z'),
        Zone::Offset(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let _ = write!(
                out,
                "{sign}{:02}:{:02}",
                minutes.abs() / 60,
                minutes.abs() % 60
            );
        }
    }
}

/// RFC 3339 in UTC with nine fraction digits: the form of every machine-readable output.
pub fn utc(nanos: Nanos) -> String {
    let mut out = String::with_capacity(30);
    render(
        nanos,
        Style {
            separator: b'T',
            digits: 9,
            zone: Zone::Zulu,
        },
        &mut out,
    );
    out
}

const POWERS: [i64; 10] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
];

fn two(text: &[u8], at: usize) -> Option<i64> {
    let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

pub(super) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from March, so that the leap
/// day is the last of its year.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn nanos(text: &str) -> Option<Nanos> {
        parse(text.as_bytes()).map(|(nanos, _)| nanos)
    }

    #[test]
    fn reads_the_documented_example() {
        let text = "2024-04-12T16:58:30.855892463+08:00";
        let (nanos, style) = parse(text.as_bytes()).expect("valid");
        assert_eq!(nanos, 1_712_912_310_855_892_463);
        assert_eq!(style.offset(), 8 * 3600);
        let mut back = String::new();
        render(nanos, style, &mut back);
        assert_eq!(back, text);
        assert_eq!(utc(nanos), "2024-04-12T08:58:30.855892463Z");
    }

    #[test]
    fn reads_every_number_of_fraction_digits_and_zone_form() {
        assert_eq!(nanos("1970-01-01T00:00:01Z"), Some(SECOND));
        assert_eq!(nanos("1970-01-01 00:00:01.5Z"), Some(SECOND * 3 / 2));
        assert_eq!(nanos("1970-01-01T00:00:00.1234567899Z"), Some(123_456_789));
        assert_eq!(
            nanos("1970-01-01T01:00:00-01:30"),
            Some(2 * 3600 * SECOND + 1800 * SECOND)
        );
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2024",
            "2024-04-12",
            "2024-04-12T16:58:30",
            "2024-13-12T16:58:30Z",
            "2024-02-30T16:58:30Z",
            "2024-04-12T24:58:30Z",
            "2024-04-12T16:58:30.Z",
            "2024-04-12T16:58:30+8",
            "2024-04-12T16:58:30Zx",
            "9999-04-12T16:58:30Z",
            "2024-04-12T16:58:3",
            "１２３４５６７８９０１２３４５６７８９０",
        ] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_chrono_and_comes_back(nanos in any::<i64>(), digits in 0u8..=9, minutes in -1439i16..=1439) {
            let style = Style { separator: b'T', digits, zone: Zone::Offset(minutes) };
            let mut text = String::new();
            render(nanos, style, &mut text);
            // The offset may push the local year beyond four digits, or the instant out of range.
            if let Some((read, again)) = parse(text.as_bytes()) {
                prop_assert_eq!(again, style);
                prop_assert_eq!(read, nanos - nanos.rem_euclid(POWERS[9 - digits as usize]));
                let chrono = DateTime::parse_from_rfc3339(&text).expect("valid for chrono");
                prop_assert_eq!(chrono.timestamp_nanos_opt(), Some(read));
            }
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..48)) {
            let _ = parse(&bytes);
        }
    }
}
