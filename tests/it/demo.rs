//! The logs that come with the project: samples of every arrangement a log may arrive in, and inputs that are
//! broken in one way each.
//!
//! `assets/samples` holds the same 24 events nine times. They come from the synthetic traffic, except for what
//! was changed by hand: one event has no `time` (its `__time__` counts), two have theirs in UTC with no or three
//! digits of fraction, one has no status, one has quotes, a comma, backslashes and a line feed in its agent.
//! The CSV and TSV files cannot tell a missing value from an empty one; `pull-log-dump.ndjson` has reserved
//! fields the others have not.
//!
//! `tests/decode/broken` holds what may be wrong with a log, see [`BROKEN`]. Editors and version control like to
//! mend such files: the tests fail when a file is no longer broken.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use regtrail::decode::{Decoder, Framer, Piece};
use regtrail::index::Interner;
use regtrail::model::DefectKind::{self, Shape, Syntax, Time, Truncated};
use serde_json::{Map, Value};

fn path(under: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(under)
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(path("assets/samples").join(name)).expect("a sample of the project")
}

fn broken(name: &str) -> Vec<u8> {
    std::fs::read(path("tests/decode/broken").join(name)).expect("a broken input of the project")
}

/// Events and defects of a JSON text, as it is read when it comes in one piece.
fn read(text: &[u8]) -> (usize, Vec<DefectKind>) {
    let mut decoder = Decoder::new(Arc::new(Interner::default()));
    let mut pieces = Vec::new();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    Framer::default().push(text, true, &mut pieces);
    let mut defects = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Record(range) => decoder.record(&text[range.clone()], range.start as u64),
            Piece::Bad { kind, .. } => defects.push(kind),
        }
        defects.extend(decoder.take_flaws().into_iter().map(|flaw| flaw.kind));
    }
    let (segments, flaws) = decoder.finish();
    defects.extend(flaws.into_iter().map(|flaw| flaw.kind));
    (segments.iter().map(|s| s.rows).sum(), defects)
}

const JSON: [&str; 7] = [
    "ndjson.ndjson",
    "array.json",
    "arrays-per-line.json",
    "pretty.json",
    "wrapped-data.json",
    "wrapped-logs.json",
    "pull-log-dump.ndjson",
];

/// What a standard reader finds in a sample: records without the fields that Simple Log Service adds.
fn records(name: &str) -> Vec<Map<String, Value>> {
    let text = sample(name);
    let mut records = Vec::new();
    for document in serde_json::Deserializer::from_slice(&text).into_iter::<Value>() {
        match document.expect("a sample is JSON") {
            Value::Array(array) => records.extend(array),
            Value::Object(mut object) => {
                match object.remove("data").or_else(|| object.remove("logs")) {
                    Some(Value::Array(array)) => records.extend(array),
                    _ => records.push(object.into()),
                }
            }
            other => panic!("unexpected {other}"),
        }
    }
    records
        .into_iter()
        .map(|record| match record {
            Value::Object(fields) => fields
                .into_iter()
                .filter(|(key, _)| !key.starts_with("__"))
                .collect(),
            other => panic!("unexpected {other}"),
        })
        .collect()
}

#[test]
fn samples_hold_the_same_events_in_every_arrangement() {
    let first = records(JSON[0]);
    assert_eq!(first.len(), 24);
    for name in JSON {
        assert_eq!(records(name), first, "{name}");
        assert_eq!(read(&sample(name)), (24, Vec::new()), "{name}");
    }
}

#[test]
fn tables_hold_the_same_events_as_the_other_samples() {
    let events = records(JSON[0]);
    for (name, delimiter) in [("csv.csv", b','), ("tsv.tsv", b'\t')] {
        let text = sample(name);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .from_reader(&text[..]);
        let header = reader.headers().expect("a header").clone();
        let rows: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), events.len(), "{name}");
        for (row, event) in rows.iter().zip(&events) {
            for (key, value) in header
                .iter()
                .zip(row)
                .filter(|(key, _)| !key.starts_with("__"))
            {
                assert_eq!(
                    value,
                    event.get(key).and_then(Value::as_str).unwrap_or_default(),
                    "{name} {key}"
                );
            }
            assert!(
                event
                    .keys()
                    .all(|key| header.iter().any(|column| column == key)),
                "{name}"
            );
        }
    }
}

/// Every broken input, the events that can be read from it, and its defects.
const BROKEN: &[(&str, usize, &[DefectKind])] = &[
    ("blank-lines.ndjson", 2, &[]),
    ("bom.ndjson", 2, &[]),
    ("crlf.ndjson", 3, &[]),
    ("empty.ndjson", 0, &[]),
    ("escapes.ndjson", 4, &[]),
    ("invalid-utf8.ndjson", 3, &[]),
    ("nested.ndjson", 3, &[]),
    ("no-final-newline.ndjson", 2, &[]),
    ("no-time.ndjson", 4, &[Time]),
    ("not-records.ndjson", 3, &[Shape, Shape, Shape, Shape]),
    ("nul.ndjson", 4, &[]),
    ("numbers-in-array.json", 3, &[Shape, Shape]),
    ("prose.txt", 0, &[Syntax, Syntax]),
    ("truncated-middle.ndjson", 2, &[Syntax]),
    ("truncated.ndjson", 2, &[Truncated]),
    // An array that is never closed: its records are read all the same.
    ("unclosed.ndjson", 2, &[Truncated]),
];

#[test]
fn broken_inputs_lose_no_neighbour() {
    let read: Vec<_> = BROKEN
        .iter()
        .map(|(name, _, _)| (*name, read(&broken(name))))
        .collect();
    let expected: Vec<_> = BROKEN
        .iter()
        .map(|(name, events, defects)| (*name, (*events, defects.to_vec())))
        .collect();
    assert_eq!(read, expected);
}

#[test]
fn every_broken_input_is_listed() {
    let listed: BTreeSet<String> = BROKEN
        .iter()
        .map(|(name, _, _)| (*name).to_owned())
        .collect();
    let found: BTreeSet<String> = std::fs::read_dir(path("tests/decode/broken"))
        .expect("the directory is part of the project")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    assert_eq!(found, listed);
}

#[test]
fn broken_inputs_are_still_broken() {
    let has = |name: &str, bytes: &[u8]| {
        broken(name)
            .windows(bytes.len())
            .any(|window| window == bytes)
    };
    assert!(broken("bom.ndjson").starts_with(b"\xef\xbb\xbf{"));
    assert!(has("crlf.ndjson", b"}\r\n{") && !has("crlf.ndjson", b"}\n"));
    assert!(has("blank-lines.ndjson", b"\n\n  \t \n"));
    assert!(broken("no-final-newline.ndjson").ends_with(b"}"));
    assert!(has("invalid-utf8.ndjson", b"ns/\xff\xfe\xc3"));
    assert!(has("nul.ndjson", b"\\u0000") && has("nul.ndjson", b"\0"));
    assert!(!broken("truncated.ndjson").ends_with(b"}\n"));
    assert!(has("nested.ndjson", &[b'['; 10_000]) && has("unclosed.ndjson", &[b'['; 10_000]));
    assert!(has("escapes.ndjson", b"\\u001b[2J") && has("escapes.ndjson", "\u{202e}".as_bytes()));
    assert!(broken("empty.ndjson").is_empty());
}
