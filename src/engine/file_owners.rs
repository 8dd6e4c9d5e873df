//! Which directory or pattern reads a file that several of them find.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The source that found each file first; another one that finds it leaves it alone.
#[derive(Debug, Default)]
pub(super) struct FileOwners(Mutex<HashMap<PathBuf, u32>>);

impl FileOwners {
    /// Takes a file that a source found; gives the source that found it before.
    pub(super) fn claim(&self, path: &Path, source: u32) -> Result<(), u32> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut finders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *finders.entry(path).or_insert(source) {
            finder if finder == source => Ok(()),
            other => Err(other),
        }
    }
}
