//! Determines the URL of the next page: by link, by cursor, or by counting. No network access.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use reqwest::Url;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Trouble;
use super::profile::{Page, Profile};
use crate::source::Failure;

/// Pointers to members that usually contain the link to the next page.
const USUAL: [&str; 9] = [
    "/next",
    "/nextLink",
    "/next_link",
    "/next_url",
    "/@odata.nextLink",
    "/links/next",
    "/_links/next/href",
    "/paging/next",
    "/meta/next",
];

/// Summary of a response at its end.
#[derive(Debug, Default)]
pub(super) struct End {
    /// Number of records, including known ones.
    pub(super) records: u64,
    /// Number of records that were not sent before.
    pub(super) fresh: u64,
    pub(super) next: Option<Next>,
    /// True if it was a stream that had reached its current end.
    pub(super) was_live: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Link(String),
    Cursor(String),
}

/// Returns the next page named by an object that wraps records.
pub(super) fn next_of(object: &str, page: Option<&Page>) -> Option<Next> {
    let at = |pointer: &String| match value_at(object, pointer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match page {
        Some(Page {
            next: Some(pointer),
            ..
        }) => at(pointer).map(Next::Link),
        Some(Page {
            cursor: Some(pointer),
            ..
        }) => at(pointer).map(Next::Cursor),
        Some(_) => None,
        None => {
            let link = USUAL.iter().find_map(|pointer| {
                let value = value_at(object, pointer)?;
                value.as_str().map(str::to_owned)
            })?;
            let is_link = ["http://", "https://", "/", "?"]
                .iter()
                .any(|start| link.starts_with(start));
            is_link.then_some(Next::Link(link))
        }
    }
}

/// Returns the text or number at a JSON pointer. Members off its path, which are most of a response, are skipped
/// without being stored.
fn value_at(object: &str, pointer: &str) -> Option<Value> {
    let mut at = object.trim_start();
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        at = if at.starts_with('[') {
            let list: Vec<&RawValue> = serde_json::from_str(at).ok()?;
            list.get(name.parse::<usize>().ok()?)?.get()
        } else {
            members(at, |member| member == name)?.remove(&name)?.get()
        };
    }
    let is_plain = !at.starts_with(['{', '[']);
    serde_json::from_str(at).ok().filter(|_| is_plain)
}

/// Returns the wanted members of an object, as text; of several with one name the last.
pub(super) fn members(
    object: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Option<HashMap<String, &RawValue>> {
    struct Members<F>(F);
    impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Members<F> {
        type Value = HashMap<String, &'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = HashMap::new();
            while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                if self.0(&name) {
                    found.insert(name.into_owned(), map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(object);
    let found = reader.deserialize_map(Members(is_wanted)).ok()?;
    reader.end().ok().map(|()| found)
}

/// The pages of one round. No URL is requested twice.
#[derive(Debug)]
pub(super) struct Pages {
    first: Url,
    next: Option<Url>,
    asked: HashSet<String>,
    /// Consecutive pages without a new record.
    stale: u32,
}

/// Consecutive pages without a new record, each with a link to another, after which reading fails.
const STALE: u32 = 100;

impl Pages {
    pub(super) fn new(first: Url, profile: &Profile) -> Self {
        let next = match counted(profile) {
            Some((param, number, _)) => with_param(&first, param, &number.to_string()),
            None => first.clone(),
        };
        Self {
            first,
            next: Some(next),
            asked: HashSet::new(),
            stale: 0,
        }
    }

    pub(super) fn next(&mut self) -> Option<Url> {
        let next = self
            .next
            .take()
            .filter(|url| !self.asked.contains(url.as_str()))?;
        self.asked.insert(next.as_str().to_owned());
        Some(next)
    }

    /// Returns true if the URL returned last was the first one.
    pub(super) fn is_first(&self) -> bool {
        self.asked.len() == 1
    }

    /// Determines the next page after a response from `base`. `links` are its `Link` headers.
    pub(super) fn advance(
        &mut self,
        base: &Url,
        links: &[String],
        end: &End,
        profile: &Profile,
    ) -> Result<(), Trouble> {
        self.stale = if end.fresh > 0 { 0 } else { self.stale + 1 };
        let param = profile.page.as_ref().and_then(|page| page.param.as_deref());
        self.next = match (&end.next, counted(profile)) {
            (Some(Next::Link(link)), _) => Some(join(base, link)?),
            (Some(Next::Cursor(cursor)), _) => {
                let param = param.ok_or_else(|| {
                    let advice = "add `param`, the query parameter for the cursor, to `page`";
                    Trouble::Lasting(Failure::new(
                        "the profile's `page` has `cursor` but no `param`",
                        advice,
                    ))
                })?;
                Some(with_param(&self.first, param, cursor))
            }
            (None, Some((param, first, step))) if end.records > 0 => {
                let number = first + step * self.asked.len() as u64;
                Some(with_param(&self.first, param, &number.to_string()))
            }
            (None, _) => links
                .iter()
                .find_map(|header| next_link(header))
                .map(|link| join(base, link))
                .transpose()?,
        };
        if self.stale >= STALE && self.next.is_some() {
            let what = format!(
                "{}: {STALE} pages in a row have nothing new, and the last one links to another",
                super::shown(base)
            );
            let advice = "data read so far is kept; check `page` in the profile";
            return Err(Trouble::Lasting(Failure::new(what, advice)));
        }
        Ok(())
    }
}

/// Returns parameter, first number and step if pages are counted.
fn counted(profile: &Profile) -> Option<(&str, u64, u64)> {
    let page = profile
        .page
        .as_ref()
        .filter(|page| page.next.is_none() && page.cursor.is_none())?;
    Some((
        page.param.as_deref()?,
        page.first.unwrap_or(1),
        page.step.unwrap_or(1),
    ))
}

fn join(base: &Url, link: &str) -> Result<Url, Trouble> {
    base.join(link).map_err(|e| {
        Trouble::Lasting(Failure::new(
            format!("the next-page link {link:?} is not a valid URL: {e}"),
            "",
        ))
    })
}

/// Sets a parameter of the URL, replacing any with this name.
pub(super) fn with_param(url: &Url, name: &str, value: &str) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(n, _)| n != name)
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair(name, value);
    url
}

/// Returns the URL of `rel="next"` in a `Link` header.
fn next_link(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let start = rest.find('<')? + 1;
        let end = start + rest[start..].find('>')?;
        let (url, tail) = (&rest[start..end], &rest[end + 1..]);
        let mut parameters = parts(tail, ',');
        // A comma starts the next link; parameters after it without a URL belong to no link.
        let own = parameters.next().unwrap_or_default();
        // Only the first `rel` counts.
        let relation = parts(own, ';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let is_relation = name.trim().eq_ignore_ascii_case("rel");
            is_relation.then(|| value.trim().trim_matches('"'))
        });
        let mut relations = relation.unwrap_or_default().split_whitespace();
        if relations.any(|relation| relation.eq_ignore_ascii_case("next")) {
            return Some(url);
        }
        rest = &tail[own.len()..];
    }
}

/// Splits at separators that are not in quotes.
fn parts(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ => return c == separator && !quoted,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    fn walk(profile: &Profile, ends: Vec<End>) -> Vec<String> {
        let mut pages = Pages::new(url("https://h/logs?size=2"), profile);
        let mut asked = Vec::new();
        let mut ends = ends.into_iter();
        while let Some(next) = pages.next() {
            asked.push(next.to_string());
            pages
                .advance(&next, &[], &ends.next().unwrap_or_default(), profile)
                .expect("good");
        }
        asked
    }

    #[test]
    fn a_link_header_may_hold_several_links() {
        let header = r#"<https://h/1>; rel="prev", </l?p=2,3>; title="a"; rel="last next""#;
        assert_eq!(next_link(header), Some("/l?p=2,3"));
        assert_eq!(next_link(r#"<https://h/1>; rel="prev""#), None);
        let quoted = r#"</1>; title="a; rel=next, </2>; rel=next, \"b", </3>;title=<x>;rel=next"#;
        assert_eq!(next_link(quoted), Some("/3"));
    }

    #[test]
    fn pages_are_counted_until_one_is_empty() {
        let page = Page {
            next: None,
            cursor: None,
            param: Some("page".into()),
            first: None,
            step: None,
        };
        let profile = Profile {
            page: Some(page),
            ..Profile::default()
        };
        let end = |records| End {
            records,
            ..End::default()
        };
        let asked = walk(&profile, vec![end(2), end(1), end(0)]);
        assert_eq!(
            asked,
            [1, 2, 3].map(|n| format!("https://h/logs?size=2&page={n}"))
        );
    }

    #[test]
    fn a_cursor_goes_into_its_parameter_and_a_circle_ends() {
        let page = Page {
            cursor: Some("/c".into()),
            param: Some("at".into()),
            next: None,
            first: None,
            step: None,
        };
        let profile = Profile {
            page: Some(page),
            ..Profile::default()
        };
        let end = |cursor: &str| End {
            next: Some(Next::Cursor(cursor.to_owned())),
            ..End::default()
        };
        let asked = walk(&profile, vec![end("a b"), end("c"), end("a b")]);
        assert_eq!(
            asked,
            ["", "&at=a+b", "&at=c"].map(|rest| format!("https://h/logs?size=2{rest}"))
        );
    }

    #[test]
    fn usual_members_are_followed_only_when_they_are_links() {
        assert_eq!(
            next_of(r#"{"paging": {"next": "?p=2"}, "a": [1]}"#, None),
            Some(Next::Link("?p=2".into()))
        );
        assert_eq!(next_of(r#"{"next": "tomorrow"}"#, None), None);
        assert_eq!(next_of(r#"{"next": null}"#, None), None);
        let page = Page {
            next: Some("/a~1b/1/c".into()),
            cursor: None,
            param: None,
            first: None,
            step: None,
        };
        assert_eq!(
            next_of(r#"{"a/b": [{}, {"c": 7, "c": "\u002f8"}]}"#, Some(&page)),
            Some(Next::Link("/8".into()))
        );
    }
}
