//! File that stores that the hints of the demo were completed or closed. It contains one word.

use std::io;
use std::path::PathBuf;

use super::paths::Paths;
use super::store::change;
use super::text::{remembered, unreadable};

const CLOSED: &str = "closed\n";

/// Store of that word.
#[derive(Debug)]
pub struct HintStore {
    path: PathBuf,
}

impl HintStore {
    /// Store in the state directory; `None` without a home directory.
    pub fn of(paths: Option<&Paths>) -> Option<Self> {
        paths.map(|paths| Self::new(paths.hints_file()))
    }

    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns true if the hints were closed in an earlier session. False if the file cannot be read.
    pub fn are_closed(&self) -> bool {
        remembered(&self.path).is_ok_and(|text| text == CLOSED)
    }

    /// Stores that the hints are closed. Fails if the file has other content, which is kept.
    pub fn close(&self) -> io::Result<()> {
        change(&self.path, |text| match text {
            "" | CLOSED => Ok(CLOSED.to_owned()),
            _ => Err(unreadable(&self.path, 1, "cannot be parsed")),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_closed_stays_closed_for_its_owner_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deep/hints");
        let store = HintStore::new(path.clone());
        assert!(!store.are_closed());
        store.close().expect("written");
        store.close().expect("written again");
        assert!(store.are_closed());
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_cannot_be_read_is_not_overwritten() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("hints");
        let store = HintStore::new(path.clone());
        for content in [&b"something else\n"[..], b"\xff\xfe"] {
            fs::write(&path, content).expect("written");
            assert!(!store.are_closed());
            let error = store.close().expect_err("not ours").to_string();
            assert!(error.contains("hints:1: the line"), "{error}");
            assert_eq!(fs::read(&path).expect("there"), content);
        }
    }
}
