//! Reading of user files and state files as text, and messages for those that cannot be read.

use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use memchr::memchr_iter;

use crate::model::{reason, shown};

/// Problem in a file, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// 1-based.
    pub line: usize,
    /// Unsanitised: may quote the file.
    pub what: String,
}

impl Fault {
    /// Creates a fault at a byte range of a text.
    pub(super) fn at(text: &str, span: Option<Range<usize>>, what: impl Into<String>) -> Self {
        let start = span.map_or(0, |span| span.start.min(text.len()));
        Self {
            line: 1 + memchr_iter(b'\n', &text.as_bytes()[..start]).count(),
            what: what.into(),
        }
    }

    /// Formats the fault as a diagnostic: file, line and remedy.
    pub fn of(&self, path: &Path) -> String {
        format!("{}:{}: {}", shown(path), self.line, self.what)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Maximum size of a file edited by hand.
const MAX_EDITED: u64 = 1 << 20;

/// Reads a user's file; `None` if it does not exist. The error names the file, the reason, and the required kind of
/// file.
pub fn read(path: &Path) -> Result<Option<String>, String> {
    let wrong = |why: &str| {
        let wanted = "expected a UTF-8 text file";
        Err(format!("cannot read {}: {why}; {wanted}", shown(path)))
    };
    if fs::metadata(path).is_ok_and(|meta| meta.file_type().is_fifo()) {
        return wrong("it is a named pipe");
    }
    if fs::metadata(path).is_ok_and(|meta| meta.len() > MAX_EDITED) {
        return wrong("it is larger than 1 MiB");
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound if path.is_symlink() => {
                    wrong("it is a symbolic link to a missing file")
                }
                io::ErrorKind::NotFound => Ok(None),
                io::ErrorKind::IsADirectory => wrong("it is a directory"),
                io::ErrorKind::PermissionDenied => {
                    wrong("permission denied (check its mode and owner)")
                }
                _ => wrong(&reason(&error)),
            };
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let bytes = error.as_bytes();
            if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                return wrong("it is UTF-16 (some editors call this Unicode)");
            }
            let before = &bytes[..error.utf8_error().valid_up_to()];
            let line = 1 + memchr_iter(b'\n', before).count();
            wrong(&format!("line {line} is not valid UTF-8"))
        }
    }
}

/// Maximum size of a state file; a larger one is something else.
const MAX_REMEMBERED: u64 = 16 << 20;

/// Reads a state file; empty if it does not exist. Other errors and text that is not UTF-8 are returned, so that a file
/// that cannot be read is not overwritten.
pub(super) fn remembered(path: &Path) -> io::Result<String> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(of_file(path, &error)),
    };
    let wrong = |what: &str| {
        let why = format!("{}: {what}; move it away", shown(path));
        Err(io::Error::new(io::ErrorKind::InvalidData, why))
    };
    if found.is_dir() {
        return wrong("it is a directory");
    }
    if !found.is_file() {
        return wrong("it is not a regular file"); // Reading a pipe would block.
    }
    if found.len() > MAX_REMEMBERED {
        return wrong("it is larger than 16 MiB, too large for a state file");
    }
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|error| {
            let end = error.utf8_error().valid_up_to();
            let line = 1 + memchr_iter(b'\n', &error.as_bytes()[..end]).count();
            unreadable(path, line, "is not valid UTF-8")
        }),
        Err(error) => Err(of_file(path, &error)),
    }
}

/// Error for a line of a state file that cannot be parsed; the file is not changed.
pub(super) fn unreadable(path: &Path, line: usize, why: &str) -> io::Error {
    let path = shown(path);
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("cannot update {path}:{line}: the line {why}; fix the line or move the file away"),
    )
}

/// Adds the file to an error.
pub(super) fn of_file(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {}", shown(path), reason(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_named_with_what_it_has_to_be() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x.toml");
        assert_eq!(read(&path), Ok(None));
        let refused = |content: &[u8], why: &str| {
            fs::write(&path, content).expect("written");
            let error = read(&path).expect_err("no text");
            let wanted = format!(
                "cannot read {}: {why}; expected a UTF-8 text file",
                path.display()
            );
            assert_eq!(error, wanted);
        };
        refused(
            b"\xff\xfet\0",
            "it is UTF-16 (some editors call this Unicode)",
        );
        refused(b"a\nb\xe9\n", "line 2 is not valid UTF-8");
        refused(&vec![b'\n'; (1 << 20) + 1], "it is larger than 1 MiB");
        fs::remove_file(&path).expect("there");
        std::os::unix::fs::symlink("nowhere", &path).expect("linked");
        let error = read(&path).expect_err("no file");
        assert!(
            error.contains("it is a symbolic link to a missing file;"),
            "{error}"
        );
        let error = read(directory.path()).expect_err("no file");
        assert!(error.contains("it is a directory;"), "{error}");
    }
}
