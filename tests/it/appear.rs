//! The engine on directories, patterns, links and pipes in which files come and go: what appears is read, and
//! what was read under another name is not read again.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use regtrail::engine::{SourceAction, SourceState};
use regtrail::source::Spec;

use crate::follow::{Following, line, lines};

pub(crate) fn gzip(path: &Path, text: &str) {
    let file = fs::File::create(path).expect("created");
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("written");
    encoder.finish().expect("finished");
}

#[test]
fn what_appears_in_a_directory_is_read_and_copies_are_not() {
    let mut following =
        Following::over(&[("a", lines(0..10))], |path| Spec::Directory(path.into()));
    following.wait_for_events(10);
    fs::create_dir(following.path("below")).expect("made");
    fs::write(following.path("below/b"), lines(10..20)).expect("written");
    following.wait_for_events(20);
    // What was read once: a copy, a compressed copy, another name for the same file.
    fs::copy(following.path("a"), following.path("a.copy")).expect("copied");
    following.wait(|status| status.sources[0].note.contains("skipped "));
    gzip(&following.path("a.gz"), &lines(0..10));
    fs::hard_link(following.path("below/b"), following.path("b.link")).expect("linked");
    // The log goes on, is rotated, and whoever writes has the old one open for a moment.
    following.append("a", &lines(20..22));
    following.wait_for_events(22);
    let mut old = fs::OpenOptions::new()
        .append(true)
        .open(following.path("a"))
        .expect("it is there");
    fs::rename(following.path("a"), following.path("a.1")).expect("renamed");
    fs::write(following.path("a"), lines(22..25)).expect("written");
    following.wait_for_events(25);
    old.write_all(lines(25..27).as_bytes()).expect("written");
    following.wait_for_events(27);
    // Compressed files are read whole, once they are; one that is rotated on was read.
    gzip(&following.path("c.1.gz"), &lines(27..30));
    following.wait_for_events(30);
    fs::rename(following.path("c.1.gz"), following.path("c.2.gz")).expect("renamed");
    gzip(&following.path("c.1.gz"), &lines(30..33));
    following.wait_for_events(33);
    following.assert_whole(33);
    let directory = &following.status.sources[0];
    assert_eq!(
        (directory.events, &directory.state),
        (0, &SourceState::Live)
    );
    assert!(
        directory.parts[0].contains("watching file system events"),
        "{:?}",
        directory.parts
    );
}

#[test]
fn files_that_are_renamed_along_a_chain_are_read_once() {
    let files = [
        ("a", lines(10..20)),
        ("a.1", lines(5..10)),
        ("a.2", lines(0..5)),
    ];
    let mut following = Following::over(&files, |path| Spec::Directory(path.into()));
    following.wait_for_events(20);
    let mut next = 20;
    for turn in 1..=3 {
        following.append("a", &line(next));
        fs::rename(
            following.path("a.2"),
            following.path(&format!("a.{}", turn + 2)),
        )
        .expect("renamed");
        fs::rename(following.path("a.1"), following.path("a.2")).expect("renamed");
        fs::rename(following.path("a"), following.path("a.1")).expect("renamed");
        fs::write(following.path("a"), lines(next + 1..next + 3)).expect("written");
        next += 3;
        following.wait_for_events(next);
        following.wait_for_mark("rotated", turn);
    }
    fs::write(following.path("new"), line(next)).expect("written");
    following.assert_whole(next + 1);
}

#[test]
fn a_file_that_is_renamed_within_a_directory_or_with_it_is_read_on_and_its_name_is_said() {
    let mut following =
        Following::over(&[("a", lines(0..10))], |path| Spec::Directory(path.into()));
    following.wait_for_events(10);
    fs::create_dir(following.path("s")).expect("made");
    for (turn, (from, to, name)) in [("a", "b", "b"), ("b", "s/c", "s/c"), ("s", "t", "t/c")]
        .into_iter()
        .enumerate()
    {
        fs::rename(following.path(from), following.path(to)).expect("renamed");
        let next = 10 + 5 * turn;
        following.append(name, &lines(next..next + 5));
        following.wait_for_events(next + 5);
        if cfg!(target_os = "linux") {
            let said = format!("renamed to {}", following.path(name).display());
            following.wait(|status| status.sources[1].note.ends_with(&said));
            assert_eq!(following.status.sources[1].state, SourceState::Live);
        }
    }
    fs::remove_file(following.path("t/c")).expect("deleted");
    following.wait(|status| status.sources[1].note.contains("deleted, waiting"));
    fs::write(following.path("a"), lines(25..27)).expect("written");
    following.assert_whole(27);
}

#[test]
fn a_pattern_finds_what_appears_and_matches() {
    let mut following = Following::over(&[("audit-1.ndjson", lines(0..5))], |path| {
        Spec::Glob(path.join("audit-*.ndjson").into())
    });
    following.wait_for_events(5);
    fs::write(following.path("other.ndjson"), lines(90..99)).expect("written");
    fs::write(following.path("audit-2.ndjson"), lines(5..9)).expect("written");
    following.wait_for_events(9);
    following.append("audit-2.ndjson", &line(9));
    following.append("audit-1.ndjson", &line(10));
    following.assert_whole(11);
}

#[test]
fn a_link_is_followed_to_where_it_leads() {
    let mut following = Following::start(&[]);
    for (name, numbers) in [("one", 0..5), ("two", 5..8)] {
        fs::create_dir(following.path(name)).expect("made");
        fs::write(following.path(name).join("log"), lines(numbers)).expect("written");
    }
    symlink(following.path("one/log"), following.path("current")).expect("linked");
    following
        .engine
        .open(Spec::File(following.path("current")), true);
    following.wait_for_events(5);
    // Switched as a deployment does it: another link takes the name.
    symlink(following.path("two/log"), following.path("next")).expect("linked");
    fs::rename(following.path("next"), following.path("current")).expect("renamed");
    following.wait_for_events(8);
    following.append("two/log", &line(8));
    following.assert_whole(9);
    following.wait_for_mark("rotated", 1);
}

#[test]
fn a_link_to_a_file_beside_it_is_not_read_twice() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("b"), lines(0..5)).expect("written");
    symlink(directory.path().join("b"), directory.path().join("a")).expect("linked");
    let found = regtrail::source::expand(Spec::Directory(directory.path().into())).expect("files");
    let names: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(names, [directory.path().join("b").display().to_string()]);
}

#[test]
fn a_pipe_is_read_as_it_comes_from_one_writer_after_another() {
    let mut following = Following::start(&[]);
    let pipe = following.path("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("a pipe");
    assert!(made.success());
    following.engine.open(Spec::File(pipe.clone()), true);
    for start in [0, 5] {
        let mut writer = fs::OpenOptions::new()
            .write(true)
            .open(&pipe)
            .expect("read from");
        writer
            .write_all(lines(start..start + 4).as_bytes())
            .expect("written");
        following.wait_for_events(start + 4);
        writer
            .write_all(line(start + 4).as_bytes())
            .expect("written");
        drop(writer);
        following.wait_for_events(start + 5);
    }
    following.wait(|status| status.sources[0].state == SourceState::Live);
    following.engine.act(0, SourceAction::Stop);
    following.wait(|status| status.sources[0].state == SourceState::Stopped);
    following.assert_whole(10);
}
