//! Benchmarks of what is done to many events: decoding, loading, refining, tailing, and of drawing a screen.
//!
//! ```sh
//! cargo bench                                   # a million generated events
//! REGTRAIL_BENCH_EVENTS=5000000 cargo bench     # five
//! cargo bench -- --only facets                  # names that begin so
//! cargo bench -- --json audit.ndjson            # a file of your own; one JSON object a line
//! ```
//!
//! Times are medians after one run that does not count; processor time is the mean of a run, the preparing and the
//! clearing away included. Everything goes the way the explorer goes: files
//! through [`regtrail::engine::Engine`], questions through [`regtrail::aggregate`] as the query worker asks
//! it. The loop is our own because `tests/bench/peers/run` needs the figures, the counts they belong to and
//! the growth of the process, not a report. Without `--bench` (`cargo test --benches`) everything runs once on
//! two thousand events, to show that it still works.

mod formats;
mod ingest;
mod live;
mod refine;
mod report;
mod screen;

use std::io;
use std::path::PathBuf;

use regtrail::model::time::SECOND;
use regtrail::source::demo;

use report::Report;

/// Events where neither a file nor a number is given.
const EVENTS: u64 = 1_000_000;

/// Events of a run that only shows that everything works.
const FEW: u64 = 2_000;

/// The end of the generated history, and its seed: those of `regtrail demo --seed 7 -o ndjson`.
const END: i64 = 1_785_542_400 * SECOND;
const SEED: u64 = 7;

fn main() -> io::Result<()> {
    let mut report = Report::default();
    let mut file = None;
    let mut measure = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bench" => measure = true,
            "--json" => report.json = true,
            "--only" => report.only = args.next(),
            // What the test runner of cargo may hand on means nothing here.
            option if option.starts_with('-') => {}
            path => file = Some(PathBuf::from(path)),
        }
    }
    report.once = !measure;
    let file = match file {
        Some(file) => file,
        None => generated(if measure { wanted() } else { FEW })?,
    };
    // First of all, while the process is as small as it will ever be.
    let loaded = ingest::load(&mut report, &file)?;
    ingest::decode(&mut report, &file)?;
    formats::run(&mut report, &file)?;
    refine::run(&mut report, &loaded.snapshot);
    screen::run(&mut report, &loaded);
    drop(loaded);
    live::run(&mut report, &file)
}

fn wanted() -> u64 {
    std::env::var("REGTRAIL_BENCH_EVENTS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(EVENTS)
}

/// A file of generated events, made when it is not there.
fn generated(events: u64) -> io::Result<PathBuf> {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = directory.join(format!("events-{events}.ndjson"));
    if !path.exists() {
        std::fs::create_dir_all(&directory)?;
        let unfinished = path.with_extension("part");
        let mut out = io::BufWriter::new(std::fs::File::create(&unfinished)?);
        demo::write(events, SEED, END, &mut out)?;
        std::fs::rename(&unfinished, &path)?;
    }
    Ok(path)
}
