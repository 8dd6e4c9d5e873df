//! A file that grows while it is followed.

use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::time::Instant;

use crate::ingest::{Loaded, wait};
use crate::report::{Report, Work};

/// Lines that are appended at a time.
const BLOCK: usize = 100;

/// Blocks that are waited for one by one, and blocks of the run at full speed.
const SINGLE: usize = 40;
const FAST: usize = 2_000;

pub(crate) fn run(report: &mut Report, file: &Path) -> io::Result<()> {
    if !report.wants("live") {
        return Ok(());
    }
    let (single, fast) = if report.once { (2, 3) } else { (SINGLE, FAST) };
    let mut blocks = blocks(file, single + fast)?.into_iter();
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("growing.ndjson");
    let mut growing = OpenOptions::new().create(true).append(true).open(&path)?;
    growing.write_all(&blocks.next().unwrap_or_default())?;
    let loaded = Loaded::open(&path, true)?;
    let mut events = loaded.status.events;
    let mut times = Vec::new();
    for block in blocks.by_ref().take(single) {
        let begun = Instant::now();
        growing.write_all(&block)?;
        events += BLOCK as u64;
        wait(&loaded.events, |status| status.events >= events);
        times.push(begun.elapsed());
    }
    // Most of it is the pace at which snapshots are published.
    report.times("live/append-to-published", Work::default(), times);
    let rest: Vec<Vec<u8>> = blocks.collect();
    let work = Work {
        events: (rest.len() * BLOCK) as u64,
        bytes: rest.iter().map(|block| block.len() as u64).sum(),
    };
    let begun = Instant::now();
    for block in &rest {
        growing.write_all(block)?;
    }
    wait(&loaded.events, |status| {
        status.events >= events + work.events
    });
    report.times("live/at-full-speed", work, vec![begun.elapsed()]);
    Ok(())
}

/// Blocks of lines from the start of a file, as many as there are up to a number, and one to begin with.
fn blocks(file: &Path, number: usize) -> io::Result<Vec<Vec<u8>>> {
    let mut lines = BufReader::new(std::fs::File::open(file)?);
    let mut blocks = Vec::new();
    while blocks.len() <= number {
        let mut block = Vec::new();
        for _ in 0..BLOCK {
            if lines.read_until(b'\n', &mut block)? == 0 {
                return Ok(blocks);
            }
        }
        blocks.push(block);
    }
    Ok(blocks)
}
