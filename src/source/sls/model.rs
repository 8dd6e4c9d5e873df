//! Responses of the service as values. Parsing is lenient: only necessary members must exist, numbers may be text,
//! other members may be missing.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::query::{Indexed, delimiters};

use super::protobuf::LogGroupList;

/// One page of `GetLogsV2`.
#[derive(Debug, Default)]
pub struct Page {
    /// False if the service ran out of time; repeating the request returns more.
    pub complete: bool,
    /// Records as JSON text.
    pub records: Vec<Box<RawValue>>,
}

/// Counts over a time range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    pub complete: bool,
    /// Parts of equal length, oldest first.
    pub parts: Vec<Part>,
}

/// Count of `[from, to)`, in unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub from: i64,
    pub to: i64,
    pub count: u64,
}

impl Histogram {
    pub fn total(&self) -> u64 {
        let counts = self.parts.iter().map(|part| part.count);
        counts.fold(0, u64::saturating_add)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    pub id: i64,
    /// True after a split or merge: it receives no more data.
    pub read_only: bool,
}

/// Result of `PullLogs`.
#[derive(Debug)]
pub struct Pulled {
    pub groups: LogGroupList,
    /// Cursor to continue with. If it equals the requested one, there is no more data for now.
    pub next: String,
}

/// Index settings of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Field, type (`text`, `long`, `double`, `json`), and true if SQL can count it.
    pub fields: Vec<(String, String, bool)>,
    /// True if words without a field are searched in the whole line.
    pub full_text: bool,
    /// Text fields whose words the service splits and compares no more narrowly than regtrail, and true if that holds
    /// for the whole line.
    alike: HashSet<String>,
    line_alike: bool,
}

impl Index {
    /// Returns the method by which the service finds values of a field, or without a field, anywhere in a record.
    pub fn indexed(&self, field: Option<&str>) -> Indexed {
        let Some(field) = field else {
            return if self.line_alike {
                Indexed::Words
            } else {
                Indexed::No
            };
        };
        let kind = self.fields.iter().find(|(name, ..)| name == field);
        match kind.map(|(_, kind, _)| kind.as_str()) {
            Some("long" | "double") => Indexed::Number,
            Some("text") if self.alike.contains(field) => Indexed::Words,
            _ => Indexed::No,
        }
    }
}

/// Returns true if an index entry splits at least at our delimiters and ignores case. Without a list of delimiters the
/// default ones apply; an empty list means that values are not split at all.
fn is_alike(entry: &Value) -> bool {
    let cuts = |tokens: &Vec<Value>| {
        let cuts_at = |c| {
            tokens
                .iter()
                .filter_map(Value::as_str)
                .any(|t| t.contains(c))
        };
        delimiters().all(cuts_at)
    };
    entry["caseSensitive"].as_bool() != Some(true) && entry["token"].as_array().is_none_or(cuts)
}

pub(super) fn page(body: &[u8], progress: Option<&str>) -> Result<Page, String> {
    #[derive(Deserialize)]
    struct Wrapped {
        #[serde(default)]
        meta: Value,
        data: Option<Vec<Box<RawValue>>>,
    }
    let text = String::from_utf8_lossy(body);
    // The older call's bare array is accepted too; its progress is in a header.
    if text.trim_start().starts_with('[') {
        return Ok(Page {
            complete: is_complete(progress),
            records: parse(&text)?,
        });
    }
    let wrapped: Wrapped = parse(&text)?;
    if wrapped.meta.is_null() && wrapped.data.is_none() {
        return Err("the response has neither meta nor data".to_owned());
    }
    let progress = wrapped.meta["progress"].as_str().or(progress);
    Ok(Page {
        complete: is_complete(progress),
        records: wrapped.data.unwrap_or_default(),
    })
}

pub(super) fn histogram(body: &[u8], progress: Option<&str>) -> Result<Histogram, String> {
    let answer: Value = parse(&String::from_utf8_lossy(body))?;
    let list = answer
        .as_array()
        .or_else(|| answer["histograms"].as_array())
        .ok_or("the response is not a list")?;
    let mut complete = progress.is_none_or(|p| is_complete(Some(p)));
    let mut parts = Vec::with_capacity(list.len());
    for part in list {
        let number = |name: &str| number(&part[name]).ok_or(format!("an item has no {name}"));
        complete &= part["progress"]
            .as_str()
            .is_none_or(|p| is_complete(Some(p)));
        parts.push(Part {
            from: number("from")?,
            to: number("to")?,
            count: number("count")?.max(0) as u64,
        });
    }
    parts.sort_by_key(|part| part.from);
    Ok(Histogram { complete, parts })
}

pub(super) fn shards(body: &[u8]) -> Result<Vec<Shard>, String> {
    let answer: Value = parse(&String::from_utf8_lossy(body))?;
    let list = answer.as_array().ok_or("the response is not a list")?;
    let one = |shard: &Value| {
        let id = number(&shard["shardID"]).ok_or("a shard has no shardID")?;
        Ok(Shard {
            id,
            read_only: shard["status"]
                .as_str()
                .is_some_and(|s| s.eq_ignore_ascii_case("readonly")),
        })
    };
    list.iter().map(one).collect()
}

pub(super) fn cursor(body: &[u8]) -> Result<String, String> {
    let answer: Value = parse(&String::from_utf8_lossy(body))?;
    answer["cursor"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| "the response has no cursor".to_owned())
}

pub(super) fn index(body: &[u8]) -> Result<Index, String> {
    let answer: Value = parse(&String::from_utf8_lossy(body))?;
    let keys = answer["keys"].as_object().into_iter().flatten();
    let field = |(name, key): (&String, &Value)| {
        let kind = key["type"].as_str().unwrap_or("text").to_owned();
        (
            name.clone(),
            kind,
            key["doc_value"].as_bool().unwrap_or(false),
        )
    };
    let alike = keys.clone().filter(|(_, key)| is_alike(key));
    let line = &answer["line"];
    // A line index of some fields does not find values of the others.
    let is_whole = |name: &str| line[name].as_array().is_none_or(Vec::is_empty);
    Ok(Index {
        alike: alike.map(|(name, _)| name.clone()).collect(),
        fields: keys.map(field).collect(),
        full_text: line.is_object(),
        line_alike: line.is_object()
            && is_alike(line)
            && ["include_keys", "exclude_keys"].into_iter().all(is_whole),
    })
}

/// Code and message of an error, in the form of the service or of the API gateway.
pub(super) fn refusal(body: &[u8]) -> Option<(String, String, String)> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let text = |names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| answer[*name].as_str())
            .map(str::to_owned)
    };
    Some((
        text(["errorCode", "code"])?,
        text(["errorMessage", "message"]).unwrap_or_default(),
        text(["requestId", "requestID"]).unwrap_or_default(),
    ))
}

/// `__time__` of a record: a number, a string, or a list of one.
pub(super) fn record_time(record: &RawValue) -> Option<i64> {
    #[derive(Deserialize)]
    struct Timed {
        __time__: Value,
    }
    let time = serde_json::from_str::<Timed>(record.get()).ok()?.__time__;
    number(if let Value::Array(list) = &time {
        list.first()?
    } else {
        &time
    })
}

fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

fn is_complete(progress: Option<&str>) -> bool {
    progress.is_none_or(|p| p.eq_ignore_ascii_case("complete"))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| {
        let start: String = text.chars().take(60).collect();
        // Messages of data errors quote the value at any length.
        let why = if e.is_data() {
            format!("at line {} column {}", e.line(), e.column())
        } else {
            e.to_string()
        };
        format!("unexpected response ({why}): {start}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_needs_little() {
        let full = br#"{"meta":{"progress":"Incomplete","count":1,"telementryType":"None","highlights":[[{"Key":"a"}]]},
            "data":[{"__time__":"1649902984","action":"GetBlob"}]}"#;
        let page = page(full, None).expect("a page");
        assert!(!page.complete);
        assert_eq!(record_time(&page.records[0]), Some(1_649_902_984));
        assert!(
            super::page(br#"{"meta":{"progress":"complete"},"data":null}"#, None)
                .expect("a page")
                .complete
        );
        assert!(
            !super::page(b"[{}]", Some("Incomplete"))
                .expect("the older form")
                .complete
        );
        assert!(
            super::page(b"<html>portal", None)
                .expect_err("refused")
                .contains("<html>portal")
        );
        assert!(super::page(br#"{"errorCode":"x"}"#, None).is_err());
    }

    #[test]
    fn invalid_utf8_does_not_cost_the_page() {
        let page = page(b"{\"meta\":{},\"data\":[{\"a\":\"\xff\"}]}", None).expect("a page");
        assert_eq!(page.records[0].get(), "{\"a\":\"\u{fffd}\"}");
    }

    #[test]
    fn a_histogram_is_complete_when_every_part_is() {
        let body = br#"[{"from":"60","to":120,"count":2,"progress":"Incomplete"},{"from":0,"to":60,"count":"1"}]"#;
        let histogram = histogram(body, Some("Complete")).expect("a histogram");
        assert!(!histogram.complete);
        assert_eq!(histogram.total(), 3);
        assert_eq!(
            histogram.parts[0],
            Part {
                from: 0,
                to: 60,
                count: 1
            }
        );
    }

    #[test]
    fn shards_cursors_and_index() {
        let body = br#"[{"shardID":1,"status":"readwrite"},{"shardID":"0","status":"readonly","createTime":1}]"#;
        let expected = [
            Shard {
                id: 1,
                read_only: false,
            },
            Shard {
                id: 0,
                read_only: true,
            },
        ];
        assert_eq!(shards(body).expect("shards"), expected);
        assert_eq!(cursor(br#"{"cursor":"MTQ="}"#).expect("a cursor"), "MTQ=");
        let body = br#"{"keys":{"action":{"type":"text","doc_value":true}},"line":{"token":[","]},"ttl":7}"#;
        let index = index(body).expect("an index");
        assert_eq!(
            index.fields,
            [("action".to_owned(), "text".to_owned(), true)]
        );
        assert!(index.full_text);
    }

    #[test]
    fn times_come_as_numbers_texts_and_lists() {
        for (text, time) in [
            ("7", Some(7)),
            ("\"7\"", Some(7)),
            ("[7]", Some(7)),
            ("null", None),
        ] {
            let record = RawValue::from_string(format!("{{\"__time__\":{text}}}")).expect("JSON");
            assert_eq!(record_time(&record), time, "{text}");
        }
    }
}
