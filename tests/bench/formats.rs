//! Loading the same events from every archive and format: the beginning of the file, written anew.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use serde_json::{Map, Value};

use crate::ingest::Loaded;
use crate::report::{Report, Work};

/// Bytes of the file that are written anew.
const PIECE: u64 = 64 << 20;

type Event = Map<String, Value>;

pub(crate) fn run(report: &mut Report, file: &Path) -> io::Result<()> {
    const NAMES: [&str; 12] = [
        "ndjson",
        "array",
        "csv",
        "tsv",
        "gzip",
        "zstd",
        "lz4",
        "bzip2",
        "xz",
        "snappy",
        "parquet",
        "parquet-snappy",
    ];
    if !NAMES
        .iter()
        .any(|name| report.wants(&format!("format/{name}")))
    {
        return Ok(());
    }
    let mut text = Vec::new();
    File::open(file)?.take(PIECE).read_to_end(&mut text)?;
    text.truncate(memchr::memrchr(b'\n', &text).map_or(0, |end| end + 1));
    let events: Vec<Event> = serde_json::Deserializer::from_slice(&text)
        .into_iter()
        .collect::<Result<_, _>>()?;
    let work = Work {
        events: events.len() as u64,
        bytes: text.len() as u64,
    };
    let directory = tempfile::tempdir()?;
    for name in NAMES {
        let name = format!("format/{name}");
        let Some(bytes) = report
            .wants(&name)
            .then(|| write(&name["format/".len()..], &text, &events))
            .transpose()?
            .flatten()
        else {
            continue;
        };
        let path = directory.path().join("events");
        std::fs::write(&path, bytes)?;
        let open = |()| Loaded::open(&path, false).expect("it was just written");
        let loaded = report.time(&name, work, || (), open);
        let found = loaded.map_or(work.events, |loaded| loaded.snapshot.events);
        assert_eq!(found, work.events, "{name} holds the same events");
    }
    Ok(())
}

/// The events in a format; `None` for one that this build cannot read.
fn write(name: &str, text: &[u8], events: &[Event]) -> io::Result<Option<Vec<u8>>> {
    let bytes = match name {
        "array" => serde_json::to_vec(events)?,
        "csv" => table(events, b',')?,
        "tsv" => table(events, b'\t')?,
        "gzip" => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            out.write_all(text)?;
            out.finish()?
        }
        "zstd" => zstd::encode_all(text, 3)?,
        "lz4" => {
            let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
            out.write_all(text)?;
            out.finish().map_err(io::Error::other)?
        }
        "bzip2" => {
            let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            out.write_all(text)?;
            out.finish()?
        }
        "xz" => {
            let mut out = liblzma::write::XzEncoder::new(Vec::new(), 0);
            out.write_all(text)?;
            out.finish()?
        }
        "snappy" => snap::raw::Encoder::new().compress_vec(text)?,
        #[cfg(feature = "parquet")]
        "parquet" => columns::write(events, parquet::basic::Compression::UNCOMPRESSED)?,
        #[cfg(feature = "parquet")]
        "parquet-snappy" => columns::write(events, parquet::basic::Compression::SNAPPY)?,
        "ndjson" => text.to_vec(),
        _ => return Ok(None),
    };
    Ok(Some(bytes))
}

fn names(events: &[Event]) -> BTreeSet<&str> {
    events.iter().flat_map(Event::keys).map(|k| &**k).collect()
}

/// A value as a cell of a table.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn table(events: &[Event], delimiter: u8) -> io::Result<Vec<u8>> {
    let names = names(events);
    let mut out = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    out.write_record(&names)?;
    for event in events {
        let cells = names.iter().map(|name| event.get(*name).map(cell));
        out.write_record(cells.map(Option::unwrap_or_default))?;
    }
    out.into_inner().map_err(csv::IntoInnerError::into_error)
}

#[cfg(feature = "parquet")]
mod columns {
    use std::io;
    use std::sync::Arc;

    use parquet::basic::Compression;
    use parquet::data_type::ByteArrayType;
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::{Event, cell, names};

    /// Events in a group, as many as Simple Log Service writes in one.
    const GROUP: usize = 50_000;

    /// Every field as a string without annotation, as Simple Log Service writes most of them.
    pub(super) fn write(events: &[Event], compression: Compression) -> io::Result<Vec<u8>> {
        let names = names(events);
        let column = |name: &&str| format!("optional byte_array {name};");
        let columns: Vec<String> = names.iter().map(column).collect();
        let schema = parse_message_type(&format!("message log {{ {} }}", columns.join(" ")))?;
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .build();
        let mut out = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut out, Arc::new(schema), Arc::new(properties))?;
        for part in events.chunks(GROUP) {
            let mut group = writer.next_row_group()?;
            for name in &names {
                let cells: Vec<Option<&serde_json::Value>> =
                    part.iter().map(|event| event.get(*name)).collect();
                let levels: Vec<i16> = cells.iter().map(|cell| cell.is_some().into()).collect();
                let values: Vec<_> = cells
                    .into_iter()
                    .flatten()
                    .map(|value| cell(value).into_bytes().into())
                    .collect();
                let mut column = group.next_column()?.expect("one for each name");
                column
                    .typed::<ByteArrayType>()
                    .write_batch(&values, Some(&levels), None)?;
                column.close()?;
            }
            group.close()?;
        }
        writer.close()?;
        Ok(out)
    }
}
