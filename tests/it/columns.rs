//! Parquet of every kind of column, as pyarrow writes it: what each value stands for is shown, what is no log is told
//! from what is damaged.
//!
//! `kinds.parquet` has pages of version 2 and lists by today's rules, `older.parquet` times of 96 bits and lists by
//! those before; the lines beside them are what pyarrow itself says is in them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use parquet::data_type::{ByteArrayType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/decode/parquet")
        .join(name)
}

fn query(path: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_regtrail"))
        .arg("query")
        .arg(path)
        .args(options)
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn every_kind_of_column_is_shown_as_what_it_stands_for() {
    for name in ["kinds", "older"] {
        let output = query(&file(&format!("{name}.parquet")), &["-o", "ndjson"]);
        let expected = std::fs::read(file(&format!("{name}.ndjson"))).expect("of the project");
        assert_eq!(text(&output.stdout), text(&expected), "{name}");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn times_without_a_zone_are_read_and_what_is_taken_for_granted_is_said() {
    let output = query(&file("kinds.parquet"), &["--count"]);
    let said = text(&output.stderr);
    assert!(
        said.ends_with("times without a time zone are read as UTC: ts_us_naive\n"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1);
}

#[test]
fn nested_values_are_found_like_those_of_logs_of_json() {
    for (filter, code) in [
        ("map:a", 0),
        ("list:3", 0),
        ("d32:1.50", 0),
        ("http_response_status:404", 0),
        ("date:1969*", 0),
        ("map:nothing", 1),
    ] {
        let output = query(&file("kinds.parquet"), &["-f", filter, "--count"]);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{filter}: {}",
            text(&output.stdout)
        );
    }
}

#[test]
fn columns_of_something_else_are_named_and_are_no_damage() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("prices.parquet");
    let schema = parse_message_type("message m { required int32 id; required byte_array price; }");
    let mut writer = SerializedFileWriter::new(
        std::fs::File::create(&path).expect("made"),
        Arc::new(schema.expect("a schema")),
        Arc::new(WriterProperties::builder().build()),
    )
    .expect("a file");
    let mut group = writer.next_row_group().expect("a file");
    let mut column = group.next_column().expect("a file").expect("a column");
    let ids = column.typed::<Int32Type>();
    ids.write_batch(&[1], None, None).expect("a file");
    column.close().expect("a file");
    let mut column = group.next_column().expect("a file").expect("a column");
    let prices = column.typed::<ByteArrayType>();
    prices
        .write_batch(&["2".into()], None, None)
        .expect("a file");
    column.close().expect("a file");
    group.close().expect("a file");
    writer.close().expect("a file");
    let output = query(&path, &["--count"]);
    let said = text(&output.stderr);
    assert!(
        said.contains("a Parquet file without audit log columns: it has id, price; expected ")
            && said.contains("http_response_status"),
        "{said}"
    );
    assert!(text(&output.stdout).contains("\"defects\":0"));
    assert_eq!((output.status.code(), said.lines().count()), (Some(3), 1));
}

#[test]
fn damage_of_nested_columns_ends_and_shows_only_whole_rows() {
    let whole = std::fs::read(file("older.parquet")).expect("of the project");
    let rows = std::fs::read(file("older.ndjson")).expect("of the project");
    let rows = text(&rows);
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("damaged.parquet");
    for at in (4..whole.len()).step_by(whole.len() / 40) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        std::fs::write(&path, damaged).expect("written");
        let output = query(&path, &["-o", "ndjson"]);
        // A damaged text may be no UTF-8.
        let out = String::from_utf8_lossy(&output.stdout);
        let said = text(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1 | 3)),
            "{at}: {said}"
        );
        assert!(!said.contains("panicked"), "{at}: {said}");
        assert!(out.lines().count() <= rows.lines().count(), "{at}");
        for line in out.lines() {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert!(record.is_object(), "{at}");
        }
    }
}
