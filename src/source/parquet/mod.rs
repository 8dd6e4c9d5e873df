//! Parquet, as Simple Log Service ships it: flat columns of strings, numbers and booleans.
//!
//! Columns become the members of one JSON object a row; null is a missing member. Where a part of the file is
//! damaged the rows before it and the other row groups are read all the same. Lists and maps are left out.

mod cells;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::schema::types::ColumnDescPtr;

use self::cells::Cells;
use super::contain::contain;
use super::feed::{Block, Delivery, Feed, Records};
use super::{SourceError, Stopped};
use crate::decode::table::known_names;
use crate::decode::{Flaw, Oddities};
use crate::index::shape::escape;
use crate::model::DefectKind;

/// Rows that are put together at a time.
const BATCH: usize = 8192;

/// What is said where the library panicked, as it does on some damaged pages.
const PANICKED: &str = "a damaged page";

/// A column that is read.
struct Column {
    at: usize,
    descriptor: ColumnDescPtr,
    name: String,
    /// What stands before a value, but for the comma.
    literal: Vec<u8>,
}

/// What was handed on so far.
#[derive(Default)]
struct Written {
    rows: u64,
    bytes: u64,
}

/// The same from bytes in memory.
pub(super) fn read_bytes(feed: &Feed, bytes: Vec<u8>, name: &str) -> Result<(), SourceError> {
    read(feed, Bytes::from(bytes), name)
}

/// Reads all rows.
pub(super) fn read(
    feed: &Feed,
    from: impl ChunkReader + 'static,
    name: &str,
) -> Result<(), SourceError> {
    let size = from.len();
    let mut written = Written::default();
    let opened = contain(|| SerializedFileReader::new(from).map_err(|error| error.to_string()));
    let reader = match opened.unwrap_or_else(|| Err(PANICKED.into())) {
        Ok(reader) => reader,
        Err(error) => {
            // What says where everything is comes last in the file.
            let why = format!("no Parquet footer at the end, byte {size}: {error}");
            written.damage(feed, &why)?;
            return Err(SourceError::Failed(format!(
                "{name}: {why}; the file is cut short or damaged, and nothing of it can be read"
            )));
        }
    };
    let (columns, left_out) = columns(&reader);
    if !columns
        .iter()
        .any(|column| known_names().any(|name| name == column.name))
    {
        return Err(SourceError::NotALog(name.to_owned()));
    }
    if !left_out.is_empty() {
        let note = format!("nested columns are left out: {}", left_out.join(", "));
        feed.send_blocking(Delivery::Note(note))?;
    }
    let groups = reader.num_row_groups();
    let mut failed = None;
    for number in 0..groups {
        let result = check(reader.metadata().row_group(number), size)
            .map_err(Interrupted::Damaged)
            .and_then(|()| {
                // What was handed on before a panic is whole.
                contain(|| {
                    let group = reader.get_row_group(number);
                    let group = group.map_err(|error| Interrupted::Damaged(error.to_string()))?;
                    written.group(feed, &*group, &columns)
                })
                .unwrap_or_else(|| Err(Interrupted::Damaged(PANICKED.into())))
            });
        match result {
            Ok(()) => {}
            Err(Interrupted::Stopped) => return Err(SourceError::Stopped),
            Err(Interrupted::Damaged(error)) => {
                let at = columns.first().map_or(0, |column| {
                    let group = reader.metadata().row_group(number);
                    group.column(column.at).data_page_offset()
                });
                let why = format!(
                    "row group {} of {groups}, from byte {at} on: {error}",
                    number + 1
                );
                written.damage(feed, &why)?;
                failed.get_or_insert(why);
            }
        }
    }
    match failed {
        Some(why) => Err(SourceError::Failed(format!(
            "{name}: {why}; what could be read is kept"
        ))),
        None => Ok(()),
    }
}

/// Whether the columns of a row group lie within the file: the library takes that for granted.
fn check(group: &RowGroupMetaData, size: u64) -> Result<(), String> {
    for column in group.columns() {
        let start = column
            .dictionary_page_offset()
            .unwrap_or(column.data_page_offset());
        let inside = u64::try_from(start)
            .ok()
            .zip(u64::try_from(column.compressed_size()).ok())
            .and_then(|(start, len)| start.checked_add(len))
            .is_some_and(|end| end <= size);
        if !inside || column.num_values() < 0 || column.data_page_offset() < 0 {
            let path = column.column_path().string();
            return Err(format!("{path} lies outside the file"));
        }
    }
    Ok(())
}

/// The columns that can be read, and the names of those that cannot.
fn columns<R: ChunkReader + 'static>(
    reader: &SerializedFileReader<R>,
) -> (Vec<Column>, Vec<String>) {
    let schema = reader.metadata().file_metadata().schema_descr();
    let mut columns = Vec::new();
    let mut left_out = Vec::new();
    for (at, descriptor) in schema.columns().iter().enumerate() {
        let name = descriptor.path().parts().join(".");
        if descriptor.max_rep_level() > 0 {
            left_out.push(name);
            continue;
        }
        let mut literal = b"\"".to_vec();
        escape(&name, false, &mut literal);
        literal.extend_from_slice(b"\":");
        columns.push(Column {
            at,
            descriptor: descriptor.clone(),
            name,
            literal,
        });
    }
    (columns, left_out)
}

/// Why a row group was left before its end.
enum Interrupted {
    Stopped,
    Damaged(String),
}

impl From<Stopped> for Interrupted {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}

impl Written {
    fn group(
        &mut self,
        feed: &Feed,
        group: &dyn RowGroupReader,
        columns: &[Column],
    ) -> Result<(), Interrupted> {
        let damaged = |column: &Column, error: ParquetError| {
            Interrupted::Damaged(format!("{}: {error}", column.name))
        };
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            let reader = group
                .get_column_reader(column.at)
                .map_err(|error| damaged(column, error))?;
            cells.push(Cells::new(reader, &column.descriptor));
        }
        let mut left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        while left > 0 {
            let wanted = left.min(BATCH);
            for (cells, column) in cells.iter_mut().zip(columns) {
                let read = cells.fill(wanted).map_err(|error| damaged(column, error))?;
                if read < wanted {
                    let why = format!("{}: fewer values than rows", column.name);
                    return Err(Interrupted::Damaged(why));
                }
            }
            self.rows(feed, wanted, &mut cells, columns)?;
            left -= wanted;
        }
        Ok(())
    }

    fn rows(
        &mut self,
        feed: &Feed,
        rows: usize,
        cells: &mut [Cells],
        columns: &[Column],
    ) -> Result<(), Stopped> {
        let mut bytes = Vec::with_capacity(rows * 1024);
        for row in 0..rows {
            bytes.push(b'{');
            let mut first = true;
            for (cells, column) in cells.iter_mut().zip(columns) {
                let start = bytes.len();
                if !first {
                    bytes.push(b',');
                }
                bytes.extend_from_slice(&column.literal);
                if cells.write(row, &mut bytes) {
                    first = false;
                } else {
                    bytes.truncate(start);
                }
            }
            bytes.extend_from_slice(b"}\n");
        }
        let len = bytes.len() as u64;
        feed.send_blocking(Delivery::Block(Block {
            bytes: bytes.into(),
            records: Records::Lines,
            offset: self.bytes,
            line: Some(self.rows),
            flaws: Vec::new(),
            odd: Oddities::default(),
        }))?;
        self.rows += rows as u64;
        self.bytes += len;
        Ok(())
    }

    /// Tells of damage at the present row.
    fn damage(&self, feed: &Feed, why: &str) -> Result<(), Stopped> {
        let flaw = Flaw {
            kind: DefectKind::Truncated,
            offset: self.bytes,
            reason: why.to_owned(),
            sample: String::new(),
        };
        feed.send_blocking(Delivery::Block(Block {
            bytes: Vec::new().into(),
            records: Records::At(Vec::new()),
            offset: self.bytes,
            line: Some(self.rows),
            flaws: vec![flaw],
            odd: Oddities::default(),
        }))
    }
}
