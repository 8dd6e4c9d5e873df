//! A server that speaks Simple Log Service: it verifies signatures by the documented recipe, written here a
//! second time from what came over the wire, and breaks on demand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{NaiveDateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{Body, Reply, Request, Server};

pub(crate) const PROJECT: &str = "demo-project";
pub(crate) const ENDPOINT: &str = "cn-hangzhou.log.aliyuncs.com";
pub(crate) const LOGSTORE: &str = "acr_access_log";
pub(crate) const KEY_ID: &str = "testKeyId";
pub(crate) const SECRET: &str = "testKeySecret-hidden";

/// A log as it lies in a shard.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    /// Log time and time of receipt, unix seconds.
    pub(crate) time: i64,
    pub(crate) received: i64,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Shard {
    pub(crate) id: i64,
    pub(crate) read_only: bool,
    pub(crate) logs: Vec<Log>,
}

/// What goes wrong with the next request it fits.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The call: `logs`, `histogram`, `shards`, `cursor`, `pull`, `index`, or empty for any.
    pub(crate) call: &'static str,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Status, code and message.
    Refuse(u16, &'static str, &'static str),
    /// Status and a page for people.
    Html(u16),
    /// The answer breaks off by a reset.
    Reset,
    /// The answer stops and the connection stays.
    Stall,
    /// The answer comes in small pieces, slowly.
    Drip,
    /// The compressed body lacks its end, but says it is whole.
    CutBody,
    /// Not everything was searched.
    Incomplete,
    /// Every record twice.
    Double,
}

/// Everything the server knows; tests change it while it runs.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) shards: Vec<Shard>,
    pub(crate) faults: VecDeque<Fault>,
    /// Seconds by which the server's clock is ahead.
    pub(crate) clock: i64,
    /// Token that must come with a request; empty for none. Another is refused as expired.
    pub(crate) token: String,
    /// Cursors made before this are refused.
    pub(crate) epoch: i64,
    /// Actions that are denied.
    pub(crate) denied: Vec<&'static str>,
    /// Requests that were refused for their signature.
    pub(crate) bad_signatures: Vec<String>,
    /// Verified requests by call.
    pub(crate) calls: Vec<String>,
    /// The largest offset a search asked for.
    pub(crate) largest_offset: u64,
}

impl World {
    pub(crate) fn fault(&mut self, call: &'static str, what: What) {
        self.faults.push_back(Fault { call, what });
    }

    /// Adds a log with an id of its own to a shard.
    pub(crate) fn log(&mut self, shard: i64, time: i64, id: &str) {
        let received = Utc::now().timestamp() + self.clock;
        let fields = vec![
            ("id".to_owned(), id.as_bytes().to_vec()),
            ("action".to_owned(), b"GetBlob".to_vec()),
        ];
        self.push(
            shard,
            Log {
                time,
                received,
                fields,
            },
        );
    }

    pub(crate) fn push(&mut self, shard: i64, log: Log) {
        self.shards
            .iter_mut()
            .find(|s| s.id == shard)
            .expect("a shard")
            .logs
            .push(log);
    }

    fn count(&self, call: &str) -> usize {
        self.calls.iter().filter(|c| *c == call).count()
    }
}

/// A running service.
#[derive(Debug)]
pub(crate) struct Sls {
    pub(crate) server: Server,
    world: Arc<Mutex<World>>,
}

impl Sls {
    /// Starts with shards of these numbers.
    pub(crate) async fn start(shards: impl IntoIterator<Item = i64>) -> Self {
        let shards = shards
            .into_iter()
            .map(|id| Shard {
                id,
                ..Shard::default()
            })
            .collect();
        let world = Arc::new(Mutex::new(World {
            shards,
            ..World::default()
        }));
        Self::start_at("127.0.0.1:0", world).await
    }

    async fn start_at(address: &str, world: Arc<Mutex<World>>) -> Self {
        let shared = world.clone();
        let server = Server::start_at(address, move |request| {
            let mut world = shared.lock().expect("not poisoned");
            answer(&mut world, request)
        })
        .await;
        Self { server, world }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("not poisoned")
    }

    pub(crate) fn calls(&self, call: &str) -> usize {
        self.world().count(call)
    }

    /// Stops, lets `meanwhile` happen, and serves again at the same address.
    pub(crate) async fn restart<T>(
        self,
        meanwhile: impl AsyncFnOnce(&Mutex<World>) -> T,
    ) -> (Self, T) {
        let (address, world) = (self.server.address().to_owned(), self.world.clone());
        self.server.stop().await;
        let value = meanwhile(&world).await;
        (Self::start_at(&address, world).await, value)
    }
}

fn answer(world: &mut World, request: &Request) -> Reply {
    let now = Utc::now().timestamp() + world.clock;
    let date = chrono::DateTime::from_timestamp(now, 0)
        .expect("in range")
        .format("%a, %d %b %Y %H:%M:%S GMT");
    let fault = take_fault(world, call_of(request));
    let reply = match &fault {
        Some(What::Refuse(status, code, message)) => refuse(*status, code, message),
        Some(What::Html(status)) => Reply::new(
            *status,
            "text/html",
            "<!DOCTYPE html><title>Sign in to the portal</title>",
        ),
        _ => match verify(world, request, now) {
            Ok(()) => serve(world, request, fault.as_ref()),
            Err(refusal) => refusal,
        },
    };
    let reply = reply
        .with("Date", date.to_string())
        .with("x-log-requestid", "65E9F6A2D1A0C5");
    match fault {
        Some(What::Reset) => reply.sent(|body| Body::Reset(body.clone(), body.len() / 2)),
        Some(What::Stall) => reply.sent(|body| Body::Stall(body.clone(), body.len() / 2)),
        Some(What::Drip) => reply.sent(Body::Drip),
        Some(What::CutBody) => reply.sent(|body| Body::Whole(body[..body.len() * 2 / 3].to_vec())),
        _ => reply,
    }
}

fn take_fault(world: &mut World, call: &str) -> Option<What> {
    let at = world
        .faults
        .iter()
        .position(|fault| fault.call.is_empty() || fault.call == call)?;
    world.faults.remove(at).map(|fault| fault.what)
}

fn call_of(request: &Request) -> &'static str {
    let kind = request.param("type");
    match (
        request.path().rsplit('/').next().unwrap_or_default(),
        kind.as_str(),
    ) {
        ("logs", _) => "logs",
        ("index", _) => "index",
        ("shards", _) => "shards",
        (_, "histogram") => "histogram",
        (_, "cursor") => "cursor",
        (_, "log" | "logs") => "pull",
        _ => "",
    }
}

fn action_of(call: &str) -> &'static str {
    match call {
        "logs" => "log:GetLogStoreLogs",
        "index" => "log:GetIndex",
        "shards" => "log:ListShards",
        "histogram" => "log:GetLogStoreHistogram",
        _ => "log:GetCursorOrData",
    }
}

fn refuse(status: u16, code: &str, message: &str) -> Reply {
    Reply::new(
        status,
        "application/json",
        json!({"errorCode": code, "errorMessage": message}).to_string(),
    )
}

/// Checks host, time, token, digest and signature.
fn verify(world: &mut World, request: &Request, now: i64) -> Result<(), Reply> {
    if request.header("host") != format!("{PROJECT}.{ENDPOINT}") {
        return Err(refuse(400, "InvalidHost", request.header("host")));
    }
    let authorization = request.header("authorization").to_owned();
    let stamp = if authorization.starts_with("LOG ") {
        request.header("date")
    } else {
        request.header("x-log-date")
    };
    let sent = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ")
        .or_else(|_| NaiveDateTime::parse_from_str(stamp, "%a, %d %b %Y %H:%M:%S GMT"));
    let Ok(sent) = sent else {
        return Err(refuse(401, "Unauthorized", "no time"));
    };
    if (sent.and_utc().timestamp() - now).abs() > 900 {
        let message = format!("Request time {stamp} has been expired while server time is {now}.");
        return Err(refuse(400, "RequestTimeExpired", &message));
    }
    if world.token != request.header("x-acs-security-token") {
        return Err(refuse(
            401,
            "Unauthorized",
            "The security token you provided has expired.",
        ));
    }
    let expected = if authorization.starts_with("LOG ") {
        v1(request)
    } else {
        v4(request, stamp)
    };
    if authorization != expected {
        world
            .bad_signatures
            .push(format!("{authorization} instead of {expected}"));
        return Err(refuse(401, "SignatureNotMatch", "Signature not matched."));
    }
    Ok(())
}

fn own_headers(request: &Request) -> impl Iterator<Item = (&String, &String)> {
    request
        .headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-log-") || name.starts_with("x-acs-"))
}

fn v4(request: &Request, stamp: &str) -> String {
    let mut query: Vec<String> = request
        .target
        .split_once('?')
        .map_or("", |(_, query)| query)
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.strip_suffix('=').unwrap_or(pair).to_owned())
        .collect();
    query.sort_by(|a, b| a.split('=').next().cmp(&b.split('=').next()));
    let mut headers: Vec<(&str, &str)> = own_headers(request)
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    headers.push(("host", request.header("host")));
    if !request.header("content-type").is_empty() {
        headers.push(("content-type", request.header("content-type")));
    }
    headers.sort_unstable();
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect::<Vec<_>>()
        .concat();
    let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    let body = hex(&Sha256::digest(&request.body));
    let canonical = [
        &request.method,
        request.path(),
        &query.join("&"),
        &lines,
        &names.join(";"),
        &body,
    ]
    .join("\n");
    let scope = format!("{}/cn-hangzhou/sls/aliyun_v4_request", &stamp[..8]);
    let text = format!(
        "SLS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let hash = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let key = hash(format!("aliyun_v4{SECRET}").as_bytes(), &stamp[..8]);
    let key = hash(
        &hash(&hash(&key, "cn-hangzhou"), "sls"),
        "aliyun_v4_request",
    );
    format!(
        "SLS4-HMAC-SHA256 Credential={KEY_ID}/{scope},Signature={}",
        hex(&hash(&key, &text))
    )
}

fn v1(request: &Request) -> String {
    let md5 = match request.body.as_slice() {
        [] => String::new(),
        body => hex(&Md5::digest(body)).to_uppercase(),
    };
    let mut params = request.params();
    params.sort();
    let pairs: Vec<_> = params
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let joint = if pairs.is_empty() { "" } else { "?" };
    let headers: String = own_headers(request)
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect::<Vec<_>>()
        .concat();
    let (kind, date) = (request.header("content-type"), request.header("date"));
    let text = format!(
        "{}\n{md5}\n{kind}\n{date}\n{headers}{}{joint}{}",
        request.method,
        request.path(),
        pairs.join("&")
    );
    let mut mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    format!(
        "LOG {KEY_ID}:{}",
        BASE64.encode(mac.finalize().into_bytes())
    )
}

fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.concat()
}

fn serve(world: &mut World, request: &Request, fault: Option<&What>) -> Reply {
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
            json_reply(&json!({"keys": {"action": {"type": "text", "doc_value": true}}, "ttl": 7}))
        }
        _ => refuse(404, "NotFound", request.path()),
    }
}

fn json_reply(value: &Value) -> Reply {
    Reply::new(200, "application/json", value.to_string())
}

/// The logs of a range that match the query, newest first. Queries are `field: value` or empty.
fn matching(world: &World, query: &str, from: i64, to: i64) -> Vec<Log> {
    let wanted = query
        .split_once(':')
        .map(|(field, value)| (field.trim(), value.trim().as_bytes()));
    let all = world.shards.iter().flat_map(|shard| &shard.logs);
    let mut found: Vec<Log> = all
        .filter(|log| (from..to).contains(&log.time))
        .filter(|log| {
            wanted.is_none_or(|(field, value)| {
                log.fields.iter().any(|(f, v)| f == field && v == value)
            })
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
    let found = matching(world, &query, number("from"), number("to"));
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

/// Cursors are places in the shard, above the epoch they were made in.
fn encode_cursor(world: &World, at: usize) -> String {
    BASE64.encode((world.epoch * 1_000_000 + at as i64).to_string())
}

fn decode_cursor(world: &World, cursor: &str) -> Option<usize> {
    let number: i64 = String::from_utf8(BASE64.decode(cursor).ok()?)
        .ok()?
        .parse()
        .ok()?;
    (number / 1_000_000 == world.epoch).then_some((number % 1_000_000) as usize)
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
            use std::io::Write as _;
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
