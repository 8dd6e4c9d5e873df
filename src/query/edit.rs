//! Edits of typed text: quoting a value, adding a condition. The existing text stays as typed.

use super::format::name;
use super::lexer::is_reserved;
use super::parser::is_alternative;
use super::{Addresses, Network};
use crate::model::{CATALOGUE, Value};

/// Formats a value for use after `:`, `==` or in a list: unchanged if it is one plain word, else in quotes. Full-width
/// letters and digits are quoted, because outside quotes they are taken for ASCII.
pub fn quote(value: &str) -> String {
    let plain = !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_alphanumeric() && !is_wide(c) || matches!(c, '_' | '.'))
        && !is_reserved(value);
    if plain {
        value.to_owned()
    } else {
        in_quotes(value)
    }
}

/// Returns true for the full-width forms of ASCII.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{ff01}'..='\u{ff5e}')
}

/// Formats a value in quotes.
pub(super) fn in_quotes(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Formats a field name for a condition, in quotes if necessary.
pub fn field(field: &str) -> String {
    name(field)
}

/// Returns true if a value needs no quotes after `==` or in a list, where it means only itself.
pub fn is_plain(value: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '@');
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(plain)
        && !is_reserved(value)
        && Network::parse(value).is_none()
}

/// Formats a value of a field for use after `==`, without quotes if possible.
pub fn plain(field: &str, value: &str) -> String {
    let known = CATALOGUE.fields().iter().find(|info| info.name == field);
    let number = || !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let address = || {
        Addresses::of(field) == Addresses::Whole
            && value
                .chars()
                .all(|c| c.is_ascii_hexdigit() || ".:/".contains(c))
    };
    let is_number = known.is_some_and(|info| info.number);
    if !is_number && is_plain(value) || number() || address() {
        value.to_owned()
    } else {
        in_quotes(value)
    }
}

/// Formats a query so that it can be joined with others by a blank, with parentheses if `or` would capture them.
pub fn part(text: &str) -> String {
    if is_alternative(text) {
        format!("({text})")
    } else {
        text.to_owned()
    }
}

/// Formats the condition that a field equals a value, or that it is missing.
pub fn condition(field: &str, value: &Value) -> String {
    let name = name(field);
    match value {
        Some(text) => format!("{name} == {}", in_quotes(text)),
        None => format!("not {name}:*"),
    }
}

/// Adds a condition that must also hold. Adds parentheses only if `or` would otherwise capture it.
pub fn append(text: &str, condition: &str) -> String {
    match (text.trim(), condition.trim()) {
        ("", condition) => condition.to_owned(),
        (text, "") => text.to_owned(),
        (text, condition) => format!("{} and {}", part(text), part(condition)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_where_they_would_fall_apart() {
        for (value, text) in [
            ("GetBlob", "GetBlob"),
            ("24.0.2", "24.0.2"),
            ("上海", "上海"),
            ("cn-hangzhou", "\"cn-hangzhou\""),
            ("", "\"\""),
            ("And", "\"And\""),
            ("limit", "\"limit\""),
            ("cn*", "\"cn*\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
        ] {
            assert_eq!(quote(value), text);
        }
    }

    #[test]
    fn an_alternative_keeps_its_meaning_when_a_condition_is_added() {
        let added = "status >= 400";
        assert_eq!(append(" ", added), added);
        assert_eq!(
            append("action:GetBlob", added),
            "action:GetBlob and status >= 400"
        );
        assert_eq!(append("a or b", added), "(a or b) and status >= 400");
        assert_eq!(append("(a or b)", "c OR d"), "(a or b) and (c OR d)");
        assert_eq!(append("a or *", added), "(a or *) and status >= 400");
        assert_eq!(append("\"a or b\"", added), "\"a or b\" and status >= 400");
    }

    #[test]
    fn a_condition_names_one_value() {
        assert_eq!(
            condition("action", &Some("GetBlob".into())),
            "action == \"GetBlob\""
        );
        assert_eq!(
            condition("request method", &None),
            "not \"request method\":*"
        );
    }
}
