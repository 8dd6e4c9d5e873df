//! Creation of new files that never replace existing ones.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Maximum number of names to try.
const NAMES: u32 = 1000;

/// Writes a new file that only its owner can read, under the first free name `{stem}-{number}.{extension}`. Returns its
/// path. Does not follow links.
pub(super) fn write(
    directory: &Path,
    stem: &str,
    extension: &str,
    content: &str,
) -> io::Result<PathBuf> {
    for number in 1..=NAMES {
        let path = directory.join(format!("{stem}-{number}.{extension}"));
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                file.write_all(content.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!(
        "{NAMES} files named {stem}-*.{extension} exist already"
    )))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn what_is_there_is_neither_replaced_nor_followed() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        fs::write(at("x-1.svg"), "old").expect("written");
        symlink(at("elsewhere"), at("x-2.svg")).expect("made");
        let path = write(directory.path(), "x", "svg", "new").expect("written");
        assert_eq!(path, at("x-3.svg"));
        assert_eq!(fs::read_to_string(at("x-1.svg")).expect("there"), "old");
        assert!(!at("elsewhere").exists());
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
