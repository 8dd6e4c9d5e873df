//! Patterns of file names: finds the matching paths, in any encoding.
//!
//! `*`, `?` and `[…]` match within one name, `**` matches any directories. An existing name that equals the pattern
//! text is taken literally.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use glob::Pattern;

/// Returns true if a text has pattern characters.
pub(super) fn is_pattern(text: &OsStr) -> bool {
    text.as_bytes().iter().any(|byte| b"*?[".contains(byte))
}

/// One component of a pattern.
enum Step {
    Literal(OsString),
    /// Any number of directories.
    Directories,
    Names(OsString, Pattern),
}

/// Returns the paths that a pattern matches, in order of name; the error describes an invalid pattern. Unreadable
/// directories match nothing. `**` does not follow links to directories.
pub(super) fn matches(pattern: &OsStr) -> Result<BTreeSet<PathBuf>, String> {
    let mut found = BTreeSet::from([start(pattern)]);
    for step in steps(pattern)? {
        let mut next = BTreeSet::new();
        for path in found {
            step.below(&path, &mut next);
        }
        found = next;
    }
    Ok(found)
}

/// Returns the directory that contains all matches of a pattern.
pub fn fixed_part(pattern: &OsStr) -> PathBuf {
    let mut fixed = start(pattern);
    let names: Vec<&OsStr> = names(pattern).collect();
    for name in names.iter().take(names.len().saturating_sub(1)) {
        let next = fixed.join(name);
        if is_pattern(name) && !is_there(&next) {
            break;
        }
        fixed = next;
    }
    if fixed.as_os_str().is_empty() {
        fixed.push(".");
    }
    fixed
}

/// Returns true if a path below the fixed part of a pattern matches.
pub(super) fn fits(pattern: &OsStr, below: &Path) -> bool {
    let fixed = names(fixed_part(pattern).as_os_str())
        .filter(|name| *name != ".")
        .count();
    let Ok(steps) = steps(pattern) else {
        return false;
    };
    let parts: Vec<&OsStr> = below.iter().collect();
    fit(steps.get(fixed..).unwrap_or_default(), &parts)
}

fn fit(steps: &[Step], parts: &[&OsStr]) -> bool {
    match steps.split_first() {
        None => parts.is_empty(),
        Some((Step::Directories, rest)) => (0..=parts.len()).any(|at| fit(rest, &parts[at..])),
        Some((step, rest)) => parts.split_first().is_some_and(|(part, parts)| {
            let fits = match step {
                Step::Names(name, pattern) => name == part || pattern.matches(&text_of(part)),
                Step::Literal(name) => name == part,
                Step::Directories => false,
            };
            fits && fit(rest, parts)
        }),
    }
}

fn start(pattern: &OsStr) -> PathBuf {
    let absolute = pattern.as_bytes().starts_with(b"/");
    PathBuf::from(if absolute { "/" } else { "" })
}

fn names(pattern: &OsStr) -> impl Iterator<Item = &OsStr> {
    let names = pattern.as_bytes().split(|byte| *byte == b'/');
    names.filter(|name| !name.is_empty()).map(OsStr::from_bytes)
}

fn steps(pattern: &OsStr) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for name in names(pattern) {
        if name == "**" {
            // Several in a row are equivalent to one.
            if !matches!(steps.last(), Some(Step::Directories)) {
                steps.push(Step::Directories);
            }
        } else if is_pattern(name) {
            let read = Pattern::new(&text_of(name)).map_err(|error| error.msg.to_owned())?;
            steps.push(Step::Names(name.to_owned(), read));
        } else {
            steps.push(Step::Literal(name.to_owned()));
        }
    }
    if matches!(steps.last(), Some(Step::Directories)) {
        let all = Pattern::new("*").map_err(|error| error.to_string())?;
        steps.push(Step::Names("*".into(), all));
    }
    Ok(steps)
}

impl Step {
    fn below(&self, directory: &Path, found: &mut BTreeSet<PathBuf>) {
        match self {
            Self::Literal(name) => {
                let path = directory.join(name);
                if is_there(&path) {
                    found.insert(path);
                }
            }
            Self::Directories => directories(directory, found),
            Self::Names(name, pattern) => {
                let literal = directory.join(name);
                if is_there(&literal) {
                    found.insert(literal);
                    return;
                }
                let entries = entries(directory).filter(|name| pattern.matches(&text_of(name)));
                found.extend(entries.map(|name| directory.join(name)));
            }
        }
    }
}

/// Adds a directory and all directories below it.
fn directories(directory: &Path, found: &mut BTreeSet<PathBuf>) {
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        let below = entries(&directory).map(|name| directory.join(name));
        open.extend(below.filter(|path| path.is_dir() && !path.is_symlink()));
        found.insert(directory);
    }
}

fn entries(directory: &Path) -> impl Iterator<Item = OsString> {
    let here = directory.as_os_str().is_empty();
    let directory = if here { Path::new(".") } else { directory };
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.file_name()))
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Returns a name as text, with every byte that is not UTF-8 as a character of its own, so that `?` and `*` match it.
fn text_of(name: &OsStr) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        let private = |byte: &u8| char::from_u32(0x0010_FF00 + u32::from(*byte));
        text.extend(chunk.invalid().iter().filter_map(private));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(bytes: &[u8]) -> &OsStr {
        OsStr::from_bytes(bytes)
    }

    /// Matches below a directory, as bytes relative to it.
    fn found(directory: &Path, pattern: &[u8]) -> Vec<Vec<u8>> {
        let whole = directory.join(bytes(pattern));
        let found = matches(whole.as_os_str()).expect("a pattern");
        let rest = |path: PathBuf| path.strip_prefix(directory).map(Path::to_owned);
        let rest = found.into_iter().map(|path| rest(path).expect("below"));
        rest.map(|path| path.as_os_str().as_bytes().to_owned())
            .collect()
    }

    #[test]
    fn names_match_whatever_their_encoding() {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path();
        fs::create_dir_all(root.join("a/b")).expect("made");
        fs::create_dir_all(root.join("d[1]")).expect("made");
        let names: [&[u8]; 8] = [
            b"\xc9\xf3.log",
            "审.log".as_bytes(),
            b"a/new\nline.log",
            b"a/b/x.log",
            b"a/b/-x.log",
            b"d[1]/y.log",
            b"*.gz",
            b".hidden.log",
        ];
        for name in names {
            fs::write(root.join(bytes(name)), "x").expect("written");
        }
        std::os::unix::fs::symlink(root, root.join("a/loop")).expect("linked");
        let of = |pattern: &[u8]| found(root, pattern);
        assert_eq!(of(b"?.log"), ["审.log".as_bytes()]);
        assert_eq!(of(b"??.log"), [b"\xc9\xf3.log"]);
        assert_eq!(of(b"\xc9*"), [b"\xc9\xf3.log"]);
        assert_eq!(of(b"[\xc9]?.log"), [b"\xc9\xf3.log"]);
        assert_eq!(of(b"*.log").len(), 3);
        assert_eq!(of(b"a/*.log"), [b"a/new\nline.log"]);
        assert_eq!(of(b"a/**/*.log").len(), 3, "links are not followed");
        assert_eq!(of(b"**/x.log"), [b"a/b/x.log"]);
        assert_eq!(of(b"a/b/**").len(), 2, "what is below");
        assert_eq!(
            of(b"d[1]/*.log"),
            [b"d[1]/y.log"],
            "what is there is no pattern"
        );
        assert_eq!(of(b"*.gz"), [b"*.gz"]);
        assert_eq!(of(b"no/such/*"), [b""; 0]);
        assert!(matches(OsStr::new("a[")).is_err());
    }

    #[test]
    fn the_directory_of_a_pattern_is_what_stands_before_the_first_wildcard() {
        for (pattern, directory) in [
            ("*.ndjson", "."),
            ("logs/audit-*.ndjson", "logs/"),
            ("/var/log/*/audit?.gz", "/var/log/"),
            ("logs/plain", "logs/"),
            ("/*", "/"),
        ] {
            assert_eq!(fixed_part(OsStr::new(pattern)), Path::new(directory));
        }
    }
}
