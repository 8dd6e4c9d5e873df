//! Conditions on the text of a value as a whole, compiled once: regular expression, substring, phrase.

use std::hash::{Hash, Hasher};
use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::words::{is_delimiter, tokens};

/// Maximum size in bytes of a compiled expression, and of its lazily built automaton: far above handwritten
/// expressions, far below a harmful size.
const SIZE_LIMIT: usize = 1 << 20;
/// Maximum nesting depth of groups.
const NEST_LIMIT: u32 = 64;

/// A text and the expression compiled from it. Equality and hash use only the text.
#[derive(Clone, Debug)]
struct Compiled {
    text: Box<str>,
    regex: Regex,
}

impl Compiled {
    fn new(text: &str, pattern: &str, insensitive: bool) -> Result<Self, regex::Error> {
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(insensitive)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(SIZE_LIMIT)
            .nest_limit(NEST_LIMIT)
            .build()?;
        let text = text.into();
        Ok(Self { text, regex })
    }

    fn ranges<'a>(&'a self, value: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self.regex.find_iter(value).map(|found| found.range());
        found.filter(|range| !range.is_empty())
    }
}

impl PartialEq for Compiled {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Compiled {}

impl Hash for Compiled {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// `=~ /text/`: a regular expression found anywhere in the value. Case-sensitive; `(?i)` changes that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern(Compiled);

impl Pattern {
    /// Compiles an expression; `\/` is equivalent to `/`. The error is one line.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = unescape_slashes(text);
        let compiled = Compiled::new(&text, &text, false);
        compiled.map(Self).map_err(|error| reason(&error))
    }

    /// Returns the expression, slashes unescaped.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Returns the ranges of its matches in a value, without empty ones.
    pub(super) fn ranges<'a>(&'a self, value: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.ranges(value)
    }

    pub fn matches(&self, value: &str) -> bool {
        self.0.regex.is_match(value)
    }
}

/// Reduces the multi-line message of the regex crate to its last line.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the expression is too large".to_owned(),
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.trim().trim_start_matches("error: ").to_owned()
        }
    }
}

fn unescape_slashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('/') => out.push('/'),
                Some(next) => out.extend([c, next]),
                None => out.push(c),
            },
            _ => out.push(c),
        }
    }
    out
}

/// `~ "text"`: the value contains the text. Case-sensitive only if the text has an upper-case letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Substring(Compiled);

impl Substring {
    /// Returns `None` if the text is too long to compile.
    pub fn new(text: &str) -> Option<Self> {
        let insensitive = !text.chars().any(char::is_uppercase);
        let compiled = Compiled::new(text, &regex::escape(text), insensitive);
        compiled.ok().map(Self)
    }

    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Returns the ranges of its matches in a value, without empty ones.
    pub(super) fn ranges<'a>(&'a self, value: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.ranges(value)
    }

    pub fn matches(&self, value: &str) -> bool {
        self.0.regex.is_match(value)
    }
}

/// `#"text"`: the text as written, in any case, beginning and ending at word boundaries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phrase(Compiled);

/// A delimiter of words, as a class of characters.
const EDGE: &str = r#"[ ,'";=()\[\]{}?@&<>/:\n\t\r]"#;

impl Phrase {
    /// Returns `None` if the text has no word, or is too long to compile.
    pub fn new(text: &str) -> Option<Self> {
        tokens(text).next()?;
        let start = if text.starts_with(is_delimiter) {
            String::new()
        } else {
            format!("(?:^|{EDGE})")
        };
        let end = if text.ends_with(is_delimiter) {
            String::new()
        } else {
            format!("(?:$|{EDGE})")
        };
        let pattern = format!("{start}{}{end}", regex::escape(text));
        Compiled::new(text, &pattern, true).ok().map(Self)
    }

    pub fn text(&self) -> &str {
        &self.0.text
    }

    pub fn matches(&self, value: &str) -> bool {
        self.0.regex.is_match(value)
    }
}

impl Phrase {
    /// Returns the ranges of its matches in a value, without the characters around its words.
    pub(super) fn ranges<'a>(&'a self, value: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.ranges(value).map(|range| {
            let text = &value[range.clone()];
            let inner = if self.0.text.starts_with(is_delimiter) {
                text
            } else {
                text.trim_start_matches(is_delimiter)
            };
            let start = range.end - inner.len();
            let inner = if self.0.text.ends_with(is_delimiter) {
                inner
            } else {
                inner.trim_end_matches(is_delimiter)
            };
            start..start + inner.len()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substring_minds_case_only_when_it_has_an_upper_case_letter() {
        let holds = |text, value| Substring::new(text).expect("short").matches(value);
        assert!(holds("docker", "x Docker/24"));
        assert!(!holds("Docker", "x docker/24"));
        assert!(holds("a.b", "xa.by") && !holds("a.b", "axb"));
        assert!(holds("", ""));
        assert!(holds("é", "CAFÉ"));
    }

    #[test]
    fn phrase_is_a_sequence_of_whole_words() {
        let holds = |text, value| Phrase::new(text).expect("has a word").matches(value);
        assert!(holds("redo_index/1", "/apis/REDO_index/1/x"));
        assert!(!holds("redo_index/1", "redo_index/12"));
        assert!(!holds("redo_index/1", "1/redo_index"));
        assert!(holds("abc def", "abc def") && !holds("abc def", "abc  def"));
        assert!(holds("/b", "a/b") && !holds("/b", "a/bc"));
        assert!(Phrase::new(" /").is_none());
    }

    #[test]
    fn expressions_are_limited_and_fail_in_one_line() {
        assert!(Pattern::new("(a{1000}){1000}").is_err());
        let error = Pattern::new("(a").expect_err("unclosed");
        assert_eq!(error, "unclosed group");
        assert_eq!(Pattern::new(r"a\/b\\/c").expect("fine").text(), r"a/b\\/c");
    }
}
