//! Values picked by options, checked and normalised to the form of the field's values. Invalid ones are rejected with
//! the condition that was probably meant.

use std::borrow::Cow;

use super::address::{looks_like, meant, needle};
use super::edit::in_quotes;
use super::{AddressPattern, Addresses, Network, Number, PICKS};
use crate::model::{Value, derive, name};

/// Returns the network that a picked value of a field represents; `None` for a value that is picked as it is.
pub fn network(field: &str, value: &Value) -> Option<Network> {
    let text = value.as_deref().filter(|text| text.contains('/'))?;
    let addresses = Addresses::of(field) == Addresses::Whole;
    addresses.then(|| Network::parse(text))?
}

/// Normalises the value of a picking option to the form of its field's values. The error for an impossible value
/// includes a suggestion.
pub fn picked(option: &str, text: &str) -> Result<String, String> {
    let field = PICKS.iter().find(|(name, _)| *name == option);
    let field = field.map_or(option, |(_, field)| *field);
    let instead = |query: String| format!("; write -f '{query}' instead");
    if text == "(missing)" {
        return Err(format!(
            "missing values need a query{}",
            instead(format!(
                "not {}:*",
                if option == "repo" {
                    "repository"
                } else {
                    option
                }
            ))
        ));
    }
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
        return Err(format!("remove the inner quotes: --{option} {inner}"));
    }
    if let (name::IP | name::STATUS, Some(rest)) = (field, text.strip_prefix('!')) {
        return Err(format!(
            "use one `!` to exclude a value: --{option} '!{}'",
            rest.trim_start_matches('!')
        ));
    }
    match field {
        _ if text.trim().is_empty() && field != name::IP => Err(format!(
            "empty value{}",
            instead(format!(
                "{}:\"\"",
                if option == "repo" {
                    "repository"
                } else {
                    option
                }
            ))
        )),
        name::IP => address(text),
        name::STATUS => status(text).map_or_else(|| Ok(text.to_owned()), Err),
        _ if text.contains('*') => Err(format!(
            "wildcards are not supported here{}",
            instead(format!("{option}:{}", unquoted(text)))
        )),
        name::ACTION | name::INSTANCE | name::NAMESPACE_REPO if text.contains(',') => Err(format!(
            "expected one value per option: {}",
            each(option, text)
        )),
        _ => Ok(text.to_owned()),
    }
}

/// Normalises a value picked by a saved view to the form of its field's values. Accepts any value that was picked from
/// a list; rejects a value the field cannot have.
pub fn spelled(field: &str, value: &Value) -> Result<Value, String> {
    let Some(text) = value.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(value.clone());
    };
    let reported = |why: String| format!("{text:?}: {why}");
    match field {
        name::IP => {
            return address(text)
                .map(|text| Some(text.into()))
                .map_err(reported);
        }
        name::STATUS => status(text).map_or(Ok(()), Err).map_err(reported)?,
        _ => {
            if let Some(all) = super::parser::all_values(field)
                && !all.contains(&text)
            {
                return Err(reported(format!("expected one of {}", all.join(", "))));
            }
        }
    }
    Ok(value.clone())
}

/// Formats the option once for each value in a list.
fn each(option: &str, text: &str) -> String {
    let one = |value: &str| format!("--{option} {}", value.trim());
    text.split(',').map(one).collect::<Vec<_>>().join(" ")
}

/// Formats a value with wildcards for a query.
fn unquoted(text: &str) -> String {
    let apart = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '|');
    if text.contains(apart) {
        in_quotes(text)
    } else {
        text.to_owned()
    }
}

fn address(text: &str) -> Result<String, String> {
    if let Some(network) = needle(text) {
        return Ok(if text.contains('/') {
            network.to_string()
        } else {
            derive::ip(text).map_or_else(String::new, Cow::into_owned)
        });
    }
    let pattern = AddressPattern::new(text);
    if let Some(network) = pattern.as_ref().and_then(AddressPattern::network) {
        return Ok(network.to_string());
    }
    let query = match (pattern, meant(name::IP, text)) {
        (None, Some(query)) if !looks_like(text) && !text.contains('*') && query.contains("==") => {
            // A value logged instead of an address.
            return Ok(text.to_owned());
        }
        (_, query) => query,
    };
    let instead = query.map_or_else(String::new, |query| format!("; did you mean -f '{query}'?"));
    Err(format!(
        "expected an address, or a network such as 10.0.0.0/8{instead}"
    ))
}

/// Describes the error in a status that has an impossible form.
fn status(text: &str) -> Option<String> {
    let number = |text: &str| Number::parse(text.trim()).is_some();
    let lower = text.to_ascii_lowercase();
    let is_class = lower.len() == 3
        && lower.ends_with("xx")
        && lower.starts_with(|c: char| c.is_ascii_digit());
    let ends = text.split_once("..").or_else(|| text.split_once('-'));
    let query = if is_class {
        format!("status_class:{lower}")
    } else if text.contains('*') {
        format!("status:{text}")
    } else if text.starts_with(['<', '>', '=']) {
        format!("status{text}")
    } else if let Some((low, high)) = ends.filter(|(low, high)| number(low) && number(high)) {
        format!("status in [{low} {high}]")
    } else if text.split(',').count() > 1 && text.split(',').all(number) {
        return Some(format!(
            "expected one value per option: {}",
            each("status", text)
        ));
    } else if super::parser::all_values(name::OUTCOME).is_some_and(|all| all.contains(&&*lower)) {
        format!("outcome:{lower}")
    } else if text.contains(char::is_alphabetic) {
        return Some("expected a status such as 403".to_owned());
    } else {
        return None;
    };
    Some(format!(
        "expected a status such as 403; write -f '{query}' instead"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{CatalogueNames, parse};

    #[test]
    fn picks_are_spelled_as_the_values_are() {
        for (option, text, value) in [
            ("ip", "10.0.0.1", "10.0.0.1"),
            ("ip", "10.0.0.1:443", "10.0.0.1"),
            ("ip", "2001:DB8:0::1", "2001:db8::1"),
            ("ip", "[2001:DB8::1]:443", "2001:db8::1"),
            ("ip", "198.51.100.0/24", "198.51.100.0/24"),
            ("ip", "198.51.100.7/24", "198.51.100.0/24"),
            ("ip", "198.51.100.*", "198.51.100.0/24"),
            ("ip", "140.xx.xx.xx", "140.xx.xx.xx"),
            ("status", "403", "403"),
            ("status", "-", "-"),
            ("action", "-odd", "-odd"),
            ("user", "role/a,b", "role/a,b"),
        ] {
            assert_eq!(
                picked(option, text).as_deref(),
                Ok(value),
                "{option} {text}"
            );
        }
    }

    #[test]
    fn a_pick_that_no_value_can_be_says_what_to_write() {
        for (option, text, said) in [
            ("ip", "10.0.0.0/33", "a network such as 10.0.0.0/8"),
            ("ip", "300.1.1.1", "expected an address"),
            ("ip", "", "expected an address"),
            ("ip", "10.0.0", "-f 'ip:10.0.0.*'"),
            ("ip", "10.0.0.1*", "-f 'ip:10.0.0.1*'"),
            ("ip", "10.0.0.1,10.0.0.2", "-f 'ip in (10.0.0.1, 10.0.0.2)'"),
            ("ip", "10.0.0.1-10.0.0.9", "-f 'ip in (10.0.0.1-10.0.0.9)'"),
            ("ip", "@bom.txt", "-f 'ip in @bom.txt'"),
            ("ip", "(missing)", "-f 'not ip:*'"),
            ("repo", "(missing)", "-f 'not repository:*'"),
            ("ip", "!10.0.0.1", "--ip '!10.0.0.1'"),
            ("ip", "\"10.0.0.1\"", "--ip 10.0.0.1"),
            ("status", "", "-f 'status:\"\"'"),
            ("action", " ", "-f 'action:\"\"'"),
            ("status", "4xx", "-f 'status_class:4xx'"),
            ("status", "5XX", "-f 'status_class:5xx'"),
            ("status", "4*", "-f 'status:4*'"),
            ("status", ">=400", "-f 'status>=400'"),
            ("status", "400-499", "-f 'status in [400 499]'"),
            ("status", "denied", "-f 'outcome:denied'"),
            ("status", "20x", "a status such as 403"),
            ("status", "403,404", "--status 403 --status 404"),
            ("action", "Delete*", "-f 'action:Delete*'"),
            (
                "action",
                "GetBlob,DeleteTag",
                "--action GetBlob --action DeleteTag",
            ),
            ("user", "role/*", "-f 'user:role/*'"),
        ] {
            let reason = picked(option, text).expect_err(text);
            assert!(reason.contains(said), "{reason}");
            if let Some((_, query)) = reason.split_once("-f '") {
                let query = query.split('\'').next().expect("a query");
                assert!(parse(query, &CatalogueNames::default()).is_ok(), "{query}");
            }
        }
    }
}
