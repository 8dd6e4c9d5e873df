//! Failures of the program: its error type, the exit codes, and output on standard error.

use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::config::{reason, shown};
use crate::model::{shortened, visible};

/// Exit codes of the command line interface.
pub mod code {
    pub const MATCHED: u8 = 0;
    pub const NOTHING: u8 = 1;
    pub const USAGE: u8 = 2;
    pub const SOURCE: u8 = 3;
}

/// Reason why the program ends without a result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line, a user's file or the query is wrong.
    #[error("{0}")]
    Usage(String),
    /// Standard output cannot be written.
    #[error("{}", unwritten(.0))]
    Output(#[from] io::Error),
    /// The system refuses another resource that is needed.
    #[error("{0}")]
    System(String),
}

impl Failure {
    /// Creates the failure for worker threads that cannot be started.
    pub fn threads(error: &io::Error) -> Self {
        let why = reason(error);
        Self::System(format!(
            "cannot start threads: {why}; stop other programs, or raise the limits (ulimit -u, ulimit -n)"
        ))
    }

    /// Exit code of the failure.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => code::USAGE,
            // The reader of the output has closed it: not an error.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => code::MATCHED,
            Self::Output(_) | Self::System(_) => code::SOURCE,
        }
    }

    /// Prints the failure on standard error; silent if the reader has closed the output.
    pub fn tell(&self) {
        if self.code() != code::MATCHED {
            log::error!("exiting: {self}");
            complain(&self.to_string());
        }
    }
}

/// Prints a message on standard error, with control characters escaped.
pub fn complain(text: &str) {
    let lines: Vec<_> = text
        .lines()
        .map(|line| visible(&shortened(line)).into_owned())
        .collect();
    // Without standard error there is no way to report a failure.
    let _ = writeln!(io::stderr(), "regtrail: {}", lines.join("\n"));
}

/// Text for a failed write to standard output: what, where, why, and what to do.
fn unwritten(error: &io::Error) -> String {
    let place = place().map_or(String::new(), |path| format!(" ({})", shown(&path)));
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; the output is incomplete: free some space, or write elsewhere"
        }
        _ => "",
    };
    let why = reason(error);
    format!("cannot write the results to standard output{place}: {why}{advice}")
}

/// Fails if standard output was closed (`>&-`): the runtime has replaced it by the null device, open for reading as
/// well, as no shell opens it.
pub fn printable() -> Result<(), Failure> {
    let stdout = io::stdout();
    let is_null = rustix::fs::fstat(&stdout).is_ok_and(|stat| {
        let kind = rustix::fs::FileType::from_raw_mode(stat.st_mode);
        let null = std::fs::metadata("/dev/null").map(|null| null.rdev());
        kind == rustix::fs::FileType::CharacterDevice && null.is_ok_and(|null| null == stat.st_rdev)
    });
    let flags = rustix::fs::fcntl_getfl(&stdout);
    if is_null && flags.is_ok_and(|flags| flags.contains(rustix::fs::OFlags::RDWR)) {
        return Err(io::Error::other("it is closed").into());
    }
    Ok(())
}

/// Path of the file that standard output is redirected to, if known.
fn place() -> Option<PathBuf> {
    let path = std::fs::read_link(Path::new("/proc/self/fd/1")).ok()?;
    path.is_absolute().then_some(path)
}
