//! The files already read: each file is read once, even if its name changes.
//!
//! Rotation renames files, copies and compresses them. In a followed directory each of these looks like a new file,
//! although its content was read under its first name. A file is identified by device and inode, its content by its
//! first bytes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::identity::{HEAD, Identity};
use crate::source::{Spec, pattern};

/// Fingerprints of all files of an engine. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Fingerprints(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    files: Vec<Fingerprint>,
    /// First bytes of contents that are in no file any more, or in one that was compressed.
    heads: Vec<Vec<u8>>,
    /// Directories and patterns of which every new file is read.
    listed: Vec<Listed>,
}

#[derive(Debug)]
enum Listed {
    Below(PathBuf),
    Like(OsString),
}

#[derive(Debug)]
struct Fingerprint {
    identity: Identity,
    /// Offset at which its reader stopped; `None` while it is being read.
    left: Option<u64>,
    /// Number of bytes at its start that were read as part of another file.
    start: Option<u64>,
}

/// Relation of a file to the content already read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    /// Never read.
    New,
    /// Too short to decide.
    Unclear,
    /// Being read by a source.
    Read,
    /// Read up to this offset by a source.
    Left(u64),
    /// Another file with the same content as one read before.
    Copy,
    /// Another file that begins with the whole content of a shorter one, of this many bytes.
    Grown(u64),
}

impl Fingerprints {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a file that is being read from here on, or whose first bytes have changed.
    pub(super) fn take(&self, identity: &Identity) {
        let mut known = self.known();
        if let Some(claim) = known
            .files
            .iter_mut()
            .find(|c| c.identity.is_same_file(identity))
        {
            let before = std::mem::replace(&mut claim.identity, identity.clone());
            claim.left = None;
            if !identity.head().starts_with(before.head()) {
                known.remember(before.head());
            }
            return;
        }
        known.files.push(Fingerprint {
            identity: identity.clone(),
            left: None,
            start: None,
        });
    }

    /// Registers a file to be read from an offset on: the part before was read as another file.
    pub(super) fn take_from(&self, identity: &Identity, start: u64) {
        self.take(identity);
        let mut known = self.known();
        let claim = known.files.iter_mut().rev();
        for claim in claim.filter(|c| c.identity.is_same_file(identity)) {
            claim.start = Some(start);
        }
    }

    /// Returns the offset at which reading of a file is to start, if it is not 0.
    pub(super) fn start(&self, identity: &Identity) -> Option<u64> {
        let known = self.known();
        let claim = (known.files.iter()).find(|c| c.identity.is_same_file(identity))?;
        claim.start
    }

    /// Registers a directory or pattern of which every new file is read.
    pub(super) fn list(&self, spec: &Spec) {
        let listed = match spec {
            Spec::Directory(path) => Some(Listed::Below(path.clone())),
            Spec::Glob(pattern) => Some(Listed::Like(pattern.clone())),
            _ => None,
        };
        self.known().listed.extend(listed);
    }

    /// Returns true if a followed directory or pattern finds this file.
    pub(super) fn is_listed(&self, path: &Path) -> bool {
        self.known().listed.iter().any(|listed| match listed {
            Listed::Below(directory) => path.starts_with(directory),
            Listed::Like(pattern) => {
                pattern::matches(pattern).is_ok_and(|found| found.contains(path))
            }
        })
    }

    /// Returns true if a file starts like another one that was read, regardless of its own fingerprint.
    pub(super) fn is_copy(&self, identity: &Identity) -> bool {
        let known = self.known();
        known
            .heads_but(identity)
            .any(|head| head == identity.head())
    }

    /// Registers the offset at which reading of a file stopped.
    pub(super) fn leave(&self, identity: &Identity, at: u64) {
        let mut known = self.known();
        if let Some(claim) = known
            .files
            .iter_mut()
            .find(|c| c.identity.is_same_file(identity))
        {
            claim.left = Some(at);
        }
    }

    /// Registers the first bytes of content that was read.
    pub(super) fn content(&self, head: &[u8]) {
        self.known().remember(head);
    }

    /// Returns the relation of a file of this length to the content already read. `head` is the start of its content,
    /// unpacked.
    pub(super) fn standing(&self, identity: &Identity, head: &[u8], len: u64) -> Overlap {
        let known = self.known();
        let claim = known
            .files
            .iter()
            .find(|c| c.identity.is_same_file(identity));
        // Empty when it was opened and still held open: the same file.
        if claim.is_some_and(|claim| claim.identity.head().is_empty() && claim.left.is_none()) {
            return Overlap::Read;
        }
        if let Some(claim) = claim
            && !claim.identity.head().is_empty()
            && identity.head().starts_with(claim.identity.head())
        {
            return match claim.left {
                None => Overlap::Read,
                Some(at) if at <= len => Overlap::Left(at),
                // A shorter file with the same start is another one that reuses the inode.
                Some(_) => Overlap::New,
            };
        }
        if !says(head) {
            return match head {
                [] => Overlap::Unclear,
                _ => Overlap::New,
            };
        }
        let mut standing = Overlap::New;
        for other in known.heads_but(identity) {
            let shared = other.len().min(head.len());
            if other[..shared] != head[..shared] {
                continue;
            }
            if shared == HEAD || other.len() == head.len() {
                return Overlap::Copy;
            }
            standing = match standing {
                _ if head.len() < other.len() => Overlap::Unclear,
                Overlap::New => Overlap::Grown(shared as u64),
                Overlap::Grown(most) => Overlap::Grown(most.max(shared as u64)),
                unclear => unclear,
            };
        }
        standing
    }
}

/// Returns true if these bytes identify content: holes are all alike.
fn says(head: &[u8]) -> bool {
    head.iter().any(|byte| *byte != 0)
}

impl Known {
    /// Returns the first bytes of the contents read from other files.
    fn heads_but<'a>(&'a self, identity: &'a Identity) -> impl Iterator<Item = &'a [u8]> {
        (self.files.iter())
            .filter(|claim| !claim.identity.is_same_file(identity))
            .map(|claim| claim.identity.head())
            .chain(self.heads.iter().map(Vec::as_slice))
            .filter(|head| says(head))
    }

    fn remember(&mut self, head: &[u8]) {
        if !head.is_empty() && !self.heads.iter().any(|known| known == head) {
            self.heads.push(head.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write as _;

    fn file(text: &str) -> (File, Identity) {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        let identity = Identity::of(&file).expect("read");
        (file, identity)
    }

    #[test]
    fn a_file_is_read_once_under_all_its_names_and_so_are_its_copies() {
        let claims = Fingerprints::default();
        let (_a, log) = file("{\"n\":1}\n{\"n\":2}\n");
        let standing = |of: &Identity, len| claims.standing(of, of.head(), len);
        assert_eq!(standing(&log, 16), Overlap::New);
        claims.take(&log);
        assert_eq!(standing(&log, 16), Overlap::Read);
        claims.leave(&log, 16);
        assert_eq!(standing(&log, 16), Overlap::Left(16));
        assert_eq!(
            standing(&log, 8),
            Overlap::New,
            "an inode that was used again"
        );
        let (_b, copy) = file("{\"n\":1}\n{\"n\":2}\n");
        assert_eq!(standing(&copy, 16), Overlap::Copy);
        let (_c, half) = file("{\"n\":1}\n");
        assert_eq!(
            standing(&half, 8),
            Overlap::Unclear,
            "a copy that is being made"
        );
        let (_f, longer) = file("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
        assert_eq!(standing(&longer, 24), Overlap::Grown(16));
        claims.take_from(&longer, 16);
        assert_eq!(claims.start(&longer), Some(16));
        let (_d, other) = file("{\"n\":9}\n");
        assert_eq!(standing(&other, 8), Overlap::New);
        let (_e, empty) = file("");
        assert_eq!(standing(&empty, 0), Overlap::Unclear);
    }

    #[test]
    fn content_that_was_cut_off_in_place_is_remembered() {
        let claims = Fingerprints::default();
        let (mut a, before) = file("{\"n\":1}\n");
        claims.take(&before);
        a.set_len(0).expect("emptied");
        std::io::Seek::rewind(&mut a).expect("sought");
        a.write_all(b"{\"n\":2}\n").expect("written");
        claims.take(&Identity::of(&a).expect("read"));
        let (_b, copy) = file("{\"n\":1}\n");
        assert_eq!(claims.standing(&copy, copy.head(), 8), Overlap::Copy);
    }
}
