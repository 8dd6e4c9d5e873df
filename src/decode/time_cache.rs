//! Parser for the times of records: most have the minute and the spelling of the one before.

use crate::index::{Interner, Ordinal, Typed, spelling};
use crate::model::loose::Unread;
use crate::model::time::{self, Nanos, SECOND};
use crate::model::{CATALOGUE, Defect, FieldId, id, name};

/// Caches the minute and the spelling of the last time.
#[derive(Debug, Default)]
pub(super) struct TimeReader {
    prefix: [u8; 16],
    minute: Nanos,
    style: Option<time::Style>,
    spelling: Ordinal,
}

impl TimeReader {
    /// Parses a time in canonical form; returns the instant and the ordinal of the spelling.
    #[inline]
    pub(super) fn read(&mut self, raw: &[u8], interner: &Interner) -> Option<(Nanos, Ordinal)> {
        let prefix: &[u8; 16] = raw.first_chunk()?;
        if *prefix != self.prefix {
            self.minute = time::minute(prefix)?;
            self.prefix = *prefix;
        }
        let (nanos, style) = time::parse_rest(self.minute, prefix[10], &raw[16..])?;
        // A style does not record a leap second, further digits or a lower-case zone.
        let zone = match style.zone {
            time::Zone::Zulu => 1,
            time::Zone::Offset(_) => 6,
        };
        let fraction = if style.digits == 0 {
            0
        } else {
            1 + style.digits as usize
        };
        let canonical = raw.len() == 19 + fraction + zone
            && raw[17..19] != *b"60"
            && raw[raw.len() - 1] != b'z';
        if !canonical || raw.ends_with(b"-00:00") {
            return None;
        }
        if self.style != Some(style) {
            let mut encoded = String::new();
            spelling::encode_style(style, &mut encoded);
            self.spelling = interner.spelling(&encoded);
            self.style = Some(style);
        }
        Some((nanos, self.spelling))
    }
}

/// A time that could not be parsed, for error messages.
#[derive(Debug)]
pub(super) struct Unreadable {
    field: FieldId,
    text: String,
    why: Unread,
}

impl Unreadable {
    pub(super) fn new(field: FieldId, text: &str, why: Unread) -> Self {
        Self {
            field,
            text: Defect::sample_of(text.as_bytes()),
            why,
        }
    }

    /// For the reserved fields, in a record without a `time` of its own.
    fn log_time(number: i64) -> Self {
        let why = if time::is_ambiguous(number) {
            Unread::Other
        } else {
            Unread::OutOfRange
        };
        Self::new(id::LOG_TIME, &number.to_string(), why)
    }
}

/// Explains why an event has no time.
pub(super) fn untimed(unreadable: Option<&Unreadable>, log_time: Typed<i64>) -> String {
    let number = match log_time {
        Typed::Value(number) => Some(Unreadable::log_time(number)),
        _ => None,
    };
    match unreadable.or(number.as_ref()) {
        Some(Unreadable { field, text, why }) => {
            let name = CATALOGUE.get(*field).map_or(name::TIME, |info| &info.name);
            let advice = why.advice();
            format!("{name} \"{text}\" {advice}; event kept without a time")
        }
        None => "neither time nor __time__ found; event kept without a time".to_owned(),
    }
}

/// Time from the reserved fields, in seconds or a finer unit; for records without a `time` of their own.
pub(super) fn log_nanos(seconds: Typed<i64>, fraction: Typed<i64>) -> Option<Nanos> {
    let Typed::Value(number) = seconds else {
        return None;
    };
    if time::is_ambiguous(number) {
        return None;
    }
    let unit = time::unit_of(number);
    let fraction = match fraction {
        Typed::Value(fraction) if fraction < SECOND && unit == SECOND => fraction,
        _ => 0,
    };
    number.checked_mul(unit)?.checked_add(fraction)
}
