//! Parser for times in other notations, called only if [`super::time::parse`] declines.
//!
//! It reads ISO 8601 in its many spellings, the notations of web servers, mail headers, C, Go, Java and JavaScript, and
//! Unix time in seconds, milliseconds, microseconds or nanoseconds, distinguished by magnitude. Ambiguous text
//! (`4/12/2024`, `CST`) is rejected.

use super::time::{Nanos, days_from_civil, days_in, is_ambiguous, unit_of};

/// A parsed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub nanos: Nanos,
    /// Offset of the written zone, in seconds east of UTC.
    pub offset: i32,
    /// True if no zone was written: UTC is assumed.
    pub assumed: bool,
}

/// Reason why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    Other,
    /// A time before 1678 or after 2261.
    OutOfRange,
}

impl Unread {
    /// Problem and advice, to be appended to the value.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Other => {
                "is not a valid time; expected e.g. 2024-04-12T16:58:30+08:00 or Unix time"
            }
            Self::OutOfRange => "is out of range; expected a time from 1678 to 2261",
        }
    }
}

/// Maximum length of a time, in bytes.
const MAX_LEN: usize = 96;

/// Smallest Unix time that is accepted: a smaller bare number means something else.
const OLDEST_SECOND: i128 = 100_000_000;

/// Parses a time. Agrees with [`super::time::parse`] on all text that it accepts.
pub fn read(text: &[u8]) -> Result<Reading, Unread> {
    let text = text.trim_ascii();
    if text.len() > MAX_LEN {
        return Err(Unread::Other);
    }
    if let Some(number) = Number::of(text) {
        return number.time();
    }
    let civil = Cursor(text).civil().ok_or(Unread::Other)?;
    civil.reading()
}

/// Number without a sign, as the digits before and after its point.
struct Number<'a> {
    whole: &'a [u8],
    fraction: &'a [u8],
}

impl<'a> Number<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        let point = text.iter().position(|b| matches!(b, b'.' | b','));
        let (whole, fraction) = match point {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, &text[..0]),
        };
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        let fits = (1..=19).contains(&whole.len()) && digits(whole) && digits(fraction);
        (fits && point.is_none_or(|_| !fraction.is_empty())).then_some(Self { whole, fraction })
    }

    fn time(&self) -> Result<Reading, Unread> {
        // Unix time with this number of digits is out of range, so these are dates: `20240412165830`, also with
        // milliseconds.
        if matches!(self.whole.len(), 14 | 17)
            && let Some(civil) = self.compact()
        {
            return civil.reading();
        }
        let mut value = 0i128;
        for digit in self.whole {
            value = value * 10 + i128::from(digit - b'0');
        }
        let number = i64::try_from(value).unwrap_or(i64::MAX);
        if value < OLDEST_SECOND || is_ambiguous(number) {
            return Err(Unread::Other);
        }
        let unit = unit_of(number);
        let nanos = value * i128::from(unit) + fraction(self.fraction) * i128::from(unit) / BILLION;
        let nanos = Nanos::try_from(nanos).map_err(|_| Unread::OutOfRange)?;
        Ok(Reading {
            nanos,
            offset: 0,
            assumed: false,
        })
    }

    fn compact(&self) -> Option<Civil> {
        let mut cursor = Cursor(self.whole);
        let mut civil = Civil {
            year: cursor.digits(4, 4)?,
            month: cursor.digits(2, 2)?,
            day: cursor.digits(2, 2)?,
            hour: cursor.digits(2, 2)?,
            minute: cursor.digits(2, 2)?,
            second: cursor.digits(2, 2)?,
            ..Civil::default()
        };
        civil.nanos = fraction(match cursor.0 {
            [] => self.fraction,
            thousandths => thousandths,
        }) as i64;
        civil.is_valid().then_some(civil)
    }
}

const BILLION: i128 = 1_000_000_000;

/// Billionths represented by the digits after a point; digits beyond the ninth are ignored.
fn fraction(digits: &[u8]) -> i128 {
    let digits = digits.iter().map(|digit| i128::from(digit - b'0'));
    let padded = digits.chain(std::iter::repeat(0)).take(9);
    padded.fold(0, |all, digit| all * 10 + digit)
}

/// Calendar time, and the offset of its zone if one is written.
#[derive(Clone, Copy, Debug, Default)]
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
    offset: Option<i32>,
}

impl Civil {
    fn is_valid(&self) -> bool {
        (1..=12).contains(&self.month)
            && (1..=days_in(self.year, self.month)).contains(&self.day)
            && self.hour <= 23
            && self.minute <= 59
            && self.second <= 60
    }

    fn reading(&self) -> Result<Reading, Unread> {
        if !self.is_valid() {
            return Err(Unread::Other);
        }
        let offset = self.offset.unwrap_or(0);
        let days = days_from_civil(self.year, self.month, self.day);
        let seconds = ((days * 24 + self.hour) * 60 + self.minute) * 60 + self.second;
        let nanos = i128::from(seconds - i64::from(offset)) * BILLION + i128::from(self.nanos);
        Ok(Reading {
            nanos: Nanos::try_from(nanos).map_err(|_| Unread::OutOfRange)?,
            offset,
            assumed: self.offset.is_none(),
        })
    }
}

/// Unread rest of the text.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

/// Placeholder until the year is read.
const NO_YEAR: i64 = i64::MIN;

const MONTHS: [&[u8]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

impl<'a> Cursor<'a> {
    fn eat(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn blanks(&mut self) -> bool {
        let before = self.0.len();
        self.0 = self.0.trim_ascii_start();
        self.0.len() < before
    }

    /// Reads a number of `least` to `most` digits, as many as possible.
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self.count(u8::is_ascii_digit).min(most);
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count >= least)?;
        self.0 = rest;
        Some(digits.iter().fold(0, |n, b| n * 10 + i64::from(b - b'0')))
    }

    fn count(self, is: impl Fn(&u8) -> bool) -> usize {
        self.0.iter().take_while(|byte| is(byte)).count()
    }

    fn word(&mut self) -> &'a [u8] {
        let (word, rest) = self.0.split_at(self.count(u8::is_ascii_alphabetic));
        self.0 = rest;
        word
    }

    /// Reads `Apr` or `April`, in any case.
    fn month(&mut self) -> Option<i64> {
        let word = self.word().to_ascii_lowercase();
        let at = MONTHS.iter().position(|month| word.starts_with(month))?;
        Some(at as i64 + 1)
    }

    /// Skips `Fri`, `Fri,` or `Friday,` if present.
    fn weekday(&mut self) {
        let mut after = *self;
        let word = after.word().to_ascii_lowercase();
        let days = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
        if days.iter().any(|day| word.starts_with(*day)) {
            after.eat(b',');
            if after.blanks() {
                *self = after;
            }
        }
    }

    fn civil(mut self) -> Option<Civil> {
        self.weekday();
        let mut civil = Civil {
            year: NO_YEAR,
            ..Civil::default()
        };
        match self.count(u8::is_ascii_digit) {
            8 => {
                civil.year = self.digits(4, 4)?;
                civil.month = self.digits(2, 2)?;
                civil.day = self.digits(2, 2)?;
            }
            4 => self.year_first(&mut civil)?,
            1 | 2 => self.day_first(&mut civil)?,
            0 => self.month_first(&mut civil)?,
            _ => return None,
        }
        self.clock(&mut civil)?;
        self.zone(&mut civil)?;
        if civil.year == NO_YEAR {
            // C and `date` write the year last.
            self.blanks();
            civil.year = self.digits(4, 4)?;
        }
        self.0.is_empty().then_some(civil)
    }

    /// Reads `2024-04-12T`, `2024/4/12 `.
    fn year_first(&mut self, civil: &mut Civil) -> Option<()> {
        civil.year = self.digits(4, 4)?;
        let &separator = self.0.first().filter(|b| matches!(b, b'-' | b'/' | b'.'))?;
        self.eat(separator);
        civil.month = self.digits(1, 2)?;
        self.eat(separator).then_some(())?;
        civil.day = self.digits(1, 2)?;
        Some(())
    }

    /// Reads `12/Apr/2024:`, `12 Apr 2024 `.
    fn day_first(&mut self, civil: &mut Civil) -> Option<()> {
        civil.day = self.digits(1, 2)?;
        let &separator = self.0.first().filter(|b| matches!(b, b'-' | b'/' | b' '))?;
        self.eat(separator);
        civil.month = self.month()?;
        self.eat(separator).then_some(())?;
        civil.year = self.digits(4, 4)?;
        Some(())
    }

    /// Reads `Apr 12, 2024 @ `, `Apr 12 2024 `, `Apr 12 `.
    fn month_first(&mut self, civil: &mut Civil) -> Option<()> {
        civil.month = self.month()?;
        self.blanks().then_some(())?;
        civil.day = self.digits(1, 2)?;
        self.eat(b',');
        let mut after = *self;
        after.blanks();
        if after.count(u8::is_ascii_digit) == 4 {
            civil.year = after.digits(4, 4)?;
            *self = after;
        }
        Some(())
    }

    /// Reads the separator of date and time, and `16:58:30.855`, `165830` or `4:58 PM`.
    fn clock(&mut self, civil: &mut Civil) -> Option<()> {
        let parted = self.eat(b'T') || self.eat(b't') || self.eat(b':') || {
            self.eat(b',');
            self.blanks()
        };
        parted.then_some(())?;
        if self.eat(b'@') {
            self.blanks();
        }
        if matches!(self.count(u8::is_ascii_digit), 4 | 6) {
            civil.hour = self.digits(2, 2)?;
            civil.minute = self.digits(2, 2)?;
            civil.second = self.digits(2, 2).unwrap_or(0);
        } else {
            civil.hour = self.digits(1, 2)?;
            self.eat(b':').then_some(())?;
            civil.minute = self.digits(2, 2)?;
            if self.eat(b':') {
                civil.second = self.digits(2, 2)?;
            }
        }
        if self.eat(b'.') || self.eat(b',') {
            let (digits, rest) = self.0.split_at(self.count(u8::is_ascii_digit));
            (!digits.is_empty()).then_some(())?;
            civil.nanos = fraction(digits) as i64;
            self.0 = rest;
        }
        self.half_day(civil)
    }

    /// Reads `AM` or `PM`, if present.
    fn half_day(&mut self, civil: &mut Civil) -> Option<()> {
        let mut after = *self;
        after.blanks();
        let half = after.word().to_ascii_lowercase();
        if !matches!(&*half, b"am" | b"pm") {
            return Some(());
        }
        *self = after;
        (1..=12).contains(&civil.hour).then_some(())?;
        civil.hour = civil.hour % 12 + if half == b"pm" { 12 } else { 0 };
        Some(())
    }

    /// Reads the zone, if present.
    fn zone(&mut self, civil: &mut Civil) -> Option<()> {
        let mut after = *self;
        after.blanks();
        let mut named = after;
        let name = named.word().to_ascii_lowercase();
        let is_utc = matches!(&*name, b"z" | b"utc" | b"gmt" | b"ut");
        if is_utc {
            after = named;
        }
        let Some(&sign) = after.0.first().filter(|b| matches!(b, b'+' | b'-')) else {
            if is_utc {
                civil.offset = Some(0);
                *self = after;
                self.place();
            }
            return Some(());
        };
        (name.is_empty() || is_utc && *name != *b"z").then_some(())?;
        after.eat(sign);
        // An hour may have one digit only after a name.
        let hours = after.digits(if is_utc { 1 } else { 2 }, 2)?;
        let minutes = if after.eat(b':') || after.count(u8::is_ascii_digit) > 0 {
            after.digits(2, 2)?
        } else {
            0
        };
        (hours <= 23 && minutes <= 59).then_some(())?;
        let seconds = (hours * 3600 + minutes * 60) as i32;
        *self = after;
        self.place();
        civil.offset = Some(if sign == b'-' { -seconds } else { seconds });
        Some(())
    }

    /// Skips a repetition of the zone after an offset: `[Asia/Shanghai]`, `(China Standard Time)`, `CST`.
    fn place(&mut self) {
        let mut after = *self;
        after.blanks();
        let close = match after.0.first() {
            Some(b'[') => b']',
            Some(b'(') => b')',
            _ => {
                let word = after.word();
                if (2..=5).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase) {
                    *self = after;
                }
                return;
            }
        };
        if let Some(end) = after.0.iter().position(|byte| *byte == close) {
            self.0 = &after.0[end + 1..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{self, utc};
    use proptest::prelude::*;

    fn said(text: &str) -> String {
        match read(text.as_bytes()) {
            Ok(Reading {
                assumed: true,
                nanos,
                ..
            }) => format!("{} assumed", utc(nanos)),
            Ok(Reading { nanos, offset, .. }) => format!("{} {offset}", utc(nanos)),
            Err(why) => format!("{why:?}"),
        }
    }

    #[test]
    fn one_instant_in_many_spellings() {
        let found = |whole: &str, texts: &[&str]| {
            for text in texts {
                assert_eq!(said(text), whole, "{text}");
            }
        };
        found(
            "2024-04-12T08:58:30.855000000Z 28800",
            &[
                "2024-04-12T16:58:30.855+08:00",
                "2024-04-12T16:58:30,855+08:00",
                "2024-04-12T16:58:30.855+0800",
                "2024-04-12T16:58:30.855+08",
                "2024-04-12 16:58:30.855 +0800",
                "  2024/4/12  16:58:30.855 +08:00 ",
                "2024-04-12 16:58:30.855 UTC+8",
                "2024-04-12T16:58:30.855+08:00[Asia/Shanghai]",
                "2024-04-12 16:58:30.855 +0800 CST",
                "12/Apr/2024:16:58:30.855 +0800",
                "20240412T165830.855+0800",
                "Fri, 12 Apr 2024 16:58:30.855 +0800",
                "Fri Apr 12 2024 16:58:30.855 GMT+0800 (China Standard Time)",
                "2024-04-12 04:58:30.855 PM +08",
            ],
        );
        found(
            "2024-04-12T08:58:30.855000000Z 0",
            &[
                "1712912310.855",
                "1712912310855",
                "1712912310855000",
                "1712912310855000000",
                "1712912310855000.0",
                "2024-04-12t08:58:30.855z",
                "2024-04-12 08:58:30.855 UTC",
                "2024-04-12 08:58:30.855+00",
                "2024-04-12 08:58:30.855 +0000 UTC",
                "20240412T085830.855Z",
            ],
        );
        found(
            "2024-04-12T08:58:30.855000000Z assumed",
            &[
                "2024-04-12 08:58:30.855",
                "2024-04-12T08:58:30,855",
                "20240412085830.855",
                "20240412085830855",
                "Apr 12, 2024 @ 08:58:30.855",
            ],
        );
        assert_eq!(
            said("Fri Apr 12 08:58:30 2024"),
            "2024-04-12T08:58:30.000000000Z assumed"
        );
        assert_eq!(
            said("Fri Apr  2 08:58:30 UTC 2024"),
            "2024-04-02T08:58:30.000000000Z 0"
        );
        assert_eq!(
            said("2024/4/12 8:58"),
            "2024-04-12T08:58:00.000000000Z assumed"
        );
        assert_eq!(
            said("2024-04-12T13:28:30-03"),
            "2024-04-12T16:28:30.000000000Z -10800"
        );
        assert_eq!(said("1712912310"), "2024-04-12T08:58:30.000000000Z 0");
        // Numbers in the range of dates with an hour that are not dates.
        assert_eq!(said("2024041224"), "2034-02-20T09:40:24.000000000Z 0");
        assert_eq!(said("2024023010"), "2034-02-20T04:36:50.000000000Z 0");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for text in [
            "",
            "soon",
            "5",
            "200",
            "20240412",
            "2024-04-12",
            "12.04.2024 16:58",
            "4/12/2024 16:58:30",
            "4/12/2024, 8:58:30.855 AM",
            "2024-04-12 16:58:30 CST",
            "2024-04-12T16:58:30+8",
            "2024-13-12 16:58:30",
            "2024-02-30T16:58:30",
            "2024-04-12T24:00:00",
            "2024-04-12T16:58:30.",
            "2024-04-12T16:58:30Zx",
            "2024-04-12T16:58:30+24:00",
            "2024-W15-5T16:58:30",
            "-1712912310",
            "1712912310.",
            "1.7e9",
            "2024-04-12 13:58:30 PM",
            "202404121658",
            "2024041216",
            "2024041216.5",
            "240412165830",
            "24041216583",
            "99999999999",
        ] {
            assert_eq!(said(text), "Other", "{text}");
        }
        for text in [
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "9999999999999999999",
        ] {
            assert_eq!(said(text), "OutOfRange", "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_strict_reader(
            nanos in any::<i64>(), digits in 0u8..=9, minutes in -1439i16..=1439, blank in any::<bool>(),
        ) {
            let zone = time::Zone::Offset(minutes);
            let style = time::Style { separator: if blank { b' ' } else { b'T' }, digits, zone };
            let mut text = String::new();
            time::render(nanos, style, &mut text);
            if let Some((nanos, style)) = time::parse(text.as_bytes()) {
                prop_assert_eq!(read(text.as_bytes()), Ok(Reading { nanos, offset: style.offset(), assumed: false }));
                let comma = text.replace('.', ",");
                prop_assert_eq!(read(comma.as_bytes()).map(|r| r.nanos), Ok(nanos));
            }
        }

        #[test]
        fn agrees_with_the_strict_reader_on_anything(text in "[0-9TZtz:.+ -]{0,40}|2024-0[0-9]-[0-3][0-9][T ][0-2][0-9]:[0-9:.,+Zz -]{0,16}") {
            if let Some((nanos, style)) = time::parse(text.as_bytes()) {
                prop_assert_eq!(read(text.as_bytes()), Ok(Reading { nanos, offset: style.offset(), assumed: false }));
            }
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..48), text in "[0-9A-Za-z:.,/+\\[\\]() @-]{0,40}") {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
        }

        #[test]
        fn unix_time_in_any_unit_is_one_instant(seconds in 100_000_000i64..9_000_000_000, unit in 0u32..4) {
            let nanos = seconds * super::super::time::SECOND;
            let number = nanos / 1000i64.pow(3 - unit);
            prop_assert_eq!(number * unit_of(number), nanos);
            let expected = if is_ambiguous(number) { Err(Unread::Other) } else { Ok(nanos) };
            prop_assert_eq!(read(number.to_string().as_bytes()).map(|r| r.nanos), expected);
        }
    }
}
