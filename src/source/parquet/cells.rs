//! Values of one leaf column, read in batches of rows.

use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

use super::meaning::{Meaning, float};

/// Reader of a leaf column.
pub(super) struct Cells {
    reader: ColumnReader,
    values: Values,
    meaning: Meaning,
    /// Definition level of a present value; 0 if no value can be missing.
    present: i16,
    /// True if a row may have several values.
    repeats: bool,
    /// Levels of the loaded positions; empty if the column has none.
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    /// Number of loaded positions, the next position, and the index of its value.
    places: usize,
    next: usize,
    value: usize,
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
            repeats: descriptor.max_rep_level() > 0,
            definitions: Vec::new(),
            repetitions: Vec::new(),
            places: 0,
            next: 0,
            value: 0,
        }
    }

    /// Replaces the loaded rows by the next ones. Returns their number.
    pub(super) fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.definitions.clear();
        self.repetitions.clear();
        (self.next, self.value) = (0, 0);
        let (definitions, repetitions) = (Some(&mut self.definitions), Some(&mut self.repetitions));
        macro_rules! read {
            ($reader:ident, $values:ident) => {{
                $values.clear();
                $reader.read_records(rows, definitions, repetitions, $values)
            }};
        }
        let (read, values, places) = match (&mut self.reader, &mut self.values) {
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
        self.places = places;
        let levels = &self.definitions;
        let expected = if self.present == 0 {
            places
        } else {
            levels
                .iter()
                .filter(|level| **level == self.present)
                .count()
        };
        let is_short = (self.present > 0 && levels.len() < places)
            || (self.repeats && self.repetitions.len() < places);
        if values < expected || is_short || places < read {
            return Err(ParquetError::General("levels without values".into()));
        }
        Ok(read)
    }

    /// Returns true if no loaded position is left.
    pub(super) fn is_done(&self) -> bool {
        self.next >= self.places
    }

    /// Definition level of the next position: number of optional ancestors that are present.
    pub(super) fn definition(&self) -> i16 {
        self.definitions.get(self.next).copied().unwrap_or(0)
    }

    /// Repetition level of the next position: the list that it continues; 0 starts a new row.
    pub(super) fn repetition(&self) -> i16 {
        self.repetitions.get(self.next).copied().unwrap_or(0)
    }

    /// Skips a position; returns true if it has a value.
    pub(super) fn skip(&mut self) -> bool {
        let is_value = self.present == 0 || self.definition() == self.present;
        self.next += 1;
        self.value += usize::from(is_value);
        is_value
    }

    /// Appends the value of the next position; false if it has none.
    pub(super) fn write(&mut self, out: &mut Vec<u8>) -> bool {
        let at = self.value;
        if !self.skip() {
            return false;
        }
        match &self.values {
            Values::Bool(v) => out.extend_from_slice(if v[at] { b"true" } else { b"false" }),
            Values::Int32(v) => self.meaning.short(v[at], out),
            Values::Int64(v) => self.meaning.long(v[at], out),
            Values::Int96(v) => self.meaning.long(v[at].to_nanos(), out),
            Values::Float(v) => float(v[at].into(), v[at], out),
            Values::Double(v) => float(v[at], v[at], out),
            Values::Bytes(v) => self.meaning.bytes(v[at].data(), out),
            Values::Fixed(v) => self.meaning.bytes(v[at].data(), out),
        }
        true
    }
}
