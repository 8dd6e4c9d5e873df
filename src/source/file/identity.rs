//! Identity of a file, to detect rotation by rename and truncation in place.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;

use super::trace::{bytes_at, readable_at};

/// Number of first bytes that are compared. The first record of a log differs from file to file by its time; that of a
/// table comes after the column names.
pub(super) const HEAD: usize = 2048;

/// Identifies a file: device, inode and first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    head: Vec<u8>,
}

/// Change of a file between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The same file, perhaps grown.
    None,
    /// Another file under the same name.
    Replaced,
    /// The same file, with content that differs from the content read.
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

    /// First bytes of the file, as of the newest look.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Device and inode.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.device, self.inode)
    }

    /// Returns true for the same device and inode, regardless of content.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Compares with the file that now has the name. `read` is the number of bytes read from the old one.
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
