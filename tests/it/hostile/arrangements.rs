//! Every format on content of every kind: what is said to be something else is read, or refused in words.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::unbounded;
use regtrail::decode::formats::FORMATS;
use regtrail::engine::{Engine, EngineEvent, SourceState};
use regtrail::source::Spec;

use super::assert_clean;
use crate::chance::fuzz;

/// Samples of every format, and what else may lie in a directory of logs.
fn contents() -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let mut paths: Vec<PathBuf> = fs::read_dir(directory)
        .expect("the project's samples")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let name = |path: &Path| {
        path.file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned()
    };
    let mut all: Vec<(String, Vec<u8>)> = paths
        .iter()
        .map(|path| (name(path), fs::read(path).expect("a sample")))
        .collect();
    for (name, content) in [
        ("nothing", &b""[..]),
        ("blank", b" \n\n\t\n"),
        ("page", b"<!DOCTYPE html><title>x</title>"),
        ("prose", b"It is not a log at all.\nIt goes on.\n"),
        ("escapes", b"\x1b[2J\x1b[31m\n"),
        ("nul", &[0; 5_000]),
        ("bytes", b"\xff\xfe\xfd\xfc\x80\x81\n\xff"),
        ("utf-16", b"\xff\xfe{\0\"\0a\0\"\0:\x001\0}\0\n\0"),
        ("number", b"17"),
        ("text", b"\"text\""),
        ("header", b"time,action,user\n"),
        (
            "events",
            b"data: {\"time\":\"2024-04-12T08:58:30Z\",\"action\":\"a\"}\n\n",
        ),
    ] {
        all.push((name.to_owned(), content.to_vec()));
    }
    all
}

/// Reads a file as a format, to its end: its events, and whether anything else was said of it.
fn read(
    engine: &Engine,
    events: &crossbeam_channel::Receiver<EngineEvent>,
    path: &Path,
    format: usize,
    what: &str,
) -> (u64, bool) {
    let number = engine.opened();
    engine.open_as(Spec::File(path.to_owned()), false, Some(FORMATS[format].id));
    loop {
        let event = events
            .recv_timeout(Duration::from_mins(1))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let EngineEvent::Status(status) = event else {
            continue;
        };
        let Some(source) = status.sources.get(number) else {
            continue;
        };
        let failed = match &source.state {
            SourceState::Failed { why } => {
                assert_clean(why);
                assert!(
                    !why.contains("internal error") && !why.contains("reading stopped"),
                    "{what}: {why}"
                );
                true
            }
            SourceState::Done => false,
            _ => continue,
        };
        let said =
            failed || source.defects > 0 || source.remarks.skipped() > 0 || !source.note.is_empty();
        return (source.events, said);
    }
}

fn engine() -> (Engine, crossbeam_channel::Receiver<EngineEvent>) {
    let (to, events) = unbounded();
    (
        Engine::start(move |event| drop(to.send(event))).expect("threads"),
        events,
    )
}

#[test]
fn every_format_reads_its_own_and_says_what_it_makes_of_the_others() {
    let directory = tempfile::tempdir().expect("a directory");
    let (engine, events) = engine();
    for (name, content) in contents() {
        let path = directory.path().join(&name);
        fs::write(&path, &content).expect("written");
        for (at, format) in FORMATS.iter().enumerate() {
            let what = format!("{name} as {}", format.name);
            let (count, said) = read(&engine, &events, &path, at, &what);
            if format.samples.contains(&&*name) {
                assert!(count > 0 && !said, "{what}: {count} events");
            }
            let is_nothing = matches!(&*name, "nothing" | "blank" | "header" | "nul" | "escapes");
            assert!(
                count > 0 || said || is_nothing,
                "{what}: nothing of it, and nothing is said"
            );
        }
    }
}

#[test]
fn every_format_reads_damaged_content_to_its_end() {
    let contents = contents();
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("x");
    fuzz("formats", 3, |chance| {
        let (engine, events) = engine();
        for _ in 0..30 {
            let (name, mut content) = chance.pick(&contents).clone();
            chance.damage(
                &mut content,
                0,
                &[
                    b"\n",
                    b"\"",
                    b",",
                    b"\t",
                    b"{",
                    b"[",
                    b"\0",
                    b"\xff",
                    b"PAR1",
                    b"\x1f\x8b",
                ],
            );
            fs::write(&path, &content).expect("written");
            let format = chance.below(FORMATS.len());
            let what = format!("{name} as {}", FORMATS[format].name);
            let (count, said) = read(&engine, &events, &path, format, &what);
            let is_small = content.len() < 100;
            // One line is the header of a table without rows.
            let is_header = ["csv", "tsv"].contains(&FORMATS[format].name)
                && !content.trim_ascii_end().contains(&b'\n');
            assert!(
                count > 0 || said || is_small || is_header || name == "nul",
                "{what}: {}",
                String::from_utf8_lossy(&content[..100])
            );
        }
    });
}
