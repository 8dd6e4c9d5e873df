//! `regtrail query --follow` on endpoints and logstores of the project's own servers, with cuts and faults.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::Utc;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::following::{Following, PATIENCE, query, record, records};
use crate::loopback::sls::{ENDPOINT, KEY_ID, LOGSTORE, PROJECT, SECRET, Sls, What};
use crate::loopback::{Body, Reply, Server};

type Connections = Arc<Mutex<Vec<UnboundedSender<Vec<u8>>>>>;

/// An endpoint whose answers are what is sent on its connections, oldest first.
async fn endpoint(content_type: &'static str) -> (Server, Connections) {
    let connections = Connections::default();
    let shared = connections.clone();
    let server = Server::start(move |_| {
        let (send, chunks) = unbounded_channel();
        shared.lock().expect("not poisoned").push(send);
        Reply {
            body: Body::Stream(chunks),
            ..Reply::new(200, content_type, "")
        }
    })
    .await;
    (server, connections)
}

/// Events that follow each other; `REGTRAIL_FOLLOW_EVENTS` makes them more.
fn events(usual: usize) -> usize {
    let wanted = std::env::var("REGTRAIL_FOLLOW_EVENTS").ok();
    wanted.map_or(usual, |text| text.parse().expect("a number"))
}

/// Waits until something is so.
async fn until(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, wait).await;
    waited.expect("in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_stream_come_while_it_lasts_and_once_after_a_cut() {
    for (content_type, before, after) in [
        ("text/event-stream", "data: ", "\n\n"),
        ("application/x-ndjson", "", "\n"),
    ] {
        let (server, connections) = endpoint(content_type).await;
        let mut following = Following::start(&[&server.url]);
        let send = |at: usize, n: usize| {
            let text = format!("{before}{}{after}", record(n));
            let connections = connections.lock().expect("not poisoned");
            connections[at].send(text.into_bytes()).expect("connected");
        };
        let connected = |n| connections.lock().expect("not poisoned").len() == n;
        until(|| connected(1)).await;
        for n in 0..3 {
            send(0, n);
            assert_eq!(following.line(), record(n), "{content_type}");
        }
        // It is cut, opened again, and sends again what it had sent.
        let cut = || connections.lock().expect("not poisoned")[0] = unbounded_channel().0;
        cut();
        until(|| connected(2)).await;
        for n in 1..5 {
            send(1, n);
        }
        assert_eq!(following.take(2), [record(3), record(4)], "{content_type}");
        following.says("reopening it");
        let ended = following.interrupt();
        assert_eq!((ended.code, ended.lines.len()), (0, 0), "{content_type}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_never_pauses_is_not_kept_back() {
    let (server, connections) = endpoint("application/x-ndjson").await;
    let mut following = Following::start(&[&server.url]);
    until(|| !connections.lock().expect("not poisoned").is_empty()).await;
    let connection = connections.lock().expect("not poisoned")[0].clone();
    let sending = tokio::spawn(async move {
        let mut n = 0;
        // Until nobody wants any more.
        while connection.send(records(n..n + 1).into_bytes()).is_ok() {
            n += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let lines = following.take(20);
    assert_eq!(lines, (0..20).map(record).collect::<Vec<_>>());
    assert!(!sending.is_finished(), "it goes on");
    sending.abort();
    assert_eq!(following.interrupt().code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_events_of_a_stream_come_once_each() {
    let all = events(20_000);
    let (server, connections) = endpoint("application/x-ndjson").await;
    let mut following = Following::start(&[&server.url]);
    until(|| !connections.lock().expect("not poisoned").is_empty()).await;
    let connection = connections.lock().expect("not poisoned")[0].clone();
    for n in (0..all).step_by(250) {
        connection
            .send(records(n..n + 250).into_bytes())
            .expect("connected");
    }
    let mut seen: Vec<usize> = (following.take(all).iter())
        .map(|line| crate::following::id(line))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..all).collect::<Vec<_>>());
    assert_eq!(following.interrupt().code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_asked_again_prints_what_is_new() {
    let known = Arc::new(AtomicUsize::new(3));
    let shared = known.clone();
    let server = Server::start(move |_| {
        let numbers = 0..shared.load(Ordering::Acquire);
        let events: Vec<String> = numbers.map(record).collect();
        let body = format!("[{}]", events.join(","));
        Reply::new(200, "application/json", body)
    })
    .await;
    let home = tempfile::tempdir().expect("a directory");
    fs::create_dir(home.path().join("regtrail")).expect("a directory");
    let profile = format!(
        "[profiles.polled]\nsource = \"{}\"\n[profiles.polled.http]\npoll = 0.05\n",
        server.url
    );
    fs::write(home.path().join("regtrail/config.toml"), profile).expect("written");
    let mut command = query(&["@polled"]);
    command.env("XDG_CONFIG_HOME", home.path());
    let mut following = Following::spawn(command);
    assert_eq!(following.take(3), [record(0), record(1), record(2)]);
    known.store(5, Ordering::Release);
    assert_eq!(following.take(2), [record(3), record(4)]);
    let ended = following.interrupt();
    assert_eq!(
        (ended.code, ended.lines.len(), ended.err.as_str()),
        (0, 0, "")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_refuses_for_good_makes_it_3_and_the_file_goes_on() {
    let server = Server::start(|_| Reply::new(401, "text/plain", "who are you?")).await;
    let directory = tempfile::tempdir().expect("a directory");
    let log = directory.path().join("audit.ndjson");
    fs::write(&log, records(0..2)).expect("written");
    let mut following = Following::start(&[&server.url, log.to_str().expect("UTF-8")]);
    following.take(2);
    following.says("401");
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(&log)
        .expect("there");
    writeln!(file, "{}", record(2)).expect("room");
    assert_eq!(following.line(), record(2));
    assert_eq!(following.interrupt().code, 3);
    // Alone it leaves nothing to wait for.
    let ended = Following::start(&[&server.url]).end();
    assert_eq!((ended.code, ended.lines.len()), (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_again_is_said_once_and_costs_nothing() {
    let tries = Arc::new(AtomicUsize::new(0));
    let shared = tries.clone();
    let server = Server::start(move |_| match shared.fetch_add(1, Ordering::AcqRel) {
        0 | 1 => Reply::new(503, "text/plain", "busy"),
        _ => Reply::new(200, "application/json", format!("[{}]", record(0))),
    })
    .await;
    let mut following = Following::start(&[&server.url, "--limit", "1"]);
    following.says("retrying");
    let ended = following.end();
    assert_eq!((ended.code, ended.ids()), (0, vec![0]));
    assert_eq!(ended.err.matches("retrying").count(), 1, "{}", ended.err);
}

/// Follows a logstore of a service of our own.
fn logstore(server: &Sls, args: &[&str]) -> Following {
    let source = format!("sls://{PROJECT}.{ENDPOINT}/{LOGSTORE}");
    let at = [source.as_str(), "--sls-endpoint", &server.server.url];
    let mut command = query(&[&at[..], args].concat());
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET);
    Following::spawn(command)
}

fn add(server: &Sls, numbers: std::ops::Range<usize>) {
    let now = Utc::now().timestamp();
    let mut world = server.world();
    for n in numbers {
        world.log(n as i64 % 2, now, &format!("event-{n}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logstore_is_followed_in_both_modes_through_faults() {
    let follow = async |mode: &'static str, calls: [&'static str; 2]| {
        let server = Sls::start([0, 1]).await;
        add(&server, 0..200);
        let mut following = logstore(&server, &["--sls-mode", mode, "--since", "-30m"]);
        let mut seen = Vec::new();
        let mut take = |following: &mut Following, n: usize| {
            for line in following.take(n) {
                let record: Value = serde_json::from_str(&line).expect("a record");
                seen.push(record["id"].as_str().expect("text").to_owned());
            }
        };
        take(&mut following, 200);
        let all = events(600);
        for start in (200..all).step_by((all / 4).max(100)) {
            for what in [
                What::Refuse(500, "InternalServerError", "try later"),
                What::Reset,
                What::CutBody,
                What::Double,
            ] {
                for call in calls {
                    server.world().fault(call, what.clone());
                }
            }
            let end = all.min(start + (all / 4).max(100));
            add(&server, start..end);
            take(&mut following, end - start);
        }
        let wanted: BTreeSet<String> = (0..all).map(|n| format!("event-{n}")).collect();
        assert_eq!(
            seen.iter().cloned().collect::<BTreeSet<_>>(),
            wanted,
            "{mode}"
        );
        let ended = following.interrupt();
        assert_eq!(
            (ended.code, ended.lines.len()),
            (0, 0),
            "{mode}: {}",
            ended.err
        );
        assert!(ended.err.contains("retrying"), "{mode}: {}", ended.err);
        assert!(!ended.err.contains(SECRET));
    };
    tokio::join!(
        follow("tail", ["pull", "cursor"]),
        follow("search", ["histogram", "logs"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_of_a_logstore_follow_it() {
    let server = Sls::start([0, 1]).await;
    add(&server, 0..20);
    let mut following = logstore(&server, &["--count", "--every", "50ms"]);
    following.says("loading the last hour");
    let total = |line: String| {
        let sums: Value = serde_json::from_str(&line).expect("an object");
        sums["total"].as_u64().expect("a number")
    };
    assert_eq!(total(following.line()), 20, "once it is loaded, not before");
    add(&server, 20..30);
    while total(following.line()) < 30 {}
    let ended = following.interrupt();
    assert_eq!(ended.code, 0);
    assert_eq!(ended.lines.into_iter().map(total).next_back(), Some(30));
}

/// A server that refuses every connection is never reached: that is no empty log.
#[test]
fn an_endpoint_that_was_never_reached_is_missing_when_a_signal_ends_it() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("bound");
    drop(port);
    for also in [false, true] {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log");
        fs::write(&path, records(0..1)).expect("written");
        let url = format!("http://{address}/audit");
        let log = path.to_str().expect("UTF-8");
        let args = [url.as_str(), log];
        let mut following = Following::start(&args[..=usize::from(also)]);
        following.says("retrying");
        if also {
            following.take(1);
        }
        assert_eq!(following.interrupt().code, 3);
    }
}

/// How long events take to come out, in the middle of fifty.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_out_a_fifth_of_a_second_after_it_came() {
    const TIMES: usize = 50;
    const WANTED: Duration = Duration::from_millis(200);
    let timed = |following: &mut Following, send: &mut dyn FnMut(usize)| {
        let one = |n: usize| {
            let began = std::time::Instant::now();
            send(n);
            following.line();
            began.elapsed()
        };
        median((0..TIMES).map(one).collect())
    };
    for (content_type, before, after) in [
        ("text/event-stream", "data: ", "\n\n"),
        ("application/x-ndjson", "", "\n"),
    ] {
        let (server, connections) = endpoint(content_type).await;
        let mut following = Following::start(&[&server.url]);
        until(|| !connections.lock().expect("not poisoned").is_empty()).await;
        let connection = connections.lock().expect("not poisoned")[0].clone();
        let took = timed(&mut following, &mut |n| {
            let text = format!("{before}{}{after}", record(n));
            connection.send(text.into_bytes()).expect("connected");
        });
        eprintln!("{content_type}: {took:?}");
        assert!(took < WANTED, "{content_type}: {took:?}");
    }
    let (mut following, mut pipe) = Following::fed(&["-"]);
    let took = timed(&mut following, &mut |n| {
        writeln!(pipe, "{}", record(n)).expect("it reads");
    });
    eprintln!("pipe: {took:?}");
    assert!(took < WANTED, "pipe: {took:?}");
    let log = tempfile::NamedTempFile::new().expect("a file");
    let mut following = Following::start(&[log.path().to_str().expect("UTF-8")]);
    let mut file = log.reopen().expect("there");
    let took = timed(&mut following, &mut |n| {
        writeln!(file, "{}", record(n)).expect("room");
    });
    eprintln!("file: {took:?}");
    assert!(took < WANTED, "file: {took:?}");
}
