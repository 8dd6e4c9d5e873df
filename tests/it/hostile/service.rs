//! Answers of the log service that are JSON: damaged, of other kinds, and out of all bounds.

use std::time::Duration;

use chrono::Utc;
use regtrail::source::retry::Policy;
use regtrail::source::sls::address::Address;
use regtrail::source::sls::client::{Client, Place, Search};
use regtrail::source::sls::{Mode, Settings, Tuning};
use regtrail::source::{Environment, Failure, sls};
use serde_json::{Value, json};

use super::{SECRET, assert_clean, mebibytes, run, runtime};
use crate::chance::{Chance, fuzz};
use crate::loopback::watch::Running;
use crate::loopback::{Reply, Request, Server};

fn settings(url: &str) -> Settings {
    let address = Address::parse("sls://p.cn-hangzhou.log.aliyuncs.com/l").expect("good");
    let keys = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", SECRET),
    ];
    let mut settings = Settings::new(address, Environment::of(keys, None));
    settings.endpoint = Some(url.to_owned());
    settings.mode = Mode::Search;
    settings.follow = false;
    settings.retry = Policy {
        first: Duration::from_millis(1),
        cap: Duration::from_millis(4),
        give_up: Some(3),
        on_request: false,
    };
    settings.tuning = Tuning {
        incomplete: Duration::from_micros(10),
        ..Tuning::default()
    };
    settings
}

/// Values in the place of others.
const STRANGE: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "1e3",
    "\"\"",
    "\"x\"",
    "\"9223372036854775807\"",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "{\"a\":1}",
    "\"\\u001b[2J\"",
    "\"\\ud800\"",
    "\"Incomplete\"",
    "\"Complete\"",
];

const PIECES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"-",
    b"9223372036854775807",
    b"\xff",
    b"\x1b[2J",
    b"<html>",
    b"1e9",
];

/// Answers to each call.
fn usual(call: &str) -> Value {
    let at = 1_712_912_300;
    match call {
        "logs" => json!({"meta": {"progress": "Complete", "count": 2}, "data": [
            {"__time__": at.to_string(), "action": "GetBlob"}, {"__time__": at, "action": "PutBlob", "x": [1, {"y": "z"}]}]}),
        "histogram" => json!([{"from": at, "to": at + 30, "count": 3, "progress": "Complete"},
            {"from": (at + 30).to_string(), "to": at + 60, "count": "4"}]),
        "shards" => {
            json!([{"shardID": 0, "status": "readwrite"}, {"shardID": "1", "status": "readonly"}])
        }
        "cursor" => json!({"cursor": "MTQ="}),
        "index" => {
            json!({"keys": {"action": {"type": "text", "token": [","], "doc_value": true}}, "line": {"token": [","]}, "ttl": 7})
        }
        _ => {
            json!({"errorCode": "Unauthorized", "errorMessage": "denied by sts, action: log:GetIndex, resource: acs:log:x", "requestId": "6F2"})
        }
    }
}

/// An answer by chance: values replaced, then bytes damaged, with what the request brought somewhere in it.
fn answer(call: &str, brought: &str, chance: &mut Chance) -> Vec<u8> {
    let mut text = usual(call).to_string();
    for _ in 0..chance.below(3) {
        let places: Vec<usize> = text.match_indices(':').map(|(at, _)| at + 1).collect();
        let Some(at) = (!places.is_empty()).then(|| *chance.pick(&places)) else {
            break;
        };
        let len = text[at..].find([',', '}', ']']).unwrap_or(0);
        text.replace_range(at..at + len, chance.pick::<&str>(STRANGE));
    }
    if chance.below(6) == 0 {
        text = String::from(*chance.pick(STRANGE));
    }
    let mut bytes = text.into_bytes();
    if chance.below(2) == 0 {
        chance.damage(&mut bytes, 0, PIECES);
    }
    if chance.below(3) == 0 {
        // As a proxy does that shows what it was sent.
        let at = chance.below(bytes.len() + 1);
        let pad = "y".repeat(chance.below(120));
        bytes.splice(at..at, format!("{pad}{brought}").into_bytes());
    }
    bytes
}

#[test]
fn answers_of_the_service_in_json_are_read_or_refused_in_words() {
    const CALLS: &[&str] = &["logs", "histogram", "shards", "cursor", "index", "refusal"];
    let threads = runtime();
    fuzz("answers in JSON", 300, |chance| {
        let call = *chance.pick(CALLS);
        let status = *chance.pick(if call == "refusal" {
            &[400, 401, 403, 404, 500, 503][..]
        } else {
            &[200, 200, 200, 500]
        });
        let body = answer(call, SECRET, chance);
        let sent = body.clone();
        let date = *chance.pick(&[
            "",
            "",
            "Fri, 12 Apr 2024 08:58:30 GMT",
            "Wed, 31 Dec 262142 23:59:59 GMT",
            "Fri, 01 Jan 0001 00:00:00 GMT",
        ]);
        let progress = *chance.pick(&["", "Complete", "Incomplete", "\u{7f}"]);
        let (said, pages) = threads.block_on(async {
            let server = Server::start(move |_| {
                let reply = Reply::new(status, "application/json", sent.clone());
                let reply = if date.is_empty() {
                    reply
                } else {
                    reply.with("Date", date)
                };
                if progress.is_empty() {
                    reply
                } else {
                    reply.with("x-log-progress", progress)
                }
            })
            .await;
            let client = Client::new(&settings(&server.url)).expect("good");
            let (mut said, mut pages) = (Vec::new(), Vec::new());
            // A second call is made with what the first one taught.
            for _ in 0..2 {
                let search = Search {
                    query: "*",
                    from: 0,
                    to: 1,
                    offset: 0,
                };
                let end = match call {
                    "logs" => client
                        .get_logs(&search)
                        .await
                        .map(|page| pages.push(page.records.len())),
                    "histogram" => client.histogram("*", 0, 1).await.map(|histogram| {
                        assert!(histogram.total() < u64::MAX || histogram.parts.len() > 1);
                    }),
                    "shards" => client.shards().await.map(drop),
                    "cursor" => client.cursor(0, Place::Begin).await.map(drop),
                    _ => client.index().await.map(drop),
                };
                let _ = client.now() - client.skew();
                said.extend(end.err().map(|error| Failure::from(error).to_string()));
            }
            (said, pages)
        });
        for said in &said {
            assert_clean(said);
            assert!(!said.contains(&SECRET[..4]), "{said}");
        }
        let read: Result<Value, _> = serde_json::from_slice(&body);
        if call == "logs" && status == 200 {
            let list = read.ok().and_then(|value| {
                let list = value.get("data").cloned().unwrap_or(value);
                list.as_array().map(Vec::len)
            });
            if let (Some(len), [one, ..]) = (list, &*pages) {
                assert_eq!(*one, len, "{}", String::from_utf8_lossy(&body));
            }
        }
    });
}

/// The call that a request makes.
fn call_of(request: &Request) -> &'static str {
    match request.path().rsplit('/').next() {
        Some("logs") => "logs",
        Some("index") => "index",
        Some("shards") => "shards",
        _ if request.param("type") == "histogram" => "histogram",
        _ => "cursor",
    }
}

/// Counts of a range by chance: of other ranges, overlapping, out of order, out of all bounds.
fn counts(from: i64, to: i64, chance: &mut Chance) -> Value {
    let time = |chance: &mut Chance| match chance.below(8) {
        0 => i64::MIN,
        1 => i64::MAX,
        2 => 0,
        3 => from,
        4 => to,
        _ => from + chance.below((to - from).max(1) as usize) as i64,
    };
    let parts = (0..chance.below(5)).map(|_| {
        let count = match chance.below(6) {
            0 => i64::MAX,
            1 => -1,
            n => (n - 2) as i64 * 300,
        };
        json!({"from": time(chance), "to": time(chance), "count": count})
    });
    parts.collect()
}

#[test]
fn a_search_ends_whatever_it_is_told_of_counts_and_pages() {
    let threads = runtime();
    fuzz("searches", 40, |chance| {
        let since = Utc::now().timestamp() - 1 - chance.below(7_200) as i64;
        let seed = chance.next();
        let endless = chance.below(4) == 0;
        let (asked, end) = threads.block_on(async {
            let server = Server::start(move |request| {
                let number = |name: &str| request.param(name).parse::<i64>().unwrap_or(0);
                let body = match call_of(request) {
                    "histogram" => {
                        let (from, to) = (number("from"), number("to"));
                        counts(from, to, &mut Chance::new(seed ^ (from * 31 + to) as u64))
                    }
                    "logs" => {
                        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
                        let (from, offset) = (
                            body["from"].as_i64().unwrap_or(0),
                            body["offset"].as_u64().unwrap_or(0),
                        );
                        let more = endless || offset == 0;
                        let records: Vec<Value> = (0..if more { 100 } else { 0 })
                            .map(|n| json!({"__time__": from, "id": format!("{from}-{n}")}))
                            .collect();
                        json!({"meta": {"progress": "Complete"}, "data": records})
                    }
                    call => usual(call),
                };
                Reply::new(200, "application/json", body.to_string())
            })
            .await;
            let settings = Settings {
                since: Some(since),
                ..settings(&server.url)
            };
            let mut run = Running::start(|feed| sls::run(feed, settings));
            let end = tokio::time::timeout(Duration::from_secs(50), run.end()).await;
            (server.asked().len(), end)
        });
        assert!(end.is_ok(), "no end after {asked} requests");
        if let Ok(Err(failure)) = end {
            assert_clean(&failure.to_string());
        }
    });
}

#[test]
fn what_is_repeated_in_an_answer_of_the_service_is_bounded() {
    let threads = runtime();
    let home = tempfile::tempdir().expect("a directory");
    let len = mebibytes() << 20;
    for (status, call, start, unit, end) in [
        (200, "logs", "", "[", ""),
        (200, "logs", "", "{\"data\":", ""),
        (200, "logs", "{\"meta\":", "[", ""),
        (200, "logs", "[", "{},", "{}]"),
        (200, "logs", "{\"data\":[", "1,", "1]}"),
        (200, "logs", "{\"data\":[", "{},", "{}]}"),
        (200, "logs", "{\"data\":\"", "x", "\"}"),
        (200, "logs", "\"", "x", "\""),
        (200, "logs", "{\"data\":[],\"meta\":[", "{},", "{}]}"),
        (200, "logs", "{\"", "x", "\":1}"),
        (200, "histogram", "[", "{},", "{}]"),
        (
            200,
            "histogram",
            "[",
            "{\"from\":0,\"to\":1,\"count\":1},",
            "{\"from\":0,\"to\":1,\"count\":1}]",
        ),
        (200, "index", "{\"keys\":{", "\"a\":{},", "\"b\":{}}}"),
        (401, "logs", "{\"errorCode\":\"", "x", "\"}"),
        (
            400,
            "logs",
            "{\"errorCode\":\"ParameterInvalid\",\"errorMessage\":\"",
            "x",
            "\"}",
        ),
        (
            400,
            "logs",
            "{\"errorCode\":\"a\",\"requestId\":\"",
            "\\u001b",
            "\"}",
        ),
        (400, "logs", "", "x", ""),
        (400, "logs", "", "\u{1b}", ""),
        (
            401,
            "logs",
            "{\"errorCode\":\"Unauthorized\",\"errorMessage\":\"denied by action: log:",
            "x",
            "\"}",
        ),
        (
            401,
            "logs",
            "{\"errorCode\":\"Unauthorized\",\"errorMessage\":\"denied by resource: ",
            "x",
            "\"}",
        ),
    ] {
        let text = format!("{start}{}{end}", unit.repeat(len / unit.len()));
        let what = format!("{call} {start}{unit:?}");
        let asked = std::sync::atomic::AtomicBool::new(false);
        let server = threads.block_on(Server::start(move |request| {
            let of = call_of(request);
            if of != call {
                let usual = if of == "histogram" {
                    json!([{"from": 0, "to": 9_999_999_999_i64, "count": 10}])
                } else {
                    usual(of)
                };
                return Reply::new(200, "application/json", usual.to_string());
            }
            if asked.swap(true, std::sync::atomic::Ordering::AcqRel) {
                return Reply::new(
                    404,
                    "application/json",
                    json!({"errorCode": "ProjectNotExist"}).to_string(),
                );
            }
            Reply::new(status, "application/json", text.clone())
        }));
        let arguments = [
            "query",
            "sls://p.cn-hangzhou.log.aliyuncs.com/l",
            "--sls-endpoint",
            &server.url,
            "--sls-mode",
            "search",
            "--since",
            "-1m",
            "--filter",
            "action:GetBlob",
            "--count",
        ];
        let keys = [
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET),
        ];
        let ended = run(&arguments, home.path(), &keys);
        ended.assert_well(&[0, 1, 3], &what);
    }
}
