//! Response of `PullLogs`: log groups in protobuf, and conversion of a log to the JSON record that the other calls
//! return.
//!
//! Keys and values are bytes, since the service does not promise UTF-8; invalid UTF-8 becomes U+FFFD.

use std::collections::HashSet;

use crate::model::name;
use prost::Message;
use prost::bytes::Bytes;

#[derive(Clone, PartialEq, Message)]
pub struct LogGroupList {
    #[prost(message, repeated, tag = "1")]
    pub groups: Vec<LogGroup>,
}

#[derive(Clone, PartialEq, Message)]
pub struct LogGroup {
    #[prost(message, repeated, tag = "1")]
    pub logs: Vec<Log>,
    #[prost(bytes = "bytes", optional, tag = "3")]
    pub topic: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub source: Option<Bytes>,
    #[prost(message, repeated, tag = "6")]
    pub tags: Vec<Pair>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Log {
    /// Unix seconds.
    #[prost(uint32, required, tag = "1")]
    pub time: u32,
    #[prost(message, repeated, tag = "2")]
    pub contents: Vec<Pair>,
    /// Nanoseconds within the second.
    #[prost(fixed32, optional, tag = "4")]
    pub nanos: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Pair {
    #[prost(bytes = "bytes", required, tag = "1")]
    pub key: Bytes,
    #[prost(bytes = "bytes", required, tag = "2")]
    pub value: Bytes,
}

impl LogGroupList {
    pub fn parse(bytes: Vec<u8>) -> Result<Self, String> {
        Self::decode(Bytes::from(bytes)).map_err(|e| format!("protobuf: {e}"))
    }
}

/// Converts a log to a JSON object with the names of the search calls; every value is text. A repeated name gets the
/// suffix `_0`, `_1` …, as in the service's own output.
pub fn to_json(group: &LogGroup, log: &Log) -> Vec<u8> {
    let mut object = Object {
        out: vec![b'{'],
        names: HashSet::new(),
    };
    object.add(name::LOG_TIME, &log.time.to_string());
    if let Some(nanos) = log.nanos {
        object.add(name::LOG_TIME_NS, &nanos.to_string());
    }
    object.add(
        name::LOG_TOPIC,
        &lossy(group.topic.as_deref().unwrap_or_default()),
    );
    object.add(
        name::LOG_SOURCE,
        &lossy(group.source.as_deref().unwrap_or_default()),
    );
    for tag in &group.tags {
        object.add(&format!("__tag__:{}", lossy(&tag.key)), &lossy(&tag.value));
    }
    for pair in &log.contents {
        object.add(&lossy(&pair.key), &lossy(&pair.value));
    }
    object.out.push(b'}');
    object.out
}

fn lossy(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

struct Object {
    out: Vec<u8>,
    names: HashSet<String>,
}

impl Object {
    fn add(&mut self, name: &str, value: &str) {
        let mut unique = name.to_owned();
        let mut again = 0;
        while !self.names.insert(unique.clone()) {
            unique = format!("{name}_{again}");
            again += 1;
        }
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        serde_json::to_writer(&mut self.out, &unique).expect("text is written to memory");
        self.out.push(b':');
        serde_json::to_writer(&mut self.out, value).expect("text is written to memory");
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use serde_json::{Value, json};

    use super::super::compress::unpack;
    use super::*;

    fn vectors() -> Vec<Value> {
        let all: Value =
            serde_json::from_str(include_str!("../../../tests/sls/vectors.json")).expect("vectors");
        all["protobuf"].as_array().expect("a list").clone()
    }

    fn bytes(value: &Value) -> Vec<u8> {
        BASE64
            .decode(value.as_str().expect("text"))
            .expect("base64")
    }

    /// Describes the groups as the test vectors do, without missing members.
    fn described(list: &LogGroupList) -> Value {
        let pairs = |pairs: &[Pair]| -> Vec<Value> {
            pairs
                .iter()
                .map(|p| json!([lossy(&p.key), lossy(&p.value)]))
                .collect()
        };
        let groups = list.groups.iter().map(|group| {
            let logs: Vec<_> = group
                .logs
                .iter()
                .map(|l| json!([l.time, l.nanos, pairs(&l.contents)]))
                .collect();
            json!([
                group.topic.as_deref().map(lossy),
                group.source.as_deref().map(lossy),
                pairs(&group.tags),
                logs
            ])
        });
        groups.collect()
    }

    fn expected(groups: &Value) -> Value {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let groups = list(groups).into_iter().map(|group| {
            let logs: Vec<_> = list(&group["logs"])
                .iter()
                .map(|l| json!([l["t"], l["ns"], list(&l["kv"])]))
                .collect();
            json!([group["topic"], group["source"], list(&group["tags"]), logs])
        });
        groups.collect()
    }

    #[test]
    fn groups_are_read_as_the_official_client_wrote_them() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 5);
        for vector in vectors {
            let name = &vector["name"];
            let raw = bytes(&vector["raw_b64"]);
            assert_eq!(vector["raw_len"], raw.len(), "{name}");
            let block = bytes(&vector["lz4_block_b64"]);
            assert_eq!(
                unpack("lz4", &block, Some(raw.len())).as_ref(),
                Ok(&raw),
                "{name}"
            );
            let list = LogGroupList::parse(raw).expect("protobuf");
            if vector["groups"].is_array() {
                assert_eq!(described(&list), expected(&vector["groups"]), "{name}");
            } else {
                let record = to_json(&list.groups[0], &list.groups[0].logs[0]);
                assert!(
                    String::from_utf8(record)
                        .expect("made UTF-8")
                        .contains('\u{fffd}'),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_log_becomes_a_record_with_unique_names() {
        let pair = |key: &'static str, value: &'static [u8]| Pair {
            key: key.into(),
            value: Bytes::from_static(value),
        };
        let group = LogGroup {
            source: Some("10.0.0.1".into()),
            tags: vec![pair("__receive_time__", b"9")],
            ..LogGroup::default()
        };
        let log = Log {
            time: 7,
            nanos: Some(5),
            contents: vec![pair("a", b""), pair("a", b"2\x1b\xff"), pair("a_0", b"3")],
        };
        let record = String::from_utf8(to_json(&group, &log)).expect("UTF-8");
        assert_eq!(
            record,
            "{\"__time__\":\"7\",\"__time_ns_part__\":\"5\",\"__topic__\":\"\",\"__source__\":\"10.0.0.1\",\
             \"__tag__:__receive_time__\":\"9\",\"a\":\"\",\"a_0\":\"2\\u001b\u{fffd}\",\"a_0_0\":\"3\"}"
        );
    }

    #[test]
    fn bytes_that_are_no_groups_are_an_error() {
        assert!(LogGroupList::parse(b"<html>".to_vec()).is_err());
    }
}
