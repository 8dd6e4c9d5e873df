//! What is remembered from one session to the next: the lines typed into the filter prompt.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Lines of the filter prompt, oldest first, in a file of one line each.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
}

/// Lines that are kept.
const KEPT: usize = 500;

impl History {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The remembered lines; none where there is no file yet or it cannot be read.
    pub fn load(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Remembers the newest lines, replacing the file as a whole.
    pub fn save(&self, lines: &[String]) -> io::Result<()> {
        let newest = &lines[lines.len().saturating_sub(KEPT)..];
        let mut text = newest.join("\n");
        text.push('\n');
        write_whole(&self.path, text.as_bytes())
    }
}

/// Replaces a file at once: whoever reads it sees the old content or the new.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let temporary = path.with_extension(format!("tmp{}", std::process::id()));
    let written = fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&temporary, path));
    if replaced.is_err() {
        // The old file stands; a leftover would only be in the way.
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_come_back() {
        let directory = tempfile::tempdir().expect("a directory");
        let history = History::new(directory.path().join("deep").join("history"));
        assert!(history.load().is_empty());
        let lines: Vec<String> = (0..KEPT + 10).map(|n| format!("status:{n}")).collect();
        history.save(&lines).expect("written");
        assert_eq!(history.load(), lines[10..]);
        assert_eq!(
            fs::read_dir(directory.path().join("deep"))
                .expect("there")
                .count(),
            1,
            "no leftovers"
        );
    }
}
