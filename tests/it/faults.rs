//! A system that fails under the program: reading that fails or is interrupted, no watches, no descriptors. What was read
//! is kept, what was not is told by name and place, and nothing is written over.
//!
//! `tests/shim/faults.c` stands before the C library and makes the faults. It takes a compiler of C.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rustix::process::{Pid, Signal, kill_process};

use crate::e2e::{Place, Run};
use crate::following::{Following, id, query, record, records};
use crate::pty::{Home, PROGRAM, Terminal};

/// The shim, compiled once; `None` where there is no compiler, which is said.
fn shim() -> Option<&'static str> {
    static SHIM: OnceLock<Option<String>> = OnceLock::new();
    let made = SHIM.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("regtrail-shim-{}.so", std::process::id()));
        let compiler = Command::new("cc")
            .args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
            .arg(&path)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shim/faults.c"))
            .status();
        match compiler {
            Ok(status) => {
                assert!(status.success(), "the shim does not compile");
                Some(path.to_str().expect("UTF-8").to_owned())
            }
            Err(error) => {
                eprintln!("LEFT OUT: faults of the system are not tested, cc: {error}");
                None
            }
        }
    });
    made.as_deref()
}

/// A run with a fault.
fn faulty(place: &Place, fault: (&str, &str), args: &[&str]) -> Option<Run> {
    let mut command = place.command(args);
    command.env("LD_PRELOAD", shim()?).env(fault.0, fault.1);
    Some(Run::of(command.output().expect("it runs")))
}

/// A log as a table.
fn table(numbers: std::ops::Range<usize>) -> String {
    let row = |n: usize| format!("2024-04-12T00:00:00Z,GetBlob,r-{n:06}\n");
    let rows: String = numbers.map(row).collect();
    "time,action,http_request_id\n".to_owned() + &rows
}

fn gzip(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).expect("memory");
    out.finish().expect("memory")
}

#[test]
fn reading_that_fails_keeps_what_came_before_and_says_where() {
    let place = Place::new();
    let log = records(0..20_000);
    let rows = table(0..20_000);
    let lines = |text: &str, at: usize| {
        text[..at].lines().count() as u64 - u64::from(!text[..at].ends_with('\n'))
    };
    let files = [
        (
            "a.ndjson",
            log.clone().into_bytes(),
            "",
            1_048_593,
            lines(&log, 1_048_593),
        ),
        (
            "b.csv",
            rows.clone().into_bytes(),
            "",
            500_000,
            lines(&rows, 500_000) - 1,
        ),
        (
            "c.csv",
            rows.clone().into_bytes(),
            "",
            500,
            lines(&rows, 500) - 1,
        ),
        (
            "d.json",
            format!("[{}]", log.trim().replace('\n', ",\n")).into_bytes(),
            "",
            300_000,
            0,
        ),
        ("e.ndjson.gz", gzip(&log), "the gzip archive ", 50_000, 0),
    ];
    for (name, content, what, at, least) in files {
        let path = place.file(name, content);
        let Some(run) = faulty(
            &place,
            ("FAULT_READ", &format!("{name}:{at}")),
            &["query", "--count", &path],
        ) else {
            return;
        };
        let said = format!(
            "{path}: {what}cannot be read from byte {at} on: Input/output error; earlier records are kept"
        );
        assert_eq!(run.code, 3, "{name}: {}", run.err);
        assert!(run.err.contains(&said), "{name}: {}", run.err);
        assert!(!run.err.contains("os error"), "{}", run.err);
        let matched = run.matched();
        if least > 0 {
            assert_eq!(matched, least, "{name}");
        }
        assert!(matched > 0, "{name}: {}", run.err);
        assert_eq!(run.json()["complete"], false, "{name}");
    }
    // One place that is bad: what was read before it and in other parts is kept.
    let path = place.file("f.ndjson", records(0..200_000));
    let fault = ("FAULT_READ", "f.ndjson:9000000:9000010");
    let run = faulty(&place, fault, &["query", "--count", &path]).expect("as before");
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(
        run.err
            .contains("f.ndjson: cannot be read from byte 9000000 on"),
        "{}",
        run.err
    );
    assert!(
        run.matched() >= lines(&records(0..200_000), 9_000_000),
        "{}",
        run.matched()
    );
}

#[test]
fn following_a_file_that_cannot_be_read_further_keeps_what_came_before() {
    let Some(shim) = shim() else { return };
    let place = Place::new();
    let path = place.file("log.ndjson", records(0..100));
    let mut command = query(&[&path]);
    command
        .env("LD_PRELOAD", shim)
        .env("FAULT_READ", "log.ndjson:12000");
    let mut following = Following::spawn(command);
    following.take(100);
    fs::write(&path, records(0..200)).expect("written");
    let whole = records(0..200)[..12_000].lines().count() - 1;
    assert!(whole > 110);
    let ids: Vec<usize> = following
        .take(whole - 100)
        .iter()
        .map(|line| id(line))
        .collect();
    assert_eq!(ids, (100..whole).collect::<Vec<_>>());
    following.says("log.ndjson: cannot be read from byte 12000 on: Input/output error");
    let ended = following.end();
    assert_eq!((ended.code, ended.lines.len()), (3, 0), "{}", ended.err);
    assert_eq!(fs::read_to_string(&path).expect("there"), records(0..200));
}

#[test]
fn marks_that_cannot_be_read_are_told_and_not_written_over() {
    let Some(shim) = shim() else { return };
    let home = Home::new();
    let log = home.log(50);
    let log = log.to_str().expect("UTF-8");
    let mut terminal = Terminal::explorer(&home, &[log]);
    terminal.wait_for("50/50");
    terminal.keys("m");
    terminal.wait_for("marked; 1 marked in total");
    terminal.quit();
    let marks = home.path().join("state/regtrail/marks");
    let before = fs::read(&marks).expect("written");
    for at in [0, 10] {
        let preload = format!("LD_PRELOAD={shim}");
        let fault = format!("FAULT_READ=regtrail/marks:{at}");
        let mut terminal = Terminal::start(&home, &["env", &preload, &fault, PROGRAM, log]);
        terminal.wait_for("history and layout will not be saved: ");
        terminal.wait_for("Input/output error");
        terminal.keys("jm");
        terminal.wait_for("marks: Input/output error");
        terminal.quit();
        assert_eq!(fs::read(&marks).expect("there"), before, "{at}");
    }
}

#[test]
fn reading_that_is_interrupted_again_and_again_loses_nothing() {
    let Some(shim) = shim() else { return };
    let place = Place::new();
    let log = records(0..20_000);
    let fault = ("FAULT_EINTR", "1");
    let files = [
        ("a.ndjson", log.clone().into_bytes()),
        ("b.csv", table(0..20_000).into_bytes()),
        (
            "c.json",
            format!("[{}]", log.trim().replace('\n', ",\n")).into_bytes(),
        ),
        ("d.ndjson.gz", gzip(&log)),
        (
            "e.ndjson.zst",
            zstd::encode_all(log.as_bytes(), 1).expect("memory"),
        ),
    ];
    for (name, content) in &files {
        let path = place.file(name, content);
        let run = faulty(&place, fault, &["query", "--count", &path]).expect("a shim");
        assert_eq!(
            (run.code, run.err.as_str(), run.matched()),
            (0, "", 20_000),
            "{name}"
        );
        let mut command = place.command(&["query", "--count", "-"]);
        command.env("LD_PRELOAD", shim).env(fault.0, fault.1);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut stdin = child.stdin.take().expect("piped");
        let content = content.clone();
        let writer = std::thread::spawn(move || stdin.write_all(&content));
        let run = Run::of(child.wait_with_output().expect("it ends"));
        writer.join().expect("no panic").expect("all is read");
        assert_eq!(
            (run.code, run.err.as_str(), run.matched()),
            (0, "", 20_000),
            "{name} in a pipe"
        );
    }
    let path = place.file("log.ndjson", records(0..10));
    let mut command = query(&[&path]);
    command.env("LD_PRELOAD", shim).env(fault.0, fault.1);
    let mut following = Following::spawn(command);
    following.take(10);
    for n in (20..=200).step_by(10) {
        fs::write(&path, records(0..n)).expect("written");
        let ids: Vec<usize> = following.take(10).iter().map(|line| id(line)).collect();
        assert_eq!(ids, (n - 10..n).collect::<Vec<_>>());
    }
    let ended = following.interrupt();
    assert_eq!((ended.code, ended.lines.len()), (0, 0), "{}", ended.err);
}

#[cfg(feature = "http")]
#[tokio::test(flavor = "multi_thread")]
async fn signals_while_a_pipe_a_file_and_an_endpoint_are_read_lose_nothing() {
    use crate::loopback::{Body, Reply, Server};
    let server = Server::start(|_| {
        Reply::new(200, "application/x-ndjson", records(10_000..12_000)).sent(Body::Drip)
    })
    .await;
    let home = Home::new();
    let file = home.path().join("file.ndjson");
    fs::write(&file, records(20_000..22_000)).expect("written");
    let pipe = home.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let (file, pipe_name) = (file.display(), pipe.display());
    let line = format!(
        "exec '{PROGRAM}' - '{file}' '{}' < '{pipe_name}'",
        server.url
    );
    let mut terminal = Terminal::start(&home, &["sh", "-c", &line]);
    let writer = std::thread::spawn(move || {
        let mut pipe = fs::File::options().write(true).open(pipe).expect("opened");
        for piece in records(0..2_000).as_bytes().chunks(700) {
            pipe.write_all(piece).expect("it is read");
        }
    });
    let process = terminal.child.process_id().expect("it runs");
    let process = Pid::from_raw(process.cast_signed()).expect("a process");
    // Not before the program itself runs: a shell would be stopped by none of these, but would not pass them on.
    terminal.wait_for("events");
    while !writer.is_finished() {
        for signal in [Signal::WINCH, Signal::CONT] {
            kill_process(process, signal).expect("it runs");
        }
        std::thread::yield_now();
    }
    for _ in 0..1_000 {
        kill_process(process, Signal::WINCH).expect("it runs");
        std::thread::yield_now();
    }
    writer.join().expect("no panic");
    terminal.wait_for("6,000/6,000");
    terminal.quit();
}

#[test]
fn a_system_without_watches_is_asked_again_and_again_and_that_is_said() {
    let Some(shim) = shim() else { return };
    for (fault, words) in [
        (
            "init",
            "instances left (fs.inotify.max_user_instances or ulimit -n reached)",
        ),
        (
            "watch",
            "watches left (fs.inotify.max_user_watches reached)",
        ),
    ] {
        let place = Place::new();
        fs::create_dir(place.path("logs")).expect("made");
        let path = place.file("logs/a.ndjson", records(0..3));
        let logs = place.path("logs").to_str().expect("UTF-8").to_owned();
        let mut command = query(&[&logs]);
        command.env("LD_PRELOAD", shim).env("FAULT_INOTIFY", fault);
        let mut following = Following::spawn(command);
        following.take(3);
        following.says(&format!(
            "a.ndjson: no inotify {words}: polling every 100 ms"
        ));
        fs::write(&path, records(0..5)).expect("written");
        let ids: Vec<usize> = following.take(2).iter().map(|line| id(line)).collect();
        assert_eq!(ids, [3, 4], "{fault}");
        // A file that appears, and rotation.
        place.file("logs/b.ndjson", records(5..7));
        following.take(2);
        fs::rename(&path, place.path("logs/a.ndjson.1")).expect("renamed");
        fs::write(&path, records(7..9)).expect("written");
        let ids: BTreeSet<usize> = following.take(2).iter().map(|line| id(line)).collect();
        assert_eq!(ids, BTreeSet::from([7, 8]), "{fault}");
        assert_eq!(following.interrupt().code, 0);
    }
}

/// A directory of so many files with one event each, numbered alike.
fn many(place: &Place, files: usize) -> String {
    let directory = place.path("many");
    fs::create_dir(&directory).expect("made");
    for n in 0..files {
        fs::write(directory.join(format!("{n}.ndjson")), record(n) + "\n").expect("written");
    }
    directory.to_str().expect("UTF-8").to_owned()
}

/// The program with a limit on its open files.
fn limited(limit: &str, args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit {limit}; exec \"$@\""), "sh", PROGRAM])
        .args(args)
        .env_clear()
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null());
    command
}

/// The numbers of files that were printed, or are named in what was said.
fn accounted(lines: &[String], said: &[String]) -> BTreeSet<usize> {
    let named = |line: &String| {
        let name = line.split(".ndjson: ").next()?;
        Path::new(name).file_name()?.to_str()?.parse().ok()
    };
    let printed = lines.iter().map(|line| id(line));
    printed.chain(said.iter().filter_map(named)).collect()
}

#[test]
fn files_for_which_no_descriptor_is_left_are_named() {
    let place = Place::new();
    let directory = many(&place, 80);
    let run = Run::of(
        limited("-n 16", &["query", &directory])
            .output()
            .expect("it runs"),
    );
    assert_eq!(run.code, 3, "{}", run.err);
    let owned = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (lines, said) = (owned(run.lines()), owned(run.err.lines().collect()));
    assert_eq!(accounted(&lines, &said), (0..80).collect(), "{}", run.err);
    let words = "too many open files: raise the limit (ulimit -n), or open fewer files";
    assert!(said.iter().all(|line| line.contains(words)), "{}", run.err);

    let mut following = Following::spawn(limited("-n 48", &["query", "--follow", &directory]));
    let mut lines = Vec::new();
    following.until(&mut lines, |lines, said| accounted(lines, said).len() == 80);
    following.says(words);
    // One that is followed goes on, also where it cannot be opened again.
    let n = id(&lines[0]);
    let path = place.path(&format!("many/{n}.ndjson"));
    fs::write(&path, record(n) + "\n" + &record(1000) + "\n").expect("written");
    following.until(&mut lines, |lines, _| {
        lines.iter().any(|line| id(line) == 1000)
    });
    following.interrupt();
}

#[test]
fn the_descriptors_that_the_system_grants_are_taken() {
    let place = Place::new();
    let directory = many(&place, 80);
    let mut command = limited("-S -n 16", &["query", "--follow", &directory]);
    command.stdout(Stdio::piped());
    let mut following = Following::spawn(command);
    following.take(80);
    let ended = following.interrupt();
    assert!(
        ended.code == 0 && !ended.err.contains("too many open files"),
        "{}",
        ended.err
    );
}
