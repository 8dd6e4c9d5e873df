//! Words: splitting values into words, and conditions that a value contains given words.
//!
//! The delimiters are the defaults of Simple Log Service. Words compare case-insensitively, character by character (an
//! upper-case letter with a multi-character lower case is left as it is).

/// Returns true if a character separates words. Everything else, including `-` `.` `_` and all of non-ASCII, is part of
/// a word.
pub(super) const fn is_delimiter(c: char) -> bool {
    matches!(
        c,
        ' ' | ','
            | '\''
            | '"'
            | ';'
            | '='
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '?'
            | '@'
            | '&'
            | '<'
            | '>'
            | '/'
            | ':'
            | '\n'
            | '\t'
            | '\r'
    )
}

/// Iterates over every character that separates words.
pub fn delimiters() -> impl Iterator<Item = char> {
    ('\0'..='\x7f').filter(|c| is_delimiter(*c))
}

/// Iterates over the words of a value in order, as written.
pub fn tokens(value: &str) -> impl Iterator<Item = &str> {
    value.split(is_delimiter).filter(|token| !token.is_empty())
}

/// One word to search for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    text: Box<str>,
    wild: bool,
    /// `text` in lower case, by character; compared with values.
    folded: Box<[char]>,
    /// `folded` as bytes, if all of it is ASCII.
    ascii: Option<Box<[u8]>>,
}

impl Word {
    fn new(text: &str, wild: bool) -> Self {
        let folded: Box<[char]> = text.chars().map(fold).collect();
        Self {
            text: text.into(),
            wild: wild && text.contains(['*', '?']),
            ascii: folded
                .iter()
                .map(|c| c.is_ascii().then_some(*c as u8))
                .collect(),
            folded,
        }
    }

    /// Returns the word as typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns true if `*` and `?` in it match any run of characters and any one character.
    pub fn is_wild(&self) -> bool {
        self.wild
    }

    /// Returns true if the word is among the words of a value. `ascii` is true if the value is all ASCII.
    fn is_in(&self, value: &str, ascii: bool) -> bool {
        if !ascii {
            return tokens(value).any(|token| self.matches(token));
        }
        // Lower-case letters outside ASCII do not occur in ASCII values.
        let Some(word) = &self.ascii else {
            return false;
        };
        let bytes = value.as_bytes();
        if self.wild {
            let mut tokens = bytes
                .split(|&b| is_delimiter(b as char))
                .filter(|token| !token.is_empty());
            return tokens.any(|token| glob(word, token.len(), |i| token[i].to_ascii_lowercase()));
        }
        let first = word[0];
        memchr::memchr2_iter(first, first.to_ascii_uppercase(), bytes).any(|start| {
            let end = start + word.len();
            let edge = |at: Option<&u8>| at.is_none_or(|&b| is_delimiter(b as char));
            edge(start.checked_sub(1).map(|before| &bytes[before]))
                && edge(bytes.get(end))
                && bytes
                    .get(start..end)
                    .is_some_and(|token| token.eq_ignore_ascii_case(word))
        })
    }

    pub(super) fn matches(&self, token: &str) -> bool {
        if !self.wild {
            return token.chars().map(fold).eq(self.folded.iter().copied());
        }
        let chars: Vec<char> = token.chars().map(fold).collect();
        glob(&self.folded, chars.len(), |i| chars[i])
    }
}

/// Words that must all occur among the words of one value, in any order. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Words(Vec<Word>);

impl Words {
    /// Splits quoted text, in which wildcards are literal. Returns `None` if it has no words.
    pub fn literal(text: &str) -> Option<Self> {
        Self::from_tokens(tokens(text), false)
    }

    /// Splits unquoted text, in which `?` is a wildcard and not a delimiter. Returns `None` if it has no words.
    pub fn typed(text: &str) -> Option<Self> {
        let tokens = text
            .split(|c| c != '?' && is_delimiter(c))
            .filter(|token| !token.is_empty());
        Self::from_tokens(tokens, true)
    }

    fn from_tokens<'a>(tokens: impl Iterator<Item = &'a str>, wild: bool) -> Option<Self> {
        let words: Vec<Word> = tokens.map(|token| Word::new(token, wild)).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    pub fn words(&self) -> &[Word] {
        &self.0
    }

    /// Splits into one condition per word, in order, for a search across fields.
    pub fn split(self) -> impl Iterator<Item = Self> {
        self.0.into_iter().map(|word| Self(vec![word]))
    }

    pub fn matches(&self, value: &str) -> bool {
        let ascii = value.is_ascii();
        self.0.iter().all(|word| word.is_in(value, ascii))
    }
}

/// Converts to lower case, if that is one character.
fn fold(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Returns true if a text of `len` characters matches a pattern with `*` and `?`. Worst-case time is the product of
/// both lengths, because only the last `*` is ever retried.
pub(super) fn glob<C: Copy + PartialEq + From<u8>>(
    pattern: &[C],
    len: usize,
    at: impl Fn(usize) -> C,
) -> bool {
    let (any_run, any_one) = (C::from(b'*'), C::from(b'?'));
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < len {
        match pattern.get(p) {
            Some(&c) if c == any_run => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == any_one || c == at(t) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((back, from)) = star else {
                    return false;
                };
                star = Some((back, from + 1));
                p = back + 1;
                t = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|&c| c == any_run)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str, value: &str) -> bool {
        Words::typed(text).expect("has words").matches(value)
    }

    /// Table of domain facts about the tokenisation of audit fields.
    #[test]
    fn audit_values_fall_into_the_documented_words() {
        for (value, words) in [
            ("ns/repo", &["ns", "repo"][..]),
            (
                "docker/24.0.2 (linux; amd64)",
                &["docker", "24.0.2", "linux", "amd64"],
            ),
            ("sha256:abc", &["sha256", "abc"]),
            ("300786:Alice", &["300786", "Alice"]),
            ("sub@uid", &["sub", "uid"]),
            (
                "2024-04-12T16:58:30.855892463+08:00",
                &["2024-04-12T16", "58", "30.855892463+08", "00"],
            ),
            ("cri-xkx8vpc.example-1.com", &["cri-xkx8vpc.example-1.com"]),
            ("上海 é", &["上海", "é"]),
            (" /:", &[]),
        ] {
            assert_eq!(tokens(value).collect::<Vec<_>>(), words, "{value:?}");
        }
    }

    #[test]
    fn words_are_sought_in_any_order_and_any_case() {
        assert!(typed("Linux,chrome", "Chrome/120 (linux)"));
        assert!(typed("repo/ns", "ns/x/repo"));
        assert!(!typed("repo/ns", "ns/repository"));
        assert!(typed("É", "x é"));
        assert!(
            typed("k", "\u{212a}"),
            "the Kelvin sign is a k in lower case"
        );
        assert!(!typed("é", "e"));
    }

    #[test]
    fn wildcards_stand_for_characters_of_one_word() {
        for (pattern, value, expect) in [
            ("cn*", "cn-hangzhou", true),
            ("cn*", "a/cn", true),
            ("mozi?la", "Mozilla/5.0", true),
            ("mozi?la", "Mozila", false),
            ("mo*la", "mozilla", true),
            ("www*com", "www.example.com", true),
            ("www*com", "www.example/com", false),
            ("上?", "上海", true),
            ("*é", "CAFÉ", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("?", "é", true),
            ("*", "", false),
        ] {
            assert_eq!(typed(pattern, value), expect, "{pattern} {value}");
        }
        assert!(
            !Words::literal("cn*")
                .expect("a word")
                .matches("cn-hangzhou")
        );
        assert!(Words::literal("cn*").expect("a word").matches("a cn*"));
    }
}
