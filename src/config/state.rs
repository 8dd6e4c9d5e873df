//! State kept between sessions: lines of the filter prompt, and columns and layouts per size class.

use std::io;
use std::marker::PhantomData;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::paths::Paths;
use super::shape::Shape;
use super::store::change;
use super::text::{remembered, unreadable};

/// Lines of the filter prompt, oldest first, in a file with one per line.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
}

/// Maximum number of stored lines.
const KEPT: usize = 500;

impl History {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Reads the stored lines. Returns none if the file is missing or unreadable.
    pub fn load(&self) -> Vec<String> {
        let text = remembered(&self.path).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Adds a line as the newest, immediately: the session may be killed. A file that cannot be read is not changed.
    pub fn add(&self, line: &str) -> io::Result<()> {
        change(&self.path, |text| {
            let mut all: Vec<&str> = text.lines().filter(|old| *old != line).collect();
            all.push(line);
            Ok(all[all.len().saturating_sub(KEPT)..].join("\n") + "\n")
        })
    }
}

/// Describes the first state file that cannot be read, if any. Such files are ignored, and never overwritten.
pub fn unread(paths: &Paths) -> Option<String> {
    let files = [
        paths.marks_file(),
        paths.history_file(),
        paths.recent_file(),
        paths.columns_file(),
        paths.layout_file(),
        paths.hints_file(),
    ];
    let error = files.iter().find_map(|file| remembered(file).err())?;
    Some(format!("history and layout will not be saved: {error}"))
}

/// State stored per size class, in a file with one line of JSON for each.
#[derive(Clone, Debug)]
pub struct ByClass<T> {
    path: PathBuf,
    of: PhantomData<T>,
}

/// List columns chosen by the user: fields, with widths if the user set them.
pub type ColumnStore = ByClass<Vec<(String, Option<u16>)>>;

/// Layouts chosen by the user.
pub type ShapeStore = ByClass<Shape>;

impl<T: Clone + Default + Serialize + DeserializeOwned> ByClass<T> {
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            of: PhantomData,
        }
    }

    /// Reads the choices by class; the default for a missing or unreadable one.
    pub fn load(&self) -> Vec<T> {
        let text = remembered(&self.path).unwrap_or_default();
        let read = |line: &str| serde_json::from_str(line).unwrap_or_default();
        text.lines().map(read).collect()
    }

    /// Stores the choice for one class. Lines of other classes stay as they are. Fails if the line of this class cannot
    /// be parsed, so that it is not lost.
    pub fn save(&self, class: usize, chosen: &T) -> io::Result<()> {
        let line =
            |chosen: &T| serde_json::to_string(chosen).expect("what is remembered is always JSON");
        change(&self.path, |text| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            while lines.len() <= class {
                lines.push(line(&T::default()));
            }
            if serde_json::from_str::<T>(&lines[class]).is_err() {
                return Err(unreadable(&self.path, class + 1, "cannot be parsed"));
            }
            lines[class] = line(chosen);
            Ok(lines.join("\n") + "\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::DetailPlace;

    #[test]
    fn columns_are_remembered_for_each_class_of_size() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = ColumnStore::new(directory.path().join("columns"));
        let chosen = vec![("ip".to_owned(), None), ("tag".to_owned(), Some(30))];
        store.save(2, &chosen).expect("written");
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
        store.save(1, &shape).expect("written");
        let text = fs::read_to_string(&path).expect("there");
        assert_eq!(store.load(), [Shape::default(), shape], "{text}");
        fs::write(&path, text.replace("beside", "sideways")).expect("written");
        assert_eq!(store.load(), [Shape::default(), Shape::default()]);
        let error = store.save(1, &shape).expect_err("not overwritten");
        assert!(
            error
                .to_string()
                .contains("layout:2: the line cannot be parsed"),
            "{error}"
        );
        // Broken lines of other classes do not matter.
        store.save(0, &shape).expect("written");
        let kept = fs::read_to_string(&path).expect("there");
        assert_eq!(
            kept.lines().nth(1),
            text.replace("beside", "sideways").lines().nth(1)
        );
        assert_eq!(store.load(), [shape, Shape::default()]);
    }

    #[test]
    fn the_newest_lines_come_back() {
        let directory = tempfile::tempdir().expect("a directory");
        let history = History::new(directory.path().join("deep").join("history"));
        assert!(history.load().is_empty());
        let lines: Vec<String> = (0..KEPT + 10).map(|n| format!("status:{n}")).collect();
        for line in &lines {
            history.add(line).expect("written");
        }
        assert_eq!(history.load(), lines[10..]);
        history.add(&lines[20]).expect("written");
        assert_eq!(history.load().len(), KEPT - 1 + 1);
        assert_eq!(
            history.load().last(),
            Some(&lines[20]),
            "once, as the newest"
        );
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_overwritten() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("history");
        fs::write(&path, b"old\xe9\nolder\n").expect("written");
        let history = History::new(path.clone());
        let error = history.add("new").expect_err("no text");
        assert!(
            error
                .to_string()
                .contains("history:1: the line is not valid UTF-8"),
            "{error}"
        );
        assert!(history.load().is_empty());
        assert_eq!(fs::read(&path).expect("there"), b"old\xe9\nolder\n");
        fs::remove_file(&path).expect("there");
        fs::create_dir(&path).expect("made");
        let error = history.add("new").expect_err("a directory");
        assert_eq!(
            error.to_string(),
            format!("{}: it is a directory; move it away", path.display())
        );
        assert!(history.load().is_empty() && path.is_dir());
    }
}
