//! Files of settings and keys: small, plain, and read without blocking. A pipe or a device in place of one would block
//! the reader, or supply bytes without end.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Largest file that is read.
const MOST: u64 = 1 << 20;

/// Reads a file; anything but a plain file of at most 1 MiB is an error that explains itself.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let meta = fs::metadata(path)?;
    if meta.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    if !meta.is_file() {
        return Err(io::Error::other(
            "it is a pipe or a device, not a regular file",
        ));
    }
    if meta.len() > MOST {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    fs::read(path)
}

/// Like [`read`], as text.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// Returns a warning to append to the name of a key file that others can read; otherwise an empty text.
pub(super) fn exposed(path: &Path) -> &'static str {
    let others = fs::metadata(path).map_or(0, |meta| meta.permissions().mode() & 0o077);
    if others == 0 {
        ""
    } else {
        " (readable by others: chmod 600)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_small_plain_file_is_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("keys");
        let why = |path: &Path| read(path).expect_err("refused").to_string();
        assert_eq!(why(directory.path()), "it is a directory");
        assert_eq!(
            why(Path::new("/dev/zero")),
            "it is a pipe or a device, not a regular file"
        );
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("mkfifo").success());
        assert_eq!(why(&path), "it is a pipe or a device, not a regular file");
        fs::remove_file(&path).expect("there");
        fs::write(&path, vec![b' '; (MOST + 1) as usize]).expect("written");
        assert_eq!(why(&path), "it is larger than 1 MiB");
        fs::write(&path, "a").expect("written");
        assert_eq!(read_text(&path).expect("read"), "a");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
        assert!(exposed(&path).contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        assert_eq!(exposed(&path), "");
    }
}
