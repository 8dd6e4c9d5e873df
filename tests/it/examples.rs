//! Examples of the README and the manual: every `regtrail` command line is run, or parsed if it needs a network or a
//! screen.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::Parser as _;
use regtrail::cli::{self, Cli, Input};
use regtrail::manual::PAGES;

use crate::pty::{Home, PROGRAM};

/// Reads the README and the manual pages.
fn documents() -> impl Iterator<Item = (PathBuf, String)> {
    let pages = PAGES.iter();
    let pages = pages.map(|page| format!("assets/manual/{}.md", page.topic));
    std::iter::once("README.md".to_owned())
        .chain(pages)
        .map(|path| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            let text = fs::read_to_string(&path).expect("a file of the project");
            (path, text)
        })
}

/// Splits a document into the lines of its `sh` blocks, continued ones joined, and the text outside all blocks.
fn split(document: &str) -> (Vec<String>, String) {
    let (mut lines, mut prose) = (Vec::new(), String::new());
    let mut fence = None;
    let mut continued = String::new();
    for line in document.lines() {
        match (line.trim_start().strip_prefix("```"), fence) {
            (Some(language), None) => fence = Some(language),
            (Some(_), Some(_)) => fence = None,
            (None, None) => prose.extend([line, "\n"]),
            (None, Some("sh")) => {
                continued.push_str(line.trim_start());
                if let Some(more) = continued.strip_suffix('\\') {
                    continued.truncate(more.len());
                } else {
                    lines.push(std::mem::take(&mut continued));
                }
            }
            (None, Some(_)) => {}
        }
    }
    (lines, prose)
}

/// Runs a line in a directory, with `path` as the search path.
fn run(home: &Home, directory: &Path, path: &str, line: &str) -> Output {
    Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(directory)
        .env("PATH", path)
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_STATE_HOME", home.path().join("state"))
        .output()
        .expect("a shell")
}

/// Whether a command needs neither a network nor a screen, and ends by itself. The log of the demo is there.
fn can_run(cli: &Cli) -> bool {
    let is_local = |input: &Input| {
        let mut sources = input.sources.iter().map(|source| source.to_string_lossy());
        !input.follow && !sources.any(|source| source.contains("://") || source.starts_with('@'))
    };
    match &cli.command {
        None | Some(cli::Command::Demo(_)) => false,
        Some(cli::Command::Query(query)) => is_local(&query.input),
        Some(cli::Command::Doctor { input }) => is_local(input),
        Some(_) => true,
    }
}

#[test]
fn every_example_runs() {
    let home = Home::new();
    let at = |name: &str| home.path().join(name);
    for directory in ["real", "recording", "audit"] {
        fs::create_dir(at(directory)).expect("created");
    }
    symlink(PROGRAM, at("real/regtrail")).expect("linked");
    // A script that records its arguments splits the lines as a shell does.
    let recording = at("recording");
    let script = "#!/bin/sh\nprintf '%s\\0' regtrail \"$@\" > recorded\n";
    let recorder = recording.join("regtrail");
    fs::write(&recorder, script).expect("written");
    fs::set_permissions(&recorder, fs::Permissions::from_mode(0o755)).expect("set");
    fs::write(at("watchlist.txt"), "203.0.113.66 # reported\n").expect("written");
    let real = format!("{}:/usr/bin:/bin", at("real").display());
    home.log(12_000);

    let (mut parsed, mut ran) = (0, 0);
    for (path, text) in documents() {
        for line in split(&text).0 {
            run(&home, &recording, &recording.display().to_string(), &line);
            let Ok(recorded) = fs::read(recording.join("recorded")) else {
                continue;
            };
            fs::remove_file(recording.join("recorded")).expect("removed");
            let words = recorded.strip_suffix(b"\0").expect("at least one word");
            let words = words
                .split(|byte| *byte == 0)
                .map(|word| OsString::from_vec(word.to_vec()));
            let cli = Cli::try_parse_from(words)
                .unwrap_or_else(|error| panic!("{}: {line}\n{error}", path.display()));
            parsed += 1;
            if can_run(&cli) {
                let output = run(&home, home.path(), &real, &line);
                let error = String::from_utf8_lossy(&output.stderr);
                assert!(
                    output.status.success() && error.is_empty(),
                    "{}: {line}\n{}\n{error}",
                    path.display(),
                    output.status
                );
                ran += 1;
            }
        }
    }
    assert!(parsed > 40 && ran > 20, "{parsed} parsed, {ran} ran");
}

#[test]
fn every_command_named_in_the_text_parses() {
    for (path, text) in documents() {
        for part in split(&text).1.split('`').skip(1).step_by(2) {
            let words = part.split_whitespace();
            if part.starts_with("regtrail ")
                && let Err(error) = Cli::try_parse_from(words)
            {
                assert!(!error.use_stderr(), "{}: {part}\n{error}", path.display());
            }
        }
    }
}
