//! `regtrail query --follow` on files and pipes: every event once, as it comes; sums; how it ends.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use regtrail::engine::Engine;
use regtrail::source::Spec;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::following::{Ended, Following, PATIENCE, id, query, record, records};

/// A directory with a log of three events in it.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            directory: tempfile::tempdir().expect("a directory"),
        };
        fs::write(place.path("audit.ndjson"), records(0..3)).expect("written");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_owned()
    }

    /// The log, to write at its end.
    fn log(&self) -> File {
        append(&self.path("audit.ndjson"))
    }

    /// Follows the log.
    fn start(&self, args: &[&str]) -> Following {
        Following::start(&[&[self.name("audit.ndjson").as_str()], args].concat())
    }
}

fn append(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.append(true).create(true).open(path).expect("there")
}

fn ids(lines: &[String]) -> Vec<usize> {
    lines.iter().map(|line| id(line)).collect()
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Runs to the end by itself.
fn run(args: &[&str]) -> Ended {
    Following::start(args).end()
}

#[test]
fn what_is_there_comes_at_once_and_what_is_appended_as_it_arrives() {
    let place = Place::new();
    let mut log = place.log();
    let mut following = place.start(&[]);
    let first: String = following.take(3).iter().map(|l| l.clone() + "\n").collect();
    assert_eq!(first, records(0..3), "byte for byte");
    for n in 3..6 {
        log.write_all(records(n..n + 1).as_bytes()).expect("room");
        assert_eq!(following.line(), record(n));
    }
    // An event that is older than what was printed comes all the same, once.
    log.write_all(records(1..2).as_bytes()).expect("room");
    assert_eq!(following.line(), record(1));
    let ended = following.interrupt();
    assert_eq!(
        (ended.code, ended.lines.len(), ended.err.as_str()),
        (0, 0, "")
    );
}

#[test]
fn a_log_in_any_order_is_printed_in_the_order_of_time_at_first() {
    let place = Place::new();
    let mixed: String = [5, 1, 4, 2, 3].map(|n| record(n) + "\n").concat();
    fs::write(place.path("audit.ndjson"), mixed).expect("written");
    fs::write(place.path("other.ndjson"), records(0..1)).expect("written");
    let mut following = place.start(&[&place.name("other.ndjson")]);
    assert_eq!(ids(&following.take(6)), [0, 1, 2, 3, 4, 5]);
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn every_signal_that_ends_it_ends_it_with_the_code_of_what_was_printed() {
    let place = Place::new();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut following = place.start(&[]);
        following.take(3);
        following.signal(signal);
        let ended = following.end();
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{signal:?}");
        // Nothing matched so far: the header of a table says that it has begun.
        let mut following = place.start(&["--action", "PutImageManifest", "-o", "table"]);
        assert!(following.line().starts_with("time"));
        following.signal(signal);
        assert_eq!(following.end().code, 1, "{signal:?}");
    }
}

#[test]
fn the_filter_the_picks_the_columns_and_the_zone_apply() {
    let place = Place::new();
    let mut log = place.log();
    let columns = ["--columns", "time,action", "--tz", "Asia/Shanghai"];
    let picks = ["--action", "DeleteTag", "-f", "r-* and not r-0"];
    let args = [&columns[..], &picks, &["-o", "table"]].concat();
    let mut following = place.start(&args);
    assert_eq!(following.line(), "time  action");
    log.write_all(records(9..11).as_bytes()).expect("room");
    let line = following.line();
    assert!(
        line.contains("2024-04-12T08:00:10+08:00") && line.contains("DeleteTag"),
        "{line}"
    );
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn a_limit_ends_it_after_so_many_events() {
    let place = Place::new();
    let name = place.name("audit.ndjson");
    let ended = run(&[&name, "--limit", "2"]);
    assert_eq!((ended.code, ended.ids()), (0, vec![0, 1]));
    let mut following = place.start(&["--limit", "5"]);
    following.take(3);
    place
        .log()
        .write_all(records(3..9).as_bytes())
        .expect("room");
    let ended = following.end();
    assert_eq!((ended.code, ended.ids()), (0, vec![3, 4]));
}

#[test]
fn since_now_skips_the_history_but_nothing_that_comes() {
    let place = Place::new();
    let mut following = place.start(&["--since", "now", "-o", "table"]);
    following.line(); // The header: what was there has been skipped.
    let mut log = place.log();
    log.write_all(records(7..8).as_bytes()).expect("room");
    assert!(following.line().contains("00:00:07"));
    assert_eq!(following.interrupt().lines.len(), 0);
    // A stream holds nothing at the start; what is old in it is old.
    let (following, mut pipe) = Following::fed(&["-", "--since", "now"]);
    let young = record(0).replace("2024-04-12", "2200-04-12");
    write!(pipe, "{}\n{young}\n", record(1)).expect("it reads");
    drop(pipe);
    assert_eq!(following.end().lines, [young]);
}

#[test]
fn sums_since_now_skip_the_history_whatever_its_times_and_nothing_that_comes() {
    let place = Place::new();
    let young = record(0).replace("2024-04-12", "2200-04-12") + "\n";
    let history = records(1..5) + &young;
    fs::write(place.path("audit.ndjson"), history).expect("written");
    // A condition on the field that is counted is no short cut around that.
    let args = ["--since", "now", "--facet", "action", "-f", "action:*"];
    let mut following = place.start(&[&args[..], &["--every", "20ms"]].concat());
    let mut sums = json(&following.line());
    assert_eq!(sums["matched"], 0, "{sums}");
    assert_eq!(sums["facets"][0]["distinct"], 0, "{sums}");
    // Small segments are merged: those of the history with what comes.
    for n in 5..10 {
        let mut log = place.log();
        log.write_all(records(n..n + 1).as_bytes()).expect("room");
        while sums["matched"] != n - 4 {
            sums = json(&following.line());
        }
    }
    assert_eq!(sums["facets"][0]["values"][0]["count"], 5, "{sums}");
    assert_eq!(following.interrupt().code, 0);
    // A stream holds nothing at the start; what is old in it is old.
    let (following, mut pipe) = Following::fed(&[&["-"], &args[..]].concat());
    write!(pipe, "{}{young}", records(1..3)).expect("it reads");
    drop(pipe);
    let lines = following.end().lines;
    let sums = json(lines.last().expect("a line at the end"));
    assert_eq!((&sums["total"], &sums["matched"]), (&3.into(), &1.into()));
}

#[test]
fn an_event_of_a_pipe_comes_before_the_pipe_closes_and_its_end_is_the_end() {
    let (mut following, mut pipe) = Following::fed(&["-"]);
    for n in 0..3 {
        pipe.write_all(records(n..n + 1).as_bytes())
            .expect("it reads");
        assert_eq!(following.line(), record(n));
    }
    // The last one without its line end.
    write!(pipe, "{}", record(3)).expect("it reads");
    drop(pipe);
    let ended = following.end();
    assert_eq!((ended.code, ended.ids()), (0, vec![3]));
    // While another source lives, the end of the pipe is not the end.
    let place = Place::new();
    let (mut following, pipe) = Following::fed(&["-", &place.name("audit.ndjson")]);
    following.take(3);
    drop(pipe);
    let mut log = place.log();
    log.write_all(records(3..4).as_bytes()).expect("room");
    assert_eq!(following.line(), record(3));
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn standard_input_from_a_file_is_in_the_order_of_time() {
    let place = Place::new();
    let mixed: String = [2, 0, 1].map(|n| record(n) + "\n").concat();
    fs::write(place.path("audit.ndjson"), mixed).expect("written");
    let mut command = query(&["-"]);
    command.stdin(File::open(place.path("audit.ndjson")).expect("there"));
    let ended = Following::spawn(command).end();
    assert_eq!((ended.code, ended.ids()), (0, vec![0, 1, 2]));
}

#[test]
fn a_named_pipe_is_read_as_it_comes() {
    let place = Place::new();
    let made = Command::new("mkfifo").arg(place.path("pipe")).status();
    assert!(made.expect("mkfifo").success());
    // Nobody writes to it yet, which does not keep the file back for long.
    let mut following = place.start(&[&place.name("pipe")]);
    following.take(3);
    following.says(&format!(
        "waiting for a writer to open {}",
        place.name("pipe")
    ));
    let mut pipe = append(&place.path("pipe"));
    pipe.write_all(records(3..4).as_bytes()).expect("it reads");
    assert_eq!(following.line(), record(3));
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn a_named_pipe_that_nobody_writes_to_is_waited_for_with_a_word() {
    let place = Place::new();
    let name = place.name("pipe");
    let made = Command::new("mkfifo").arg(&name).status();
    assert!(made.expect("mkfifo").success());
    let plain = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regtrail"));
        command.args(["query", &name, "-o", "ndjson"]);
        command.env_clear().env("HOME", "/nonexistent");
        Following::spawn(command)
    };
    let reported = format!("regtrail: waiting for a writer to open {name}");
    let mut waiting = plain();
    waiting.says(&reported);
    assert_eq!(waiting.killed(Signal::INT), Signal::INT.as_raw());
    let mut reading = plain();
    reading.says(&reported);
    let mut pipe = append(&place.path("pipe"));
    pipe.write_all(records(0..2).as_bytes()).expect("it reads");
    drop(pipe);
    let ended = reading.end();
    assert_eq!((ended.code, ended.ids()), (0, vec![0, 1]));
    assert_eq!(ended.err, reported, "and nothing else");
    // On the screen.
    let home = crate::pty::Home::new();
    let mut terminal = crate::pty::Terminal::explorer(&home, &[&name]);
    terminal.wait_for("waiting for a writer to open pipe");
    terminal.keys("S");
    terminal.wait_for("no writer yet");
    terminal.keys("\x1b");
    let mut pipe = append(&place.path("pipe"));
    pipe.write_all(records(0..2).as_bytes()).expect("it reads");
    terminal.wait_for("2/2");
    terminal.wait_without("waiting for a writer");
    terminal.quit();
}

#[test]
fn a_rotated_log_loses_and_doubles_nothing() {
    let place = Place::new();
    let mut following = place.start(&[]);
    following.take(3);
    let mut log = place.log();
    log.write_all(records(3..5).as_bytes()).expect("room");
    fs::rename(place.path("audit.ndjson"), place.path("audit.1")).expect("renamed");
    log.write_all(records(5..6).as_bytes()).expect("room");
    fs::write(place.path("audit.ndjson"), records(6..9)).expect("written");
    let mut seen = ids(&following.take(6));
    seen.sort_unstable();
    assert_eq!(seen, [3, 4, 5, 6, 7, 8]);
    following.says("rotated");
    let ended = following.interrupt();
    assert_eq!((ended.code, ended.lines.len()), (0, 0));
}

#[test]
fn a_log_that_is_copied_and_truncated_loses_and_doubles_nothing_that_a_file_holds() {
    let place = Place::new();
    let mut following = place.start(&[]);
    following.take(3);
    let mut log = place.log();
    for turn in 0..6 {
        // A copy that takes the name of the one before, as `logrotate` makes it.
        let at = 3 + turn * 5;
        log.write_all(records(at..at + 2).as_bytes()).expect("room");
        if turn % 2 == 0 {
            // It has been read when it is cut off.
            assert_eq!(ids(&following.take(2)), [at, at + 1]);
        }
        for number in (1..=turn).rev() {
            let (from, to) = (format!("audit.ndjson.{number}"), number + 1);
            fs::rename(place.path(&from), place.path(&format!("audit.ndjson.{to}")))
                .expect("renamed");
        }
        fs::copy(place.path("audit.ndjson"), place.path("audit.ndjson.1")).expect("copied");
        log.set_len(0).expect("truncated");
        log.write_all(records(at + 2..at + 5).as_bytes())
            .expect("room");
        let rest = if turn % 2 == 0 { at + 2 } else { at };
        let mut seen = ids(&following.take(at + 5 - rest));
        seen.sort_unstable();
        assert_eq!(seen, (rest..at + 5).collect::<Vec<_>>(), "turn {turn}");
    }
    let ended = following.interrupt();
    assert_eq!((ended.code, ended.lines.len()), (0, 0), "{}", ended.err);
    assert!(!ended.err.contains("could not be read"), "{}", ended.err);
}

#[test]
fn files_that_appear_in_a_directory_are_followed() {
    let place = Place::new();
    let directory = place.directory.path().to_str().expect("UTF-8");
    let mut following = Following::start(&[directory]);
    assert_eq!(ids(&following.take(3)), [0, 1, 2]);
    let mut other = append(&place.path("other.ndjson"));
    other.write_all(records(10..12).as_bytes()).expect("room");
    assert_eq!(ids(&following.take(2)), [10, 11]);
    other.write_all(records(12..13).as_bytes()).expect("room");
    assert_eq!(following.line(), record(12));
    following.says("appeared");
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn a_file_of_several_directories_and_patterns_is_followed_once() {
    let place = Place::new();
    let inner = place.path("inner");
    fs::create_dir(&inner).expect("made");
    fs::write(inner.join("more.ndjson"), records(3..6)).expect("written");
    let directory = place.name("");
    let sources = [
        &directory,
        &place.name("*"),
        &place.name("inner"),
        &place.name("**/*.ndjson"),
        &directory,
        &place.name("audit.ndjson"),
    ];
    let mut following = Following::start(&sources.map(String::as_str));
    let mut first = ids(&following.take(6));
    first.sort_unstable();
    assert_eq!(first, [0, 1, 2, 3, 4, 5]);
    let mut late = append(&inner.join("late.ndjson"));
    late.write_all(records(6..8).as_bytes()).expect("room");
    assert_eq!(ids(&following.take(2)), [6, 7]);
    let mut log = place.log();
    log.write_all(records(8..9).as_bytes()).expect("room");
    assert_eq!(following.line(), record(8));
    following.says("are read once");
    let ended = following.interrupt();
    assert_eq!(ended.ids(), [0; 0], "{}", ended.err);
}

#[test]
fn a_name_that_becomes_a_pipe_a_device_or_a_directory_is_followed_when_it_is_a_file_again() {
    let place = Place::new();
    let path = place.path("audit.ndjson");
    let make = |what: &str| match what {
        "directory" => fs::create_dir(&path).expect("made"),
        "pipe" => {
            let made = Command::new("mkfifo").arg(&path).status();
            assert!(made.expect("mkfifo").success());
        }
        _ => std::os::unix::fs::symlink("/dev/zero", &path).expect("linked"),
    };
    let mut following = place.start(&[]);
    following.take(3);
    fs::remove_file(&path).expect("there");
    make("directory");
    following.says("replaced by a directory");
    fs::remove_dir(&path).expect("empty");
    fs::write(&path, records(3..4)).expect("written");
    assert_eq!(following.line(), record(3), "after a directory");
    fs::remove_file(&path).expect("there");
    make("pipe");
    following.says("replaced by something that is not a regular file");
    fs::remove_file(&path).expect("there");
    make("device");
    fs::remove_file(&path).expect("there");
    fs::write(&path, records(4..5)).expect("written");
    assert_eq!(following.line(), record(4), "after a pipe and a device");
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn a_device_without_end_is_refused_in_words() {
    for device in ["/dev/zero", "/dev/urandom"] {
        let ended = run(&[device]);
        assert_eq!(ended.code, 3, "{device}");
        assert!(
            ended.err.contains("an endless device, not a log"),
            "{}",
            ended.err
        );
    }
}

#[test]
fn a_file_that_is_not_there_is_said_and_waited_for() {
    let place = Place::new();
    let late = place.name("late.ndjson");
    let mut following = place.start(&[&late]);
    following.take(3);
    following.says("late.ndjson: no such file; waiting for it to appear");
    assert_eq!(following.interrupt().code, 3, "it never came");
    let mut following = place.start(&[&late]);
    following.take(3);
    fs::write(place.path("late.ndjson"), records(4..5)).expect("written");
    assert_eq!(following.line(), record(4));
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn a_pattern_that_nothing_matches_yet_is_said_once_and_waited_for() {
    let place = Place::new();
    let pattern = place.name("late-*.ndjson");
    let mut following = place.start(&[&pattern]);
    following.take(3);
    following.says("late-*.ndjson: no file matches; waiting");
    let ended = following.interrupt();
    assert_eq!(ended.code, 3, "none ever came");
    assert_eq!(ended.err.matches("no file matches").count(), 1);
    let mut following = Following::start(&[&pattern]);
    following.says("no file matches");
    for n in 4..6 {
        let path = place.path(&format!("late-{n}.ndjson"));
        fs::write(path, records(n..n + 1)).expect("written");
        assert_eq!(following.line(), record(n));
    }
    assert_eq!(following.interrupt().code, 0);
}

/// Whoever may read everything can read it at once.
#[test]
fn a_file_that_may_not_be_read_yet_is_waited_for_like_one_that_is_not_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let set = |mode| {
        let path = place.path("audit.ndjson");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is mine");
    };
    set(0);
    let is_refused = File::open(place.path("audit.ndjson")).is_err();
    let mut following = place.start(&[]);
    if is_refused {
        following.says("audit.ndjson: permission denied; waiting");
        set(0o600);
    }
    assert_eq!(ids(&following.take(3)), [0, 1, 2]);
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn that_a_compressed_file_is_not_followed_is_said_once() {
    let place = Place::new();
    crate::appear::gzip(&place.path("old.gz"), &records(3..5));
    let mut following = place.start(&[&place.name("old.gz")]);
    assert_eq!(ids(&following.take(5)), [0, 1, 2, 3, 4]);
    following.says("old.gz: compressed file, read once, not followed");
    let ended = following.interrupt();
    assert_eq!((ended.code, ended.err.lines().count()), (0, 1));
}

#[test]
fn a_source_that_fails_is_said_at_once_and_makes_it_3_in_the_end() {
    let place = Place::new();
    let no_log = place.name("no-log");
    fs::write(&no_log, "\u{1}\u{2}neither\u{0}text nor a log").expect("written");
    let mut following = place.start(&[&no_log]);
    following.take(3);
    following.says("no-log");
    place
        .log()
        .write_all(records(3..4).as_bytes())
        .expect("room");
    assert_eq!(following.line(), record(3), "the other one goes on");
    assert_eq!(following.interrupt().code, 3);
    let ended = run(&[&no_log]);
    assert_eq!((ended.code, ended.lines.len()), (3, 0));
}

#[test]
fn a_bad_record_is_said_as_it_arrives_once_a_cause_and_counted_in_the_end() {
    let place = Place::new();
    let mut following = place.start(&[]);
    following.take(3);
    let mut log = place.log();
    let broken = "{\"time\" no record\n".repeat(50);
    writeln!(log, "{broken}{}", record(3)).expect("room");
    assert_eq!(following.line(), record(3));
    following.says("audit.ndjson:");
    let ended = following.interrupt();
    assert_eq!(ended.code, 0);
    assert!(
        ended
            .err
            .contains("50 records in total could not be fully read"),
        "{}",
        ended.err
    );
    assert_eq!(ended.err.lines().count(), 2, "{}", ended.err);
}

#[test]
fn sums_come_at_the_start_when_something_changed_and_at_the_end() {
    let place = Place::new();
    let args = ["--count", "--facet", "action", "--every", "50ms"];
    let mut following = place.start(&args);
    let first = json(&following.line());
    let numbers = |sums: &Value| {
        let of = |name: &str| sums[name].as_u64().expect("a number");
        (of("total"), of("matched"), of("defects"))
    };
    assert_eq!(numbers(&first), (3, 3, 0));
    assert_eq!(first["complete"], true);
    assert_eq!(first["facets"][0]["distinct"], 2);
    let mut log = place.log();
    log.write_all(records(3..5).as_bytes()).expect("room");
    let mut last = first;
    while numbers(&last).0 < 5 {
        let next = json(&following.line());
        assert_ne!(next, last, "a line only where something changed");
        last = next;
    }
    log.write_all(b"{broken\n").expect("room");
    assert_eq!(numbers(&json(&following.line())), (5, 5, 1));
    let ended = following.interrupt();
    assert_eq!((ended.code, ended.lines.len()), (0, 1));
    assert_eq!(numbers(&json(&ended.lines[0])), (5, 5, 1));
}

#[test]
fn sums_of_a_pipe_end_with_it() {
    for (args, code) in [(&["--count"][..], 0), (&["--count", "--action", "X"], 1)] {
        let (following, mut pipe) = Following::fed(&[&["-"], args].concat());
        pipe.write_all(records(0..100).as_bytes())
            .expect("it reads");
        drop(pipe);
        let ended = following.end();
        assert_eq!(ended.code, code);
        let last = json(ended.lines.last().expect("a line at the end"));
        assert_eq!(
            (last["total"].as_u64(), ended.err.as_str()),
            (Some(100), "")
        );
    }
}

#[test]
fn the_header_of_csv_stands_once_and_later_fields_are_said() {
    let place = Place::new();
    let mut following = place.start(&["-o", "csv"]);
    let header = following.line();
    assert!(header.contains("action") && !header.contains("zone_of_it"));
    following.take(3);
    let later = record(3).replace('}', ",\"zone_of_it\":\"b\",\"x\":\"a\\nb\"}");
    let mut log = place.log();
    log.write_all(format!("{later}\n{later}\n").as_bytes())
        .expect("room");
    following.take(2);
    following.says("field zone_of_it has no column");
    let ended = following.interrupt();
    assert_eq!(ended.err.matches("zone_of_it").count(), 1, "{}", ended.err);
    // Nothing came: the header alone, as without --follow.
    let (following, pipe) = Following::fed(&["-", "-o", "csv", "--columns", "time,tag"]);
    drop(pipe);
    assert_eq!(following.end().lines, ["time,tag"]);
}

#[test]
fn a_closed_output_ends_it_though_nothing_comes() {
    let place = Place::new();
    for (args, code) in [(&[][..], 0), (&["--count"], 0), (&["--action", "X"], 1)] {
        let mut command = query(&[&[place.name("audit.ndjson").as_str()], args].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        if code == 0 {
            lines.read_line(&mut String::new()).expect("a line");
        }
        drop(lines);
        let started = Instant::now();
        let output = child.wait_with_output().expect("it ends");
        assert!(started.elapsed() < PATIENCE / 4, "promptly");
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[test]
fn a_signal_ends_it_though_nobody_takes_what_it_prints() {
    let place = Place::new();
    fs::write(place.path("audit.ndjson"), records(0..20_000)).expect("written");
    let mut command = query(&[&place.name("audit.ndjson")]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    lines.read_line(&mut String::new()).expect("a line");
    let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).expect("a process");
    rustix::process::kill_process(pid, Signal::INT).expect("it runs");
    // Something was printed.
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn what_cannot_be_followed_is_refused_at_the_start() {
    let place = Place::new();
    let name = place.name("audit.ndjson");
    for (args, words) in [
        (&["-o", "json"][..], "use -o ndjson, csv, raw or table"),
        (&["-o", "markdown"], "use -o ndjson, csv, raw or table"),
        (&["--sort", "-time"], "--sort -time"),
        (&["--sort", "action"], "--sort action"),
        (&["--stats"], "--stats"),
        (&["--count", "-o", "table"], "one JSON object per line"),
        (&["--count", "-o", "csv"], "one JSON object per line"),
        (&["--every", "2s"], "--every requires --count"),
        (&["--count", "--every", "0s"], "--every 0s: expected"),
        (&["--count", "--every", "soon"], "--every soon: expected"),
    ] {
        let ended = run(&[&[name.as_str()], args].concat());
        assert_eq!((ended.code, ended.lines.len()), (2, 0), "{args:?}");
        assert!(ended.err.contains(words), "{args:?}: {}", ended.err);
    }
    let ended = run(&[&name, "--no-follow", "--count", "--every", "2s"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("--every requires --follow"));
}

/// Many at once and one by one, through merges of segments and while what was printed is let go.
#[test]
fn of_many_events_none_is_lost_and_none_comes_twice() {
    const ALL: usize = 20_000;
    let place = Place::new();
    let mut log = place.log();
    let mut following = place.start(&[]);
    let writer = std::thread::spawn(move || {
        let mut n = 3;
        while n < ALL {
            // From single lines to large pieces, cut within lines.
            let piece = (1 + n * 7 % 400).min(ALL - n);
            let text = records(n..n + piece);
            let (start, end) = text.split_at(text.len() / 3);
            log.write_all(start.as_bytes()).expect("room");
            log.write_all(end.as_bytes()).expect("room");
            n += piece;
        }
    });
    let mut seen = ids(&following.take(ALL));
    writer.join().expect("it wrote");
    seen.sort_unstable();
    assert_eq!(seen, (0..ALL).collect::<Vec<_>>());
    let ended = following.interrupt();
    assert_eq!((ended.code, ended.lines.len()), (0, 0));
}

#[test]
fn events_that_a_ceiling_takes_before_they_are_printed_are_counted() {
    let place = Place::new();
    fs::write(place.path("audit.ndjson"), records(0..300_000)).expect("written");
    let mut following = place.start(&["--max-memory", "2MB"]);
    following.says("events were evicted before they could be printed");
    let ended = following.interrupt();
    let said = ended.err.lines().find(|line| line.contains("evicted"));
    let number = said.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    assert_eq!(
        ended.lines.len() + number.expect("a number"),
        300_000,
        "{}",
        ended.err
    );
}

#[test]
fn what_was_printed_is_let_go_and_nothing_else() {
    let place = Place::new();
    fs::write(place.path("later.ndjson"), records(3..8)).expect("written");
    let (to, events) = crossbeam_channel::unbounded();
    let engine = Engine::start(move |event| _ = to.send(event)).expect("threads");
    let loaded = |wanted: u64| {
        while engine.snapshot().events != wanted {
            events.recv_timeout(PATIENCE).expect("it loads");
        }
        engine.snapshot()
    };
    engine.open(Spec::File(place.path("audit.ndjson")), false);
    let first = loaded(3);
    engine.evicted(first.segments.iter().map(|segment| segment.number));
    engine.open(Spec::File(place.path("later.ndjson")), false);
    let second = loaded(5);
    assert_eq!((second.evicted.events, second.evicted.printed), (0, 3));
    let gone = first.segments[0].first_id;
    assert!(second.find(regtrail::model::EventId(gone)).is_none());
    assert!(
        second.segments[0].first_id > gone,
        "ids are not given twice"
    );
}

#[test]
fn a_last_record_without_line_end_is_printed_before_the_end() {
    let place = Place::new();
    let mut following = place.start(&[]);
    following.take(3);
    let text = record(3);
    let mut log = place.log();
    write!(log, "{text}").expect("written");
    following.signal(Signal::INT);
    let ended = following.end();
    assert_eq!(ended.ids(), [3], "{}", ended.err);
    assert_eq!(ended.err, "");
}

#[test]
fn a_last_record_of_a_pipe_without_line_end_is_printed_before_the_end() {
    let place = Place::new();
    let made = Command::new("mkfifo").arg(place.path("pipe")).status();
    assert!(made.expect("mkfifo").success());
    let (fed, stdin) = Following::fed(&["-"]);
    let named = Following::start(&[&place.name("pipe")]);
    let pipe = append(&place.path("pipe"));
    let writers: [Box<dyn std::io::Write>; 2] = [Box::new(stdin), Box::new(pipe)];
    for (mut following, mut pipe) in [fed, named].into_iter().zip(writers) {
        write!(pipe, "{}", records(0..3)).expect("it reads");
        following.take(3);
        write!(pipe, "{}", record(3)).expect("it reads");
        let ended = following.interrupt();
        assert_eq!((ended.code, ended.ids()), (0, vec![3]), "{}", ended.err);
        assert_eq!(ended.err, "");
    }
}

#[test]
fn half_a_record_of_a_pipe_at_the_end_is_said_to_be_truncated() {
    let (mut following, mut pipe) = Following::fed(&["-"]);
    write!(pipe, "{}{}", records(0..3), &record(3)[..40]).expect("it reads");
    following.take(3);
    let ended = following.interrupt();
    assert_eq!((ended.code, ended.ids()), (0, vec![]));
    assert!(ended.err.contains("truncated"), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
}

#[test]
fn half_a_record_at_the_end_is_said_to_be_truncated() {
    let place = Place::new();
    let mut following = place.start(&[]);
    following.take(3);
    write!(place.log(), "{}", &record(3)[..40]).expect("written");
    let ended = following.interrupt();
    assert_eq!(ended.ids(), [0; 0]);
    assert!(ended.err.contains("truncated"), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
}

#[test]
fn half_a_row_of_a_table_is_no_event() {
    let place = Place::new();
    let row = |n: usize| format!("2024-04-12T00:00:{n:02}Z,GetBlob,r-{n},20{n}");
    let name = place.name("audit.csv");
    let text = format!(
        "time,action,http_request_id,http_response_status\n{}\n{}",
        row(0),
        row(1)
    );
    // A cell that is cut looks like a whole one.
    fs::write(&name, &text[..text.len() - 1]).expect("written");
    let mut following = Following::start(&[&name, "-o", "ndjson"]);
    assert_eq!(ids(&following.take(1)), [0]);
    let mut log = append(Path::new(&name));
    write!(log, "{}\n{}", &text[text.len() - 1..], row(2)).expect("written");
    let line = following.line();
    assert!(line.contains("201") && id(&line) == 1, "{line}");
    let ended = following.interrupt();
    assert_eq!(ended.ids(), [2], "{}", ended.err);
    assert_eq!(ended.err, "");
}

#[test]
fn documents_without_a_line_end_are_printed() {
    let joined = |between: &str| (0..5).map(record).collect::<Vec<_>>().join(between);
    let list = joined(",");
    for text in [
        format!("[{list}]"),
        format!("{{\"value\":[{list}]}}"),
        format!("{{\"data\":[{list}]}}"),
        joined(""),
        format!("[\n{}\n]", joined(",\n")),
    ] {
        let place = Place::new();
        let name = place.name("audit.json");
        fs::write(&name, &text).expect("written");
        let mut following = Following::start(&[&name]);
        assert_eq!(ids(&following.take(5)), [0, 1, 2, 3, 4], "{text}");
        let ended = following.interrupt();
        assert_eq!((ended.lines.len(), &*ended.err), (0, ""), "{text}");
    }
}
