//! What is remembered from one session to the next: the lines typed into the filter prompt, and the columns and
//! layouts chosen for each class of size.

use std::fs;
use std::io::{self, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::shape::Shape;
use super::text::{of_file, remembered, unreadable};

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
        self.read().unwrap_or_default()
    }

    fn read(&self) -> io::Result<Vec<String>> {
        let text = remembered(&self.path)?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Remembers the newest lines, behind those that another session has written meanwhile. Replaces the file as
    /// a whole; one that cannot be read stays as it is.
    pub fn save(&self, lines: &[String]) -> io::Result<()> {
        let mut all = self.read()?;
        all.retain(|line| !lines.contains(line));
        all.extend_from_slice(lines);
        let mut text = all[all.len().saturating_sub(KEPT)..].join("\n");
        text.push('\n');
        write_whole(&self.path, text.as_bytes())
    }
}

/// Something that is remembered for each class of size, in a file with one line of JSON for each.
#[derive(Clone, Debug)]
pub struct ByClass<T> {
    path: PathBuf,
    of: PhantomData<T>,
}

/// The columns of the list that were chosen: fields, with the cells given by hand.
pub type ColumnStore = ByClass<Vec<(String, Option<u16>)>>;

/// The layouts that were chosen.
pub type ShapeStore = ByClass<Shape>;

impl<T: Clone + Default + Serialize + DeserializeOwned> ByClass<T> {
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            of: PhantomData,
        }
    }

    /// What was chosen, by class; the default where nothing was, or where it cannot be read.
    pub fn load(&self) -> Vec<T> {
        let lines = self.lines().unwrap_or_default();
        lines.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// The lines; `None` for one that cannot be read.
    fn lines(&self) -> io::Result<Vec<Option<T>>> {
        let text = remembered(&self.path)?;
        let read = |line: &str| serde_json::from_str(line).ok();
        Ok(text.lines().map(read).collect())
    }

    /// Remembers what was chosen for one class. A file with a line that cannot be read stays as it is.
    pub fn save(&self, class: usize, chosen: T) -> io::Result<()> {
        let lines = self.lines()?.into_iter().enumerate();
        let whole = lines
            .map(|(at, line)| line.ok_or_else(|| unreadable(&self.path, at + 1, "cannot be read")));
        let mut all: Vec<T> = whole.collect::<io::Result<_>>()?;
        if all.len() <= class {
            all.resize(class + 1, T::default());
        }
        all[class] = chosen;
        let line = |chosen: &T| {
            serde_json::to_string(chosen).expect("what is remembered is always JSON") + "\n"
        };
        let text: String = all.iter().map(line).collect();
        write_whole(&self.path, text.as_bytes())
    }
}

/// Replaces a file at once: whoever reads it sees the old content or the new.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    replace(path, content).map_err(|error| of_file(path, &error))
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
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
    use crate::config::DetailPlace;

    #[test]
    fn columns_are_remembered_for_each_class_of_size() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = ColumnStore::new(directory.path().join("columns"));
        let chosen = vec![("ip".to_owned(), None), ("tag".to_owned(), Some(30))];
        store.save(2, chosen.clone()).expect("written");
        assert_eq!(store.load(), [vec![], vec![], chosen]);
    }

    #[test]
    fn layouts_are_remembered_and_a_broken_line_is_as_usual() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("layout");
        let store = ShapeStore::new(path.clone());
        let shape = Shape {
            facets: Some(false),
            detail: Some(DetailPlace::Beside),
            histogram: Some(9),
            ..Shape::default()
        };
        store.save(1, shape).expect("written");
        let text = fs::read_to_string(&path).expect("there");
        assert_eq!(store.load(), [Shape::default(), shape], "{text}");
        fs::write(&path, text.replace("beside", "sideways")).expect("written");
        assert_eq!(store.load(), [Shape::default(), Shape::default()]);
        let error = store.save(0, shape).expect_err("not overwritten");
        assert!(
            error
                .to_string()
                .contains("layout:2: the line cannot be read"),
            "{error}"
        );
        let kept = fs::read_to_string(&path).expect("there");
        assert_eq!(kept, text.replace("beside", "sideways"));
    }

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

    #[test]
    fn what_cannot_be_read_is_named_and_not_overwritten() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("history");
        fs::write(&path, b"old\xe9\nolder\n").expect("written");
        let history = History::new(path.clone());
        let error = history.save(&["new".to_owned()]).expect_err("no text");
        assert!(
            error
                .to_string()
                .contains("history:1: the line holds bytes"),
            "{error}"
        );
        assert!(history.load().is_empty());
        assert_eq!(fs::read(&path).expect("there"), b"old\xe9\nolder\n");
        fs::remove_file(&path).expect("there");
        fs::create_dir(&path).expect("made");
        let error = history.save(&["new".to_owned()]).expect_err("a directory");
        assert_eq!(
            error.to_string(),
            format!("{}: Is a directory", path.display())
        );
        assert!(history.load().is_empty() && path.is_dir());
    }

    #[test]
    fn two_sessions_keep_the_lines_of_both() {
        let directory = tempfile::tempdir().expect("a directory");
        let history = History::new(directory.path().join("history"));
        let lines = |words: &[&str]| words.iter().map(|&word| word.into()).collect::<Vec<_>>();
        history.save(&lines(&["before"])).expect("written");
        // Both began with what was there.
        history.save(&lines(&["before", "one"])).expect("written");
        history.save(&lines(&["before", "two"])).expect("written");
        assert_eq!(history.load(), ["one", "before", "two"]);
    }
}
