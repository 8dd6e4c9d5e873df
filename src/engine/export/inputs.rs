//! Size and SHA-256 of the input files of a report.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::pulse::{Pulse, Stopped};
use crate::export::{Cell, Sheet};
use crate::model::shown;

/// Most files that are listed.
const FILES: usize = 200;

/// Bytes read between two checks for a stop.
const BLOCK: usize = 1 << 20;

/// Table of the sources that are regular files, as they are now. When done, `share` per cent of the work is done.
pub(super) fn table(
    sources: &[String],
    share: f64,
    pulse: &Pulse<'_>,
) -> Result<Option<Sheet<'static>>, Stopped> {
    let is_file = |source: &&String| Path::new(source).is_file();
    let files: Vec<&String> = sources.iter().filter(is_file).collect();
    let mut rows = Vec::new();
    for (at, file) in files.iter().enumerate().take(FILES) {
        pulse.at(share * at as f64 / files.len().min(FILES) as f64)?;
        let (bytes, sum) = match hash(Path::new(file), pulse)? {
            Ok((bytes, sum)) => (Cell::Number(bytes), Cell::Text(sum)),
            Err(why) => (Cell::Missing, Cell::Text(why)),
        };
        rows.push(vec![Cell::Text(shown(Path::new(file))), bytes, sum]);
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let title = if files.len() > FILES {
        format!("{FILES} of {} files", files.len())
    } else {
        String::new()
    };
    let headings = ["file", "bytes", "SHA-256"].map(str::to_owned);
    Ok(Some(Sheet::whole(title, headings.to_vec(), rows)))
}

/// Returns the size and the hash of a file; the error is the reason why it cannot be read.
fn hash(path: &Path, pulse: &Pulse<'_>) -> Result<Result<(u64, String), String>, Stopped> {
    let failed = |error: std::io::Error| format!("cannot read: {error}");
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return Ok(Err(failed(error))),
    };
    let (mut sum, mut bytes, mut block) = (Sha256::new(), 0, vec![0; BLOCK]);
    loop {
        if pulse.is_stopped() {
            return Err(Stopped);
        }
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(read) => {
                sum.update(&block[..read]);
                bytes += read as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Err(failed(error))),
        }
    }
    let sum = sum.finalize();
    let hex = sum.iter().map(|byte| format!("{byte:02x}"));
    Ok(Ok((bytes, hex.collect())))
}
