//! The sources that were opened last, for the start screen. Addresses that may hold a secret are not kept.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::state::write_whole;

/// What was opened, newest first: in a file of one JSON array of arguments a line.
#[derive(Clone, Debug)]
pub struct Recent {
    path: PathBuf,
}

/// Openings that are kept.
const KEPT: usize = 9;

impl Recent {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The arguments of each opening; none where there is no file yet or it cannot be read.
    pub fn load(&self) -> Vec<Vec<String>> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let read = |line| serde_json::from_str::<Vec<String>>(line).ok();
        text.lines().filter_map(read).collect()
    }

    /// Puts an opening first. Paths are made absolute, so that they mean the same from everywhere; what
    /// cannot be opened again (standard input) or may hold a secret (an address with a query or a user) is
    /// left out.
    pub fn remember(&self, arguments: &[String]) -> io::Result<()> {
        if arguments.is_empty() || !arguments.iter().all(|argument| is_kept(argument)) {
            return Ok(());
        }
        let new: Vec<String> = arguments
            .iter()
            .map(|argument| absolute(argument))
            .collect();
        let mut all = self.load();
        all.retain(|old| *old != new);
        all.insert(0, new);
        all.truncate(KEPT);
        let line = |arguments: &Vec<String>| {
            serde_json::to_string(arguments).expect("texts are always JSON") + "\n"
        };
        let text: String = all.iter().map(line).collect();
        write_whole(&self.path, text.as_bytes())
    }
}

fn is_kept(argument: &str) -> bool {
    match argument.split_once("://") {
        Some((scheme, rest)) if scheme.starts_with("http") => !rest.contains(['?', '@', '#']),
        _ => argument != "-",
    }
}

fn absolute(argument: &str) -> String {
    if argument.contains("://") || argument.starts_with('@') {
        return argument.to_owned();
    }
    let absolute = std::path::absolute(argument).ok();
    let text = absolute.as_ref().and_then(|path| path.to_str());
    text.unwrap_or(argument).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
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
            recent.remember(&[format!("/{n}")]).expect("written");
        }
        assert_eq!(recent.load().len(), KEPT);
    }

    #[test]
    fn secrets_and_pipes_are_not_remembered() {
        let directory = tempfile::tempdir().expect("a directory");
        let recent = Recent::new(directory.path().join("recent"));
        for argument in [
            "-",
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
}
