//! What a user can name as a source. One row a form; help, README and the start screen list them from here.

use std::path::{Path, PathBuf};

/// A form of source.
#[derive(Debug)]
pub struct Scheme {
    pub form: &'static str,
    pub meaning: &'static str,
    /// An argument of this form, for help and for the test that proves the row.
    pub example: &'static str,
    parse: fn(&str) -> Option<Result<Spec, SpecError>>,
}

/// A source taken apart, before anything is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {
    File(PathBuf),
    Directory(PathBuf),
    Glob(String),
    Stdin,
    Demo { events: u64, rate: u32, seed: u64 },
}

/// Why an argument names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error(
        "{0}: no file matches; check the pattern, or quote it so that the shell leaves it alone"
    )]
    NoMatch(String),
    #[error("{0}: the directory holds no files")]
    Empty(String),
    #[error("{0}: {1}")]
    Invalid(String, String),
    #[error(
        "{0}: {1} sources are not part of this version; use a file, a directory or standard input"
    )]
    NotYet(String, &'static str),
}

/// Every form, the most particular first: the first row that accepts an argument has it.
pub static SCHEMES: &[Scheme] = &[
    Scheme {
        form: "-",
        meaning: "standard input, read until it closes",
        example: "-",
        parse: |text| (text == "-").then_some(Ok(Spec::Stdin)),
    },
    Scheme {
        form: "DIR",
        meaning: "a directory: all files in it and below",
        example: ".",
        parse: |text| {
            Path::new(text)
                .is_dir()
                .then(|| Ok(Spec::Directory(text.into())))
        },
    },
    Scheme {
        form: "GLOB",
        meaning: "all files that match a pattern, e.g. 'audit-*.ndjson'",
        example: "*.ndjson",
        parse: |text| {
            let pattern = text.contains(['*', '?', '[']) && !Path::new(text).exists();
            pattern.then(|| Ok(Spec::Glob(text.into())))
        },
    },
    Scheme {
        form: "PATH",
        meaning: "a file; what it holds is found by its content, not by its name",
        example: "audit.ndjson",
        parse: |text| Some(Ok(Spec::File(text.into()))),
    },
];

impl Spec {
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        for (prefix, what) in [
            ("http://", "HTTP"),
            ("https://", "HTTP"),
            ("sls://", "Simple Log Service"),
            ("@", "profile"),
        ] {
            if text.starts_with(prefix) && !Path::new(text).exists() {
                return Err(SpecError::NotYet(text.into(), what));
            }
        }
        let found = SCHEMES.iter().find_map(|scheme| (scheme.parse)(text));
        found.unwrap_or_else(|| Err(SpecError::Invalid(text.into(), "names no source".into())))
    }
}

/// The single sources behind an argument: a directory's files and a pattern's matches, in order of name.
pub fn expand(spec: Spec) -> Result<Vec<Spec>, SpecError> {
    let files = |mut paths: Vec<PathBuf>, none: SpecError| {
        if paths.is_empty() {
            return Err(none);
        }
        paths.sort();
        Ok(paths.into_iter().map(Spec::File).collect())
    };
    match spec {
        Spec::Directory(path) => {
            let mut paths = Vec::new();
            walk(&path, &mut paths)
                .map_err(|e| SpecError::Invalid(path.display().to_string(), e.to_string()))?;
            files(paths, SpecError::Empty(path.display().to_string()))
        }
        Spec::Glob(pattern) => {
            let matches = glob::glob(&pattern)
                .map_err(|e| SpecError::Invalid(pattern.clone(), e.to_string()))?;
            files(
                matches
                    .filter_map(Result::ok)
                    .filter(|p| p.is_file())
                    .collect(),
                SpecError::NoMatch(pattern.clone()),
            )
        }
        single => Ok(vec![single]),
    }
}

/// Files below a directory. Hidden ones and links that lead back up are left out.
fn walk(directory: &Path, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), out)?;
        } else if entry.path().is_file() {
            out.push(entry.path());
        }
    }
    Ok(())
}

impl std::fmt::Display for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) | Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Glob(pattern) => f.write_str(pattern),
            Self::Stdin => f.write_str("stdin"),
            Self::Demo { .. } => f.write_str("demo"),
        }
    }
}
