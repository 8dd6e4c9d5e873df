//! Content of a directory for the prompt that opens a source, read in the background: it may be on a slow disk.

use std::fs::DirEntry;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::Session;
use super::inbox::Event;
use crate::app::Message;
use crate::overlays::{File, Listing};

/// Maximum number of entries read.
const MOST: usize = 2_000;

impl Session {
    /// Lists a typed directory, and sends the result.
    pub(super) fn list_directory(&self, directory: String) {
        let to = self.to.clone();
        std::thread::spawn(move || {
            let listing = Listing {
                files: files(&directory),
                directory,
            };
            // The screen may have closed; the result is then irrelevant.
            let _ = to.send(Event::Done(Box::new(Message::Directory(listing))));
        });
    }
}

/// Entries of a typed directory: directories first, each by name. None if it cannot be read.
fn files(directory: &str) -> Vec<File> {
    let home = std::env::var_os("HOME");
    let path = match (directory.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => Path::new(if directory.is_empty() { "." } else { directory }).to_path_buf(),
    };
    let Ok(entries) = std::fs::read_dir(path) else {
        return Vec::new();
    };
    let mut files: Vec<File> = entries
        .flatten()
        .take(MOST)
        .filter_map(|entry| file(&entry))
        .collect();
    files.sort_by(|a, b| (!a.is_directory, &a.name).cmp(&(!b.is_directory, &b.name)));
    files
}

fn file(entry: &DirEntry) -> Option<File> {
    let name = entry.file_name().into_string().ok()?;
    // Follows links: a link to a directory is one.
    let facts = std::fs::metadata(entry.path()).ok()?;
    let modified = facts.modified().ok();
    let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Some(File {
        name,
        is_directory: facts.is_dir(),
        bytes: facts.len(),
        modified: modified.and_then(|time| i64::try_from(time.as_nanos()).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_come_first_and_what_cannot_be_read_is_empty() {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::write(place.path().join("a.ndjson"), "12345").expect("written");
        std::fs::create_dir(place.path().join("z")).expect("created");
        let path = format!("{}/", place.path().display());
        let found = files(&path);
        let names: Vec<(&str, bool)> = found
            .iter()
            .map(|file| (file.name.as_str(), file.is_directory))
            .collect();
        assert_eq!(names, [("z", true), ("a.ndjson", false)]);
        assert_eq!(found[1].bytes, 5);
        assert!(files(&format!("{path}missing/")).is_empty());
    }
}
