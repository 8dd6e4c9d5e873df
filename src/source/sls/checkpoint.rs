//! Read positions of all shards, kept between runs.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Read positions in all shards of one logstore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Host and logstore; a state of another logstore is ignored.
    pub logstore: String,
    pub shards: BTreeMap<i64, Position>,
}

/// Read position in one shard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Next position to read; everything before it was sent.
    pub cursor: String,
    /// Newest time of receipt sent, in unix seconds; used to seek if the cursor has become invalid.
    pub received: Option<i64>,
    /// True for a read-only shard that was read to its end.
    #[serde(default)]
    pub drained: bool,
}

/// Storage of a state.
pub trait Checkpoints: fmt::Debug + Send + Sync {
    /// Loads the state saved last; `None` if there is none.
    fn load(&self) -> io::Result<Option<State>>;
    fn save(&self, state: &State) -> io::Result<()>;
}

/// Stores a state in a file, which is replaced as a whole: a crash leaves the old or the new one.
#[derive(Clone, Debug)]
pub struct FileCheckpoints {
    path: PathBuf,
}

impl FileCheckpoints {
    /// The directory of `path` is created by the first save.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Storage for a logstore in a directory of states.
    pub fn in_directory(directory: &Path, host: &str, logstore: &str) -> Self {
        Self::new(directory.join(format!(
            "sls-{}-{logstore}.json",
            host.replace([':', '/'], "_")
        )))
    }
}

impl Checkpoints for FileCheckpoints {
    fn load(&self) -> io::Result<Option<State>> {
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
        };
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(
                serde_json::from_slice(&bytes).map_err(|error| named(error.into()))?,
            )),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(named(e)),
        }
    }

    fn save(&self, state: &State) -> io::Result<()> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        let new = self
            .path
            .with_extension(format!("{}.new", std::process::id()));
        let mut file = File::create(&new)?;
        file.write_all(&serde_json::to_vec(state)?)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_replaced_as_a_whole() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = FileCheckpoints::in_directory(&directory.path().join("made"), "h:1", "l");
        assert_eq!(file.load().expect("nothing"), None);
        let mut state = State {
            logstore: "h/l".to_owned(),
            shards: BTreeMap::new(),
        };
        for cursor in ["a", "b"] {
            state.shards.insert(
                3,
                Position {
                    cursor: cursor.to_owned(),
                    received: Some(9),
                    drained: false,
                },
            );
            file.save(&state).expect("saved");
            assert_eq!(file.load().expect("loaded").as_ref(), Some(&state));
        }
        assert_eq!(
            fs::read_dir(directory.path().join("made"))
                .expect("a directory")
                .count(),
            1
        );
    }

    #[test]
    fn a_broken_file_is_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x.json");
        fs::write(&path, "{").expect("written");
        let error = FileCheckpoints::new(path).load().expect_err("no JSON");
        assert!(error.to_string().contains("x.json: "), "{error}");
    }
}
