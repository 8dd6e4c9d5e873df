//! Interpretation of the numbers and bytes of a column, and their JSON form.

use std::io::Write as _;

use chrono::NaiveDate;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;

use crate::decode::table::escape;
use crate::model::name;
use crate::model::time::{self, Nanos, Style, Zone};

/// Interpretation of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Plain,
    /// Bytes that are declared as text.
    Text,
    Unsigned,
    /// An instant: nanoseconds in one unit, and number of fraction digits.
    Instant(i64, u8),
    /// An instant in `__time__`, which is written in seconds: nanoseconds in one unit.
    Seconds(i64),
    /// A number with this many digits after the point.
    Decimal(usize),
    Date,
    /// A time of day: units in a second, and number of fraction digits.
    TimeOfDay(i64, usize),
    Half,
    Interval,
    Uuid,
}

impl Meaning {
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        let (logical, converted) = (column.logical_type_ref(), column.converted_type());
        let unit = match (logical, converted) {
            (_, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON) => {
                return Self::Text;
            }
            (Some(LogicalType::Uuid), _) => return Self::Uuid,
            (Some(LogicalType::Float16), _) => return Self::Half,
            (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => {
                // A scale beyond any precision is damage; the digits are shown without a point.
                let scale = usize::try_from(column.type_scale()).unwrap_or(0);
                return Self::Decimal(if scale <= LONGEST { scale } else { 0 });
            }
            (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => return Self::Date,
            (Some(LogicalType::Time(at)), _) => {
                return match at.unit {
                    TimeUnit::MILLIS => Self::TimeOfDay(1000, 3),
                    TimeUnit::MICROS => Self::TimeOfDay(1_000_000, 6),
                    TimeUnit::NANOS => Self::TimeOfDay(time::SECOND, 9),
                };
            }
            (_, ConvertedType::TIME_MILLIS) => return Self::TimeOfDay(1000, 3),
            (_, ConvertedType::TIME_MICROS) => return Self::TimeOfDay(1_000_000, 6),
            (_, ConvertedType::INTERVAL) => return Self::Interval,
            (
                _,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => return Self::Unsigned,
            (Some(LogicalType::Timestamp(at)), _) => match at.unit {
                TimeUnit::MILLIS => (1_000_000, 3),
                TimeUnit::MICROS => (1000, 6),
                TimeUnit::NANOS => (1, 9),
            },
            (_, ConvertedType::TIMESTAMP_MILLIS) => (1_000_000, 3),
            (_, ConvertedType::TIMESTAMP_MICROS) => (1000, 6),
            _ if column.physical_type() == Type::INT96 => (1, 9),
            _ => return Self::Plain,
        };
        if column.name() == name::LOG_TIME {
            Self::Seconds(time::SECOND / unit.0)
        } else {
            Self::Instant(unit.0, unit.1)
        }
    }

    pub(super) fn short(self, value: i32, out: &mut Vec<u8>) {
        match self {
            Self::Unsigned => number(value as u32, out),
            _ => self.long(value.into(), out),
        }
    }

    pub(super) fn long(self, value: i64, out: &mut Vec<u8>) {
        match self {
            Self::Unsigned => number(value as u64, out),
            Self::Seconds(units) => number(value.div_euclid(units), out),
            Self::Instant(unit, digits) => match value.checked_mul(unit) {
                Some(nanos) => instant(nanos, digits, out),
                None => number(value, out),
            },
            Self::Decimal(scale) => {
                decimal(value < 0, &value.unsigned_abs().to_string(), scale, out);
            }
            Self::Date => match day(value) {
                Some(day) => number(format_args!("\"{day}\""), out),
                None => number(value, out),
            },
            Self::TimeOfDay(units, digits) if (0..86_400 * units).contains(&value) => {
                let (second, fraction) = (value / units, value % units);
                let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
                let text =
                    format_args!("\"{hour:02}:{minute:02}:{second:02}.{fraction:0digits$}\"");
                number(text, out);
            }
            _ => number(value, out),
        }
    }

    pub(super) fn bytes(self, bytes: &[u8], out: &mut Vec<u8>) {
        match (self, bytes.len()) {
            (Self::Uuid, 16) => uuid(bytes, out),
            (Self::Half, 2) => half(u16::from_le_bytes([bytes[0], bytes[1]]), out),
            (Self::Decimal(scale), 1..=LONGEST) => {
                let (negative, digits) = integer(bytes);
                decimal(negative, &digits, scale, out);
            }
            (Self::Interval, 12) => interval(bytes, out),
            (Self::Decimal(_) | Self::Interval | Self::Uuid | Self::Half, _) => hex(bytes, out),
            (Self::Text, _) => text(bytes, out),
            _ if !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok() => text(bytes, out),
            _ => hex(bytes, out),
        }
    }
}

/// Maximum number of bytes, and of digits after the point, of a decimal; nobody writes longer ones.
const LONGEST: usize = 128;

pub(super) fn number(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{value}");
}

/// Appends a float. JSON has no infinity or NaN: they are written as text.
pub(super) fn float(value: f64, shown: impl std::fmt::Display, out: &mut Vec<u8>) {
    if value.is_finite() {
        number(shown, out);
    } else {
        number(format_args!("\"{shown}\""), out);
    }
}

fn text(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    escape(bytes, out);
    out.push(b'"');
}

/// Appends bytes that are not text, in hex.
fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"0x");
    for byte in bytes {
        number(format_args!("{byte:02x}"), out);
    }
    out.push(b'"');
}

fn instant(nanos: Nanos, digits: u8, out: &mut Vec<u8>) {
    let style = Style {
        separator: b'T',
        digits,
        zone: Zone::Zulu,
    };
    let mut spelled = String::new();
    time::render(nanos, style, &mut spelled);
    text(spelled.as_bytes(), out);
}

/// Date of a day counted from 1970-01-01; `None` if its year does not have four digits.
fn day(days: i64) -> Option<NaiveDate> {
    let days = i32::try_from(days).ok()?.checked_add(719_163)?;
    let day = NaiveDate::from_num_days_from_ce_opt(days)?;
    (0..10_000)
        .contains(&chrono::Datelike::year(&day))
        .then_some(day)
}

fn decimal(negative: bool, digits: &str, scale: usize, out: &mut Vec<u8>) {
    let sign = if negative { "-" } else { "" };
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let point = if scale > 0 { "." } else { "" };
    number(format_args!("{sign}{whole}{point}{fraction}"), out);
}

/// Sign and digits of a big-endian two's complement number.
fn integer(bytes: &[u8]) -> (bool, String) {
    let negative = bytes[0] >= 0x80;
    let mut rest: Vec<u8> = bytes
        .iter()
        .map(|byte| if negative { !byte } else { *byte })
        .collect();
    if negative {
        for byte in rest.iter_mut().rev() {
            let carried;
            (*byte, carried) = byte.overflowing_add(1);
            if !carried {
                break;
            }
        }
    }
    let mut digits = Vec::new();
    loop {
        let mut remainder = 0u32;
        for byte in &mut rest {
            let value = remainder << 8 | u32::from(*byte);
            *byte = (value / 10) as u8;
            remainder = value % 10;
        }
        digits.push(b'0' + remainder as u8);
        if rest.iter().all(|byte| *byte == 0) {
            break;
        }
    }
    digits.reverse();
    (negative, digits.into_iter().map(char::from).collect())
}

/// Appends a 16-bit float: sign, five bits of exponent, ten of fraction.
fn half(bits: u16, out: &mut Vec<u8>) {
    let fraction = f32::from(bits & 0x3ff);
    let size = match bits >> 10 & 0x1f {
        0 => fraction * 2f32.powi(-24),
        0x1f if fraction == 0.0 => f32::INFINITY,
        0x1f => f32::NAN,
        exponent => (fraction + 1024.0) * 2f32.powi(i32::from(exponent) - 25),
    };
    let value = if bits >> 15 == 1 { -size } else { size };
    float(value.into(), value, out);
}

/// Appends months, days and milliseconds as an ISO 8601 duration.
fn interval(bytes: &[u8], out: &mut Vec<u8>) {
    let mut parts = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|part| u32::from_le_bytes(*part));
    let mut part = || parts.next().unwrap_or(0);
    let (months, days, millis) = (part(), part(), part());
    let (second, fraction) = (millis / 1000, millis % 1000);
    number(
        format_args!("\"P{months}M{days}DT{second}.{fraction:03}S\""),
        out,
    );
}

fn uuid(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        number(format_args!("{byte:02x}"), out);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn long(meaning: Meaning, value: i64) -> String {
        let mut out = Vec::new();
        meaning.long(value, &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    fn bytes(meaning: Meaning, value: &[u8]) -> String {
        let mut out = Vec::new();
        meaning.bytes(value, &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn numbers_are_what_they_stand_for() {
        for (meaning, value, expected) in [
            (Meaning::Decimal(2), 1250, "12.50"),
            (Meaning::Decimal(2), -5, "-0.05"),
            (Meaning::Decimal(0), 200, "200"),
            (Meaning::Date, 19_825, "\"2024-04-12\""),
            (Meaning::Date, -1, "\"1969-12-31\""),
            (Meaning::Date, i64::MAX, "9223372036854775807"),
            (Meaning::TimeOfDay(1000, 3), 61_510_855, "\"17:05:10.855\""),
            (Meaning::TimeOfDay(1_000_000, 6), 1, "\"00:00:00.000001\""),
            (Meaning::TimeOfDay(1000, 3), -1, "-1"),
            (Meaning::Unsigned, -1, "18446744073709551615"),
            (
                Meaning::Instant(1, 9),
                1,
                "\"1970-01-01T00:00:00.000000001Z\"",
            ),
            (Meaning::Seconds(1000), 1_712_912_310_855, "1712912310"),
        ] {
            assert_eq!(long(meaning, value), expected, "{meaning:?} {value}");
        }
    }

    #[test]
    fn bytes_are_what_they_stand_for() {
        let interval = [1, 0, 0, 0, 2, 0, 0, 0, 0xdc, 5, 0, 0];
        for (meaning, value, expected) in [
            (Meaning::Decimal(2), &[0x04, 0xe2][..], "12.50"),
            (Meaning::Decimal(1), &[0xff], "-0.1"),
            (Meaning::Decimal(0), &[0x80], "-128"),
            (Meaning::Decimal(0), &[], "\"0x\""),
            (Meaning::Half, &[0x00, 0x3c], "1"),
            (Meaning::Half, &[0x00, 0xc1], "-2.5"),
            (Meaning::Half, &[0x01, 0x00], "0.000000059604645"),
            (Meaning::Half, &[0x00, 0x7c], "\"inf\""),
            (Meaning::Half, &[0x01, 0x7c], "\"NaN\""),
            (Meaning::Interval, &interval, "\"P1M2DT1.500S\""),
            (Meaning::Plain, "é\"".as_bytes(), "\"é\\\"\""),
            (Meaning::Plain, &[0xff, 0x01], "\"0xff01\""),
            (Meaning::Plain, &[0x00, 0x41], "\"0x0041\""),
            (Meaning::Text, &[0x00, 0x41], "\"\\u0000A\""),
        ] {
            assert_eq!(bytes(meaning, value), expected, "{meaning:?} {value:?}");
        }
    }

    proptest! {
        #[test]
        fn decimals_of_bytes_are_those_of_numbers(value: i128, scale in 0usize..40) {
            let (mut number, mut short) = (Vec::new(), value.to_be_bytes().to_vec());
            decimal(value < 0, &value.unsigned_abs().to_string(), scale, &mut number);
            // Shorter encodings of an equal number.
            while short.len() > 1 && (short[0] == 0 && short[1] < 0x80 || short[0] == 0xff && short[1] >= 0x80) {
                short.remove(0);
            }
            let number = String::from_utf8(number).expect("UTF-8");
            prop_assert_eq!(bytes(Meaning::Decimal(scale), &value.to_be_bytes()), number.clone());
            prop_assert_eq!(bytes(Meaning::Decimal(scale), &short), number);
        }

        #[test]
        fn any_bytes_are_json(value in proptest::collection::vec(any::<u8>(), 0..40)) {
            for meaning in [Meaning::Plain, Meaning::Decimal(3), Meaning::Half, Meaning::Interval, Meaning::Uuid] {
                let text = bytes(meaning, &value);
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            }
        }
    }
}
