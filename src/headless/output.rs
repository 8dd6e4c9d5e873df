//! What is said where standard output does not take what is printed.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::{reason, shown};

/// The failure of a write to standard output: what, where, why, what to do.
pub(super) fn failed(error: &io::Error) -> String {
    let place = place().map_or(String::new(), |path| format!(" ({})", shown(&path)));
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; what was written is incomplete: free some space, or write elsewhere"
        }
        _ => "",
    };
    let why = reason(error);
    format!("cannot write the results to standard output{place}: {why}{advice}")
}

/// The file that standard output is, where it has a name.
fn place() -> Option<PathBuf> {
    let path = std::fs::read_link(Path::new("/proc/self/fd/1")).ok()?;
    path.is_absolute().then_some(path)
}
