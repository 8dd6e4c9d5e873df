//! Reasons for a source to end early.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Failure, Stopped};
use crate::decode::detect::Unclear;
use crate::decode::foreign::Foreign;
use crate::decode::formats::{FORMATS, FormatId};
use crate::decode::refused::Refusal;
use crate::decode::table::known_names;
use crate::model::{reason, shown};
use crate::query::nearest;

/// Failure of a source, with text for the user: what failed, where, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("{0}")]
    Failed(String),
    /// Read error of a file whose name the caller adds.
    #[error("{0}")]
    Unread(String),
    #[error(
        "{0}: not an audit log: expected JSON records (one per line, an array, or concatenated documents), a table with a header (CSV, TSV) or Parquet"
    )]
    NotALog(String),
    /// Failure of a network source.
    #[error(transparent)]
    Network(#[from] Failure),
    #[error(
        "{0}: a table without a header: its first line must name the columns, as in {names}",
        names = known_names().collect::<Vec<_>>().join(",")
    )]
    NoHeader(String),
    #[error(
        "{0}: its header ({1}) has no audit log fields; expected names such as time, action, namespace_repo"
    )]
    ForeignHeader(String, String),
    #[error("{0}: {what}, which is not supported: {instead}", what = .1.name, instead = .1.instead)]
    Refused(String, &'static Refusal),
    #[error("{0}: {what}, neither JSON nor a table: {instead}", what = .1.name, instead = .1.instead)]
    Foreign(String, &'static Foreign),
    /// Not an error: the engine stopped the source.
    #[error("stopped")]
    Stopped,
}

impl SourceError {
    pub(super) fn unclear(name: &str, why: Unclear) -> Self {
        match why {
            Unclear::Incomplete | Unclear::Nonsense => Self::NotALog(name.to_owned()),
            Unclear::NoHeader => Self::NoHeader(name.to_owned()),
            Unclear::Answer(words) => Self::Failed(format!("{name}: {words}")),
            Unclear::Foreign(foreign) => Self::Foreign(name.to_owned(), foreign),
            Unclear::ForeignHeader(names) => Self::ForeignHeader(name.to_owned(), names),
            Unclear::Refused(refusal) => Self::Refused(name.to_owned(), refusal),
        }
    }

    /// Adds advice to drop the format named by the user, if that caused the failure.
    pub(super) fn because_of(self, format: Option<FormatId>) -> Self {
        let named = format.and_then(|id| FORMATS.iter().find(|format| format.id == id));
        match (&self, named) {
            (Self::NotALog(_) | Self::NoHeader(_) | Self::ForeignHeader(..), Some(format)) => {
                let name = format.name;
                Self::Failed(format!("{self}; drop --format {name} to detect the format"))
            }
            _ => self,
        }
    }

    /// Failure to read a file from byte `at` on.
    pub fn unread(at: u64, error: &io::Error) -> Self {
        Self::Unread(unread(at, error))
    }

    pub fn io(path: &Path, error: &io::Error) -> Self {
        Self::Failed(match error.kind() {
            io::ErrorKind::NotFound => missing(path),
            io::ErrorKind::PermissionDenied => forbidden(path),
            io::ErrorKind::NotADirectory => no_directory(path),
            _ => format!("{}: {}", shown(path), reason(error)),
        })
    }
}

/// Describes a failure to read a file from byte `at` on.
pub fn unread(at: u64, error: &io::Error) -> String {
    format!(
        "cannot be read from byte {at} on: {}; earlier records are kept",
        reason(error)
    )
}

/// Describes a missing path: its first missing part, and a suggestion for the name.
fn missing(path: &Path) -> String {
    let mut gap = path;
    while let Some(parent) = gap.parent()
        && parent != Path::new("")
        && !parent.exists()
    {
        gap = parent;
    }
    let what = if gap == path {
        "no such file".to_owned()
    } else {
        format!("no such directory {}", shown(gap))
    };
    let advice = near(gap).map_or_else(
        || "check the path".to_owned(),
        |near| format!("did you mean `{}`?", shown(&near)),
    );
    format!("{}: {what}; {advice}", shown(path))
}

/// Describes a path that continues after a file.
fn no_directory(path: &Path) -> String {
    let file = path.ancestors().find(|at| at.is_file());
    let file = file.map_or("part of it".to_owned(), shown);
    format!(
        "{}: {file} is a file, not a directory; check the path",
        shown(path)
    )
}

/// Most entries of a directory that are compared for a suggestion.
const LOOKED_AT: usize = 10_000;

/// Finds the path in the same directory whose name is most like a missing one.
fn near(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let directory = path.parent()?;
    let here = directory == Path::new("");
    let directory = if here { Path::new(".") } else { directory };
    let entries = std::fs::read_dir(directory).ok()?.take(LOOKED_AT);
    let names: Vec<Arc<str>> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.into()))
        .collect();
    nearest(name, &names).map(|near| path.with_file_name(&*near))
}

/// Describes a path without read permission: the user, the owner, and the remedy.
fn forbidden(path: &Path) -> String {
    // If the metadata of the path cannot be read, a directory above it denies access.
    let denies = path
        .ancestors()
        .find(|at| *at != Path::new("") && at.metadata().is_ok());
    let user = rustix::process::geteuid().as_raw();
    let of = denies.and_then(|at| Some((at, at.metadata().ok()?)));
    let Some((at, meta)) = of else {
        return format!("{}: permission denied for user {user}", shown(path));
    };
    let (owner, mode) = (meta.uid(), meta.mode() & 0o7777);
    let what = if at == path {
        "its".to_owned()
    } else {
        format!("{}: its", shown(at))
    };
    format!(
        "{}: permission denied for user {user}; {what} owner is {owner} and its mode {mode:03o}: ask for read permission, or run as its owner",
        shown(path)
    )
}

impl From<Stopped> for SourceError {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}
