//! Conversion of a filter to command-line options that produce the same filter.

use std::ffi::OsStr;
use std::fmt::Write as _;

use super::edit::{append, condition};
use super::picks::picked;
use super::{Filter, Pick, format};
use crate::model::time::{Nanos, utc};
use crate::model::{Value, is_hidden, name};

/// The options that pick values, with their fields.
pub const PICKS: [(&str, &str); 6] = [
    ("instance", name::INSTANCE),
    ("repo", name::NAMESPACE_REPO),
    ("action", name::ACTION),
    ("user", name::USER),
    ("status", name::STATUS),
    ("ip", name::IP),
];

/// Returns the options for a filter, not quoted. Picks that no option can express become conditions of the query.
pub fn to_command(filter: &Filter) -> Vec<String> {
    let mut query = filter.text.trim().to_owned();
    let mut picks = Vec::new();
    for pick in &filter.picks {
        match options(pick) {
            Some(found) => picks.extend(found),
            None => query = append(&query, &text(pick)),
        }
    }
    let mut arguments = Vec::new();
    if !query.is_empty() {
        arguments.push(format!("--filter={query}"));
    }
    let mut time = |name: &str, time: Option<Nanos>| {
        arguments.extend(time.map(|time| format!("--{name}={}", utc(time))));
    };
    time("since", filter.range.since);
    time("until", filter.range.until);
    arguments.extend(picks);
    arguments
}

/// Converts a pick to options; `None` if they cannot express one of its values.
fn options(pick: &Pick) -> Option<Vec<String>> {
    if pick.contradiction().is_some() {
        return None;
    }
    let (option, _) = PICKS.iter().find(|(_, field)| *field == &*pick.field)?;
    let said = |value: &Value| {
        let value = value.clone()?;
        picked(option, &value)
            .is_ok_and(|read| *read == *value)
            .then_some(value)
    };
    let include = |value: &Value| {
        let value = said(value).filter(|value| !value.starts_with('!'))?;
        Some(format!("--{option}={value}"))
    };
    let exclude = |value: &Value| Some(format!("--{option}=!{}", said(value)?));
    let included = pick.include.iter().map(include);
    included.chain(pick.exclude.iter().map(exclude)).collect()
}

/// Converts a pick to a condition.
fn text(pick: &Pick) -> String {
    match (pick.include.as_slice(), pick.exclude.as_slice()) {
        ([only], []) => condition(&pick.field, only),
        _ => format(&pick.node()),
    }
}

/// Quotes words as a line for a POSIX shell. Words with control characters or invalid UTF-8 are written as `$'…'`,
/// which shells support since POSIX 2024.
pub fn shell<'a, W: AsRef<OsStr> + ?Sized + 'a>(words: impl IntoIterator<Item = &'a W>) -> String {
    let quoted = |word: &W| {
        let word = word.as_ref();
        let Some(word) = word.to_str().filter(|text| !text.contains(is_hidden)) else {
            return escaped(word.as_encoded_bytes());
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@=+%".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            return word.to_owned();
        }
        // The name of an option stays readable outside the quotes.
        let (head, rest) = match word.split_once('=') {
            Some((name, rest)) if name.starts_with("--") && name.chars().all(plain) => {
                (format!("{name}="), rest)
            }
            _ => (String::new(), word),
        };
        format!("{head}'{}'", rest.replace('\'', r"'\''"))
    };
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Formats bytes as `$'…'`: all but plain ASCII in octal, which cannot absorb the next character.
fn escaped(word: &[u8]) -> String {
    let mut text = String::from("$'");
    for &byte in word {
        match byte {
            b'\'' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => {
                // Writing to a string does not fail.
                let _ = write!(text, "\\{byte:03o}");
            }
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{CatalogueNames, PickState, TimeRange};

    #[test]
    fn what_no_option_can_say_becomes_part_of_the_query() {
        let mut filter = Filter::default();
        filter
            .set_text("status>=400 or DeleteTag", &CatalogueNames::default())
            .expect("reads");
        for (field, value, state) in [
            ("user", Some("li wei"), PickState::Include),
            ("user", Some("ci"), PickState::Exclude),
            ("tag", Some("v1"), PickState::Include),
            ("action", None, PickState::Exclude),
            ("http_response_status", Some("4xx"), PickState::Include),
            ("ip", Some("10.0.0.0/8"), PickState::Include),
        ] {
            filter.set(field, &value.map(Into::into), state);
        }
        filter.range = TimeRange {
            since: Some(0),
            until: None,
        };
        let expected = [
            r#"--filter=(status>=400 or DeleteTag) and tag == "v1" and action:* and http_response_status == "4xx""#,
            "--since=1970-01-01T00:00:00.000000000Z",
            "--user=li wei",
            "--user=!ci",
            "--ip=10.0.0.0/8",
        ];
        assert_eq!(to_command(&filter), expected);
    }

    #[test]
    fn a_shell_reads_every_word_as_it_was() {
        let line = shell(["regtrail", "a b", "--filter=it's", "-", "", "--since=-2h"]);
        assert_eq!(line, r"regtrail 'a b' --filter='it'\''s' - '' --since=-2h");
    }

    #[test]
    fn names_that_no_quotes_can_hold_are_escaped() {
        use std::os::unix::ffi::OsStrExt as _;
        let words = [&b"a\xc9'\\\n\x1b[2J"[..], "审 計".as_bytes(), b"-"].map(OsStr::from_bytes);
        let line = shell(words);
        assert_eq!(line, r"$'a\311\'\\\012\033[2J' '审 計' -");
        let output = std::process::Command::new("bash")
            .args(["-c", &format!("printf '%s\\0' {line}")])
            .output();
        // Without bash, the check of the text above has to suffice.
        if let Ok(output) = output {
            assert_eq!(
                output.stdout,
                [&words.map(OsStr::as_bytes).join(&0)[..], b"\0"].concat()
            );
        }
    }
}
