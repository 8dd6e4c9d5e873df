//! Marked events and their notes, kept across sessions and sources: a file with one JSON object per line, replaced as a
//! whole at every change.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::store::change;
use super::text::remembered;
use crate::model::time::Nanos;
use crate::model::{EventKey, name};

/// Fields stored with a mark, to show the event while it is not loaded.
pub const MARK_FIELDS: [&str; 6] = [
    name::ACTION,
    name::STATUS,
    name::USER,
    name::NAMESPACE_REPO,
    name::TAG,
    name::IP,
];

/// Marked event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    pub request: String,
    /// Nanoseconds since the epoch.
    pub time: Option<Nanos>,
    /// The record's own offset from UTC in seconds.
    #[serde(default)]
    pub offset: i32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Values of [`MARK_FIELDS`].
    #[serde(default)]
    pub values: Vec<Option<String>>,
}

impl Marked {
    pub fn key(&self) -> EventKey {
        EventKey {
            time: self.time,
            request: self.request.as_str().into(),
        }
    }

    /// Value of one of [`MARK_FIELDS`].
    pub fn value(&self, field: &str) -> Option<&str> {
        let at = MARK_FIELDS.iter().position(|name| *name == field)?;
        self.values.get(at)?.as_deref()
    }
}

/// Change of the stored marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarksWork {
    /// Adds or replaces marks, with their notes.
    Put(Vec<Marked>),
    Drop(EventKey),
}

/// File of the stored marks.
#[derive(Clone, Debug)]
pub struct MarkStore {
    path: PathBuf,
}

impl MarkStore {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Reads the stored marks. Returns none if the file is missing or unreadable; skips lines that are not marks.
    pub fn load(&self) -> Vec<Marked> {
        let text = remembered(&self.path).unwrap_or_default();
        let marks = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        marks.collect()
    }

    /// Applies a change to the file. Other lines stay as they are, including those that another session added and those
    /// that are not marks. A file that cannot be read is not changed.
    pub fn work(&self, work: &MarksWork) -> io::Result<()> {
        let (gone, new): (HashSet<EventKey>, &[Marked]) = match work {
            MarksWork::Put(marks) => (marks.iter().map(Marked::key).collect(), marks),
            MarksWork::Drop(key) => ([key.clone()].into(), &[]),
        };
        change(&self.path, |text| {
            let (mut marks, mut others) = (Vec::new(), Vec::new());
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                match serde_json::from_str::<Marked>(line) {
                    Ok(marked) => marks.push((marked.key(), line.to_owned())),
                    Err(_) => others.push(line.to_owned()),
                }
            }
            marks.retain(|(key, _)| !gone.contains(key));
            marks.extend(new.iter().map(|marked| {
                let line = serde_json::to_string(marked);
                (
                    marked.key(),
                    line.expect("texts and numbers are always JSON"),
                )
            }));
            marks.sort_by(|(a, _), (b, _)| a.cmp(b));
            let lines = marks.into_iter().map(|(_, line)| line).chain(others);
            Ok(lines.map(|line| line + "\n").collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn marked(request: &str, time: i64, note: &str) -> Marked {
        Marked {
            request: request.into(),
            time: Some(time),
            offset: 0,
            note: note.into(),
            values: vec![Some("DeleteTag".into()), None],
        }
    }

    #[test]
    fn lines_that_are_no_marks_are_kept() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("marks");
        let store = MarkStore::new(path.clone());
        store
            .work(&MarksWork::Put(vec![marked("a", 2, "")]))
            .expect("written");
        let text = fs::read_to_string(&path).expect("there") + "{\"of\":\"a later version\"}\n";
        let text = text.replacen('{', "{\"later\":1,", 1);
        fs::write(&path, text).expect("written");
        store
            .work(&MarksWork::Put(vec![marked("b", 1, "")]))
            .expect("written");
        assert_eq!(store.load().len(), 2);
        let text = fs::read_to_string(&path).expect("there");
        assert!(text.ends_with("{\"of\":\"a later version\"}\n"), "{text}");
        assert!(text.contains("{\"later\":1,"), "{text}");
    }

    #[test]
    fn marks_come_back_with_their_notes_and_two_sessions_keep_both() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("marks");
        let (one, other) = (MarkStore::new(path.clone()), MarkStore::new(path));
        let (a, b) = (marked("a", 2, "why? \"\u{1b}\n"), marked("b", 1, ""));
        one.work(&MarksWork::Put(vec![a.clone()])).expect("written");
        other
            .work(&MarksWork::Put(vec![b.clone()]))
            .expect("written");
        assert_eq!(one.load(), [b.clone(), a.clone()]);
        one.work(&MarksWork::Put(vec![marked("a", 2, "new")]))
            .expect("written");
        one.work(&MarksWork::Drop(b.key())).expect("written");
        assert_eq!(other.load(), [marked("a", 2, "new")]);
        assert_eq!(a.value("action"), Some("DeleteTag"));
    }
}
