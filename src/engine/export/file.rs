//! A file written completely or not at all: written to a temporary file next to its target and moved there at the end.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::model::shown;

/// A file being written. If dropped before its end, nothing of it remains.
#[derive(Debug)]
pub(super) struct NewFile {
    path: PathBuf,
    temporary: PathBuf,
    overwrite: bool,
    out: BufWriter<File>,
    finished: bool,
}

/// Reason for not starting a file.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The file exists, with this many bytes.
    Exists(u64),
    /// Any other reason, with the remedy.
    Why(String),
}

impl NewFile {
    pub(super) fn create(path: &Path, overwrite: bool) -> Result<Self, Refusal> {
        let shown = shown(path);
        let mut path = path.to_owned();
        let old = fs::metadata(&path).ok();
        match &old {
            Some(old) if old.is_dir() => {
                return Err(Refusal::Why(format!(
                    "{shown} is a directory: name a file in it"
                )));
            }
            Some(old) if !old.is_file() => {
                return Err(Refusal::Why(format!(
                    "{shown} is not a regular file: choose another name"
                )));
            }
            Some(old) if !overwrite => return Err(Refusal::Exists(old.len())),
            // A link is followed: its target is replaced, not the link.
            Some(_) => path = fs::canonicalize(&path).unwrap_or(path),
            None => {}
        }
        let temporary = side(&path);
        let file = File::create_new(&temporary).map_err(|error| refused(&path, &error))?;
        let new = Self {
            path,
            temporary,
            overwrite,
            out: BufWriter::with_capacity(1 << 16, file),
            finished: false,
        };
        if let Some(old) = old {
            // Permissions of the existing file are kept.
            let _ = fs::set_permissions(&new.temporary, old.permissions());
        }
        Ok(new)
    }

    /// Moves the file to its target. Returns its size in bytes.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.out.flush()?;
        let file = self.out.get_ref();
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        if self.overwrite {
            fs::rename(&self.temporary, &self.path)?;
        } else {
            self.place()?;
        }
        self.finished = true;
        Ok(bytes)
    }

    /// Moves the file to a target that must not exist yet.
    fn place(&self) -> io::Result<()> {
        match fs::hard_link(&self.temporary, &self.path) {
            Ok(()) => fs::remove_file(&self.temporary),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // Not every file system supports links.
            Err(_) if self.path.exists() => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&self.temporary, &self.path),
        }
    }

    /// Describes an error that occurs while the file is written.
    pub(super) fn reported(path: &Path, error: &io::Error) -> String {
        let what = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "no space left: free some space, or choose another directory".to_owned()
            }
            io::ErrorKind::AlreadyExists => {
                "the file already exists: choose another name".to_owned()
            }
            _ => format!("{error}: choose another directory"),
        };
        format!("cannot write {}: {what}", shown(path))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// A hidden name in the same directory, unique to this process.
fn side(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // File names have at most 255 bytes.
    let name: String = name.chars().take(40).collect();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn refused(path: &Path, error: &io::Error) -> Refusal {
    let directory = match path.parent() {
        Some(directory) if directory != Path::new("") => shown(directory),
        _ => "this directory".to_owned(),
    };
    Refusal::Why(match error.kind() {
        io::ErrorKind::NotFound => {
            format!("no such directory {directory}: create it, or choose another")
        }
        io::ErrorKind::NotADirectory => {
            format!("{directory} is not a directory: choose another one")
        }
        io::ErrorKind::PermissionDenied => {
            format!("no permission to write to {directory}: choose another directory")
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            format!("{directory} is read-only: choose another directory")
        }
        _ => format!("cannot write {}: {error}", shown(path)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("there");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("readable").file_name();
        entries
            .map(|entry| name(entry).to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn a_file_is_there_as_a_whole_or_not_at_all() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x.csv");
        let mut new = NewFile::create(&path, false).expect("created");
        new.write_all(b"half").expect("written");
        drop(new);
        assert!(names(directory.path()).is_empty());
        let mut new = NewFile::create(&path, false).expect("created");
        new.write_all(b"whole").expect("written");
        assert!(!path.exists());
        assert_eq!(new.finish().expect("written"), 5);
        assert_eq!(names(directory.path()), ["x.csv"]);
    }

    #[test]
    fn nothing_is_written_over_unless_that_is_wanted() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x.csv");
        let mut late = NewFile::create(&path, false).expect("created");
        late.write_all(b"new").expect("written");
        fs::write(&path, "old").expect("written");
        assert!(matches!(
            NewFile::create(&path, false),
            Err(Refusal::Exists(3))
        ));
        let error = late.finish().expect_err("came meanwhile");
        assert!(NewFile::reported(&path, &error).contains("already exists"));
        assert_eq!(fs::read(&path).expect("there"), b"old");
        let mut over = NewFile::create(&path, true).expect("created");
        over.write_all(b"newer").expect("written");
        over.finish().expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"newer");
        assert_eq!(names(directory.path()), ["x.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_names_is_replaced_and_stays_as_private_as_it_was() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let directory = tempfile::tempdir().expect("a directory");
        let (path, link) = (directory.path().join("x"), directory.path().join("link"));
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        symlink(&path, &link).expect("linked");
        let mut new = NewFile::create(&link, true).expect("created");
        new.write_all(b"new").expect("written");
        new.finish().expect("written");
        assert!(link.is_symlink());
        assert_eq!(fs::read(&path).expect("there"), b"new");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_cannot_be_says_what_to_do() {
        let directory = tempfile::tempdir().expect("a directory");
        let why = |path: &Path| match NewFile::create(path, false) {
            Err(Refusal::Why(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(why(directory.path()).ends_with("is a directory: name a file in it"));
        assert!(why(&directory.path().join("no/x.csv")).contains("create it"));
        if Path::new("/dev/null").exists() {
            assert!(why(Path::new("/dev/null")).contains("is not a regular file"));
        }
    }
}
