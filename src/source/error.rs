//! Why a source ended before its end.

use std::io;
use std::path::Path;

use super::{Failure, Stopped};
use crate::decode::detect::Unclear;
use crate::decode::formats::Refusal;
use crate::decode::table::known_names;

/// A source's failure, for people: what, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("{0}")]
    Failed(String),
    #[error(
        "{0}: not an audit log: expected JSON records (one a line, an array, or documents one after another), \
        a table with a header (CSV, TSV) or Parquet"
    )]
    NotALog(String),
    /// Of a source on the network.
    #[error(transparent)]
    Network(#[from] Failure),
    #[error(
        "{0}: a table without a header: its first line must name the columns, as in {names}",
        names = known_names().collect::<Vec<_>>().join(",")
    )]
    NoHeader(String),
    #[error(
        "{0}: its header ({1}) names no field of the audit log; expected names such as time, action, namespace_repo"
    )]
    ForeignHeader(String, String),
    #[error("{0}: {what}, which is not read: {instead}", what = .1.name, instead = .1.instead)]
    Refused(String, &'static Refusal),
    /// Nothing is wrong: the engine did not want any more.
    #[error("stopped")]
    Stopped,
}

impl SourceError {
    pub(super) fn unclear(name: &str, why: Unclear) -> Self {
        match why {
            Unclear::Incomplete | Unclear::Nonsense => Self::NotALog(name.to_owned()),
            Unclear::NoHeader => Self::NoHeader(name.to_owned()),
            Unclear::ForeignHeader(names) => Self::ForeignHeader(name.to_owned(), names),
            Unclear::Refused(refusal) => Self::Refused(name.to_owned(), refusal),
        }
    }

    pub fn io(path: &Path, error: &io::Error) -> Self {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => ": no such file; check the path",
            io::ErrorKind::PermissionDenied => ": permission denied; check the file's rights",
            _ => return Self::Failed(format!("{}: {error}", path.display())),
        };
        Self::Failed(format!("{}{hint}", path.display()))
    }
}

impl From<Stopped> for SourceError {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}
