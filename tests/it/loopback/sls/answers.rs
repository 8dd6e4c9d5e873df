//! What the service answers to each call when nothing goes wrong with it.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::super::{Reply, Request};
use super::{LOGSTORE, Log, PROJECT, Shard, What, World, action_of, call_of, refuse};

pub(super) fn serve(world: &mut World, request: &Request, fault: Option<&What>) -> Reply {
    let call = call_of(request);
    if world.denied.contains(&action_of(call)) {
        let message = format!(
            "denied by sts or ram, action: {}, resource: acs:log:cn-hangzhou:1:project/{PROJECT}/logstore/{LOGSTORE}",
            action_of(call)
        );
        return refuse(401, "Unauthorized", &message);
    }
    if request.path().split('/').nth(2) != Some(LOGSTORE) {
        return refuse(404, "LogStoreNotExist", "logstore x does not exist.");
    }
    world.calls.push(call.to_owned());
    match call {
        "logs" => logs(world, request, fault),
        "histogram" => histogram(world, request, fault),
        "shards" => shards(world),
        "cursor" => cursor(world, request),
        "pull" => pull(world, request, fault),
        "index" => {
            let usual = json!({"keys": {"action": {"type": "text", "doc_value": true}}, "ttl": 7});
            json_reply(world.index.as_ref().unwrap_or(&usual))
        }
        _ => refuse(404, "NotFound", request.path()),
    }
}

fn json_reply(value: &Value) -> Reply {
    Reply::new(200, "application/json", value.to_string())
}

/// The logs of a range that match the query, newest first. Queries are `field: value`, several of these with `or`
/// between them, or empty.
fn matching(world: &World, query: &str, from: i64, to: i64) -> Vec<Log> {
    let wanted: Vec<(&str, &[u8])> = query
        .split(" or ")
        .filter_map(|condition| condition.split_once(':'))
        .map(|(field, value)| (field.trim(), value.trim().trim_matches('"').as_bytes()))
        .collect();
    let all = world.shards.iter().flat_map(|shard| &shard.logs);
    let mut found: Vec<Log> = all
        .filter(|log| (from..to).contains(&log.time))
        .filter(|log| {
            let has = |(field, value): &(&str, &[u8])| {
                log.fields.iter().any(|(f, v)| f == field && v == value)
            };
            wanted.is_empty() || wanted.iter().any(has)
        })
        .cloned()
        .collect();
    found.sort_by_key(|log| std::cmp::Reverse(log.time));
    found
}

fn logs(world: &mut World, request: &Request, fault: Option<&What>) -> Reply {
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    let number = |name: &str| body[name].as_i64().expect("a number");
    let (offset, line) = (number("offset"), number("line"));
    if line > 100 || number("from") >= number("to") {
        return refuse(
            400,
            "InvalidTimeRange",
            "the range or the line number is wrong",
        );
    }
    world.largest_offset = world.largest_offset.max(offset as u64);
    let query = body["query"].as_str().expect("text").to_owned();
    world.queries.push(query.clone());
    let conditions = query.split(" and ").flat_map(|part| part.split(" or "));
    if world
        .most_conditions
        .is_some_and(|most| conditions.count() > most)
    {
        return refuse(400, "ParameterInvalid", "too many conditions in the query");
    }
    let (mut from, mut to) = (number("from"), number("to"));
    if world.by_minute {
        from -= from.rem_euclid(60);
        to += (-to).rem_euclid(60);
    }
    let found = matching(world, &query, from, to);
    let mut page: Vec<Log> = found
        .into_iter()
        .skip(offset as usize)
        .take(line as usize)
        .collect();
    let progress = if matches!(fault, Some(What::Incomplete)) {
        // What lies in the part that was searched, which is not the newest.
        page.drain(..page.len() / 2);
        "Incomplete"
    } else {
        "Complete"
    };
    let records: Vec<String> = page
        .iter()
        .flat_map(|log| vec![record(log); copies(fault)])
        .collect();
    let text = format!(
        "{{\"meta\":{{\"progress\":\"{progress}\",\"count\":{},\"telementryType\":\"None\"}},\"data\":[{}]}}",
        records.len(),
        records.join(",")
    );
    let invalid: Vec<u8> = replace_marks(text.as_bytes());
    packed(request, "application/json", &invalid)
}

fn copies(fault: Option<&What>) -> usize {
    if matches!(fault, Some(What::Double)) {
        2
    } else {
        1
    }
}

/// A log as JSON; bytes that are not UTF-8 are sent as they are, through a stand-in.
fn record(log: &Log) -> String {
    let mut object = serde_json::Map::new();
    object.insert("__time__".into(), log.time.to_string().into());
    object.insert("__source__".into(), "".into());
    for (name, value) in &log.fields {
        let text: String = value
            .iter()
            .map(|byte| {
                if *byte >= 0x80 {
                    STAND_IN
                } else {
                    char::from(*byte)
                }
            })
            .collect();
        object.insert(name.clone(), text.into());
    }
    // What the record itself says of its log time.
    match object.remove("said") {
        Some(said) if said == "missing" => _ = object.remove("__time__"),
        Some(said) => _ = object.insert("__time__".into(), said),
        None => {}
    }
    Value::Object(object).to_string()
}

const STAND_IN: char = '\u{f8ff}';

fn replace_marks(text: &[u8]) -> Vec<u8> {
    let mark = STAND_IN.to_string().into_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < text.len() {
        if text[at..].starts_with(&mark) {
            out.push(0xff);
            at += mark.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

fn histogram(world: &World, request: &Request, fault: Option<&What>) -> Reply {
    let number = |name: &str| request.param(name).parse::<i64>().expect("a number");
    let (from, to) = (number("from"), number("to"));
    let found = matching(world, &request.param("query"), from, to);
    let step = ((to - from + 59) / 60).max(1);
    let mut parts = Vec::new();
    let mut start = from;
    while start < to {
        let end = (start + step).min(to);
        let count = found
            .iter()
            .filter(|log| (start..end).contains(&log.time))
            .count();
        parts.push(json!({"from": start, "to": end, "count": count, "progress": "Complete"}));
        start = end;
    }
    let progress = if matches!(fault, Some(What::Incomplete)) {
        "Incomplete"
    } else {
        "Complete"
    };
    json_reply(&parts.into()).with("x-log-progress", progress)
}

fn shards(world: &World) -> Reply {
    let status = |shard: &Shard| {
        if shard.read_only {
            "readonly"
        } else {
            "readwrite"
        }
    };
    let list: Vec<_> = world
        .shards
        .iter()
        .map(|shard| json!({"shardID": shard.id, "status": status(shard)}))
        .collect();
    json_reply(&list.into())
}

fn shard_of<'w>(world: &'w World, request: &Request) -> Option<&'w Shard> {
    let id: i64 = request.path().rsplit('/').next()?.parse().ok()?;
    world.shards.iter().find(|shard| shard.id == id)
}

/// Cursors are places in the shard, below the epoch they were made in: later ones are no greater, so that they
/// tell of no loss.
fn encode_cursor(world: &World, at: usize) -> String {
    BASE64.encode(((1000 - world.epoch) * 1_000_000 + at as i64).to_string())
}

fn decode_cursor(world: &World, cursor: &str) -> Option<usize> {
    let number: i64 = String::from_utf8(BASE64.decode(cursor).ok()?)
        .ok()?
        .parse()
        .ok()?;
    let at = (number % 1_000_000) as usize;
    (number / 1_000_000 == 1000 - world.epoch && at >= world.retained).then_some(at)
}

fn cursor(world: &World, request: &Request) -> Reply {
    let Some(shard) = shard_of(world, request) else {
        return refuse(400, "ShardNotExist", "no such shard");
    };
    let at = match request.param("from").as_str() {
        "begin" => 0,
        "end" => shard.logs.len(),
        time => {
            let time: i64 = time.parse().expect("a time");
            shard
                .logs
                .iter()
                .position(|log| log.received >= time)
                .unwrap_or(shard.logs.len())
        }
    };
    let at = at.max(world.retained.min(shard.logs.len()));
    json_reply(&json!({"cursor": encode_cursor(world, at)}))
}

fn pull(world: &World, request: &Request, fault: Option<&What>) -> Reply {
    let Some(shard) = shard_of(world, request) else {
        return refuse(400, "ShardNotExist", "no such shard");
    };
    let cursor = request.param("cursor");
    let Some(at) = decode_cursor(world, &cursor) else {
        return refuse(
            400,
            "ParameterInvalid",
            "Invalid cursor, it is of another time",
        );
    };
    let end = decode_cursor(world, &request.param("end_cursor")).unwrap_or(shard.logs.len());
    let count: usize = request.param("count").parse().expect("a count");
    let logs = &shard.logs[at..end.min(at + count).max(at)];
    // One log a group, as a slow writer would make them.
    let body: Vec<u8> = logs
        .iter()
        .flat_map(|log| group(log).repeat(copies(fault)))
        .collect();
    packed(request, "application/x-protobuf", &body)
        .with("x-log-cursor", encode_cursor(world, at + logs.len()))
        .with("x-log-count", logs.len().to_string())
}

/// A group of one log, written byte by byte.
fn group(log: &Log) -> Vec<u8> {
    let mut inner = vec![0x08];
    inner.extend(varint(log.time as u64));
    for (name, value) in &log.fields {
        inner.extend(field(
            2,
            &[field(1, name.as_bytes()), field(2, value)].concat(),
        ));
    }
    let received = log.received.to_string();
    let tag = [field(1, b"__receive_time__"), field(2, received.as_bytes())].concat();
    field(
        1,
        &[
            field(1, &inner),
            field(3, b""),
            field(4, b"log_service"),
            field(6, &tag),
        ]
        .concat(),
    )
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    out.extend(varint(bytes.len() as u64));
    out.extend(bytes);
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// The body in the compression that was asked for.
fn packed(request: &Request, content_type: &str, raw: &[u8]) -> Reply {
    let kind = request.header("accept-encoding").to_owned();
    let body = match kind.as_str() {
        _ if raw.is_empty() => Vec::new(),
        "lz4" => lz4_flex::block::compress(raw),
        "zstd" => zstd::encode_all(raw, 1).expect("memory"),
        "gzip" => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(raw).expect("memory");
            out.finish().expect("memory")
        }
        _ => raw.to_vec(),
    };
    let reply =
        Reply::new(200, content_type, body).with("x-log-bodyrawsize", raw.len().to_string());
    if kind.is_empty() {
        reply
    } else {
        reply.with("x-log-compresstype", kind)
    }
}
