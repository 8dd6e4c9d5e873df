//! What is wrong in a file of the user, told by line and with a suggestion.

use std::fmt;
use std::ops::Range;

/// One complaint about a key map or a theme. The rest of the file still counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// 1-based.
    pub line: usize,
    /// Not sanitised: it may quote the file.
    pub message: String,
}

/// Problems of one file that are looked for: more than anybody mends at once.
pub(crate) const MOST: usize = 100;

impl Problem {
    /// A problem at a range of bytes of `text`.
    pub(crate) fn at(text: &str, span: &Range<usize>, message: impl Into<String>) -> Self {
        let end = span.start.min(text.len());
        Self {
            line: 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..end]).count(),
            message: message.into(),
        }
    }

    /// What a TOML reader has to say.
    pub(crate) fn syntax(text: &str, error: &toml::de::Error) -> Self {
        Self::at(text, &error.span().unwrap_or(0..0), error.message())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// As [`suggestion`]; where no name is near, the names there are.
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

/// `; did you mean …?` with the name most like `wrong`, or nothing where none is near.
pub(crate) fn suggestion<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let near = |name: &'a str| (strsim::damerau_levenshtein(wrong, name), name);
    match names.into_iter().map(near).min() {
        Some((distance, name)) if distance <= 1 + name.len() / 4 => {
            format!("; did you mean `{name}`?")
        }
        _ => String::new(),
    }
}
