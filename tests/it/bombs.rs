//! Bombs: a byte, a line, a record, a bracket repeated to megabytes, in every frame, format and archive. The program runs
//! as a child under limits of memory and processor time; whatever it makes of them, it says so and ends.
//!
//! `REGTRAIL_BOMB_MIB` makes them larger than the mebibyte of each run of the tests, and the time that they may take.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::chance::{Chance, fuzz};
use crate::pty::PROGRAM;

/// A whole record as JSON.
const RECORD: &str =
    r#"{"time":"2024-04-12T08:58:30.123+08:00","action":"GetBlob","user":"u1","x":"y"}"#;

/// What is repeated. Each is a kind that some reader might follow further than it should.
const UNITS: [&str; 62] = [
    "{",
    "[",
    "}",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "\n",
    "\r",
    " ",
    "\t",
    "\0",
    "x",
    "1",
    "-",
    "|",
    ";",
    "=",
    "<",
    "'",
    "\u{1b}",
    "\u{1b}[",
    "\u{1b}[1m",
    "\u{feff}",
    "\u{1e}",
    "é",
    "\\ud800",
    "{\n",
    "[\n",
    "x\n",
    "\"\n",
    ",\n",
    "{}",
    "{}\n",
    "[]",
    "[{",
    "[\n[\n",
    "{\"a\":[",
    "{\"a\":",
    "{\"data\":[",
    "{\"Records\":[",
    "{\"a\"",
    "{\"x\" ",
    "{\"time\":\"1",
    "{\"a\":NaN}",
    "{\"action\":\"a\"}\n",
    "{\"action\":\"a\"},",
    "{\"action\":\"a\",\"time\":\"x\"}\n",
    "data: x\n",
    "data: {}\n\n",
    "app | ",
    "{\"index\":{}}\n",
    "\",",
    "\",\"\n",
    "a,",
    "time,action\n",
    "2024-04-12 08:58:30,GetBlob\n",
    "2024-04-12 08:58:30,\"GetBlob\n",
    "2024-04-12 08:58:30,\"a\\\",u\n",
    "ID  TIME\n",
    "\u{1b}[1m{\u{1b}[0m",
];

/// The same of a whole record: before it, behind it, within it.
fn around_records() -> Vec<String> {
    let quoted = RECORD.replace('"', "\\\"");
    vec![
        RECORD.to_owned(),
        format!("{RECORD}\n"),
        format!("{RECORD},"),
        format!("x{RECORD}"),
        format!("{RECORD}x"),
        format!("{RECORD}\0"),
        format!("\0\0\0\0{RECORD}\n"),
        format!("\"{quoted}\"\n"),
        format!("\"{quoted}\""),
        format!("data: {RECORD}\n\n"),
        format!("app | {RECORD}\n"),
        RECORD[..40].to_owned(),
        format!("{}\n", &RECORD[..40]),
        RECORD.replace('"', "'"),
        format!("{}\n", RECORD.replace('"', "'")),
        format!("\u{1b}[1m{RECORD}\u{1b}[0m\n"),
    ]
}

/// What stands before it.
const FRAMES: [&str; 8] = [
    "",
    concat!(r#"{"time":"2024-04-12T08:58:30Z","action":"a"}"#, "\n"),
    r#"[{"time":"2024-04-12T08:58:30Z","action":"a"},"#,
    r#"{"time":"2024-04-12T08:58:30Z","x":""#,
    r#"{"time":"2024-04-12T08:58:30Z","x":"#,
    "time,action,user\n",
    "time,action,user\n2024-04-12 08:58:30,\"",
    "[\n{\"time\":\"2024-04-12T08:58:30Z\",\"action\":\"a\"},\n",
];

/// Memory that the process may take, in KiB: all of it, not only what is resident.
const MEMORY: u32 = 400_000;

fn mebibytes() -> usize {
    let wanted = std::env::var("REGTRAIL_BOMB_MIB").ok();
    wanted.map_or(1, |text| text.parse().expect("a number of MiB"))
}

/// Runs the program under limits, on sources or on what is fed to it; nothing of it may be worse than an error in words.
pub(crate) fn bounded(arguments: &[&str], fed: Option<&[u8]>, what: &str) -> String {
    // A memory area for each thread would be reserved, not used.
    let limits = format!(
        "ulimit -v {MEMORY}; ulimit -t {}; exec \"$@\"",
        20 + 10 * mebibytes()
    );
    let home = tempfile::tempdir().expect("a directory");
    let mut child = Command::new("sh")
        .args(["-c", &limits, "sh", PROGRAM])
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("MALLOC_ARENA_MAX", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut stdin = child.stdin.take().expect("piped");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that refuses the beginning does not read the rest.
            let _ = stdin.write_all(fed.unwrap_or_default());
        });
        child.wait_with_output().expect("ends")
    });
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code();
    assert!(
        matches!(code, Some(0 | 1 | 3)),
        "{what}: {}: {said}",
        output.status
    );
    assert!(!said.contains("internal error"), "{what}: {said}");
    let sums: serde_json::Value = serde_json::from_slice(&output.stdout).expect("sums");
    assert!(sums["total"].is_u64(), "{what}");
    said
}

fn bomb(frame: &str, unit: &str, len: usize) -> Vec<u8> {
    [frame, &unit.repeat(len / unit.len())]
        .concat()
        .into_bytes()
}

/// The bombs of a unit, a file each.
fn files(place: &Path, unit: &str) -> Vec<PathBuf> {
    let write = |(at, frame): (usize, &&str)| {
        let path = place.join(format!("{at}"));
        fs::write(&path, bomb(frame, unit, mebibytes() << 20)).expect("written");
        path
    };
    FRAMES.iter().enumerate().map(write).collect()
}

#[test]
fn no_repetition_takes_more_memory_or_time_than_its_length() {
    let place = tempfile::tempdir().expect("a directory");
    let around = around_records();
    for unit in UNITS.into_iter().chain(around.iter().map(String::as_str)) {
        let files = files(place.path(), unit);
        if mebibytes() > 1 {
            for file in &files {
                let name = file.to_str().expect("UTF-8");
                bounded(
                    &["query", name, "--count"],
                    None,
                    &format!("{name}: {unit:?}"),
                );
            }
            continue;
        }
        let names = files.iter().map(|file| file.to_str().expect("UTF-8"));
        let arguments: Vec<&str> = ["query", "--count"].into_iter().chain(names).collect();
        bounded(&arguments, None, &format!("{unit:?}"));
    }
}

#[test]
fn what_comes_through_a_pipe_is_bounded_too() {
    for unit in [
        "{",
        "[",
        "\n",
        "\0",
        "x",
        "\"",
        "{}",
        "[\n[\n",
        "{\"a\":\"{",
        RECORD,
    ] {
        for frame in [FRAMES[0], FRAMES[1], FRAMES[4], FRAMES[6]] {
            let text = bomb(frame, unit, mebibytes() << 21);
            bounded(
                &["query", "-", "--count"],
                Some(&text),
                &format!("{frame}{unit:?}"),
            );
        }
    }
}

/// Text packed again and again, as it is written to a file.
fn packed(unit: &str, frame: &str, len: usize) -> [(&'static str, Vec<u8>); 3] {
    let piece = unit.repeat((1 << 16) / unit.len());
    let write = |out: &mut dyn std::io::Write| {
        out.write_all(frame.as_bytes()).expect("memory");
        for _ in 0..len / piece.len() {
            out.write_all(piece.as_bytes()).expect("memory");
        }
    };
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    write(&mut gzip);
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    write(&mut zstd);
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    write(&mut lz4);
    [
        ("gzip", gzip.finish().expect("memory")),
        ("zstd", zstd.finish().expect("memory")),
        ("lz4", lz4.finish().expect("memory")),
    ]
}

#[test]
fn archives_that_unpack_to_much_more_are_bounded() {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("bomb");
    let name = path.to_str().expect("UTF-8");
    for unit in ["{", "[", "\n", "\0", "x", "{}", "{\"a\":1}x", "{\n"] {
        for frame in [FRAMES[0], FRAMES[3]] {
            for (format, bytes) in packed(unit, frame, mebibytes() << 24) {
                fs::write(&path, bytes).expect("written");
                bounded(
                    &["query", name, "--count"],
                    None,
                    &format!("{format}: {frame}{unit:?}"),
                );
            }
        }
    }
}

#[test]
fn a_line_without_end_in_an_archive_is_told_with_its_place() {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("bomb");
    let name = path.to_str().expect("UTF-8");
    for (format, bytes) in packed("x", &format!("{RECORD}\n"), 128 << 20) {
        fs::write(&path, bytes).expect("written");
        let said = bounded(&["query", name, "--count"], None, format);
        assert!(said.contains("bomb:2: no line end within 32 MiB"), "{said}");
    }
}

#[test]
fn many_small_files_are_read_each_in_its_turn() {
    const FILES: usize = 2_000;
    let place = tempfile::tempdir().expect("a directory");
    for n in 0..FILES {
        let path = place.path().join(format!("{n}.ndjson"));
        fs::write(path, RECORD).expect("written");
    }
    let name = place.path().to_str().expect("UTF-8");
    // With fewer descriptors than files.
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 64; ulimit -v 400000; exec \"$@\"", "sh"])
        .args([PROGRAM, "query", name, "--count"])
        .env("MALLOC_ARENA_MAX", "1")
        .output()
        .expect("a shell");
    let sums: serde_json::Value = serde_json::from_slice(&output.stdout).expect("sums");
    assert_eq!(
        sums["total"],
        FILES,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A log in which every event has an id of its own.
fn unique(events: usize) -> Vec<u8> {
    let line = |n: usize| {
        format!(
            "{{\"time\":\"2024-04-12T08:58:30Z\",\"action\":\"GetBlob\",\"n\":\"value-{n}\"}}\n"
        )
    };
    (0..events).map(line).collect::<String>().into_bytes()
}

/// Runs the program under a limit of memory: exit code, what it prints, what it says.
fn limited(arguments: &[&str], kib: u32) -> (Option<i32>, Vec<u8>, String) {
    let limits = format!("ulimit -v {kib}; exec \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &limits, "sh", PROGRAM])
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("MALLOC_ARENA_MAX", "1")
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), output.stdout, said)
}

#[test]
fn what_is_printed_of_every_event_is_not_held_in_memory() {
    const EVENTS: usize = 200_000;
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("unique.ndjson");
    fs::write(&path, unique(EVENTS)).expect("written");
    let name = path.to_str().expect("UTF-8");
    for (arguments, lines) in [
        (
            &["-o", "table", "--columns", "time,action,n"][..],
            EVENTS + 1,
        ),
        (&["-o", "csv"], EVENTS + 1),
        (&["--facet", "n:all"], 1),
        (&["--facet", "n:all", "-o", "table"], EVENTS + 2),
    ] {
        let all = [&["query", name], arguments].concat();
        let (code, printed, said) = limited(&all, 300_000);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        let printed = String::from_utf8(printed).expect("UTF-8");
        assert_eq!(printed.lines().count(), lines, "{arguments:?}");
    }
}

/// Each name is in few records; a place for it in each would take gigabytes.
#[test]
fn a_thousand_names_of_fields_take_the_memory_of_their_values() {
    const EVENTS: usize = 150_000;
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("names.ndjson");
    let line = |n: usize| {
        let name = n % 997;
        format!(
            "{{\"time\":\"2024-04-12T08:58:30Z\",\"action\":\"GetBlob\",\"n{name}\":\"v{n}\"}}\n"
        )
    };
    fs::write(&path, (0..EVENTS).map(line).collect::<String>()).expect("written");
    let name = path.to_str().expect("UTF-8");
    let query = ["query", name, "--max-memory", "32MiB", "--facet", "action"];
    let (code, printed, said) = limited(&query, 420_000);
    let sums: serde_json::Value = serde_json::from_slice(&printed).expect("sums");
    let held = sums["total"].as_u64().expect("a number");
    assert!(code == Some(0) && held > 1000, "{held}: {said}");
    let gone = format!("{} of the oldest events were evicted", EVENTS as u64 - held);
    assert!(said.replace(',', "").contains(&gone), "{said}");
}

#[test]
fn more_groups_or_values_than_anybody_reads_are_refused_in_words() {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("unique.ndjson");
    fs::write(&path, unique(1_000_100)).expect("written");
    let name = path.to_str().expect("UTF-8");
    for (option, field, words) in [
        (
            "--facet",
            "n:all",
            "1000100 values, more than the limit of 1000000; give a number, as in n:1000",
        ),
        (
            "--group-by",
            "n",
            "more than 1000000 groups; narrow the filter",
        ),
    ] {
        let (code, printed, said) = limited(&["query", name, option, field], 900_000);
        assert_eq!(code, Some(2), "{said}");
        assert!(printed.is_empty() && said.contains(words), "{said}");
    }
    let (code, printed, said) = limited(&["query", name, "--facet", "n:2"], 900_000);
    let sums: serde_json::Value = serde_json::from_slice(&printed).expect("sums");
    assert_eq!(
        (code, &sums["facets"][0]["distinct"]),
        (Some(0), &1_000_100.into()),
        "{said}"
    );
}

/// A piece of something, as it may be repeated.
fn unit(chance: &mut Chance, samples: &[Vec<u8>]) -> Vec<u8> {
    let around = around_records();
    match chance.below(4) {
        0 => chance.pick(&UNITS).as_bytes().to_vec(),
        1 => chance.pick(&around).as_bytes().to_vec(),
        2 => vec![chance.next() as u8],
        _ => {
            let sample = chance.pick(samples);
            let at = chance.below(sample.len());
            let end = (at + 1 + chance.below(200)).min(sample.len());
            sample[at..end].to_vec()
        }
    }
}

#[test]
fn repetitions_by_chance_are_bounded() {
    let samples: Vec<Vec<u8>> = ["ndjson.ndjson", "csv.csv", "json-pretty.json", "cri.log"]
        .iter()
        .map(|name| {
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("assets/samples")
                .join(name)
        })
        .filter_map(|path| fs::read(path).ok())
        .collect();
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("bomb");
    let name = path.to_str().expect("UTF-8");
    fuzz("repetitions", 40, |chance| {
        let mut text = Vec::new();
        for _ in 0..=chance.below(3) {
            text.extend_from_slice(chance.pick(&FRAMES).as_bytes());
            let unit = unit(chance, &samples);
            let len = 1 + chance.below(mebibytes() << 20);
            text.extend(unit.repeat(len.div_ceil(unit.len())));
        }
        chance.damage(&mut text, 0, &[b"\n", b"\"", b"{", b"\0"]);
        fs::write(&path, &text).expect("written");
        let mut arguments = vec!["query", name, "--count"];
        if chance.below(3) == 0 {
            let format = *chance.pick(&["ndjson", "json", "csv", "tsv"]);
            arguments.extend(["--format", format]);
        }
        let head = String::from_utf8_lossy(&text[..text.len().min(80)]).into_owned();
        bounded(&arguments, None, &format!("{arguments:?} {head:?}"));
    });
}
