//! Detects files that a source reads, or would read once they exist: such a file is never written to.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use super::{Spec, expand, pattern};

/// Most links followed to a file that does not exist yet, equal to the limit of the system.
const LINKS: usize = 40;

impl Spec {
    /// Returns true if a file is part of this source under any of its names, or would be if it were created.
    pub fn reads(&self, path: &Path) -> bool {
        let place = |path: &Path| fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
        let wanted = place(path);
        let is_it = |file: &Path| {
            file == path || place(file).is_some_and(|place| Some(place) == wanted) || {
                let whole = whole(path, LINKS);
                whole.is_some() && whole == whole_of(file)
            }
        };
        match self {
            Self::File(file) => is_it(file),
            Self::Stdin => {
                let read = rustix::fs::fstat(std::io::stdin());
                let is_file = fs::metadata(path).is_ok_and(|meta| meta.is_file());
                is_file && read.is_ok_and(|stat| wanted == Some((stat.st_dev, stat.st_ino)))
            }
            Self::Directory(directory) => would_hold(directory, path) || self.holds(is_it),
            Self::Glob(text) => would_match(text, path) || self.holds(is_it),
            _ => false,
        }
    }

    fn holds(&self, is_it: impl Fn(&Path) -> bool) -> bool {
        let files = expand(self.clone()).unwrap_or_default();
        let mut files = files.iter();
        files.any(|file| matches!(file, Self::File(file) if is_it(file)))
    }
}

/// Resolves the links of a path, even if the file does not exist.
fn whole(path: &Path, links: usize) -> Option<PathBuf> {
    if let Ok(whole) = fs::canonicalize(path) {
        return Some(whole);
    }
    let parent = path.parent()?;
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    match fs::read_link(path) {
        Ok(to) => whole(&parent.join(to), links.checked_sub(1)?),
        Err(_) => Some(fs::canonicalize(parent).ok()?.join(path.file_name()?)),
    }
}

fn whole_of(path: &Path) -> Option<PathBuf> {
    whole(path, LINKS)
}

/// Path of a file relative to a directory above it.
fn below(directory: &Path, path: &Path) -> Option<PathBuf> {
    let directory = fs::canonicalize(directory).ok()?;
    let below = whole_of(path)?;
    below.strip_prefix(directory).ok().map(Path::to_owned)
}

/// Hidden files are not part of a directory source.
fn would_hold(directory: &Path, path: &Path) -> bool {
    let hidden = |part: Component<'_>| matches!(part, Component::Normal(name) if name.as_bytes().starts_with(b"."));
    below(directory, path).is_some_and(|below| !below.components().any(hidden))
}

fn would_match(text: &OsStr, path: &Path) -> bool {
    below(&pattern::fixed_part(text), path).is_some_and(|below| pattern::fits(text, &below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_any_name_and_before_it_is_there() {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path();
        fs::create_dir_all(root.join("d/e")).expect("made");
        fs::write(root.join("d/a.log"), "x").expect("written");
        fs::hard_link(root.join("d/a.log"), root.join("hard")).expect("linked");
        std::os::unix::fs::symlink("d/a.log", root.join("soft")).expect("linked");
        std::os::unix::fs::symlink("d/new.log", root.join("dangling")).expect("linked");
        let reads = |source: &str, path: &str| {
            let source = Spec::parse(root.join(source)).expect("a source");
            source.reads(&root.join(path))
        };
        for (source, path) in [
            ("d/a.log", "d/a.log"),
            ("d/a.log", "d/../d/a.log"),
            ("d/a.log", "hard"),
            ("d/a.log", "soft"),
            ("soft", "d/a.log"),
            ("d/new.log", "dangling"),
            ("d", "d/new.log"),
            ("d", "d/e/new.log"),
            ("d", "hard"),
            ("d", "dangling"),
            ("d/*.log", "d/new.log"),
            ("d/*.log", "soft"),
            ("*/*.log", "d/new.log"),
            ("**/*.log", "d/e/new.log"),
            ("d/**", "d/e/new.log"),
        ] {
            assert!(reads(source, path), "{source} {path}");
        }
        for (source, path) in [
            ("d/a.log", "d/new.log"),
            ("d", "new.log"),
            ("d", "d/.hidden"),
            ("d/*.log", "d/new.txt"),
            ("d/*.log", "d/e/new.log"),
            ("d/e", "d/new.log"),
        ] {
            assert!(!reads(source, path), "{source} {path}");
        }
    }
}
