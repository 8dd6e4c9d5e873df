//! Whether a file is still the one it was: rotation by rename, and truncation in place.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;

use super::trace::{bytes_at, readable_at};

/// First bytes that are compared. A log's first record differs from file to file by its time; that of a table
/// comes after the names of its columns.
pub(super) const HEAD: usize = 2048;

/// What a file is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    head: Vec<u8>,
}

/// What has become of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The same file, perhaps grown.
    None,
    /// Another file under the same name.
    Replaced,
    /// The same file, with other content than was read of it.
    Rewritten,
}

impl Identity {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let meta = file.metadata()?;
        Ok(Self {
            device: meta.dev(),
            inode: meta.ino(),
            head: readable_at(file, 0, HEAD)?,
        })
    }

    /// How the file begins, as of the newest look.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Its place on the disk.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.device, self.inode)
    }

    /// Whether it is the same file by its place on the disk, whatever is in it now.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Compares with the file that now has the name; `read` bytes of the old one were read.
    pub(super) fn compare(&mut self, now: &File, read: u64) -> io::Result<Change> {
        let meta = now.metadata()?;
        if (meta.dev(), meta.ino()) != (self.device, self.inode) {
            return Ok(Change::Replaced);
        }
        let head = bytes_at(now, 0, HEAD)?;
        if meta.len() < read || !head.starts_with(&self.head) {
            self.head = head;
            return Ok(Change::Rewritten);
        }
        self.head = head;
        Ok(Change::None)
    }
}
