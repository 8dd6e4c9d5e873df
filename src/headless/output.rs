//! What is said where standard output does not take what is printed.

use std::io;
use std::os::unix::fs::MetadataExt as _;
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

/// Refuses to print into nothing: where standard output was closed (`>&-`), the runtime has put the null device in its
/// place, open for reading as well, as no shell opens it.
pub(super) fn check() -> io::Result<()> {
    let stdout = io::stdout();
    let is_null = rustix::fs::fstat(&stdout).is_ok_and(|stat| {
        let kind = rustix::fs::FileType::from_raw_mode(stat.st_mode);
        let null = std::fs::metadata("/dev/null").map(|null| null.rdev());
        kind == rustix::fs::FileType::CharacterDevice && null.is_ok_and(|null| null == stat.st_rdev)
    });
    let flags = rustix::fs::fcntl_getfl(&stdout);
    if is_null && flags.is_ok_and(|flags| flags.contains(rustix::fs::OFlags::RDWR)) {
        return Err(io::Error::other("it is closed"));
    }
    Ok(())
}

/// The file that standard output is, where it has a name.
fn place() -> Option<PathBuf> {
    let path = std::fs::read_link(Path::new("/proc/self/fd/1")).ok()?;
    path.is_absolute().then_some(path)
}
