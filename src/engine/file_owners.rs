//! Ownership of files that several directories or patterns find.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The source that found each file first; other sources that find it skip it.
#[derive(Debug, Default)]
pub(super) struct FileOwners(Mutex<HashMap<PathBuf, u32>>);

impl FileOwners {
    /// Claims a file for a source, or returns the source that claimed it before.
    pub(super) fn claim(&self, path: &Path, source: u32) -> Result<(), u32> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut finders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *finders.entry(path).or_insert(source) {
            finder if finder == source => Ok(()),
            other => Err(other),
        }
    }
}
