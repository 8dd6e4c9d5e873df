//! Rotated files of a log: those in its directory with its name and a number or a date.
//!
//! A log may be rotated more than once between two looks. The file read last is held open, whatever its name; later
//! files that were rotated in the meantime have such a name, and did not exist before.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::follow::directory;
use super::identity::Identity;

/// Directory of a log, and the files in it that have been checked.
#[derive(Debug)]
pub(super) struct Siblings {
    /// Path of the log, with links resolved.
    path: PathBuf,
    /// Identities by device and inode. Inodes are reused: different first bytes mean another file.
    known: HashMap<Place, Identity>,
}

type Place = (u64, u64);

/// A file that did not exist before.
#[derive(Debug)]
pub(super) struct Sibling {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) identity: Identity,
    pub(super) len: u64,
    pub(super) changed: SystemTime,
}

impl Siblings {
    /// Files that exist now do not come after the log.
    pub(super) fn of(path: &Path) -> Self {
        let mut siblings = Self {
            path: path.canonicalize().unwrap_or_else(|_| path.to_owned()),
            known: HashMap::new(),
        };
        siblings.appeared(&|_| false);
        siblings
    }

    /// Returns the files that appeared since the last call, oldest first, and the names of those deleted before they
    /// could be opened. Files for which `held` returns true have been read, whatever their name.
    pub(super) fn appeared(
        &mut self,
        held: &dyn Fn(&Identity) -> bool,
    ) -> (Vec<Sibling>, Vec<PathBuf>) {
        let mut found: HashMap<Place, Sibling> = HashMap::new();
        let mut wanted: HashMap<Place, PathBuf> = HashMap::new();
        // Files may be renamed while they are being opened.
        for _ in 0..RENAMES {
            wanted = self.list().map(|(path, place)| (place, path)).collect();
            let opened = wanted.values().filter_map(|path| open(path));
            let opened: Vec<Sibling> = opened.collect();
            found.extend(opened.into_iter().map(|one| (one.identity.place(), one)));
            wanted.retain(|place, _| !found.contains_key(place) && !self.known.contains_key(place));
            if wanted.is_empty() {
                break;
            }
        }
        let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
        let gone = wanted.into_values().filter(|path| !is_there(path));
        let known = std::mem::take(&mut self.known);
        self.known = (found.iter())
            .map(|(place, one)| (*place, one.identity.clone()))
            .collect();
        let is_known = |one: &Sibling| {
            known
                .get(&one.identity.place())
                .is_some_and(|known| one.identity.head().starts_with(known.head()))
        };
        let mut new: Vec<Sibling> = found
            .into_values()
            .filter(|one| !is_known(one) && !held(&one.identity))
            .collect();
        new.sort_by(|a, b| (a.changed, &b.path).cmp(&(b.changed, &a.path)));
        (new, gone.collect())
    }

    /// Forgets a file, so that it is found again.
    pub(super) fn forget(&mut self, file: &Identity) {
        self.known.remove(&file.place());
    }

    /// Lists the files with a rotation name, with device and inode.
    fn list(&self) -> impl Iterator<Item = (PathBuf, Place)> {
        let name = self.path.file_name().unwrap_or_default().to_owned();
        fs::read_dir(directory(&self.path))
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .filter(move |entry| is_rotated(&entry.file_name(), &name))
            .filter_map(|entry| {
                let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((entry.path(), (meta.dev(), meta.ino())))
            })
    }
}

/// Number of listings to find renamed files under their next names.
const RENAMES: usize = 3;

fn open(path: &Path) -> Option<Sibling> {
    let file = File::open(path).ok()?;
    let meta = file.metadata().ok()?;
    Some(Sibling {
        path: path.to_owned(),
        identity: Identity::of(&file).ok()?,
        len: meta.len(),
        changed: meta.modified().ok()?,
        file,
    })
}

/// Returns true if `name` is a rotation name of `log`: `audit.log.1`, `audit.log-20240412.gz`,
/// `audit-2024-04-12T16.log`, `audit.1.log`, `audit.log.old`.
fn is_rotated(name: &OsStr, log: &OsStr) -> bool {
    let (name, log) = (name.as_encoded_bytes(), log.as_encoded_bytes());
    let stem_end = memchr::memrchr(b'.', log).filter(|at| *at > 0);
    let (stem, extension) = log.split_at(stem_end.unwrap_or(log.len()));
    let after = |name: &[u8]| -> Option<bool> {
        let rest = name.strip_prefix(log)?;
        Some(is_turn(rest) || [&b".old"[..], b".prev"].contains(&rest))
    };
    let within = |name: &[u8]| -> Option<bool> {
        let rest = name.strip_prefix(stem)?;
        Some(!extension.is_empty() && is_turn(rest.strip_suffix(extension)?))
    };
    let is = |name: &[u8]| after(name) == Some(true) || within(name) == Some(true);
    let packed = [&b".gz"[..], b".bz2", b".xz", b".zst", b".lz4"];
    is(name)
        || packed
            .iter()
            .filter_map(|end| name.strip_suffix(*end))
            .any(is)
}

/// Returns true for a number or a date with its separator.
fn is_turn(text: &[u8]) -> bool {
    matches!(text, [b'.' | b'-' | b'_', ..])
        && text.iter().any(u8::is_ascii_digit)
        && (text.iter()).all(|b| b.is_ascii_digit() || b".-_:+TZ".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_rotation_gives_are_known_and_others_are_not() {
        for (name, log, is) in [
            ("audit.log.1", "audit.log", true),
            ("audit.log.12.gz", "audit.log", true),
            ("audit.log-20240412", "audit.log", true),
            ("audit.log-20240412-1712938710.zst", "audit.log", true),
            ("audit-2024-04-12T16-58-30.855.log", "audit.log", true),
            ("audit.1.log", "audit.log", true),
            ("audit_2024-04-12.log.gz", "audit.log", true),
            ("audit.log.old", "audit.log", true),
            ("audit.1", "audit", true),
            ("audit.log", "audit.log", false),
            ("audit.log.tmp", "audit.log", false),
            ("audit.log~", "audit.log", false),
            ("audit.log.bak", "audit.log", false),
            ("audit2.log", "audit.log", false),
            ("audit-errors.log", "audit.log", false),
            ("other.log.1", "audit.log", false),
            ("audit.log.gz", "audit.log", false),
        ] {
            let (name_text, log) = (OsStr::new(name), OsStr::new(log));
            assert_eq!(is_rotated(name_text, log), is, "{name}");
        }
    }

    #[test]
    fn what_appeared_is_found_once_in_the_order_in_which_it_was_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        fs::write(path("log"), "now").expect("written");
        fs::write(path("log.9"), "from before").expect("written");
        let mut siblings = Siblings::of(&path("log"));
        let start = SystemTime::UNIX_EPOCH;
        for (name, age) in [("log.2", 10), ("log.1", 20), ("log.3", 5), ("other", 1)] {
            fs::write(path(name), name).expect("written");
            let file = File::options().write(true).open(path(name)).expect("there");
            let time = start + std::time::Duration::from_secs(age);
            file.set_modified(time).expect("set");
        }
        let (found, gone) = siblings.appeared(&|_| false);
        let names: Vec<_> = found.iter().filter_map(|s| s.path.file_name()).collect();
        assert_eq!(names, ["log.3", "log.2", "log.1"]);
        assert!(gone.is_empty());
        fs::rename(path("log.3"), path("log.4")).expect("renamed");
        assert!(siblings.appeared(&|_| false).0.is_empty(), "each once");
    }
}
