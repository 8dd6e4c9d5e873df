//! State files under many sessions: what one was told is remembered is there in the end, whoever else writes and whoever
//! is killed.
//!
//! `REGTRAIL_STATE_ROUNDS=200` runs more rounds than the tests do.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use regtrail::config::{ColumnStore, History, MarkStore, Marked, MarksWork, Recent};

use crate::chance::Chance;

/// Says to this program that it is one of the sessions, and where its state is.
const SESSION: &str = "REGTRAIL_STATE_SESSION";

fn mark(name: &str, n: usize) -> Marked {
    Marked {
        request: format!("{name}-{n}"),
        time: Some(n as i64),
        offset: 0,
        note: format!("note of {name}-{n}"),
        values: Vec::new(),
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .expect("a pipe");
}

/// A session: remembers things without end, and says so of each.
#[test]
fn session() {
    let Ok(wanted) = std::env::var(SESSION) else {
        return;
    };
    let (name, directory) = wanted.split_once(':').expect("a name and a directory");
    let place = |file: &str| Path::new(directory).join(file);
    let (marks, history) = (
        MarkStore::new(place("marks")),
        History::new(place("history")),
    );
    let (recent, columns) = (
        Recent::new(place("recent")),
        ColumnStore::new(place("columns")),
    );
    for n in 0..20 {
        marks
            .work(&MarksWork::Put(vec![mark(name, n)]))
            .expect("written");
        say(&format!("mark {name}-{n}"));
        history.add(&format!("line {name}-{n}")).expect("written");
        say(&format!("line {name}-{n}"));
        recent
            .remember(&[format!("/{name}-{n}").into()])
            .expect("written");
        let chosen = vec![(format!("field_{name}"), Some(9))];
        columns.save(n % 4, &chosen).expect("written");
    }
    say("done");
}

fn start(name: &str, directory: &Path) -> Child {
    let directory = directory.to_str().expect("UTF-8");
    Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "state::session",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(SESSION, format!("{name}:{directory}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs")
}

/// Takes what a session says, up to a number of lines; then kills it.
fn hear(mut child: Child, lines: usize) -> Vec<String> {
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let mut reported: Vec<String> = Vec::new();
    let mut out = out.lines().map(|line| line.expect("UTF-8"));
    for line in out.by_ref() {
        let is_end = line.contains("done");
        reported.push(line);
        if reported.len() >= lines || is_end {
            break;
        }
    }
    // It may have ended by itself.
    let _ = child.kill();
    // What it said before that counts.
    reported.extend(out);
    child.wait().expect("it ran");
    reported.retain(|line| line.contains("mark ") || line.contains("line "));
    reported
}

fn files(directory: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(directory).expect("there");
    entries.map(|entry| entry.expect("there").path()).collect()
}

#[test]
fn ten_sessions_that_write_at_once_and_are_killed_lose_nothing() {
    let rounds = std::env::var("REGTRAIL_STATE_ROUNDS").ok();
    let rounds: usize = rounds.map_or(10, |text| text.parse().expect("a number"));
    let mut chance = Chance::new(14);
    let mut told_of = 0;
    for round in 0..rounds {
        let place = tempfile::tempdir().expect("a directory");
        let sessions: Vec<(Child, usize)> = (0..10)
            .map(|n| {
                (
                    start(&format!("{round}.{n}"), place.path()),
                    1 + chance.below(50),
                )
            })
            .collect();
        let hearing: Vec<_> = sessions
            .into_iter()
            .map(|(child, lines)| std::thread::spawn(move || hear(child, lines)))
            .collect();
        let reported: Vec<String> = hearing
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect();
        let marks = MarkStore::new(place.path().join("marks"));
        let history = History::new(place.path().join("history"));
        // The next change takes the leftovers of those that were killed away.
        marks
            .work(&MarksWork::Put(vec![mark("last", 0)]))
            .expect("written");
        history.add("last").expect("written");
        Recent::new(place.path().join("recent"))
            .remember(&["/last".into()])
            .expect("written");
        ColumnStore::new(place.path().join("columns"))
            .save(0, &Vec::new())
            .expect("written");
        let kept: BTreeSet<String> = (marks.load().iter())
            .map(|mark| {
                assert_eq!(mark.note, format!("note of {}", mark.request));
                format!("mark {}", mark.request)
            })
            .chain(history.load())
            .collect();
        for line in &reported {
            let line = &line[line
                .find("mark ")
                .or(line.find("line "))
                .expect("one of them")..];
            assert!(kept.contains(line), "round {round}: lost: {line}");
        }
        told_of += reported.len();
        let names = [".lock", "columns", "history", "marks", "recent"];
        let expected: BTreeSet<PathBuf> = names.map(|name| place.path().join(name)).into();
        assert_eq!(files(place.path()), expected, "round {round}");
        for file in expected {
            let mode = fs::metadata(&file).expect("there").mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", file.display());
        }
    }
    assert!(told_of > rounds * 20, "{told_of} in {rounds} rounds");
    eprintln!("{rounds} rounds, {told_of} marks and lines, none lost");
}
