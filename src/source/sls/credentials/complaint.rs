//! Prepares the standard error of a command for display: short, on one line, and without keys.

use std::sync::LazyLock;

use regex::Regex;

use super::scrubbed;
use crate::model::visible;

/// Bytes kept of an output that may have megabytes.
pub(super) const KEPT: usize = 1 << 12;

/// Most lines and characters shown.
const LINES: usize = 3;
const SHOWN: usize = 300;

/// Shorter words of a command's output are not treated as keys.
const SHORTEST: usize = 8;

/// Patterns of values named as secrets, of passwords in addresses, and of likely keys: long, with lower case, upper
/// case and digits (the last part is checked in code).
static SECRETS: LazyLock<[Option<Regex>; 3]> = LazyLock::new(|| {
    [
        r#"(?i)((?:secret|token|passw(?:or)?d|pwd)\w*["']?\s*=\s*["']?|(?:secret|token|passw(?:or)?d|pwd)\w*["']\s*:\s*["']?)[^\s"',;&]+"#,
        r"(://[^\s/:@]*:)[^\s/@]+@",
        r"()[A-Za-z0-9+/=_-]{16,}",
    ]
    .map(|pattern| Regex::new(pattern).ok())
});

/// Returns the first lines of `said`, to be appended to a sentence; empty if there are none. `known` are secrets.
/// `printed` is the standard output of the command, whose keys may be repeated in `said`.
pub(super) fn reported(said: &[u8], printed: &[u8], known: &[&str]) -> String {
    // The last word may be the start of a key that would not be recognized.
    let whole = if said.len() < KEPT {
        said
    } else {
        let end = said.iter().rposition(u8::is_ascii_whitespace);
        &said[..end.unwrap_or(0)]
    };
    let printed = String::from_utf8_lossy(printed);
    let mut secrets: Vec<&str> = known.iter().copied().chain(words(&printed)).collect();
    // Longest first, since one may be a part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let text = scrubbed(&String::from_utf8_lossy(whole), secrets);
    let text = unnamed(&text);
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).take(LINES).collect();
    if lines.is_empty() {
        return String::new();
    }
    let shown = visible(&lines.join(" / ")).into_owned();
    let cut = shown.char_indices().nth(SHOWN).map(|(at, _)| at);
    match cut {
        Some(at) => format!("; its output: {}…", &shown[..at]),
        None => format!("; its output: {shown}"),
    }
}

/// Words of a text that may be keys; the text may be invalid JSON.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c.is_whitespace() || "\"'{}[],:".contains(c));
    parts.filter(|word| {
        word.len() >= SHORTEST && word.bytes().any(|byte| !byte.is_ascii_lowercase())
    })
}

/// Masks likely secrets in a text.
fn unnamed(text: &str) -> String {
    let mut text = text.to_owned();
    for pattern in SECRETS.iter().flatten() {
        let hidden = pattern.replace_all(&text, |found: &regex::Captures<'_>| {
            let (whole, before) = (&found[0], &found[1]);
            match (whole.ends_with('@'), before.is_empty()) {
                (true, _) => format!("{before}***@"),
                (_, false) => format!("{before}***"),
                _ if is_key(whole) => "***".to_owned(),
                _ => whole.to_owned(),
            }
        });
        text = hidden.into_owned();
    }
    text
}

/// Returns true if a word has lower case, upper case and digits, and is not a path.
fn is_key(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
    !word.starts_with('/')
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_says_is_shown_on_one_line_without_keys() {
        let plain = |said: &str| reported(said.as_bytes(), b"", &[]);
        assert_eq!(plain(" \n\r\n"), "");
        assert_eq!(
            plain("\nlog on first\r\nat /Users/Me2/some/long/path\nx\ny"),
            "; its output: log on first / at /Users/Me2/some/long/path / x"
        );
        assert_eq!(
            plain("\x1b[2Ja\u{202e}"),
            "; its output: \\u{1b}[2Ja\\u{202e}"
        );
        assert_eq!(
            plain("secret=a b TOKEN: 1 'password': 'c' https://me:pw@host/ LTAI5tQnXYZabcdefgh1"),
            "; its output: secret=*** b TOKEN: 1 'password': '***' https://me:***@host/ ***"
        );
    }

    #[test]
    fn what_a_command_printed_is_not_repeated() {
        let printed = br#"{"access_key_secret": "own-hidden", "sts"#;
        let said = b"no use: own-hidden, profile-hidden";
        assert_eq!(
            reported(said, printed, &["profile-hidden", ""]),
            "; its output: no use: ***, ***"
        );
    }

    #[test]
    fn half_a_secret_at_the_end_of_what_is_kept_is_not_shown() {
        let secret = "hidden".repeat(200);
        let said = format!("{secret} ").repeat(5);
        let shown = reported(&said.as_bytes()[..KEPT], b"", &[&secret]);
        assert_eq!(shown, "; its output: *** *** ***");
        assert_eq!(reported(&[b'x'; KEPT], b"", &[&secret]), "");
        let shown = reported("é ".repeat(500).as_bytes(), b"", &[&secret]);
        assert_eq!(shown.chars().count(), "; its output: ".len() + SHOWN + 1);
    }
}
