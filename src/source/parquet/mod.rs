//! Parquet, as Simple Log Service ships it: flat columns of strings, numbers and booleans; and as others write it, with
//! decimals, dates, structs, lists and maps.
//!
//! Columns become the members of one JSON object per row; null is a missing member. If a part of the file is damaged,
//! the rows before it and the other row groups are still read.

mod cells;
mod meaning;
mod nested;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::schema::types::ColumnDescPtr;

use self::cells::Cells;
use self::nested::Node;
use super::catch_panic::contain;
use super::feed::{Block, Delivery, Feed, Records};
use super::{SourceError, Stopped};
use crate::decode::Flaw;
use crate::decode::table::known_names;
use crate::index::template::escape;
use crate::model::{DefectKind, visible};

/// Number of rows that are assembled at a time.
const BATCH: usize = 8192;

/// Reason reported if the library panicked, as it does on some damaged pages.
const PANICKED: &str = "a damaged page";

/// Columns of a file.
#[derive(Default)]
struct Columns {
    /// Columns that are read.
    read: Vec<Column>,
    /// Leaves of all columns.
    leaves: Vec<ColumnDescPtr>,
    /// Names of the columns that are skipped.
    left_out: Vec<String>,
}

struct Column {
    name: String,
    /// Text before a value, except for the comma.
    literal: Vec<u8>,
    node: Node,
}

/// Amount of output so far.
#[derive(Default)]
struct Written {
    rows: u64,
    bytes: u64,
}

/// Reads all rows from bytes in memory.
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
            // The footer, at the end of the file, locates everything else.
            let why = format!("no Parquet footer at the end, byte {size}: {error}");
            written.damage(feed, &why)?;
            return Err(SourceError::Failed(format!(
                "{name}: {why}; the file is truncated or damaged and cannot be read"
            )));
        }
    };
    let columns = Columns::of(&reader);
    if !columns.are_known() {
        return Err(SourceError::Failed(format!(
            "{name}: a Parquet file without audit log columns: it has {}; expected {}",
            columns.names(),
            known_names().collect::<Vec<_>>().join(", ")
        )));
    }
    if let Some(codec) = unread_codec(&reader) {
        return Err(SourceError::Failed(format!(
            "{name}: its columns are compressed with {codec}, which is not supported: write it with zstd, snappy or gzip"
        )));
    }
    let notes = columns.notes();
    if !notes.is_empty() {
        feed.send_blocking(Delivery::Note(notes.join("; ")))?;
    }
    let groups = reader.num_row_groups();
    let mut failed = None;
    for number in 0..groups {
        let result = check(reader.metadata().row_group(number), size)
            .map_err(Interrupted::Damaged)
            .and_then(|()| {
                // Blocks sent before a panic are complete.
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
                let group = reader.metadata().row_group(number);
                let at = group
                    .columns()
                    .first()
                    .map_or(0, ColumnChunkMetaData::data_page_offset);
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
            "{name}: {why}; the readable rows are kept"
        ))),
        None => Ok(()),
    }
}

/// Checks that the columns of a row group are within the file, which the library takes for granted.
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

/// Unsupported codec of any column.
fn unread_codec<R: ChunkReader + 'static>(
    reader: &SerializedFileReader<R>,
) -> Option<&'static str> {
    let groups = reader.metadata().row_groups().iter();
    let mut codecs =
        groups.flat_map(|group| group.columns().iter().map(ColumnChunkMetaData::compression));
    codecs
        .any(|codec| matches!(codec, Compression::LZO))
        .then_some("LZO")
}

/// Maximum number of a file's own column names in an error message.
const SHOWN: usize = 20;

impl Columns {
    fn of<R: ChunkReader + 'static>(reader: &SerializedFileReader<R>) -> Self {
        let schema = reader.metadata().file_metadata().schema_descr();
        let mut columns = Self {
            leaves: schema.columns().to_vec(),
            ..Self::default()
        };
        let mut leaf = 0;
        for field in schema.root_schema().get_fields() {
            let name = field.name().to_owned();
            let Some(node) = Node::of(field, &mut leaf) else {
                columns.left_out.push(name);
                continue;
            };
            let mut literal = b"\"".to_vec();
            escape(&name, false, &mut literal);
            literal.extend_from_slice(b"\":");
            columns.read.push(Column {
                name,
                literal,
                node,
            });
        }
        columns
    }

    /// Returns true if some column belongs to an audit log.
    fn are_known(&self) -> bool {
        let mut names = self.read.iter().map(|column| &*column.name);
        names.any(|name| known_names().any(|known| known == name))
    }

    fn names(&self) -> String {
        let names: Vec<String> = (self.read.iter().map(|column| &*column.name))
            .chain(self.left_out.iter().map(String::as_str))
            .map(|name| visible(name).into_owned())
            .collect();
        match names.len() {
            0 => "no columns".to_owned(),
            len if len > SHOWN => {
                format!("{} and {} more", names[..SHOWN].join(", "), len - SHOWN)
            }
            _ => names.join(", "),
        }
    }

    /// Notes about the columns that affect results.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.left_out.is_empty() {
            notes.push(format!(
                "skipped columns that are nested too deeply or empty: {}",
                visible(&self.left_out.join(", "))
            ));
        }
        let zoneless: Vec<String> = (self.leaves.iter())
            .filter(|leaf| {
                matches!(leaf.logical_type_ref(), Some(LogicalType::Timestamp(at)) if !at.is_adjusted_to_u_t_c)
            })
            .map(|leaf| leaf.path().string())
            .collect();
        if !zoneless.is_empty() {
            notes.push(format!(
                "times without a time zone are read as UTC: {}",
                visible(&zoneless.join(", "))
            ));
        }
        notes
    }
}

/// Reason why a row group was left before its end.
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
        columns: &Columns,
    ) -> Result<(), Interrupted> {
        let damaged = |leaf: &ColumnDescPtr, error: ParquetError| {
            Interrupted::Damaged(format!("{}: {error}", leaf.path().string()))
        };
        let mut cells = Vec::with_capacity(columns.leaves.len());
        for (at, leaf) in columns.leaves.iter().enumerate() {
            let reader = group
                .get_column_reader(at)
                .map_err(|error| damaged(leaf, error))?;
            cells.push(Cells::new(reader, leaf));
        }
        let mut left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        while left > 0 {
            let wanted = left.min(BATCH);
            for (cells, leaf) in cells.iter_mut().zip(&columns.leaves) {
                let read = cells.fill(wanted).map_err(|error| damaged(leaf, error))?;
                if read < wanted {
                    let why = format!("{}: fewer values than rows", leaf.path().string());
                    return Err(Interrupted::Damaged(why));
                }
            }
            self.rows(feed, wanted, &mut cells, &columns.read)?;
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
        for _ in 0..rows {
            bytes.push(b'{');
            let mut first = true;
            for column in columns {
                let start = bytes.len();
                if !first {
                    bytes.push(b',');
                }
                bytes.extend_from_slice(&column.literal);
                if column.node.write(cells, &mut bytes) {
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
            offset: self.bytes,
            line: Some(self.rows),
            ..Block::default()
        }))?;
        self.rows += rows as u64;
        self.bytes += len;
        Ok(())
    }

    /// Reports damage at the current row.
    fn damage(&self, feed: &Feed, why: &str) -> Result<(), Stopped> {
        let flaw = Flaw {
            kind: DefectKind::Truncated,
            offset: self.bytes,
            reason: why.to_owned(),
            sample: String::new(),
        };
        feed.send_blocking(Delivery::Block(Block {
            records: Records::At(Vec::new()),
            offset: self.bytes,
            line: Some(self.rows),
            flaws: vec![flaw],
            ..Block::default()
        }))
    }
}
