//! Source arguments: one row per form. Help, README and the start screen list them from here.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{Failure, SourceError, pattern};
#[cfg(feature = "http")]
use super::{http, sls};
use crate::model::visible;
use crate::query::nearest;

/// A form of source.
#[derive(Debug)]
pub struct Scheme {
    pub form: &'static str,
    pub meaning: &'static str,
    /// Argument of this form, for help and for the test of the row.
    pub example: &'static str,
    parse: fn(&OsStr) -> Option<Result<Spec, SpecError>>,
}

/// A parsed source argument, before anything is opened.
#[derive(Clone, Debug)]
pub enum Spec {
    File(PathBuf),
    Directory(PathBuf),
    Glob(OsString),
    Stdin,
    Demo {
        events: u64,
        rate: u32,
        seed: u64,
    },
    /// An endpoint, with the settings known so far.
    #[cfg(feature = "http")]
    Http(Box<http::Settings>),
    /// A logstore, with the settings known so far.
    #[cfg(feature = "http")]
    Sls(Box<sls::Settings>),
    /// Name of a profile of the configuration, which defines the source.
    Profile(String),
}

/// Reason for rejecting a source argument.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error(
        "{0}: no file matches; check the pattern, or quote it so that the shell does not expand it"
    )]
    NoMatch(String),
    #[error(
        "{0}: no readable files in this directory (dot files are skipped); name a directory of logs"
    )]
    Empty(String),
    #[error("{0}: {1}")]
    Invalid(String, String),
    #[error(
        "{0}: this build lacks network sources (feature `http`); use a file, a directory or standard input"
    )]
    NotBuiltIn(String),
    #[error(transparent)]
    Address(#[from] Failure),
    #[error(transparent)]
    Unreadable(SourceError),
}

/// Returns a name in printable form, on one line.
fn shown(name: &OsStr) -> String {
    visible(&name.to_string_lossy()).into_owned()
}

/// Returns true if a source can be read only once: standard input, or a descriptor such as a shell creates for `<( )`.
pub fn is_passing(argument: &OsStr) -> bool {
    let text = argument.to_string_lossy();
    let of_process = text.strip_prefix("/proc/").is_some_and(|rest| {
        rest.split_once('/')
            .is_some_and(|(_, rest)| rest.starts_with("fd/"))
    });
    text == "-" || text == "/dev/stdin" || text.starts_with("/dev/fd/") || of_process
}

/// Returns an address with its scheme in lower case, for comparison; `None` if it is not UTF-8.
fn in_lower_case(text: &OsStr) -> Option<String> {
    let text = text.to_str()?;
    Some(match text.split_once("://") {
        Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
        None => text.to_owned(),
    })
}

/// All forms, the most specific first: the first row that accepts an argument applies.
pub static SCHEMES: &[Scheme] = &[
    Scheme {
        form: "-",
        meaning: "standard input, read until it closes",
        example: "-",
        parse: |text| (text == "-").then_some(Ok(Spec::Stdin)),
    },
    Scheme {
        form: "http://…, https://…",
        meaning: "an endpoint: NDJSON, server-sent events, a JSON array or paged JSON; or a file, compressed or not",
        example: "https://audit.example.com/events",
        parse: |text| {
            let text = &in_lower_case(text)?;
            let is_url = text.starts_with("http://") || text.starts_with("https://");
            is_url.then(|| network::http(text))
        },
    },
    Scheme {
        form: "sls://PROJECT.ENDPOINT/LOGSTORE",
        meaning: "a logstore of Simple Log Service",
        example: "sls://demo-project.cn-hangzhou.log.aliyuncs.com/acr_access_log",
        parse: |text| {
            let text = &in_lower_case(text)?;
            let is_long = text.starts_with("sls://") && !text.contains('@');
            is_long.then(|| network::sls(text))
        },
    },
    Scheme {
        form: "sls://UID@REGION",
        meaning: "the logstore that receives an account's registry log",
        example: "sls://1356680000000001@cn-hangzhou",
        parse: |text| {
            let text = &in_lower_case(text)?;
            text.starts_with("sls://").then(|| network::sls(text))
        },
    },
    Scheme {
        form: "@NAME",
        meaning: "a profile from the config file",
        example: "@production",
        parse: |text| {
            let name = text.to_str()?.strip_prefix('@')?;
            (!Path::new(text).exists()).then(|| Ok(Spec::Profile(name.into())))
        },
    },
    Scheme {
        form: "DIR",
        meaning: "a directory and all files below it",
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
            let is_pattern = pattern::is_pattern(text) && !Path::new(text).exists();
            is_pattern.then(|| Ok(Spec::Glob(text.into())))
        },
    },
    Scheme {
        form: "PATH",
        meaning: "a file; its format is detected by content, not by name",
        example: "audit.ndjson",
        parse: |text| Some(Ok(Spec::File(text.into()))),
    },
];

impl Spec {
    /// Returns true for a logstore of Simple Log Service.
    pub fn is_logstore(&self) -> bool {
        #[cfg(feature = "http")]
        if let Self::Sls(_) = self {
            return true;
        }
        false
    }

    /// Parses an argument. A name need not be UTF-8.
    pub fn parse(text: impl AsRef<OsStr>) -> Result<Self, SpecError> {
        let text = text.as_ref();
        if text.is_empty() {
            let why = "the name is empty; check the variable it came from";
            return Err(SpecError::Invalid("''".into(), why.into()));
        }
        refuse_scheme(text)?;
        let found = SCHEMES.iter().find_map(|scheme| (scheme.parse)(text));
        found.unwrap_or_else(|| Err(SpecError::Invalid(shown(text), "not a source".into())))
    }
}

/// Rejects an address with an unsupported scheme, unless there is a file of that name. The error does not repeat the
/// address, which may contain a password.
fn refuse_scheme(text: &OsStr) -> Result<(), SpecError> {
    let known = ["http", "https", "sls"];
    let scheme = text.to_str().and_then(|text| text.split_once("://"));
    let Some((scheme, rest)) = scheme.filter(|(scheme, _)| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        !scheme.is_empty() && scheme.chars().all(is_plain)
    }) else {
        return Ok(());
    };
    if known.contains(&&*scheme.to_ascii_lowercase()) || Path::new(text).exists() {
        return Ok(());
    }
    let names = known.map(std::sync::Arc::from);
    let advice = match (piped(scheme), nearest(scheme, &names)) {
        _ if scheme == "file" => format!("write the path: {}", rest.trim_start_matches("localhost")),
        (Some(command), _) => format!("pipe the log in: {command} | regtrail query -"),
        (None, Some(near)) => format!("did you mean `{near}://`?"),
        (None, None) => "download the log and name the file, or write http://…, https://…, sls://PROJECT.ENDPOINT/LOGSTORE, \
            sls://UID@REGION or @PROFILE"
            .to_owned(),
    };
    let what = "unsupported kind of address".to_owned();
    Err(SpecError::Invalid(
        format!("{scheme}://…"),
        format!("{what}; {advice}"),
    ))
}

/// Returns the command of another program that prints the content of an address of its scheme.
fn piped(scheme: &str) -> Option<&'static str> {
    Some(match &*scheme.to_ascii_lowercase() {
        "s3" | "s3a" | "s3n" => "aws s3 cp s3://BUCKET/KEY -",
        "gs" => "gcloud storage cat gs://BUCKET/OBJECT",
        "oss" => "ossutil cat oss://BUCKET/OBJECT",
        "ssh" | "scp" | "sftp" => "ssh HOST cat PATH",
        "clickhouse" => "clickhouse-client --query 'SELECT … FORMAT JSONEachRow'",
        "kafka" => "kcat -C -b BROKER -t TOPIC",
        _ => return None,
    })
}

/// Parsers of the network forms.
#[cfg(feature = "http")]
mod network {
    use super::{Spec, SpecError, http, sls};
    use crate::source::{Environment, Failure};

    pub(super) fn http(text: &str) -> Result<Spec, SpecError> {
        // The error does not repeat the text, which may contain a password.
        reqwest::Url::parse(text).map_err(|error| {
            let what = format!("{}: invalid URL: {error}", host_of(text));
            Failure::new(what, "write http://HOST/PATH or https://HOST/PATH")
        })?;
        let settings = http::Settings::new(text, Environment::of_process());
        Ok(Spec::Http(Box::new(settings)))
    }

    /// Returns an address without the parts that may be secret: everything after the host, or everything after the
    /// scheme if there is a user.
    fn host_of(text: &str) -> String {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        if rest.contains('@') {
            return format!("{scheme}://…");
        }
        let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let path = if host.len() < rest.len() { "/…" } else { "" };
        crate::model::visible(&format!("{scheme}://{host}{path}")).into_owned()
    }

    pub(super) fn sls(text: &str) -> Result<Spec, SpecError> {
        let address = sls::address::Address::parse(text)?;
        let settings = sls::Settings::new(address, Environment::of_process());
        Ok(Spec::Sls(Box::new(settings)))
    }
}

#[cfg(not(feature = "http"))]
mod network {
    use super::{Spec, SpecError};

    pub(super) fn http(text: &str) -> Result<Spec, SpecError> {
        Err(SpecError::NotBuiltIn(scheme_of(text)))
    }

    pub(super) fn sls(text: &str) -> Result<Spec, SpecError> {
        Err(SpecError::NotBuiltIn(scheme_of(text)))
    }

    fn scheme_of(text: &str) -> String {
        let end = text.find("://").map_or(text.len(), |at| at + 3);
        format!("{}…", &text[..end])
    }
}

/// Returns the single sources of an argument: a directory's files or a pattern's matches, in order of name.
pub fn expand(spec: Spec) -> Result<Vec<Spec>, SpecError> {
    let files = |mut paths: Vec<PathBuf>, none: SpecError| {
        if paths.is_empty() {
            return Err(none);
        }
        // A link or second name of a file among them is not read a second time.
        paths.sort_by_cached_key(|path| (path.is_symlink(), path.clone()));
        let mut seen = HashSet::new();
        paths.retain(|path| {
            let place = std::fs::metadata(path).map(|meta| (meta.dev(), meta.ino()));
            place.map_or(true, |place| seen.insert(place))
        });
        paths.sort();
        Ok(paths.into_iter().map(Spec::File).collect())
    };
    match spec {
        Spec::Directory(path) => {
            let mut paths = Vec::new();
            walk(&path, &mut paths)
                .map_err(|(path, e)| SpecError::Unreadable(SourceError::io(&path, &e)))?;
            files(paths, SpecError::Empty(shown(path.as_os_str())))
        }
        Spec::Glob(pattern) => {
            let matches = pattern::matches(&pattern)
                .map_err(|why| SpecError::Invalid(shown(&pattern), no_pattern(&why)))?;
            let matches = matches.into_iter().filter(|path| path.is_file());
            files(matches.collect(), SpecError::NoMatch(shown(&pattern)))
        }
        single => Ok(vec![single]),
    }
}

/// Explains a name that neither exists nor is a valid pattern.
fn no_pattern(why: &str) -> String {
    let instead = if why.contains("range") {
        "write a literal bracket as [[]"
    } else {
        "fix the pattern or the name"
    };
    format!("no such file, and not a valid pattern: {why}; {instead}")
}

/// Collects files below a directory, and directories that cannot be read. Hidden entries and linked directories are
/// left out.
fn walk(directory: &Path, out: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let failed = |error| (directory.to_owned(), error);
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            match walk(&entry.path(), out) {
                Err((_, error)) if error.kind() == io::ErrorKind::NotFound => {}
                // Opened as a file it reports the reason, and the others are read.
                Err((path, _)) => out.push(path),
                Ok(()) => {}
            }
        } else if entry.path().is_file() {
            out.push(entry.path());
        }
    }
    Ok(())
}

impl std::fmt::Display for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) | Self::Directory(path) => f.write_str(&shown(path.as_os_str())),
            Self::Glob(pattern) => f.write_str(&shown(pattern)),
            Self::Stdin => f.write_str("stdin"),
            Self::Demo { .. } => f.write_str("demo"),
            #[cfg(feature = "http")]
            Self::Http(settings) => f.write_str(&settings.shown()),
            #[cfg(feature = "http")]
            Self::Sls(settings) => settings.fmt(f),
            Self::Profile(name) => write!(f, "@{name}"),
        }
    }
}
