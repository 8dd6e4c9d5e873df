//! Diagnostics of the program, one message per line, in a file of the user's choice (`--log-file`). Without it nothing
//! is written anywhere. Messages contain no log values, keys or headers: only actions of the program, their durations,
//! and failures.

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use log::{LevelFilter, Log, Metadata, Record};

use crate::config::{reason, refuse_watchlist, shown};
use crate::model::visible;
use crate::source::Spec;

/// Level of detail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Errors
    Error,
    /// Errors and warnings
    Warn,
    /// Also sources and actions
    #[default]
    Info,
    /// Also query and frame timings
    Debug,
}

impl Level {
    fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::Error,
            Self::Warn => LevelFilter::Warn,
            Self::Info => LevelFilter::Info,
            Self::Debug => LevelFilter::Debug,
        }
    }
}

/// Log file, and the first error of writing to it.
struct FileLog {
    path: PathBuf,
    file: Mutex<File>,
    problem: OnceLock<String>,
}

static LOG: OnceLock<FileLog> = OnceLock::new();

impl Log for FileLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Messages of libraries may contain addresses and headers.
        metadata.target().starts_with("regtrail")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = file.write_all(line(record).as_bytes()) {
                // Only the first error is kept, and shown at the end: the screen may be in use.
                let _ = self.problem.set(reported(&self.path, &error));
            }
        }
    }

    fn flush(&self) {}
}

/// Formats time, level, module and text; always as one line.
fn line(record: &Record<'_>) -> String {
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let module = record.target().trim_start_matches("regtrail::");
    let text = record.args().to_string();
    format!(
        "{time} {:<5} {module}: {}\n",
        record.level(),
        visible(&text)
    )
}

fn reported(path: &Path, error: &io::Error) -> String {
    let (path, why) = (shown(path), reason(error));
    format!(
        "--log-file: cannot write diagnostics to {path}: {why}; name a file that can be written"
    )
}

/// Error of the first message that could not be written, if any.
pub fn problem() -> Option<String> {
    LOG.get()?.problem.get().cloned()
}

/// Returns true if a text starts like a log file of this program.
fn is_ours(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut words = text.split_ascii_whitespace();
    let time = words.next().unwrap_or_default();
    let level = words.next().unwrap_or_default();
    DateTime::parse_from_rfc3339(time).is_ok()
        && text.len() > time.len() + 1
        && level.parse::<log::Level>().is_ok()
        && words.next().is_some_and(|module| module.ends_with(':'))
}

/// Rejects a file with other content: appended messages would be read as part of it.
fn refuse_others(path: &Path) -> Result<(), String> {
    if !fs::metadata(path).is_ok_and(|meta| meta.is_file()) {
        return Ok(());
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(200).read_to_end(&mut start));
    read.map_err(|error| reported(path, &error))?;
    if start.is_empty() || is_ours(&start) {
        return Ok(());
    }
    Err(format!(
        "--log-file: {} holds something other than diagnostics of regtrail, and nothing is added to it; name another file",
        shown(path)
    ))
}

/// Error text for a source that is also the diagnostics file.
pub fn refused(source: &Spec, path: &Path) -> Option<String> {
    source.reads(path).then(|| {
        format!(
            "--log-file: {} is part of the source {source}, which is never written to; name a file elsewhere",
            shown(path)
        )
    })
}

/// Path of the diagnostics file.
pub fn file() -> Option<&'static Path> {
    LOG.get().map(|log| log.path.as_path())
}

/// Starts diagnostics, appended to the file. Fails if the file is one of the sources or has other content; the error
/// says what to do.
pub fn start(path: &Path, level: Level, sources: &[Spec]) -> Result<(), String> {
    sources
        .iter()
        .find_map(|source| refused(source, path))
        .map_or(Ok(()), Err)?;
    refuse_others(path)?;
    refuse_watchlist(path);
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| reported(path, &error))?;
    let log = LOG.get_or_init(|| FileLog {
        path: path.to_owned(),
        file: Mutex::new(file),
        problem: OnceLock::new(),
    });
    // On a second call, the logger of the first one stays.
    if log::set_logger(log).is_ok() {
        log::set_max_level(level.filter());
        log::info!(
            "regtrail {} on {}, process {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::process::id()
        );
    }
    problem().map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_whatever_it_holds() {
        let text = line(
            &Record::builder()
                .args(format_args!("bad \u{1b}[2J\nname"))
                .level(log::Level::Warn)
                .target("regtrail::engine::handle")
                .build(),
        );
        assert!(
            text.contains(" WARN  engine::handle: bad ") && text.ends_with("name\n"),
            "{text}"
        );
        assert_eq!(text.matches('\n').count(), 1);
        assert!(!text.contains('\u{1b}'));
        assert!(is_ours(text.as_bytes()));
        for other in [
            "{\"time\":\"2024-04-12T16:00:00Z\"}\n",
            "2024-04-12T16:00:00Z GET /v2/: 200\n",
            "10.0.0.1\n",
        ] {
            assert!(!is_ours(other.as_bytes()), "{other}");
        }
    }
}
