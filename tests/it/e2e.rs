//! The real binary without a screen: what `regtrail query` promises, held against files made here and against
//! counts that are made again with a plain JSON reader.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use chrono::{DateTime, FixedOffset};
use serde_json::{Map, Value};
use tempfile::TempDir;

/// A directory of its own, which is also the home.
pub(crate) struct Place(TempDir);

/// What a run came to.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// The program in a clean environment: no configuration, no zone, no colour settings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regtrail"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().expect("the binary runs"))
    }

    /// A query with something on standard input.
    pub(crate) fn piped(&self, args: &[&str], input: &[u8]) -> Run {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("it ends");
        writer.join().expect("no panic").expect("all is read");
        Run::of(output)
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("no signal"),
            out: output.stdout,
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.text(), self.err))
    }

    /// The number of matches of a summary.
    pub(crate) fn matched(&self) -> u64 {
        self.json()["matched"].as_u64().expect("a number")
    }

    pub(crate) fn lines(&self) -> Vec<&str> {
        self.text().lines().collect()
    }
}

#[test]
fn stats_tell_what_the_events_take() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/ndjson.ndjson");
    let path = path.to_str().expect("UTF-8");
    let events = fs::read_to_string(path).expect("a sample").lines().count() as u64;
    let run = query(&[path, "--stats", "-f", "action:GetBlob"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let answer = run.json();
    let stats = &answer["stats"];
    let number = |value: &Value| value.as_u64().expect("a number");
    assert_eq!(number(&stats["events"]), events, "whatever the filter is");
    assert!(number(&stats["segments"]) > 0);
    assert!(stats["load_seconds"].as_f64() > Some(0.0));
    let sum = |list: &str| -> u64 {
        let list = stats[list].as_array().expect("a list");
        list.iter().map(|one| number(&one["bytes"])).sum()
    };
    assert_eq!(sum("columns"), number(&stats["column_bytes"]));
    assert_eq!(sum("dictionaries"), number(&stats["dictionary_bytes"]));
    assert!(number(&stats["bytes"]) > number(&stats["column_bytes"]));
    let columns = stats["columns"].as_array().expect("a list");
    let fields = columns
        .iter()
        .flat_map(|one| one["fields"].as_array().expect("a list"));
    let fields: Vec<&str> = fields.filter_map(Value::as_str).collect();
    for field in ["time", "http_request_id", "action", "user_name", "tag"] {
        assert!(fields.contains(&field), "{field}: {fields:?}");
    }
    let table = query(&[path, "--stats", "-o", "table"]);
    assert!(table.text().contains("load_seconds"), "{}", table.text());
    assert!(
        query(&[path, "--facet", "action"])
            .json()
            .get("stats")
            .is_none()
    );
}

/// A query in a clean place.
fn query(args: &[&str]) -> Run {
    let args: Vec<&str> = std::iter::once("query")
        .chain(args.iter().copied())
        .collect();
    Place::new().run(&args)
}

const SAMPLE: &str = "assets/samples/ndjson.ndjson";

/// A history of 20,000 events, as bytes and in a file, made once.
fn demo() -> &'static (Vec<u8>, String, Place) {
    static DEMO: OnceLock<(Vec<u8>, String, Place)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let place = Place::new();
        let run = place.run(&["demo", "--events", "20000", "--seed", "7", "-o", "ndjson"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        let path = place.file("demo.ndjson", &run.out);
        (run.out, path, place)
    })
}

fn events() -> Vec<Map<String, Value>> {
    let lines = demo().0.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("an object"))
        .collect()
}

/// A filter written out in plain code.
type Naive<'a> = &'a dyn Fn(&Map<String, Value>) -> bool;

fn text<'a>(event: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    event.get(field).and_then(Value::as_str)
}

fn sorted(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines
}

// Exit codes and diagnostics.

#[test]
fn exit_codes_tell_matched_nothing_usage_and_failed_sources_apart() {
    for (code, args) in [
        (0, &[SAMPLE, "--count"][..]),
        (1, &[SAMPLE, "--count", "--status", "999"]),
        (1, &[SAMPLE, "--since", "2030-01-01"]),
        (2, &[SAMPLE, "--nonsense"]),
        (2, &[SAMPLE, "-f", "action:("]),
        (2, &[SAMPLE, "--since", "someday"]),
        (2, &[SAMPLE, "--tz", "Nowhere/At-all"]),
        (2, &[SAMPLE, "--facet", ":3"]),
        (2, &[SAMPLE, "--histogram", "0s"]),
        (2, &[SAMPLE, "--histogram", "1ms"]),
        (2, &[SAMPLE, "--count", "-o", "raw"]),
        (2, &[SAMPLE, "-o", "xml"]),
        (3, &["no-such-file.ndjson", "--count"]),
        (3, &["no-such-file-*.ndjson", "--count"]),
        (3, &["LICENSE", "--count"]),
        (3, &["no-such-file.ndjson", SAMPLE, "--status", "999"]),
    ] {
        let run = query(args);
        assert_eq!(run.code, code, "{args:?}: {}", run.err);
        let is_silent = code == 0 || args.contains(&"2030-01-01");
        assert_eq!(run.err.is_empty(), is_silent, "{args:?}: {}", run.err);
    }
}

#[test]
fn options_may_precede_the_command() {
    let behind = query(&[SAMPLE, "--count", "--tz", "utc"]);
    let place = Place::new();
    let before = place.run(&[
        "--tz", "utc", "--theme", "light", "query", SAMPLE, "--count",
    ]);
    assert_eq!((before.code, before.out), (0, behind.out));
    for args in [&["qurey", SAMPLE][..], &["qurey", SAMPLE, "--count"]] {
        let run = place.run(args);
        assert_eq!(run.code, 2);
        assert!(
            run.err.contains("did you mean `regtrail query`?"),
            "{}",
            run.err
        );
    }
    let run = place.run(&["keys", SAMPLE, "--nonsense"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("--nonsense") || run.err.contains(SAMPLE),
        "{}",
        run.err
    );
    let run = place.run(&["--ascii", SAMPLE, "query"]);
    assert!(
        run.err.contains("write `regtrail query` first"),
        "{}",
        run.err
    );
}

#[test]
fn input_without_events_is_not_silent() {
    let place = Place::new();
    let run = place.run(&["query", &place.file("empty.ndjson", "")]);
    assert_eq!(run.code, 1);
    assert!(
        run.err
            .ends_with("empty.ndjson: empty, no events to read\n"),
        "{}",
        run.err
    );
    let run = place.run(&["query", &place.file("blank.ndjson", "\n\n")]);
    assert!(
        run.err
            .ends_with("blank.ndjson: empty, no events to read\n"),
        "{}",
        run.err
    );
    let run = place.run(&["query"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("standard input is empty"), "{}", run.err);
    let run = place.run(&["query", "s3://bucket/key", "--count"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("aws s3 cp s3://BUCKET/KEY - | regtrail query -"),
        "{}",
        run.err
    );
    let run = place.run(&["query", SAMPLE, "--limit", "1"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

#[test]
fn a_pick_without_matches_suggests_the_nearest_values() {
    for (args, said) in [
        (["--action", "delete"], "no action \"delete\""),
        (["--status", "999"], "no status 999"),
        (["--user", "nobody-like-it"], "the most frequent are"),
        (["--ip", "203.0.200.0/24"], "no address in 203.0.200.0/24"),
    ] {
        for output in [&["--count"][..], &[]] {
            let run = query(&[&[SAMPLE][..], &args, output].concat());
            assert_eq!(run.code, 1, "{}", run.err);
            assert!(run.err.contains(said), "{args:?}: {}", run.err);
            assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        }
    }
    let class = query(&[SAMPLE, "--count", "--status", "4xx"]);
    let text = query(&[SAMPLE, "--count", "-f", "status_class:4xx"]);
    assert_eq!((class.code, class.out), (text.code, text.out));
}

#[test]
fn a_word_without_matches_suggests_the_nearest_values() {
    let place = Place::new();
    let log = place.file("a.ndjson", AUDIT_OF_NAMES);
    for (query, said) in [
        (
            "user:ci-deplyo",
            "no user \"ci-deplyo\"; did you mean user/ci-deploy@acme (1)?",
        ),
        (
            "gatewy",
            "no event has the word \"gatewy\"; did you mean repository==pay/gateway (1)?",
        ),
        ("zzzzzz", "no event has the word \"zzzzzz\"\n"),
        (
            "user:zzzzzz",
            "no user \"zzzzzz\" among 1 event; the only value is user/ci-deploy@acme (1)",
        ),
    ] {
        let run = place.run(&["query", &log, "-f", query]);
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(run.err.contains(said), "{query}: {}", run.err);
    }
    // Both conditions have matches, so no value is missing.
    let run = place.run(&["query", &log, "-f", "gateway not GetBlob"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
}

/// One event with a user and a repository.
const AUDIT_OF_NAMES: &str = r#"{"time":"2024-04-12T16:30:30+08:00","action":"GetBlob","user_name":"ci-deploy@acme","user_identity_user_type":"ram-user","namespace_repo":"pay/gateway"}"#;

#[test]
fn a_failed_source_leaves_the_answer_of_the_others() {
    let run = query(&["no-such-file.ndjson", SAMPLE, "--count"]);
    assert_eq!((run.code, run.matched()), (3, 24));
    assert_eq!(run.json()["complete"], false);
    assert_eq!(
        run.err,
        "regtrail: no-such-file.ndjson: no such file; check the path\n"
    );
    let run = query(&["tests/decode/broken/prose.txt", SAMPLE]);
    assert_eq!((run.code, run.lines().len()), (3, 24));
    let place = Place::new();
    let log = place.file("a.toml", "[section]\nkey = 1\n");
    let run = place.run(&["query", &log, "--count"]);
    assert_eq!(run.code, 3, "it only begins like an array: {}", run.err);
    let run = query(&["LICENSE", SAMPLE]);
    assert_eq!((run.code, run.lines().len()), (3, 24));
    assert!(
        run.err.starts_with("regtrail: LICENSE: not an audit log"),
        "{}",
        run.err
    );
}

#[test]
fn an_error_in_a_query_is_shown_with_a_caret_and_what_was_meant() {
    let run = query(&[SAMPLE, "-f", "status:200 and acton:GetBlob"]);
    assert_eq!(run.code, 2);
    let lines: Vec<&str> = run.err.lines().collect();
    assert!(lines[0].contains("did you mean `action`?"), "{}", run.err);
    assert_eq!(lines[1], "status:200 and acton:GetBlob");
    assert_eq!(lines[2], "               ^^^^^");
    assert!(run.out.is_empty());
}

#[test]
fn a_saved_view_is_a_filter_that_options_refine() {
    let place = Place::new();
    fs::create_dir_all(place.path("config/regtrail/views")).expect("a directory");
    let view = "filter = \"status<400\"\n\n[[pick]]\nfield = \"action\"\ninclude = [\"GetBlob\"]\n";
    place.file("config/regtrail/views/blobs.toml", view);
    place.file(
        "config/regtrail/views/bad.toml",
        "filter = \"x\"\npick = 1\n",
    );
    let (_, log, _) = demo();
    let count = |options: &[&str]| {
        let args = [&["query", log.as_str(), "--count", "-o", "csv"], options].concat();
        let run = place.run(&args);
        (run.code, String::from_utf8(run.out).expect("text"))
    };
    let same = ["--view", "blobs", "-f", "user:ci", "--since", "2026-07-31"];
    let plain = [
        "-f",
        "status<400 and user:ci",
        "--action",
        "GetBlob",
        "--since",
        "2026-07-31",
    ];
    assert_eq!(count(&same), count(&plain));
    assert_eq!(count(&["--view", "blobs"]).0, 0);
    let bad = place.run(&["query", log, "--view", "bad"]);
    assert!(
        bad.code == 2 && bad.err.contains("bad.toml:2:"),
        "{}",
        bad.err
    );
    let gone = place.run(&["query", log, "--view", "gone"]);
    assert!(
        gone.code == 2 && gone.err.contains("no such view"),
        "{}",
        gone.err
    );
}

#[test]
fn slips_in_output_options_are_refused_as_those_in_queries() {
    for option in ["--facet", "--group-by", "--sort", "--columns"] {
        let run = query(&[SAMPLE, option, "acton"]);
        let wanted = format!("regtrail: {option} acton: no such field; did you mean `action`?\n");
        assert_eq!((run.code, run.err), (2, wanted));
    }
    // A field that no record happens to have, and one that only this log has.
    assert_eq!(query(&[SAMPLE, "--facet", "cost_centre"]).code, 0);
    let place = Place::new();
    let log = place.file("a", r#"{"time":"2024-04-12T16:58:30+08:00","acton":"1"}"#);
    let run = query(&[
        &log,
        "-f",
        "acton:1",
        "--facet",
        "acton",
        "--group-by",
        "acton",
    ]);
    assert_eq!((run.code, run.matched()), (0, 1), "{}", run.err);
}

#[test]
fn nothing_to_read_is_no_match() {
    let place = Place::new();
    assert_eq!(place.piped(&["query", "--count"], b"").code, 1);
    assert_eq!(
        place
            .run(&["query", &place.file("empty", ""), "--count"])
            .code,
        1
    );
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let (_, log, place) = demo();
    for args in [
        &["query", log][..],
        &["query", log, "-o", "table"],
        &["query", log, "-o", "csv"],
        &["query", log, "-o", "json", "--columns", "action"],
        &["demo", "-o", "ndjson"],
    ] {
        let mut command = place.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let mut first = [0; 10];
        child
            .stdout
            .take()
            .expect("piped")
            .read_exact(&mut first)
            .expect("some output");
        let run = Run::of(child.wait_with_output().expect("it ends"));
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    }
}

// Hostile input.

#[test]
fn broken_inputs_lose_no_neighbour_and_say_where() {
    let run = query(&["tests/decode/broken", "--count"]);
    let sums = run.json();
    assert_eq!(run.code, 3, "a text that is no log at all is among them");
    assert_eq!((&sums["total"], &sums["defects"]), (&39.into(), &10.into()));
    assert!(
        run.err
            .contains("tests/decode/broken/prose.txt: not an audit log")
    );
    assert!(run.err.contains("tests/decode/broken/no-time.ndjson:2: "));
    assert!(
        run.err
            .contains("tests/decode/broken/not-records.ndjson:4: expected an object")
    );
    assert!(
        run.err.lines().all(|line| line.starts_with("regtrail: ")),
        "{}",
        run.err
    );
    // Bad records alone leave the exit code as it is.
    let run = query(&["tests/decode/broken/not-records.ndjson", "--count"]);
    assert_eq!((run.code, run.matched()), (0, 3));
}

#[test]
fn monsters_between_good_neighbours_do_no_harm() {
    let place = Place::new();
    let good = |n: u32| {
        format!(
            "{{\"time\":\"2024-04-12T16:58:{n:02}+08:00\",\"action\":\"GetBlob\",\"n\":\"{n}\"}}\n"
        )
    };
    let long = format!(
        "{{\"time\":\"2024-04-12T16:58:31+08:00\",\"action\":\"PutImageManifest\",\"note\":\"{}\"}}\n",
        "x".repeat(30 << 20)
    );
    let too_long = long
        .replacen("PutImageManifest", "DeleteTag", 1)
        .replace("xx", "xxx");
    let nested = format!("{{\"a\":{}1{}}}\n", "[".repeat(10_000), "]".repeat(10_000));
    let text = [
        &good(1),
        &long,
        &good(2),
        &too_long,
        &nested,
        &good(3),
        "\0\0\n",
        &good(4),
    ]
    .concat();
    let path = place.file("monsters.ndjson", &text);
    let run = place.run(&["query", &path, "--facet", "n", "--action", "GetBlob"]);
    assert_eq!((run.code, run.matched()), (0, 4), "{}", run.err);
    assert!(run.err.contains("no line end within 32 MiB"), "{}", run.err);
    let run = place.run(&["query", &path, "--action", "PutImageManifest"]);
    assert!(run.out == long.as_bytes(), "{} bytes", run.out.len());
    let run = place.run(&[
        "query",
        &path,
        "-o",
        "table",
        "--columns",
        "note,action",
        "-f",
        "note:*",
    ]);
    assert!(run.out.len() < 1000, "cells of tables are cut");
}

#[test]
fn the_first_defects_of_a_long_file_are_the_ones_that_are_said() {
    let place = Place::new();
    let line = |n: u32| {
        if n % 10_000 == 5 {
            format!("bad line {n}\n")
        } else {
            format!("{{\"time\":\"2024-04-12T08:58:30Z\",\"action\":\"GetBlob\",\"n\":{n}}}\n")
        }
    };
    let path = place.file("a.ndjson", (0..100_000).map(line).collect::<String>());
    let run = place.run(&["query", &path, "--count"]);
    let said = "a.ndjson:6: expected a JSON object (syntax): bad line 5 (and 9 more like it)";
    assert!(run.err.contains(said), "{}", run.err);
}

#[test]
fn a_spreadsheet_gets_no_formula_where_it_is_asked_for_none() {
    let place = Place::new();
    let log = concat!(
        r#"{"time":"2024-04-12T08:58:30Z","action":"GetBlob","tag":"=cmd|' /C calc'!A0","=x":"@SUM(A1)","n":"-5"}"#,
        "\n",
        r#"{"time":"2024-04-12T08:58:31Z","action":"GetBlob","tag":"-2+3","=x":"\t=1","n":"v1"}"#,
        "\n"
    );
    let path = place.file("a.ndjson", log);
    let columns = ["--columns", "tag,=x,n"];
    let run = place.run(
        &[
            &["query", &path, "-o", "csv", "--for-spreadsheet"],
            &columns[..],
        ]
        .concat(),
    );
    let reported = "tag,'=x,n\n'=cmd|' /C calc'!A0,'@SUM(A1),-5\n'-2+3,'\t=1,v1\n";
    assert_eq!(
        (run.code, &*String::from_utf8_lossy(&run.out)),
        (0, reported)
    );
    let run = place.run(&[
        "query",
        &path,
        "-o",
        "csv",
        "--for-spreadsheet",
        "--facet",
        "tag",
    ]);
    let reported = String::from_utf8_lossy(&run.out).into_owned();
    assert!(
        reported.contains("1,'-2+3") && reported.contains("1,'=cmd"),
        "{reported}"
    );
    // Without it the data stays as it was.
    let run = place.run(&[&["query", &path, "-o", "csv"], &columns[..]].concat());
    assert!(
        String::from_utf8_lossy(&run.out).starts_with("tag,=x,n\n=cmd|' /C calc'!A0,@SUM(A1),-5\n")
    );
    let run = place.run(&["query", &path, "--for-spreadsheet"]);
    assert_eq!(
        (run.code, &*run.err),
        (
            2,
            "regtrail: --for-spreadsheet requires -o csv: add -o csv\n"
        )
    );
}

#[test]
fn tables_are_safe_to_print_and_data_stays_as_it_was() {
    let path = "tests/decode/broken/escapes.ndjson";
    let fields = "namespace_repo,tag,http_request_useragent,user_name,repo,namespace";
    for format in ["table", "markdown"] {
        for run in [
            query(&[path, "-o", format, "--columns", fields]),
            query(&[path, "-o", format, "--group-by", fields]),
        ] {
            let hidden = |c: &char| regtrail::model::is_hidden(*c) && *c != '\n';
            assert_eq!(run.text().chars().find(hidden), None, "{format}");
        }
    }
    let raw = query(&[path, "-o", "raw"]).out;
    assert_eq!(
        sorted(&raw),
        sorted(&fs::read(path).expect("a file of the project"))
    );
}

// Samples and sources.

#[test]
fn every_arrangement_of_json_gives_the_same_answers() {
    let ask = |name: &str| {
        let path = format!("assets/samples/{name}");
        let run = query(&[
            &path,
            "--facet",
            "action:all",
            "--facet",
            "user:all",
            "--histogram",
            "1h",
            "--group-by",
            "outcome",
        ]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{name}");
        run.json()
    };
    let first = ask("ndjson.ndjson");
    assert_eq!(
        (&first["total"], &first["defects"]),
        (&24.into(), &0.into())
    );
    for name in [
        "array.json",
        "arrays-per-line.json",
        "pretty.json",
        "wrapped-data.json",
        "wrapped-logs.json",
        "pull-log-dump.ndjson",
    ] {
        assert_eq!(ask(name), first, "{name}");
    }
}

#[test]
fn standard_input_is_read_with_and_without_a_dash() {
    let (log, path, place) = demo();
    let wanted = place
        .run(&["query", path, "--facet", "user", "--histogram", "auto"])
        .out;
    for source in [&[][..], &["-"]] {
        let args = [
            &["query"],
            source,
            &["--facet", "user", "--histogram", "auto"],
        ]
        .concat();
        assert!(place.piped(&args, log).out == wanted);
    }
}

#[test]
fn several_files_merge_by_time_the_same_way_each_run() {
    let (log, _, _) = demo();
    let place = Place::new();
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for (n, line) in log.split_inclusive(|byte| *byte == b'\n').enumerate() {
        parts[n * 7 % 3].extend_from_slice(line);
    }
    fs::create_dir_all(place.path("deep/er")).expect("a directory");
    for (part, name) in parts.iter().zip(["c.ndjson", "deep/a.ndjson", "deep/er/b"]) {
        place.file(name, part);
    }
    let directory = place.0.path().to_str().expect("UTF-8");
    let merged = place.run(&["query", directory]);
    let mut wanted: Vec<(DateTime<FixedOffset>, &[u8])> = Vec::new();
    for part in &parts {
        for line in part.split_inclusive(|byte| *byte == b'\n') {
            let event: Map<String, Value> = serde_json::from_slice(line).expect("an object");
            let time = text(&event, "time").expect("always there");
            wanted.push((time.parse().expect("RFC 3339"), line));
        }
    }
    // Stable: ties stay in the order of the files' names, then of the lines.
    wanted.sort_by_key(|(time, _)| *time);
    let wanted: Vec<&[u8]> = wanted.into_iter().map(|(_, line)| line).collect();
    assert!(merged.out == wanted.concat());
    let args = [
        "query",
        directory,
        "--facet",
        "repo:all",
        "--group-by",
        "user,action",
        "--histogram",
        "10m",
    ];
    let sums = place.run(&args).out;
    for _ in 0..2 {
        assert!(place.run(&["query", directory]).out == merged.out);
        assert!(place.run(&args).out == sums);
    }
    let pattern = format!("{directory}/deep/*.ndjson");
    let wanted = parts[1].split_inclusive(|byte| *byte == b'\n').count() as u64;
    assert_eq!(place.run(&["query", &pattern, "--count"]).matched(), wanted);
}

// Filter.

#[test]
fn counts_are_those_of_a_plain_json_reader() {
    let events = events();
    let path = &demo().1;
    let mut by_action = BTreeMap::new();
    for event in &events {
        *by_action
            .entry(text(event, "action").expect("always there"))
            .or_insert(0_u64) += 1;
    }
    let run = query(&[path, "--facet", "action:all", "--facet", "blob_digest:1"]);
    let sums = run.json();
    assert_eq!(sums["total"], events.len());
    let values = sums["facets"][0]["values"].as_array().expect("an array");
    let found: BTreeMap<&str, u64> = values
        .iter()
        .map(|v| {
            (
                v["value"].as_str().expect("a text"),
                v["count"].as_u64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(found, by_action);
    let missing = events
        .iter()
        .filter(|e| !e.contains_key("blob_digest"))
        .count();
    assert_eq!(sums["facets"][1]["missing"], missing);

    let status = |e: &Map<String, Value>| {
        text(e, "http_response_status").and_then(|s| s.parse::<u32>().ok())
    };
    let address = |e: &Map<String, Value>| {
        text(e, "http_request_remoteaddr")
            .unwrap_or_default()
            .to_owned()
    };
    let cases: [(&[&str], Naive); 9] = [
        (&["--status", "403"], &|e| status(e) == Some(403)),
        (&["--status", "403", "--status", "401"], &|e| {
            matches!(status(e), Some(401 | 403))
        }),
        (&["--action", "!GetBlob"], &|e| {
            text(e, "action") != Some("GetBlob")
        }),
        (&["-f", "status >= 400"], &|e| {
            status(e).is_some_and(|s| s >= 400)
        }),
        (&["-f", "status in [300 400)"], &|e| {
            status(e).is_some_and(|s| (300..400).contains(&s))
        }),
        (&["-f", "not tag:*"], &|e| !e.contains_key("tag")),
        (&["-f", "tag:\"\""], &|e| text(e, "tag") == Some("")),
        (&["-f", "ip in 10.34.0.0/16"], &|e| {
            address(e).starts_with("10.34.")
        }),
        (
            &["-f", "outcome:denied", "--action", "PutImageManifest"],
            &|e| {
                matches!(status(e), Some(401 | 403))
                    && text(e, "action") == Some("PutImageManifest")
            },
        ),
    ];
    for (args, naive) in cases {
        let wanted = events.iter().filter(|event| naive(event)).count() as u64;
        let run = query(&[&[path.as_str(), "--count"], args].concat());
        assert!(
            wanted > 0 && run.matched() == wanted,
            "{args:?}: {} not {wanted}",
            run.matched()
        );
    }
}

#[test]
fn since_is_included_and_until_is_not() {
    let place = Place::new();
    let log = (0..6).fold(String::new(), |log, n| {
        log + &format!("{{\"time\":\"2024-04-12T16:00:0{n}+08:00\",\"n\":\"{n}\"}}\n")
    });
    let path = place.file("log", log);
    let count = |args: &[&str]| query(&[&[path.as_str(), "--count"], args].concat()).matched();
    assert_eq!(
        count(&[
            "--since",
            "2024-04-12T08:00:02Z",
            "--until",
            "2024-04-12T08:00:04Z"
        ]),
        2
    );
    assert_eq!(count(&["--since", "2024-04-12T16:00:02+08:00"]), 4);
    assert_eq!(
        count(&["--until", "2024-04-12 16:00:02", "--tz", "Asia/Shanghai"]),
        2
    );
    assert_eq!(
        count(&["--since", "2024-04-12", "--until", "2024-04-13"]),
        6
    );
    assert_eq!(count(&["--since", "-2h"]), 0);
    assert_eq!(
        query(&[&path, "--since", "13:00", "--until", "12:00"]).code,
        2
    );
}

#[test]
fn a_facet_ignores_its_own_picks_and_nothing_else() {
    let events = events();
    let path = &demo().1;
    let run = query(&[
        path,
        "-f",
        "not status:404",
        "--action",
        "GetBlob",
        "--network-is-no-option",
    ]);
    assert_eq!(run.code, 2);
    let run = query(&[
        path,
        "-f",
        "not status:404",
        "--action",
        "GetBlob",
        "--facet",
        "action:all",
        "--facet",
        "status:all",
    ]);
    let sums = run.json();
    let count = |name: &str| {
        let kept = |e: &&Map<String, Value>| {
            text(e, "http_response_status") != Some("404") && text(e, "action") == Some(name)
        };
        events.iter().filter(kept).count() as u64
    };
    let values = sums["facets"][0]["values"].as_array().expect("an array");
    assert!(values.len() > 3);
    for value in values {
        assert_eq!(
            value["count"],
            count(value["value"].as_str().expect("a text")),
            "{value}"
        );
    }
    assert_eq!(sums["matched"], count("GetBlob"));
    let statuses = sums["facets"][1]["values"].as_array().expect("an array");
    let sum: u64 = statuses
        .iter()
        .map(|v| v["count"].as_u64().expect("a number"))
        .sum();
    assert_eq!(sum, count("GetBlob"), "another facet counts under the pick");
    assert!(
        statuses.iter().all(|v| v["value"] != "404"),
        "the query holds for every facet"
    );
}

// Output.

#[test]
fn what_is_printed_can_be_read_again_with_the_same_answers() {
    let (log, path, place) = demo();
    let printed = place.run(&["query", path, "-o", "ndjson"]).out;
    assert!(
        sorted(&printed) == sorted(log),
        "records are printed as they were read"
    );
    let again = place.file("again.ndjson", &printed);
    let ask = |path: &str| {
        place
            .run(&[
                "query",
                path,
                "--facet",
                "user:all",
                "--facet",
                "image:all",
                "--histogram",
                "1m",
                "--group-by",
                "client,outcome",
            ])
            .out
    };
    assert!(ask(&again) == ask(path));
    assert!(place.run(&["query", &again]).out == printed);
}

#[test]
fn raw_is_byte_for_byte_what_was_read() {
    for name in ["ndjson.ndjson", "pull-log-dump.ndjson"] {
        let path = format!("assets/samples/{name}");
        let file = fs::read(&path).expect("a sample");
        assert!(
            sorted(&query(&[&path, "-o", "raw"]).out) == sorted(&file),
            "{name}"
        );
        assert!(
            sorted(&query(&[&path, "-o", "ndjson"]).out) == sorted(&file),
            "{name}"
        );
    }
    let spelled = concat!(
        "{ \"time\" : \"2024-04-12 06:58:30\",\"b\":1.50,\"a\":null,\"b\":2,\"\\u0061ction\":\"Get\\/Blob\"}\n",
        "{\"http_response_status\":200,\"time\":\"2024-04-12T08:58:31.5Z\",\"x\":{\"y\":[1, 2]},\"t\":true}\n"
    );
    let place = Place::new();
    let path = place.file("spelled", spelled);
    assert_eq!(query(&[&path, "-o", "raw"]).text(), spelled);
}

#[test]
fn every_format_prints_events_and_sums() {
    for format in ["table", "json", "ndjson", "csv", "markdown", "raw"] {
        let run = query(&[
            SAMPLE,
            "-o",
            format,
            "--status",
            "404",
            "--columns",
            "time,action,user",
        ]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{format}");
        assert!(
            run.text().contains("GetImageManifest") && run.text().ends_with('\n'),
            "{format}"
        );
        if format != "raw" {
            let run = query(&[
                SAMPLE,
                "-o",
                format,
                "--count",
                "--facet",
                "action",
                "--histogram",
                "1h",
                "--group-by",
                "user",
            ]);
            assert_eq!((run.code, run.err.as_str()), (0, ""), "{format}");
            assert!(run.text().contains("GetImageManifest"), "{format}");
        }
    }
    let events = query(&[SAMPLE, "-o", "json"]).json();
    assert_eq!(events.as_array().expect("an array").len(), 24);
    let csv = query(&[SAMPLE, "-o", "csv"]).out;
    let mut reader = csv::Reader::from_reader(&csv[..]);
    let header = reader.headers().expect("a header").clone();
    assert_eq!(reader.records().filter_map(Result::ok).count(), 24);
    for field in regtrail::model::CATALOGUE.of_kind(regtrail::model::FieldKind::Logged) {
        let name = &regtrail::model::CATALOGUE.get(field).expect("in it").name;
        assert!(header.iter().any(|column| column == name), "{name}");
    }
}

#[test]
fn sort_limit_and_columns() {
    let path = &demo().1;
    let times = |args: &[&str]| {
        let run = query(
            &[
                &[
                    path.as_str(),
                    "-o",
                    "ndjson",
                    "--columns",
                    "time,http_response_status",
                ],
                args,
            ]
            .concat(),
        );
        run.lines()
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).expect("an object"))
            .collect::<Vec<_>>()
    };
    let all = times(&[]);
    assert_eq!(all.len(), 20_000);
    assert_eq!(all[0].as_object().expect("an object").len(), 2);
    let stamp = |v: &Value| {
        chrono::DateTime::parse_from_rfc3339(v["time"].as_str().expect("a text")).expect("a time")
    };
    assert!(all.is_sorted_by_key(stamp));
    assert_eq!(times(&["--limit", "5"]), all[..5]);
    let newest: Vec<Value> = all.iter().rev().take(5).cloned().collect();
    assert_eq!(times(&["--limit", "5", "--sort", "-time"]), newest);
    let by_status = times(&["--sort", "-status"]);
    let status = |v: &Value| {
        v["http_response_status"]
            .as_str()
            .and_then(|s| s.parse::<i64>().ok())
    };
    assert!(by_status.is_sorted_by_key(|v| std::cmp::Reverse(status(v))));
    assert!(times(&["--limit", "0"]).is_empty());
}

#[test]
fn groups_and_histograms_add_up() {
    let path = &demo().1;
    let run = query(&[
        path,
        "--group-by",
        "client,outcome",
        "--histogram",
        "30m",
        "--sort",
        "-failed",
    ]);
    let sums = run.json();
    let groups = sums["groups"].as_array().expect("an array");
    let add = |key: &str| {
        groups
            .iter()
            .map(|g| g[key].as_u64().expect("a number"))
            .sum::<u64>()
    };
    assert_eq!(add("count"), 20_000);
    assert!(groups.is_sorted_by_key(|g| std::cmp::Reverse(g["failed"].as_u64())));
    assert_eq!(
        add("failed"),
        query(&[path, "--count", "-f", "status >= 400"]).matched()
    );
    let counts = sums["histogram"]["counts"].as_array().expect("an array");
    assert_eq!(
        counts
            .iter()
            .map(|c| c.as_u64().expect("a number"))
            .sum::<u64>(),
        20_000
    );
    assert_eq!(sums["histogram"]["step_seconds"], 1800);
    assert_eq!(sums["histogram"]["from"], "2026-07-31T00:00:00.000000000Z");
    let defaults = query(&[path, "--group-by", "action"]).json();
    let counts: Vec<u64> = defaults["groups"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|g| g["count"].as_u64().expect("a number"))
        .collect();
    assert!(counts.is_sorted_by(|a, b| a >= b), "most first");
}

#[test]
fn a_range_that_was_asked_for_is_covered_by_the_histogram() {
    let range = [
        "--since",
        "2024-04-11T00:00Z",
        "--until",
        "2024-04-12T00:00Z",
    ];
    let ask = |more: &[&str]| {
        let args = [&[SAMPLE, "--histogram", "1h"], &range[..], more].concat();
        query(&args).json()["histogram"].clone()
    };
    let counts = ask(&[])["counts"].as_array().expect("an array").clone();
    assert_eq!(counts.len(), 24);
    let nothing = ask(&["--status", "999"]);
    assert_eq!(nothing["counts"], Value::from(vec![0; 24]));
    let unknown = query(&[SAMPLE, "--histogram", "1h", "--status", "999"]).json();
    assert_eq!(unknown["histogram"], Value::Null, "no time to count over");
}

#[test]
fn facets_give_ten_values_most_first_and_ties_by_value() {
    let path = &demo().1;
    let values = |facet: &str| {
        let sums = query(&[path, "--facet", facet]).json();
        let values = sums["facets"][0]["values"]
            .as_array()
            .expect("an array")
            .clone();
        let pair = |v: &Value| {
            let count = v["count"].as_u64().expect("a number");
            (
                std::cmp::Reverse(count),
                v["value"].as_str().expect("a text").to_owned(),
            )
        };
        (
            values.iter().map(pair).collect::<Vec<_>>(),
            sums["facets"][0]["distinct"].clone(),
        )
    };
    let (all, distinct) = values("repo:all");
    assert_eq!(distinct, all.len());
    assert!(all.is_sorted(), "most first, ties by value");
    assert_eq!(values("repo").0, all[..10]);
    assert_eq!(values("repo:3").0, all[..3]);
}

#[test]
fn an_event_without_a_readable_time_is_kept_first_and_counted() {
    let place = Place::new();
    let log = concat!(
        "{\"time\":\"2024-04-12T16:00:00+08:00\",\"n\":\"1\"}\n",
        "{\"time\":\"soon\",\"n\":\"2\"}\n",
        "{\"__time__\":\"1712908799\",\"__time_ns_part__\":\"5\",\"n\":\"3\"}\n"
    );
    let path = place.file("log", log);
    let run = place.run(&["query", &path, "-o", "csv", "--columns", "n"]);
    assert_eq!((run.code, run.text()), (0, "n\n2\n3\n1\n"));
    assert!(
        run.err.starts_with(&format!("regtrail: {path}:2: ")),
        "{}",
        run.err
    );
    let sums = place.run(&["query", &path, "--count"]).json();
    assert_eq!((&sums["total"], &sums["defects"]), (&3.into(), &1.into()));
    assert_eq!(sums["range"]["from"], "2024-04-12T07:59:59.000000005Z");
}

#[test]
fn times_are_shown_by_the_zone_asked_for() {
    let first = |zone: &[&str]| {
        let run = query(
            &[
                &[SAMPLE, "-o", "table", "--columns", "time", "--limit", "1"],
                zone,
            ]
            .concat(),
        );
        run.lines()[1].to_owned()
    };
    assert_eq!(first(&[]), "2024-04-11T09:00:00.023345331Z");
    assert_eq!(first(&["--tz", "utc"]), "2024-04-11T09:00:00.023345331Z");
    assert_eq!(
        first(&["--tz", "source"]),
        "2024-04-11T17:00:00.023345331+08:00"
    );
    assert_eq!(
        first(&["--tz", "America/New_York"]),
        "2024-04-11T05:00:00.023345331-04:00"
    );
}

// The other commands.

#[test]
fn the_other_commands_print_and_end() {
    let place = Place::new();
    for (args, within) in [
        (&["fields"][..], "namespace_repo"),
        (&["fields", "--json"], "\"name\":\"action\""),
        (&["keys"], "move.down"),
        (&["config"], "config.toml"),
        (&["config", "--path"], "config.toml"),
        (&["config", "--default"], "theme = "),
        (&["config", "--effective"], "timezone = "),
        (&["completions", "bash"], "regtrail"),
        (&["man"], "regtrail"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
        (&["query", "--help"], "--group-by"),
    ] {
        let run = place.run(args);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
        assert!(run.text().contains(within), "{args:?}");
    }
    let run = place.run(&["demo"]);
    assert_eq!(run.code, 2, "the explorer needs a terminal");
    assert!(run.err.contains("regtrail query"), "{}", run.err);
    assert!(
        fs::read_dir(Path::new(place.0.path()))
            .expect("there")
            .next()
            .is_none(),
        "nothing was left behind"
    );
}
