//! The values of one column, some rows at a time, written as JSON.

use std::io::Write as _;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

use crate::decode::table::escape;
use crate::model::time::{self, Nanos, Style, Zone};

/// A column being read.
pub(super) struct Cells {
    reader: ColumnReader,
    values: Values,
    meaning: Meaning,
    /// Definition level of a value that is there; levels of the rows at hand where some may be missing.
    present: i16,
    levels: Vec<i16>,
    /// The value that comes next.
    next: usize,
}

enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

/// What numbers and bytes stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Plain,
    Unsigned,
    /// An instant: nanoseconds in one unit, and digits of the fraction of a second.
    Instant(i64, u8),
    /// The same for `__time__`, which is in seconds.
    Seconds(i64),
    Uuid,
}

impl Cells {
    pub(super) fn new(reader: ColumnReader, descriptor: &ColumnDescriptor) -> Self {
        let values = match &reader {
            ColumnReader::BoolColumnReader(_) => Values::Bool(Vec::new()),
            ColumnReader::Int32ColumnReader(_) => Values::Int32(Vec::new()),
            ColumnReader::Int64ColumnReader(_) => Values::Int64(Vec::new()),
            ColumnReader::Int96ColumnReader(_) => Values::Int96(Vec::new()),
            ColumnReader::FloatColumnReader(_) => Values::Float(Vec::new()),
            ColumnReader::DoubleColumnReader(_) => Values::Double(Vec::new()),
            ColumnReader::ByteArrayColumnReader(_) => Values::Bytes(Vec::new()),
            ColumnReader::FixedLenByteArrayColumnReader(_) => Values::Fixed(Vec::new()),
        };
        Self {
            reader,
            values,
            meaning: Meaning::of(descriptor),
            present: descriptor.max_def_level(),
            levels: Vec::new(),
            next: 0,
        }
    }

    /// Reads the next rows in place of those before. Returns how many there were.
    pub(super) fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.levels.clear();
        self.next = 0;
        let levels = Some(&mut self.levels);
        macro_rules! read {
            ($reader:ident, $values:ident) => {{
                $values.clear();
                $reader.read_records(rows, levels, None, $values)
            }};
        }
        let (read, values, _) = match (&mut self.reader, &mut self.values) {
            (ColumnReader::BoolColumnReader(r), Values::Bool(v)) => read!(r, v),
            (ColumnReader::Int32ColumnReader(r), Values::Int32(v)) => read!(r, v),
            (ColumnReader::Int64ColumnReader(r), Values::Int64(v)) => read!(r, v),
            (ColumnReader::Int96ColumnReader(r), Values::Int96(v)) => read!(r, v),
            (ColumnReader::FloatColumnReader(r), Values::Float(v)) => read!(r, v),
            (ColumnReader::DoubleColumnReader(r), Values::Double(v)) => read!(r, v),
            (ColumnReader::ByteArrayColumnReader(r), Values::Bytes(v)) => read!(r, v),
            (ColumnReader::FixedLenByteArrayColumnReader(r), Values::Fixed(v)) => read!(r, v),
            _ => Ok((0, 0, 0)),
        }?;
        let expected = if self.present == 0 {
            read
        } else {
            self.levels
                .iter()
                .filter(|level| **level == self.present)
                .count()
        };
        if values < expected || (self.present > 0 && self.levels.len() < read) {
            return Err(ParquetError::General("levels without values".into()));
        }
        Ok(read)
    }

    /// Appends the value of a row, the rows in order; false where it has none.
    pub(super) fn write(&mut self, row: usize, out: &mut Vec<u8>) -> bool {
        if self.present > 0 && self.levels[row] != self.present {
            return false;
        }
        let at = self.next;
        self.next += 1;
        match &self.values {
            Values::Bool(v) => out.extend_from_slice(if v[at] { b"true" } else { b"false" }),
            Values::Int32(v) if self.meaning == Meaning::Unsigned => number(v[at] as u32, out),
            Values::Int32(v) => number(v[at], out),
            Values::Int64(v) => self.meaning.write(v[at], out),
            Values::Int96(v) => self.meaning.write(v[at].to_nanos(), out),
            Values::Float(v) => float(v[at].into(), v[at], out),
            Values::Double(v) => float(v[at], v[at], out),
            Values::Bytes(v) => text(v[at].data(), out),
            Values::Fixed(v) => match (self.meaning, v[at].data()) {
                (Meaning::Uuid, bytes) if bytes.len() == 16 => uuid(bytes, out),
                (_, bytes) => text(bytes, out),
            },
        }
        true
    }
}

impl Meaning {
    fn of(column: &ColumnDescriptor) -> Self {
        let unit = match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Uuid), _) => return Self::Uuid,
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
            _ if column.physical_type() == parquet::basic::Type::INT96 => (1, 9),
            _ => return Self::Plain,
        };
        if column.name() == "__time__" {
            Self::Seconds(time::SECOND / unit.0)
        } else {
            Self::Instant(unit.0, unit.1)
        }
    }

    fn write(self, value: i64, out: &mut Vec<u8>) {
        match self {
            Self::Unsigned => number(value as u64, out),
            Self::Seconds(units) => number(value.div_euclid(units), out),
            Self::Instant(unit, digits) => match value.checked_mul(unit) {
                Some(nanos) => instant(nanos, digits, out),
                None => number(value, out),
            },
            Self::Plain | Self::Uuid => number(value, out),
        }
    }
}

fn number(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{value}");
}

/// JSON has no word for infinity and its like: they are written as text.
fn float(value: f64, shown: impl std::fmt::Display, out: &mut Vec<u8>) {
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
