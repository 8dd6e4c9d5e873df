//! Hostile input for the readers beside those of logs: answers of servers, credentials, files edited by hand or left by
//! earlier sessions, words of the command line. Each is damaged by chance, and made of one thing repeated to megabytes.
//!
//! How often each target runs, and from which seed: see [`crate::chance`]. `REGTRAIL_BOMB_MIB` makes the repetitions larger
//! than the mebibyte of each run of the tests.

mod arrangements;
mod documents;
mod edited;
mod events;
mod keys;
mod packed;
mod pages;
mod remembered;
mod service;
mod words;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use regtrail::source::Failure;
use regtrail::source::http::Settings;

use crate::loopback::watch::Delivered;
use crate::loopback::{Reply, Server};
use crate::pty::PROGRAM;

/// A secret that is put in and must not come out: with what has to be escaped in a URL.
pub(crate) const SECRET: &str = "hid-Zq7/+x9Kw==";

/// Bytes of a message at most: it names what is wrong, and does not repeat an answer.
const MESSAGE: usize = 4_096;

/// A message can be printed as it is, on one line; it is no longer than one is, and says no secret.
#[track_caller]
fn assert_clean(said: &str) {
    let start: String = said.chars().take(300).collect();
    assert!(
        said.len() <= MESSAGE,
        "{} bytes are no message: {start:?}",
        said.len()
    );
    assert!(!said.contains(char::is_control), "{said:?}");
    assert!(!said.contains(SECRET), "{said}");
}

/// A program that has ended.
struct Ended {
    code: Option<i32>,
    printed: Vec<u8>,
    said: String,
}

impl Ended {
    /// It ended with one of these codes, and each line that it said is clean.
    #[track_caller]
    fn assert_well(&self, codes: &[i32], what: &str) {
        let start: String = self.said.chars().take(2_000).collect();
        assert!(
            self.code.is_some_and(|code| codes.contains(&code)),
            "{what}: {:?}: {start}",
            self.code
        );
        for bad in ["internal error", "panicked", "reading was interrupted"] {
            assert!(!self.said.contains(bad), "{what}: {start}");
        }
        self.said.lines().for_each(assert_clean);
    }

    fn sums(&self) -> serde_json::Value {
        serde_json::from_slice(&self.printed)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.printed)))
    }
}

/// Memory that a child may take, in KiB: all of it, not only what is resident.
const MEMORY: u32 = 400_000;

/// Mebibytes that something is repeated to.
fn mebibytes() -> usize {
    let wanted = std::env::var("REGTRAIL_BOMB_MIB").ok();
    wanted.map_or(1, |text| text.parse().expect("a number of MiB"))
}

/// Runs the program under limits of memory, processor time and patience.
fn run(arguments: &[&str], home: &Path, variables: &[(&str, &str)]) -> Ended {
    let seconds = 20 + 10 * mebibytes();
    let limits = format!(
        "ulimit -v {MEMORY}; ulimit -t {seconds}; exec timeout {} \"$@\"",
        4 * seconds
    );
    let output = Command::new("sh")
        .args(["-c", &limits, "sh", PROGRAM])
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home)
        .env("MALLOC_ARENA_MAX", "1")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    Ended {
        code: output.status.code(),
        printed: output.stdout,
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Threads for servers, and for what is read from them.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads")
}

/// A server that gives an answer once; whoever asks again is told that nothing is there, so that nobody waits.
async fn once_only(answer: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    let asked = AtomicBool::new(false);
    Server::start(move |_| {
        if asked.swap(true, Ordering::AcqRel) {
            Reply::new(404, "text/plain", "")
        } else {
            answer()
        }
    })
    .await
}

/// Reads an endpoint to its end; everything that is said on the way is clean.
async fn read(settings: Settings) -> (Delivered, Result<(), Failure>) {
    let mut run = crate::http::start(settings);
    let end = tokio::time::timeout(Duration::from_mins(1), run.end())
        .await
        .expect("an end");
    if let Err(failure) = &end {
        assert_clean(&failure.to_string());
    }
    let seen = run.seen;
    for said in [&seen.notes, &seen.marks, &seen.losses]
        .into_iter()
        .flatten()
    {
        assert_clean(said);
    }
    (seen, end)
}

/// Twice the input takes less than three times as long, but for what is short anyway and for what else the machine does.
#[track_caller]
fn assert_linear(what: &str, len: usize, mut take: impl FnMut(usize)) {
    const SHORT: Duration = Duration::from_millis(500);
    let mut timed = |len| {
        let begun = Instant::now();
        take(len);
        begun.elapsed()
    };
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (once, twice) = (timed(len), timed(2 * len));
        if twice < SHORT || twice < once * 3 {
            return;
        }
        seen.push((once, twice));
    }
    panic!("{what}: {len} and twice as much took {seen:?}");
}
