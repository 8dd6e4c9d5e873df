//! Recently opened sources, for the start screen. URLs that may contain a secret are not stored.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::store::change;
use super::text::remembered;
use crate::source::is_passing;

/// Recent openings, newest first, in a file with one JSON array of arguments per line.
#[derive(Clone, Debug)]
pub struct Recent {
    path: PathBuf,
}

/// Maximum number of stored openings.
const KEPT: usize = 9;

impl Recent {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Reads the arguments of each opening. Returns none if the file is missing or unreadable.
    pub fn load(&self) -> Vec<Vec<OsString>> {
        let text = remembered(&self.path).unwrap_or_default();
        text.lines().filter_map(read).collect()
    }

    /// Moves an opening to the front of the list. Paths are made absolute, so that they are valid in every directory.
    /// Arguments that cannot be opened again (standard input, `<( )`) or may contain a secret (a URL with a query or a
    /// user) are left out. Lines that cannot be parsed stay; a file that is not text is not changed.
    pub fn remember(&self, arguments: &[OsString]) -> io::Result<()> {
        if arguments.is_empty() || !arguments.iter().all(|argument| is_kept(argument)) {
            return Ok(());
        }
        let new: Vec<OsString> = arguments
            .iter()
            .map(|argument| absolute(argument))
            .collect();
        change(&self.path, |text| {
            let lines = || text.lines().filter(|line| !line.trim().is_empty());
            let others = lines().filter(|line| read(line).is_none());
            let old = lines().filter_map(read).filter(|old| *old != new);
            let all = std::iter::once(new.clone()).chain(old).take(KEPT);
            let line = |arguments: Vec<OsString>| {
                let arguments: Vec<Argument> = arguments.iter().map(Argument::from).collect();
                serde_json::to_string(&arguments).expect("texts are always JSON") + "\n"
            };
            let others = others.map(|line| line.to_owned() + "\n");
            Ok(all.map(line).chain(others).collect())
        })
    }
}

/// Parses the arguments of a line; `None` if it has none.
fn read(line: &str) -> Option<Vec<OsString>> {
    let arguments: Vec<Argument> = serde_json::from_str(line).ok()?;
    Some(arguments.into_iter().map(OsString::from).collect())
}

/// Argument in the file: text, or bytes if it is not UTF-8.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Argument {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<&OsString> for Argument {
    fn from(argument: &OsString) -> Self {
        match argument.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes(argument.as_bytes().to_owned()),
        }
    }
}

impl From<Argument> for OsString {
    fn from(argument: Argument) -> Self {
        match argument {
            Argument::Text(text) => text.into(),
            Argument::Bytes(bytes) => Self::from_vec(bytes),
        }
    }
}

fn is_kept(argument: &OsStr) -> bool {
    match argument.to_string_lossy().split_once("://") {
        Some((scheme, rest)) if scheme.to_ascii_lowercase().starts_with("http") => {
            !rest.contains(['?', '@', '#'])
        }
        _ => !is_passing(argument),
    }
}

fn absolute(argument: &OsStr) -> OsString {
    let text = argument.to_string_lossy();
    if text.contains("://") || text.starts_with('@') {
        return argument.to_owned();
    }
    let absolute = std::path::absolute(argument);
    absolute.map_or_else(|_| argument.to_owned(), PathBuf::into_os_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn the_newest_comes_first_and_none_twice() {
        let directory = tempfile::tempdir().expect("a directory");
        let recent = Recent::new(directory.path().join("recent"));
        for arguments in [
            &["/a.log"][..],
            &["/b.log", "/c d.log"],
            &["sls://1@cn-hangzhou"],
            &["/a.log"],
        ] {
            recent.remember(&words(arguments)).expect("written");
        }
        let expected = [
            words(&["/a.log"]),
            words(&["sls://1@cn-hangzhou"]),
            words(&["/b.log", "/c d.log"]),
        ];
        assert_eq!(recent.load(), expected);
        for n in 0..20 {
            recent.remember(&[format!("/{n}").into()]).expect("written");
        }
        assert_eq!(recent.load().len(), KEPT);
    }

    #[test]
    fn lines_that_cannot_be_read_are_kept() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("recent");
        std::fs::write(&path, "{{{ = = [\n").expect("written");
        let recent = Recent::new(path.clone());
        recent.remember(&words(&["/a.log"])).expect("written");
        assert_eq!(recent.load(), [words(&["/a.log"])]);
        let text = std::fs::read_to_string(&path).expect("there");
        assert_eq!(text, "[\"/a.log\"]\n{{{ = = [\n");
        std::fs::write(&path, b"\xff\n").expect("written");
        assert!(recent.remember(&words(&["/a.log"])).is_err());
        assert_eq!(std::fs::read(&path).expect("there"), b"\xff\n");
    }

    #[test]
    fn secrets_and_pipes_are_not_remembered() {
        let directory = tempfile::tempdir().expect("a directory");
        let recent = Recent::new(directory.path().join("recent"));
        for argument in [
            "-",
            "/dev/fd/63",
            "/dev/stdin",
            "/proc/self/fd/63",
            "/proc/4711/fd/3",
            "https://user:pw@a.example/x",
            "https://a.example/x?token=s",
        ] {
            recent
                .remember(&words(&[argument]))
                .expect("nothing to write");
        }
        assert!(recent.load().is_empty());
        recent.remember(&words(&["here.log"])).expect("written");
        assert!(std::path::Path::new(&recent.load()[0][0]).is_absolute());
    }

    #[test]
    fn names_that_are_no_text_come_back() {
        let directory = tempfile::tempdir().expect("a directory");
        let recent = Recent::new(directory.path().join("recent"));
        let name = OsString::from_vec(b"/\xc9\xf3\n.log".to_vec());
        recent
            .remember(&[name.clone(), "/b".into()])
            .expect("written");
        assert_eq!(recent.load(), [vec![name, "/b".into()]]);
    }
}
