//! Every format and every archive through the engine: whole, under a false name, cut, damaged, forced.
//!
//! With `REGTRAIL_WRITE_SAMPLES=1` the samples made here are written to `assets/samples` anew.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crossbeam_channel::unbounded;
use regtrail::decode::formats::{FORMATS, FormatId};
use regtrail::engine::{Engine, EngineEvent, SourceState};
use regtrail::model::{Defect, DefectKind};
use regtrail::source::{ARCHIVES, Spec};
use serde_json::{Map, Value};

/// What came of a file.
struct Loaded {
    events: u64,
    /// Bytes the source is said to have in all.
    total: Option<u64>,
    defects: Vec<Arc<Defect>>,
    /// Why the source failed.
    failed: Option<String>,
}

impl Loaded {
    fn kinds(&self) -> Vec<DefectKind> {
        self.defects.iter().map(|defect| defect.kind).collect()
    }
}

fn load_as(path: &Path, format: Option<FormatId>) -> Loaded {
    let (to, events) = unbounded();
    let engine = Engine::start(move |event| drop(to.send(event))).expect("threads");
    engine.open_as(Spec::File(path.to_owned()), false, format);
    loop {
        let Ok(EngineEvent::Status(status)) = events.recv() else {
            continue;
        };
        let Some(source) = status.sources.first() else {
            continue;
        };
        let failed = match &source.state {
            SourceState::Failed { why } => Some(why.clone()),
            SourceState::Done => None,
            _ => continue,
        };
        return Loaded {
            events: status.events,
            total: source.bytes_total,
            defects: engine.defects().to_vec(),
            failed,
        };
    }
}

/// Loads bytes from a file of some name.
fn load(name: &str, bytes: &[u8]) -> Loaded {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    load_as(&path, None)
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples")
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(samples().join(name)).expect("a sample of the project")
}

fn events() -> Vec<Map<String, Value>> {
    let text = String::from_utf8(sample("ndjson.ndjson")).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect()
}

fn pack(name: &str, text: &[u8]) -> Vec<u8> {
    match name {
        "gzip" => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "zstd" => zstd::encode_all(text, 19).expect("memory"),
        "lz4" => {
            let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "bzip2" => {
            let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "xz" => {
            let mut out = liblzma::write::XzEncoder::new(Vec::new(), 6);
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "legacy lz4" => {
            let block = lz4_flex::block::compress(text);
            let len = (block.len() as u32).to_le_bytes();
            [&b"\x02\x21\x4c\x18"[..], &len, &block].concat()
        }
        "lzma" => {
            let options = liblzma::stream::LzmaOptions::new_preset(6).expect("a preset");
            let stream = liblzma::stream::Stream::new_lzma_encoder(&options).expect("options");
            let mut out = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "zlib" => {
            let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "snappy" => snap::raw::Encoder::new()
            .compress_vec(text)
            .expect("memory"),
        other => panic!("no way to make {other}"),
    }
}

/// A table as a spreadsheet might write it: byte order mark, CRLF, bars, log times as dates.
fn bars() -> Vec<u8> {
    let text = sample("csv.csv");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(&text[..]);
    let mut out = b"\xef\xbb\xbf".to_vec();
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b'|')
        .terminator(csv::Terminator::CRLF)
        .from_writer(&mut out);
    for row in reader.records() {
        let row = row.expect("a row");
        writer
            .write_record(row.iter().enumerate().map(|(at, cell)| {
                match cell.parse().ok().filter(|_| at == 1) {
                    Some(seconds) => chrono::DateTime::from_timestamp(seconds, 0)
                        .expect("in range")
                        .format("%Y-%m-%d %H:%M:%S")
                        .to_string(),
                    None => cell.to_owned(),
                }
            }))
            .expect("memory");
    }
    drop(writer);
    out
}

#[cfg(feature = "parquet")]
mod parquet_file {
    use std::sync::Arc;

    use parquet::basic::Compression;
    use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int32Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use serde_json::{Map, Value};

    /// A file as Simple Log Service ships it: strings without annotation, `__time__` and the status as int32,
    /// two row groups.
    pub(super) fn write(events: &[Map<String, Value>], compression: Compression) -> Vec<u8> {
        let mut names: Vec<&str> = events
            .iter()
            .flat_map(|event| event.keys().map(String::as_str))
            .collect();
        names.sort_unstable();
        names.dedup();
        let integer = |name: &str| matches!(name, "__time__" | "http_response_status");
        let columns: Vec<String> = names
            .iter()
            .map(|name| {
                let kind = if integer(name) { "int32" } else { "byte_array" };
                format!("optional {kind} {name};")
            })
            .collect();
        let columns = columns.join(" ");
        let schema = parse_message_type(&format!(
            "message log {{ {columns} optional boolean flag; optional double seconds; }}"
        ));
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .build();
        let mut out = Vec::new();
        let mut writer = SerializedFileWriter::new(
            &mut out,
            Arc::new(schema.expect("a schema")),
            Arc::new(properties),
        )
        .expect("memory");
        for part in events.chunks(events.len().div_ceil(2)) {
            let mut group = writer.next_row_group().expect("memory");
            for name in &names {
                let mut column = group.next_column().expect("memory").expect("a column");
                let cells: Vec<Option<&str>> = part
                    .iter()
                    .map(|event| event.get(*name).and_then(Value::as_str))
                    .collect();
                let levels: Vec<i16> = cells.iter().map(|cell| cell.is_some().into()).collect();
                let cells = cells.into_iter().flatten();
                if integer(name) {
                    let values: Vec<i32> = cells.map(|c| c.parse().expect("digits")).collect();
                    column
                        .typed::<Int32Type>()
                        .write_batch(&values, Some(&levels), None)
                        .expect("memory");
                } else {
                    let values: Vec<_> = cells.map(Into::into).collect();
                    column
                        .typed::<ByteArrayType>()
                        .write_batch(&values, Some(&levels), None)
                        .expect("memory");
                }
                column.close().expect("memory");
            }
            let levels: Vec<i16> = (0..part.len()).map(|row| (row % 2) as i16).collect();
            let there = levels.iter().filter(|level| **level == 1).count();
            let mut column = group.next_column().expect("memory").expect("a column");
            column
                .typed::<BoolType>()
                .write_batch(&vec![true; there], Some(&levels), None)
                .expect("memory");
            column.close().expect("memory");
            let mut column = group.next_column().expect("memory").expect("a column");
            column
                .typed::<DoubleType>()
                .write_batch(&vec![0.25; there], Some(&levels), None)
                .expect("memory");
            column.close().expect("memory");
            group.close().expect("memory");
        }
        writer.close().expect("memory");
        out
    }
}

/// The samples that are made here, by name.
fn made() -> Vec<(&'static str, Vec<u8>)> {
    let text = sample("ndjson.ndjson");
    let mut made: Vec<_> = ARCHIVES
        .iter()
        .map(|archive| (archive.sample, pack(archive.name, &text)))
        .collect();
    made.push(("bars.csv", bars()));
    #[cfg(feature = "parquet")]
    {
        use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
        let events = events();
        for (name, compression) in [
            ("plain.parquet", Compression::UNCOMPRESSED),
            ("snappy.parquet", Compression::SNAPPY),
            ("gzip.parquet", Compression::GZIP(GzipLevel::default())),
            ("zstd.parquet", Compression::ZSTD(ZstdLevel::default())),
            (
                "brotli.parquet",
                Compression::BROTLI(BrotliLevel::default()),
            ),
            ("lz4.parquet", Compression::LZ4_RAW),
        ] {
            made.push((name, parquet_file::write(&events, compression)));
        }
    }
    made
}

/// All samples: of formats and of archives.
fn all() -> Vec<&'static str> {
    FORMATS
        .iter()
        .filter(|format| cfg!(feature = "parquet") || format.id != FormatId::Parquet)
        .flat_map(|format| format.samples.iter().copied())
        .chain(ARCHIVES.iter().map(|archive| archive.sample))
        .collect()
}

#[test]
fn every_format_decodes_its_sample() {
    for (name, bytes) in made() {
        if std::env::var_os("REGTRAIL_WRITE_SAMPLES").is_some() {
            std::fs::write(samples().join(name), bytes).expect("written");
        }
    }
    for name in all() {
        let loaded = load_as(&samples().join(name), None);
        assert_eq!(loaded.failed, None, "{name}");
        assert_eq!(loaded.kinds(), [], "{name}");
        assert_eq!(loaded.events, 24, "{name}");
    }
}

#[test]
fn every_sample_is_a_row_of_a_table() {
    let mut listed: Vec<String> = all().into_iter().map(str::to_owned).collect();
    let mut found: Vec<String> = std::fs::read_dir(samples())
        .expect("a directory of the project")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .filter(|name| cfg!(feature = "parquet") || !name.ends_with(".parquet"))
        .collect();
    listed.sort();
    found.sort();
    assert_eq!(listed, found);
}

#[test]
fn every_sample_gives_the_same_answers() {
    let ask = |name: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_regtrail"))
            .arg("query")
            .arg(samples().join(name))
            .args(["-f", "not status:404", "--since", "2020-01-01"])
            .args(["--facet", "action", "--facet", "user", "--facet", "client"])
            .args(["--facet", "outcome", "--facet", "instance_id", "-o", "json"])
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{name}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let first = ask("ndjson.ndjson");
    assert!(first.contains("GetBlob"));
    for name in all() {
        assert_eq!(ask(name), first, "{name}");
    }
}

#[test]
fn names_that_lie_do_not_matter() {
    for (name, lie) in [
        ("ndjson.gz", "a.ndjson"),
        ("ndjson.xz", "a.csv"),
        ("ndjson.snappy", "a.json"),
        ("csv.csv", "a.gz"),
        ("ndjson.ndjson", "a.parquet"),
        ("tsv.tsv", "a.zst"),
    ] {
        let loaded = load(lie, &sample(name));
        assert_eq!((loaded.events, loaded.failed), (24, None), "{name}");
    }
}

#[test]
fn archives_hold_every_format_and_follow_each_other() {
    for archive in ARCHIVES {
        let name = archive.name;
        // A raw block is told by the text in it.
        let formats = if name == "snappy" { 4 } else { FORMATS.len() };
        for format in &FORMATS[..formats] {
            if format.id == FormatId::Parquet && !cfg!(feature = "parquet") {
                continue;
            }
            let sample = sample(format.samples[0]);
            let loaded = load("x", &pack(name, &sample));
            if format.id != FormatId::Parquet {
                let size = sample.len() as u64;
                assert_eq!(loaded.total, Some(size), "{name}: at the end it is known");
            }
            assert_eq!(
                (loaded.events, loaded.failed),
                (24, None),
                "{name} {}",
                format.name
            );
        }
        if name != "snappy" {
            for sample in [sample("ndjson.ndjson"), sample("csv.csv")] {
                let twice = pack(name, &sample).repeat(2);
                let loaded = load("x", &twice);
                assert_eq!((loaded.events, loaded.failed), (48, None), "{name}");
                let nested = load("x", &pack("gzip", &twice));
                assert_eq!((nested.events, nested.failed), (48, None), "{name} in gzip");
            }
            let empty = load("x", &pack(name, b""));
            assert_eq!(
                (empty.events, empty.failed, empty.defects.len()),
                (0, None, 0),
                "{name}"
            );
        }
    }
}

#[test]
fn an_archive_cut_anywhere_gives_what_it_can_and_fails() {
    for archive in ARCHIVES {
        let whole = sample(archive.sample);
        let least = match archive.name {
            "snappy" => 64,
            "lzma" => 13,
            _ => 8,
        };
        let mut most = 0;
        for cut in (least..whole.len())
            .step_by(whole.len() / 25)
            .chain([whole.len() - 1])
        {
            let loaded = load("x.ndjson", &whole[..cut]);
            assert!(loaded.events <= 24, "{} {cut}", archive.name);
            assert!(loaded.failed.is_some(), "{} {cut}", archive.name);
            assert_eq!(
                loaded.kinds(),
                [DefectKind::Truncated],
                "{} {cut}",
                archive.name
            );
            assert!(
                loaded.defects[0].reason.contains(&format!("byte {cut}")),
                "{}: {}",
                archive.name,
                loaded.defects[0].reason
            );
            most = most.max(loaded.events);
        }
        // Some work in blocks larger than the sample.
        let least = if ["bzip2", "lz4", "legacy lz4", "zstd"].contains(&archive.name) {
            0
        } else {
            20
        };
        assert!(most >= least, "{}: {most}", archive.name);
    }
    let csv = pack("gzip", &sample("csv.csv"));
    let loaded = load("x.csv", &csv[..csv.len() / 2]);
    assert!((5..24).contains(&loaded.events) && loaded.failed.is_some());
    assert_eq!(loaded.kinds(), [DefectKind::Truncated]);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_that_is_cut_or_damaged_fails_and_says_where() {
    let whole = sample("snappy.parquet");
    for cut in (4..whole.len()).step_by(whole.len() / 12) {
        let loaded = load("x", &whole[..cut]);
        assert_eq!(
            (loaded.events, loaded.kinds()),
            (0, vec![DefectKind::Truncated])
        );
        let failed = loaded.failed.expect("a failure");
        assert!(failed.contains(&format!("byte {cut}")), "{failed}");
    }
    // The first row group destroyed: the second is read all the same.
    let mut damaged = whole.clone();
    damaged[100..whole.len() / 4].fill(0xff);
    let loaded = load("x", &damaged);
    assert_eq!(
        (loaded.events, loaded.kinds()),
        (12, vec![DefectKind::Truncated])
    );
    assert!(
        loaded
            .failed
            .expect("a failure")
            .contains("row group 1 of 2")
    );
}

#[test]
fn files_of_known_other_kinds_are_refused_by_name() {
    for (bytes, expected) in [
        (&b"ORC\0\0\0"[..], "ORC"),
        (b"Obj\x01\0", "Avro"),
        (b"PK\x03\x04\0", "zip"),
        (b"1,2,3,4,5,6\n7,8,9,10,11,12\n", "without a header"),
        (b"once upon a time\n", "not an audit log"),
    ] {
        let loaded = load("x.json", bytes);
        let failed = loaded.failed.expect("a failure");
        assert!(failed.contains(expected), "{failed}");
        let packed = load("x.json", &pack("gzip", bytes))
            .failed
            .expect("a failure");
        assert!(packed.contains(expected), "{packed}");
    }
    let failed = load("x", b"1,2,3,4,5,6\n").failed.expect("a failure");
    assert!(failed.contains("http_response_status"), "{failed}");
}

#[test]
fn a_format_that_is_asked_for_is_used() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("x");
    std::fs::write(&path, b"{\"time\":1},action\n2,b\n").expect("written");
    // As JSON the first line is a record and more; as a table it has a known name.
    let table = load_as(&path, Some(FormatId::Csv));
    assert_eq!((table.events, table.failed), (1, None));
    let lines = load_as(&path, Some(FormatId::Ndjson));
    assert!(lines.kinds().contains(&DefectKind::Syntax));
    let tsv = load_as(&path, Some(FormatId::Tsv));
    assert!(tsv.failed.expect("a failure").contains("without a header"));
    let output = Command::new(env!("CARGO_BIN_EXE_regtrail"))
        .args(["query", "--count", "--format", "csv"])
        .arg(&path)
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn defects_of_a_table_stand_at_their_lines() {
    let text = "__time__,tag\n1,a\n2,\"b\nc\"\n3,d,more\n4\nnever,e\n";
    for bytes in [text.as_bytes().to_vec(), pack("zstd", text.as_bytes())] {
        let loaded = load("x.csv", &bytes);
        assert_eq!((loaded.events, loaded.failed.clone()), (5, None));
        let found: Vec<_> = loaded.defects.iter().map(|d| (d.kind, d.line)).collect();
        assert_eq!(
            found,
            [(DefectKind::Shape, Some(5)), (DefectKind::Time, Some(7))]
        );
    }
    let open = load("x.csv", b"__time__,tag\n1,a\n2,\"b\n");
    assert_eq!((open.events, open.kinds()), (2, vec![DefectKind::Syntax]));
    assert_eq!(open.defects[0].line, Some(3));
}

#[test]
fn records_of_a_table_are_printed_as_objects() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("x.tsv");
    std::fs::write(
        &path,
        "__time__\ttag\ttag\tx\n1712912310\ta \"b\"\t\u{e9}\n",
    )
    .expect("written");
    for output in ["ndjson", "raw"] {
        let output = Command::new(env!("CARGO_BIN_EXE_regtrail"))
            .args(["query", "-o", output])
            .arg(&path)
            .output()
            .expect("the program runs");
        assert_eq!(
            String::from_utf8(output.stdout).expect("UTF-8"),
            "{\"__time__\":\"1712912310\",\"tag\":\"a \\\"b\\\"\",\"tag_0\":\"\u{e9}\"}\n"
        );
    }
}
