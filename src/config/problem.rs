//! Problems in a user's file, with line and suggestion.

use std::fmt;
use std::ops::Range;

/// Problem in a key map or theme. The rest of the file is still used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// 1-based.
    pub line: usize,
    /// Unsanitised: may quote the file.
    pub message: String,
}

/// Maximum number of problems reported per file.
pub(crate) const MOST: usize = 100;

impl Problem {
    /// Creates a problem at a byte range of `text`.
    pub(crate) fn at(text: &str, span: &Range<usize>, message: impl Into<String>) -> Self {
        let end = span.start.min(text.len());
        Self {
            line: 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..end]).count(),
            message: message.into(),
        }
    }

    /// Creates a problem from a TOML syntax error.
    pub(crate) fn syntax(text: &str, error: &toml::de::Error) -> Self {
        Self::at(text, &error.span().unwrap_or(0..0), error.message())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Like [`suggestion`], but lists all names if none is close.
pub(crate) fn suggestion_or_all<'a>(
    wrong: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    let near = suggestion(wrong, names.clone());
    if near.is_empty() {
        let names: Vec<&str> = names.into_iter().collect();
        return format!("; expected one of {}", names.join(", "));
    }
    near
}

/// Returns `; did you mean …?` with the name closest to `wrong`; empty if none is close.
pub(crate) fn suggestion<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let near = |name: &'a str| (strsim::damerau_levenshtein(wrong, name), name);
    match names.into_iter().map(near).min() {
        Some((distance, name)) if distance <= 1 + name.len() / 4 => {
            format!("; did you mean `{name}`?")
        }
        _ => String::new(),
    }
}
