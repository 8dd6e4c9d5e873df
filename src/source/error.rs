//! Why a source ended before its end.

use std::io;
use std::path::Path;

use super::{Failure, Stopped};

/// A source's failure, for people: what, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("{0}")]
    Failed(String),
    #[error(
        "{0}: not an audit log: expected JSON records (one a line, an array, or documents one after another)"
    )]
    NotALog(String),
    /// Of a source on the network.
    #[error(transparent)]
    Network(#[from] Failure),
    /// Nothing is wrong: the engine did not want any more.
    #[error("stopped")]
    Stopped,
}

impl SourceError {
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
