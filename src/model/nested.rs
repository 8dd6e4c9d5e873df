//! Members of JSON values by dotted path: `error.last_response.status_code`.
//!
//! A path names members from the outside in. A number names an element of an array, counted from 0. Keys may contain
//! dots themselves: at each object the longest key that fits the path is tried first. A string that contains JSON is
//! read as that JSON, at every level.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Maximum number of members in a path. Each level scans its value once, so this bounds the time for hostile input.
pub const MAX_DEPTH: usize = 32;

/// Text of a member of a JSON value: strings without quotes and escapes, objects and arrays as JSON text. `None` if the
/// value is not JSON or has no such member, or if the member is `null`.
pub fn member<'a>(value: &'a str, path: &str) -> Option<Cow<'a, str>> {
    if path.bytes().filter(|byte| *byte == b'.').count() >= MAX_DEPTH {
        return None;
    }
    descend(value, path)
}

/// Returns true if a text may contain members.
pub fn may_hold(value: &str) -> bool {
    value.trim_ascii_start().starts_with(['{', '['])
}

fn descend<'a>(value: &'a str, path: &str) -> Option<Cow<'a, str>> {
    let value = value.trim_ascii();
    match value.as_bytes().first()? {
        b'{' => object(value, path)
            .into_iter()
            .find_map(|(found, rest)| inside(found, rest)),
        b'[' => {
            let (index, rest) = match path.split_once('.') {
                Some((index, rest)) => (index, Some(rest)),
                None => (path, None),
            };
            inside(element(value, index)?, rest)
        }
        _ => None,
    }
}

/// Resolves the rest of a path in a value; without a rest, returns the value itself.
fn inside<'a>(value: &'a str, rest: Option<&str>) -> Option<Cow<'a, str>> {
    let text = text_of(value)?;
    match (rest, text) {
        (None, text) => Some(text),
        (Some(rest), Cow::Borrowed(text)) => descend(text, rest),
        (Some(rest), Cow::Owned(text)) => {
            descend(&text, rest).map(|found| Cow::Owned(found.into_owned()))
        }
    }
}

/// Text of a JSON value; `None` for `null`.
fn text_of(raw: &str) -> Option<Cow<'_, str>> {
    if raw == "null" {
        return None;
    }
    let Some(quoted) = raw.strip_prefix('"') else {
        return Some(Cow::Borrowed(raw));
    };
    match serde_json::from_str::<Text<'_>>(raw) {
        Ok(Text(text)) => Some(text),
        // An invalid escape is kept as written.
        Err(_) => Some(Cow::Borrowed(quoted.strip_suffix('"').unwrap_or(quoted))),
    }
}

/// Text that borrows from the input unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Members of an object whose keys begin a path, longest key first, each with the rest of the path. If a key occurs
/// more than once, the last member wins.
fn object<'a, 'p>(value: &'a str, path: &'p str) -> Vec<(&'a str, Option<&'p str>)> {
    struct Members<'p>(&'p str);
    impl<'de, 'p> Visitor<'de> for Members<'p> {
        type Value = Vec<(&'de str, Option<&'p str>)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found: Self::Value = Vec::new();
            while let Some(Text(key)) = map.next_key()? {
                let rest = match self.0.strip_prefix(&*key) {
                    Some("") => None,
                    Some(rest) if rest.starts_with('.') => Some(&rest[1..]),
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                };
                let value = map.next_value::<&'de RawValue>()?.get();
                found.retain(|(_, other)| *other != rest);
                found.push((value, rest));
            }
            found.sort_by_key(|(_, rest)| rest.map_or(0, |rest| rest.len() + 1));
            Ok(found)
        }
    }
    let mut json = serde_json::Deserializer::from_str(value);
    let found = json.deserialize_map(Members(path));
    match (found, json.end()) {
        (Ok(found), Ok(())) => found,
        _ => Vec::new(),
    }
}

/// Finds an element of an array.
fn element<'a>(value: &'a str, index: &str) -> Option<&'a str> {
    struct Element(usize);
    impl<'de> Visitor<'de> for Element {
        type Value = Option<&'de str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            for at in 0.. {
                let next = if at == self.0 {
                    found = all.next_element::<&'de RawValue>()?.map(RawValue::get);
                    found.is_some()
                } else {
                    all.next_element::<IgnoredAny>()?.is_some()
                };
                if !next {
                    break;
                }
            }
            Ok(found)
        }
    }
    let index: usize = index
        .parse()
        .ok()
        .filter(|n: &usize| n.to_string() == index)?;
    let mut json = serde_json::Deserializer::from_str(value);
    let found = json.deserialize_seq(Element(index)).ok()?;
    json.end().ok()?;
    found
}

/// Maximum length in bytes of a value whose members are listed.
const MAX_LISTED: usize = 1 << 16;

/// Paths of the members of a JSON value, for completion: at most `most`; of an array only the first element.
pub fn paths(value: &str, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    if value.len() <= MAX_LISTED && may_hold(value) {
        list(value.trim_ascii(), "", most, MAX_DEPTH, &mut found);
    }
    found
}

fn list(value: &str, prefix: &str, most: usize, depth: usize, found: &mut Vec<String>) {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(value) else {
        return;
    };
    walk(&json, prefix, most, depth, found);
}

fn walk(
    json: &serde_json::Value,
    prefix: &str,
    most: usize,
    depth: usize,
    found: &mut Vec<String>,
) {
    use serde_json::Value;
    let mut below = |name: &str, member: &Value| {
        let path = if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}.{name}")
        };
        if found.len() < most && !member.is_null() {
            found.push(path.clone());
            if depth > 1 {
                walk(member, &path, most, depth - 1, found);
            }
        }
    };
    match json {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| below(name, member)),
        Value::Array(elements) => elements.iter().take(1).for_each(|first| below("0", first)),
        Value::String(text) if may_hold(text) => {
            list(text.trim_ascii(), prefix, most, depth, found);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str, path: &str) -> Option<String> {
        member(value, path).map(Cow::into_owned)
    }

    #[test]
    fn members_are_found_by_their_path() {
        let value = r#" {"id":"usr-9a2b","error":{"last_response":{"status_code":504,"ok":false}},
            "n":1.50,"none":null,"empty":"","text":"a\"bé"} "#;
        let found = |path| of(value, path);
        assert_eq!(found("id").as_deref(), Some("usr-9a2b"));
        assert_eq!(
            found("error.last_response.status_code").as_deref(),
            Some("504")
        );
        assert_eq!(
            found("n").as_deref(),
            Some("1.50"),
            "numbers as they were written"
        );
        assert_eq!(found("text").as_deref(), Some("a\"bé"));
        assert_eq!(found("empty").as_deref(), Some(""));
        let object = r#"{"status_code":504,"ok":false}"#;
        assert_eq!(found("error.last_response").as_deref(), Some(object));
        for absent in [
            "none",
            "nothing",
            "id.x",
            "error.",
            "",
            "n.0",
            "error.last_response.ok.x",
        ] {
            assert_eq!(found(absent), None, "{absent}");
        }
    }

    #[test]
    fn elements_keys_with_dots_and_json_in_text_are_reached() {
        let value = r#"{"items":[{"id":"a"},{"id":"b"}],"labels":{"app.name/x":"web","app":{"name/x":"other"}},
            "message":"{\"code\":5,\"in\":\"[1,{\\\"deep\\\":true}]\"}","twice":1,"twice":2}"#;
        assert_eq!(of(value, "items.1.id").as_deref(), Some("b"));
        assert_eq!(of(value, "items.01.id"), None);
        assert_eq!(of(value, "items.2.id"), None);
        assert_eq!(of(value, "items.99999999999999999999.id"), None);
        assert_eq!(of(value, "labels.app.name/x").as_deref(), Some("web"));
        assert_eq!(of(value, "message.code").as_deref(), Some("5"));
        assert_eq!(of(value, "message.in.1.deep").as_deref(), Some("true"));
        assert_eq!(
            of(value, "twice").as_deref(),
            Some("2"),
            "the last one counts"
        );
        assert_eq!(of("[[7]]", "0.0").as_deref(), Some("7"));
    }

    #[test]
    fn what_is_not_json_has_no_members() {
        for value in [
            "",
            "{",
            "{\"a\":1",
            "{\"a\":1} x",
            "{'a':1}",
            "a",
            "\"{}\"",
            "[1,",
            "{\"a\":[}",
        ] {
            assert_eq!(of(value, "a"), None, "{value}");
            assert_eq!(of(value, "0"), None, "{value}");
        }
        assert_eq!(of(r#"{"a":"\ud800x"}"#, "a").as_deref(), Some(r"\ud800x"));
    }

    #[test]
    fn deep_values_cost_no_stack_and_long_paths_end() {
        let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        assert!(of(&deep, "a.a").is_some_and(|text| text.len() > 500_000));
        assert_eq!(of(&deep, &vec!["a"; 50_000].join(".")), None);
        assert!(paths(&deep[..1000], 10).is_empty());
    }

    #[test]
    fn paths_are_listed_for_completion() {
        let value = r#"{"b":{"c":[{"d":1},{"e":2}]},"a":"{\"x\":1}","n":null}"#;
        assert_eq!(
            paths(value, 99),
            ["b", "b.c", "b.c.0", "b.c.0.d", "a", "a.x"]
        );
        assert_eq!(paths(value, 2).len(), 2);
        assert!(paths("plain", 9).is_empty());
    }
}
