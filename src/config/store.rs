//! State files: read, changed and replaced under a lock, so that concurrent sessions do not lose each other's changes.
//!
//! All changes use [`change`] or [`write_whole`]. A reader sees either the old or the new content. Directories and
//! files are accessible to their owner only, because notes of an investigation are private.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::text::{of_file, remembered};
use crate::model::shown;

/// Lock file of a directory, held while a file in it is changed.
const LOCK: &str = ".lock";

/// Maximum time to wait for another session. A change takes a few milliseconds; a session that was suspended during one
/// must not block this one.
const PATIENCE: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(5);

/// Changes the text of a file, including changes that other sessions have made. A file that cannot be read is not
/// changed.
pub(super) fn change(
    path: &Path,
    change: impl FnOnce(&str) -> io::Result<String>,
) -> io::Result<()> {
    let _lock = lock(path)?;
    let text = change(&remembered(path)?)?;
    replace(path, text.as_bytes()).map_err(|error| of_file(path, &error))
}

/// Replaces a file, without reading it.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let _lock = lock(path)?;
    replace(path, content).map_err(|error| of_file(path, &error))
}

/// Locks the directory of a file. The lock is released when the returned file is closed, however the process ends.
fn lock(path: &Path) -> io::Result<File> {
    let directory = directory(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| of_file(directory, &error))?;
    let place = directory.join(LOCK);
    let failed = |error: &io::Error| of_file(&place, error);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&place)
        .map_err(|error| failed(&error))?;
    let until = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                let place = shown(&place);
                let why = format!("another session, possibly suspended, has locked {place}");
                return Err(io::Error::new(io::ErrorKind::WouldBlock, why));
            }
            // Some file systems have no locks: better to risk a lost change than to refuse it.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(file);
            }
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
    }
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Name prefix of the temporary files of a file.
fn beginning(path: &Path) -> Vec<u8> {
    let name = path.file_name().unwrap_or(OsStr::new("state"));
    [name.as_bytes(), b".tmp"].concat()
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    clean(path);
    let name = String::from_utf8_lossy(&beginning(path)).into_owned();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let (process, nanos) = (std::process::id(), now.as_nanos());
    let temporary = directory(path).join(format!("{name}{process}-{nanos}"));
    // Never write through an existing name, such as a symbolic link.
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        });
    let replaced = written.and_then(|()| fs::rename(&temporary, path));
    if replaced.is_err() {
        // The old file is unchanged; remove the temporary one.
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// Removes temporary files of sessions that were killed while writing. The lock is held, so no other session is
/// writing.
fn clean(path: &Path) {
    let beginning = beginning(path);
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    for entry in fs::read_dir(directory(path))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name();
        let rest = name.as_bytes().strip_prefix(&*beginning);
        if rest.is_some_and(|rest| !rest.is_empty() && rest.iter().all(is_digit)) {
            // Failures are retried at the next change.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").mode() & 0o777
    }

    #[test]
    fn state_is_for_its_owner_alone_even_if_it_was_not_before() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deep/er/marks");
        write_whole(&path, b"a").expect("written");
        assert_eq!(
            (mode(&path), mode(directory.path().join("deep").as_path())),
            (0o600, 0o700)
        );
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .expect("set");
        change(&path, |text| Ok(format!("{text}b"))).expect("written");
        assert_eq!(
            (mode(&path), &*fs::read(&path).expect("there")),
            (0o600, &b"ab"[..])
        );
    }

    #[test]
    fn leftovers_go_and_links_in_their_place_are_not_followed() {
        let directory = tempfile::tempdir().expect("a directory");
        let place = |name: &str| directory.path().join(name);
        fs::write(place("victim"), "mine").expect("written");
        symlink(place("victim"), place("marks.tmp17")).expect("linked");
        for name in [
            "marks.tmp4711",
            "marks.tmp4711-99",
            "marks.tmpl",
            "marks.tmp",
            "recent.tmp1",
        ] {
            fs::write(place(name), "half").expect("written");
        }
        write_whole(&place("marks"), b"whole").expect("written");
        let mut left: Vec<String> = fs::read_dir(directory.path())
            .expect("there")
            .map(|entry| {
                entry
                    .expect("there")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect();
        left.sort();
        assert_eq!(
            left,
            [
                ".lock",
                "marks",
                "marks.tmp",
                "marks.tmpl",
                "recent.tmp1",
                "victim"
            ]
        );
        assert_eq!(fs::read(place("victim")).expect("there"), b"mine");
    }

    #[test]
    fn a_lock_that_is_held_is_not_waited_for_without_end() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("marks");
        write_whole(&path, b"old").expect("written");
        let held = lock(&path).expect("free");
        let error = write_whole(&path, b"new").expect_err("held");
        assert!(error.to_string().contains("another session"), "{error}");
        drop(held);
        assert_eq!(fs::read(&path).expect("there"), b"old");
        write_whole(&path, b"new").expect("written");
    }
}
