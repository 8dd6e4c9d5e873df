//! What is refused says what, where, why and what to do; names of any bytes are read.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::e2e::{Place, Run};

const EVENT: &str =
    r#"{"time":"2024-04-12T16:00:00Z","action":"GetBlob","http_response_status":"200"}"#;

fn log() -> String {
    format!("{EVENT}\n").repeat(3)
}

/// `regtrail query` on sources of any bytes, in a directory.
fn count(place: &Place, directory: &Path, sources: &[&OsStr]) -> Run {
    let mut command = place.command(&["query", "--count"]);
    command.current_dir(directory).arg("--").args(sources);
    Run::of(command.output().expect("the binary runs"))
}

#[test]
fn names_of_any_bytes_are_read_by_name_by_directory_and_by_pattern() {
    let place = Place::new();
    let directory = place.path("d");
    fs::create_dir_all(directory.join(OsStr::from_bytes(b"sub\xff[1]"))).expect("made");
    let long = "x".repeat(255);
    let names: [&[u8]; 9] = [
        b"good.ndjson",
        b"\xc9\xf3.ndjson",
        b"new\nline.ndjson",
        b"\x1b[31mred.ndjson",
        b"-dash.ndjson",
        b"star*.ndjson",
        b"with blank.ndjson",
        b"sub\xff[1]/inner.ndjson",
        long.as_bytes(),
    ];
    for name in names {
        fs::write(directory.join(OsStr::from_bytes(name)), log()).expect("written");
    }
    for name in names {
        let run = count(&place, &directory, &[OsStr::from_bytes(name)]);
        assert_eq!((run.code, run.matched()), (0, 3), "{name:?}: {}", run.err);
    }
    let of = |pattern: &[u8]| count(&place, &directory, &[OsStr::from_bytes(pattern)]).matched();
    assert_eq!(of(b"."), 27);
    assert_eq!(of(b"*"), 24, "all but what is in the directory below");
    assert_eq!(of(b"*.ndjson"), 21);
    assert_eq!(of(b"\xc9*"), 3);
    assert_eq!(of(b"??.ndjson"), 3);
    assert_eq!(
        of(b"sub\xff[1]/*"),
        3,
        "a directory that is there is no pattern"
    );
    assert_eq!(of(b"**/*.ndjson"), 24);
    let all: Vec<OsString> = names
        .iter()
        .map(|name| OsStr::from_bytes(name).to_owned())
        .collect();
    let all: Vec<&OsStr> = all.iter().map(OsString::as_os_str).collect();
    assert_eq!(count(&place, &directory, &all).matched(), 27);
}

#[test]
fn what_is_said_of_a_name_is_one_line_that_a_terminal_can_take() {
    let place = Place::new();
    for name in [&b"no\nsuch\x1b[31m.ndjson"[..], b"\xc9\xf3", b"no*such\n"] {
        let run = count(&place, place.path("").as_path(), &[OsStr::from_bytes(name)]);
        assert_eq!(run.code, 3);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        assert!(!run.err.contains('\x1b'), "{:?}", run.err);
    }
}
