//! The HTTP source against a loopback server: every kind of answer, every fault; nothing is lost, nothing
//! comes twice.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regtrail::engine::SourceState;
use regtrail::source::Environment;
use regtrail::source::http::{self, Profile, Settings};
use regtrail::source::retry::Policy;
use tokio::sync::mpsc;

use crate::loopback::tls::{Manner, Tls};
use crate::loopback::watch::{Delivered, Running};
use crate::loopback::{Body, Reply, Request, Server};

pub(crate) fn settings(url: &str) -> Settings {
    let mut settings = Settings::new(url, Environment::default());
    settings.retry = Policy {
        first: Duration::from_millis(4),
        cap: Duration::from_millis(20),
        give_up: None,
        on_request: false,
    };
    settings.profile.poll = Some(0.005);
    settings.settle = Duration::from_millis(20);
    settings
}

pub(crate) fn once(url: &str) -> Settings {
    let mut settings = settings(url);
    settings.follow = false;
    settings.retry.give_up = Some(4);
    settings
}

pub(crate) fn start(settings: Settings) -> Running {
    Running::start(|feed| http::run(feed, settings))
}

fn profile(text: &str) -> Profile {
    toml::from_str(text).expect("a profile")
}

pub(crate) fn records(from: usize, to: usize) -> Vec<String> {
    (from..to)
        .map(|n| format!("{{\"id\":\"{n}\",\"text\":\"a ]}} b\"}}"))
        .collect()
}

pub(crate) fn ids(from: usize, to: usize) -> impl Iterator<Item = String> {
    (from..to).map(|n| n.to_string())
}

fn array(from: usize, to: usize) -> String {
    format!("[{}]", records(from, to).join(",\n "))
}

/// Reads one answer once.
async fn read_once(content_type: &'static str, body: impl Into<Vec<u8>>) -> Delivered {
    let body = body.into();
    let server = Server::start(move |_| Reply::new(200, content_type, body.clone())).await;
    let mut run = start(once(&server.url));
    run.end().await.expect("good");
    run.seen
}

#[tokio::test]
async fn answers_in_utf_16_and_with_nul_bytes_give_the_same_records() {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let lines = records(0, 50).join("\r\n");
    for (content_type, body) in [
        ("application/x-ndjson", wide(&lines)),
        ("application/x-ndjson", wide(&format!("\u{feff}{lines}"))),
        ("application/json", wide(&array(0, 50))),
        ("text/plain", lines.replace("\r\n", "\0\0\n").into_bytes()),
        (
            "text/plain",
            lines.replace("\r\n", "\n\0\0\0\0\0").into_bytes(),
        ),
    ] {
        let seen = read_once(content_type, body).await;
        seen.assert_each_once("id", ids(0, 50));
        assert!(
            seen.defects.is_empty(),
            "{content_type}: {:?}",
            seen.defects
        );
    }
}

#[tokio::test]
async fn every_kind_of_answer_gives_the_same_records() {
    let lines = records(0, 50).join("\n");
    let wrapped = format!(
        "{{\"meta\": {{\"count\": 50}},\n \"logs\": {}}}",
        array(0, 50)
    );
    let events: String = records(0, 50)
        .iter()
        .map(|r| format!("event: x\ndata: {r}\n\n"))
        .collect::<Vec<_>>()
        .concat();
    let arrays = format!(
        "{}\n{}\n[]\n",
        array(0, 20).replace('\n', ""),
        array(20, 50).replace('\n', "")
    );
    let pretty = records(0, 50)
        .join("\n")
        .replace(",\"text\"", ",\n  \"text\"");
    for (content_type, body) in [
        ("application/x-ndjson", lines.clone()),
        ("application/x-ndjson; charset=utf-8", format!("{lines}\n")),
        ("text/plain", lines.clone()),
        ("application/json", lines),
        ("application/json", array(0, 50)),
        ("application/json", array(0, 50).replace('\n', "")),
        (
            "application/octet-stream",
            format!("\u{feff}{}", array(0, 50)),
        ),
        ("application/json", wrapped.replace('\n', "")),
        ("application/json", wrapped),
        ("application/json", arrays),
        ("application/json", pretty),
        ("text/event-stream", events.clone()),
        ("text/plain", events),
    ] {
        let seen = read_once(content_type, body.clone()).await;
        seen.assert_each_once("id", ids(0, 50));
        assert!(
            seen.defects.is_empty(),
            "{content_type} {body:.60}: {:?}",
            seen.defects
        );
        assert_eq!(seen.states.last(), Some(&SourceState::Done));
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_defect_and_the_rest_stays() {
    let body = "{\"id\":\"0\"}\n{\"id\": broken\n17\n\n{\"id\":\"1\"}\n{\"id\":\"cut";
    let seen = read_once("application/x-ndjson", body).await;
    seen.assert_each_once("id", ids(0, 2));
    assert_eq!(seen.broken, ["{\"id\": broken", "17", "{\"id\":\"cut"]);
    assert!(seen.defects.is_empty(), "decoding says what they are");
    let seen = read_once(
        "application/json",
        b"[{\"id\":\"0\",\"t\":\"\xff\\u001b[2J\"},\n{\"id\":'}, null, {\"id\":\"1\"}]".to_vec(),
    )
    .await;
    seen.assert_each_once("id", ids(0, 2));
    assert_eq!(seen.values("t")[0], "\u{fffd}\u{1b}[2J");
    assert_eq!(seen.broken, ["{\"id\":'}"]);
    assert_eq!(seen.defects.len(), 1);
}

#[tokio::test]
async fn a_record_in_an_explicit_stream_is_never_taken_for_a_wrapper() {
    let seen = read_once(
        "application/x-ndjson",
        "{\"id\":\"0\",\"data\":[{\"id\":\"inner\"}]}",
    )
    .await;
    seen.assert_each_once("id", ids(0, 1));
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let body = array(0, 500);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(body.as_bytes()).expect("memory");
    let gzip = gzip.finish().expect("memory");
    let zstd = zstd::encode_all(body.as_bytes(), 1).expect("memory");
    for (kind, packed) in [("gzip", gzip), ("zstd", zstd)] {
        let server = Server::start(move |request| {
            assert!(request.header("accept-encoding").contains(kind));
            Reply::new(200, "application/json", packed.clone()).with("Content-Encoding", kind)
        })
        .await;
        let mut run = start(once(&server.url));
        run.end().await.expect("good");
        run.seen.assert_each_once("id", ids(0, 500));
    }
}

#[tokio::test]
async fn an_open_stream_is_live_and_a_reconnect_loses_and_doubles_nothing() {
    type Senders = Arc<Mutex<Vec<mpsc::UnboundedSender<Vec<u8>>>>>;
    for (content_type, frame) in [
        ("application/x-ndjson", ("", "\n")),
        ("text/event-stream", ("data: ", "\n\n")),
    ] {
        let senders: Senders = Arc::default();
        let shared = senders.clone();
        let server = Server::start(move |_| {
            let (send, chunks) = mpsc::unbounded_channel();
            shared.lock().expect("not poisoned").push(send);
            Reply {
                body: Body::Stream(chunks),
                ..Reply::new(200, content_type, "")
            }
        })
        .await;
        let mut run = start(settings(&server.url));
        let send = |connection: usize, from: usize, to: usize| {
            let text: String = records(from, to)
                .iter()
                .map(|r| format!("{}{r}{}", frame.0, frame.1))
                .collect::<Vec<_>>()
                .concat();
            let (start, end) = text.as_bytes().split_at(text.len() / 3);
            let senders = senders.lock().expect("not poisoned");
            for part in [start, end] {
                senders[connection].send(part.to_vec()).expect("connected");
            }
        };
        run.until("a live state", Delivered::is_live).await;
        send(0, 0, 10);
        run.until_count(10).await;
        send(0, 10, 20);
        run.until_count(20).await;
        // The server ends the stream; the next connection sends some of it again.
        senders.lock().expect("not poisoned")[0] = mpsc::unbounded_channel().0;
        while senders.lock().expect("not poisoned").len() < 2 {
            tokio::task::yield_now().await;
        }
        send(1, 15, 30);
        run.until_count(30).await;
        run.stop().await.assert_each_once("id", ids(0, 30));
    }
}

#[tokio::test]
async fn events_go_on_after_the_last_id_with_the_pause_the_server_asks_for() {
    let server = Server::start(|request| {
        let last: usize = request.header("last-event-id").parse().unwrap_or(0);
        let record = &records(last, last + 1)[0];
        Reply::new(
            200,
            "text/event-stream",
            format!("retry: 3\nid: {}\ndata: {record}\n\n", last + 1),
        )
    })
    .await;
    let mut run = start(settings(&server.url));
    run.until_count(20).await;
    let seen = run.stop().await;
    let count = seen.records.len();
    seen.assert_each_once("id", ids(0, count));
}

#[tokio::test]
async fn a_stream_of_events_that_breaks_goes_on_after_the_last_whole_one() {
    let server = Server::start(|request| {
        let last: usize = request.header("last-event-id").parse().unwrap_or(0);
        let event = |n: usize| format!("id: {}\ndata: {}\n\n", n + 1, records(n, n + 1)[0]);
        let body = format!("{}{}", event(last), event(last + 1));
        let cut = body.len() - 9;
        Reply::new(200, "text/event-stream", body).sent(|body| Body::Reset(body, cut))
    })
    .await;
    let mut run = start(settings(&server.url));
    run.until_count(10).await;
    let seen = run.stop().await;
    let count = seen.records.len();
    seen.assert_each_once("id", ids(0, count));
    let asked = server.asked();
    let expected: Vec<_> = (1..5).map(|n| n.to_string()).collect();
    let sent: Vec<_> = asked[1..5]
        .iter()
        .map(|r| r.header("last-event-id"))
        .collect();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn polls_hold_what_overlaps_once_and_ask_only_for_what_is_new() {
    let polls = Arc::new(AtomicUsize::new(0));
    let counter = polls.clone();
    let server = Server::start(move |request| {
        let n = counter.load(Ordering::Relaxed);
        let tag = format!("\"v{n}\"");
        if request.header("if-none-match") == tag {
            return Reply::new(304, "application/json", "");
        }
        Reply::new(200, "application/json", array(n * 5, n * 5 + 20)).with("ETag", tag)
    })
    .await;
    let mut run = start(settings(&server.url));
    for n in 0..10 {
        polls.store(n, Ordering::Relaxed);
        run.until_count(n * 5 + 20).await;
    }
    let unchanged = |server: &Server| {
        server
            .asked()
            .iter()
            .filter(|r| r.header("if-none-match") == "\"v9\"")
            .count()
    };
    while unchanged(&server) < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    run.stop().await.assert_each_once("id", ids(0, 65));
}

#[tokio::test]
async fn a_poll_asks_from_the_newest_record_less_the_overlap() {
    let server = Server::start(|request| {
        let from = request.param("from");
        let n: i64 = if from.is_empty() {
            100
        } else {
            from.parse::<i64>().expect("seconds") + 11
        };
        let body: Vec<_> = (n - 20..n)
            .map(|t| format!("{{\"id\":\"{t}\",\"t\":{t}}}"))
            .collect();
        Reply::new(200, "application/json", format!("[{}]", body.join(",")))
    })
    .await;
    let mut settings = settings(&format!("{}/logs?size=9", server.url));
    settings.profile = profile(
        "poll = 0.005\nsince = { param = 'from', field = 't', overlap = 10, format = 'unix' }",
    );
    let mut run = start(settings);
    run.until_count(20).await;
    while server.asked().len() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    run.stop().await.assert_each_once("id", ids(80, 100));
    assert_eq!(server.asked()[1].target, "/logs?size=9&from=89");
}

/// Ten records a page, 35 in all, by number of page (from 0) or by cursor.
fn page(request: &Request) -> Reply {
    let number: usize = request.param("page").parse().unwrap_or(0);
    let to = (number * 10 + 10).min(35);
    let list = array((number * 10).min(35), to);
    let next = if to < 35 {
        format!("\"{}\"", number + 1)
    } else {
        "null".to_owned()
    };
    let link = if to < 35 {
        format!("\"{}?page={}\"", request.path(), number + 1)
    } else {
        "null".to_owned()
    };
    match request.path() {
        "/header" if to < 35 => Reply::new(200, "application/json", list).with(
            "Link",
            format!("<{}?page={}>; rel=\"next\"", request.path(), number + 1),
        ),
        "/body" => Reply::new(
            200,
            "application/json",
            format!("{{\"items\":{list},\"next\":{link}}}"),
        ),
        "/deep" => Reply::new(
            200,
            "application/json",
            format!("{{\"a\":{{\"list\":{list}}},\"c\":{next}}}"),
        ),
        _ => Reply::new(200, "application/json", list),
    }
}

#[tokio::test]
async fn pages_are_followed_by_header_member_cursor_and_number() {
    let server = Server::start(page).await;
    for (path, text) in [
        ("/header", ""),
        ("/body", ""),
        (
            "/deep",
            "records = '/a/list'\npage = { cursor = '/c', param = 'page' }",
        ),
        ("/count", "page = { param = 'page', first = 0 }"),
    ] {
        let mut settings = once(&format!("{}{path}", server.url));
        settings.profile = profile(text);
        let mut run = start(settings);
        run.end().await.unwrap_or_else(|e| panic!("{path}: {e}"));
        run.seen.assert_each_once("id", ids(0, 35));
        assert!(
            run.seen.defects.is_empty(),
            "{path}: {:?}",
            run.seen.defects
        );
    }
}

#[tokio::test]
async fn a_first_page_without_change_does_not_hide_what_later_pages_gain() {
    let total = Arc::new(AtomicUsize::new(12));
    let shared = total.clone();
    let server = Server::start(move |request| {
        if !request.header("if-none-match").is_empty() {
            return Reply::new(304, "application/json", "");
        }
        let number: usize = request.param("page").parse().unwrap_or(0);
        let total = shared.load(Ordering::Relaxed);
        let list = array(number * 10, (number * 10 + 10).min(total));
        let reply =
            Reply::new(200, "application/json", list).with("ETag", format!("\"page{number}\""));
        if number * 10 + 10 < total {
            return reply.with("Link", format!("</?page={}>; rel=\"next\"", number + 1));
        }
        reply
    })
    .await;
    let mut run = start(settings(&server.url));
    run.until_count(12).await;
    total.store(17, Ordering::Relaxed);
    run.until_count(17).await;
    run.stop().await.assert_each_once("id", ids(0, 17));
}

#[tokio::test]
async fn faults_that_pass_cost_nothing() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counter = tries.clone();
    let server = Server::start(move |_| {
        let good = || Reply::new(200, "application/x-ndjson", records(0, 100).join("\n"));
        match counter.fetch_add(1, Ordering::Relaxed) {
            0 => Reply::new(500, "text/html", "<html>oops"),
            1 => Reply::new(429, "text/plain", "").with("Retry-After", "0"),
            2 => good().sent(|body| Body::Reset(body.clone(), body.len() / 2)),
            3 => good().sent(|body| Body::Stall(body.clone(), body.len() / 3)),
            4 => Reply::new(200, "text/html", "<!DOCTYPE html><title>Sign in</title>"),
            5 => Reply::new(200, "application/json", array(0, 100))
                .sent(|body| Body::Whole(body[..99].to_vec())),
            6 => good().sent(Body::Drip),
            _ => Reply::new(
                200,
                "application/x-ndjson",
                [records(50, 120), records(50, 120)].concat().join("\n"),
            ),
        }
    })
    .await;
    let mut settings = settings(&server.url);
    settings.connection.read_timeout = Duration::from_millis(150);
    let mut run = start(settings);
    run.until_count(120).await;
    run.until("a live state", Delivered::is_live).await;
    let seen = run.stop().await;
    seen.assert_each_once("id", ids(0, 120));
    for why in [
        "500",
        "429",
        "was cut off",
        "timed out waiting for a response",
        "HTML",
        "ends inside",
    ] {
        assert!(seen.retried(why), "{why}: {:?}", seen.states);
    }
    assert!(seen.marks.iter().any(|mark| mark.contains("reconnected")));
    assert!(seen.defects.is_empty(), "{:?}", seen.defects);
}

#[tokio::test]
async fn the_wait_a_server_asks_for_is_kept_and_told_and_the_user_may_cut_it_short() {
    let tries = AtomicUsize::new(0);
    let server = Server::start(move |_| match tries.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::new(503, "text/plain", "").with("Retry-After", "120"),
        _ => Reply::new(200, "application/x-ndjson", records(0, 5).join("\n")),
    })
    .await;
    let mut run = start(once(&server.url));
    let asked = |seen: &Delivered| {
        matches!(
            seen.states.last(),
            Some(SourceState::Retrying { seconds: 120, .. })
        )
    };
    run.until("the wait", asked).await;
    // The rest begins after it was told; asking again and again finds it begun.
    while server.asked().len() < 2 {
        run.hurry();
        tokio::task::yield_now().await;
    }
    run.end().await.expect("good");
    run.seen.assert_each_once("id", ids(0, 5));
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_where_it_is_named_and_nowhere_else() {
    let server = Tls::start(Manner::Certified("server"), records(0, 7).join("\n")).await;
    let url = format!("https://127.0.0.1:{}/log", server.port);
    let error = start(once(&url)).end().await.expect_err("not trusted");
    assert!(error.advice.contains("ca-file"), "{error}");
    let mut settings = once(&url);
    settings.profile = profile("ca-file = 'tests/tls/ca.pem'");
    let mut run = start(settings);
    run.end().await.expect("trusted");
    run.seen.assert_each_once("id", ids(0, 7));
}

#[tokio::test]
async fn reading_once_gives_up_in_the_end_and_says_so() {
    let server = Server::start(|_| {
        let body = records(0, 40).join("\n");
        Reply::new(200, "application/x-ndjson", body)
            .sent(|body| Body::Reset(body.clone(), body.len() / 2))
    })
    .await;
    let mut run = start(once(&server.url));
    let error = run.end().await.expect_err("never whole").to_string();
    assert!(
        error.contains("gave up after 4 tries") && error.contains(&server.url),
        "{error}"
    );
    let count = run.seen.records.len();
    assert!(count > 0);
    run.seen.assert_each_once("id", ids(0, count));
}

#[tokio::test]
async fn what_waiting_does_not_cure_is_tried_again_when_the_user_wants_it() {
    let open = Arc::new(AtomicUsize::new(0));
    let gate = open.clone();
    let server = Server::start(move |request| {
        let page = request.param("page").parse().unwrap_or(1usize);
        if page > 1 && gate.load(Ordering::Relaxed) == 0 {
            return Reply::new(403, "text/plain", "not yours");
        }
        let records = if page < 4 {
            array(page * 10 - 10, page * 10)
        } else {
            "[]".into()
        };
        Reply::new(200, "application/json", records)
    })
    .await;
    let mut settings = settings(&server.url);
    settings.retry.on_request = true;
    settings.profile.page = profile("page = { param = \"page\" }").page;
    let mut run = start(settings);
    let failed = |seen: &Delivered| matches!(seen.states.last(), Some(SourceState::Failed { why }) if why.contains("403"));
    run.until("a failure", failed).await;
    assert_eq!(run.seen.records.len(), 10, "data read so far is kept");
    run.hurry();
    run.until("another", |seen| {
        seen.states
            .iter()
            .filter(|s| matches!(s, SourceState::Failed { .. }))
            .count()
            == 2
    })
    .await;
    open.store(1, Ordering::Relaxed);
    run.hurry();
    run.until("live", Delivered::is_live).await;
    run.stop().await.assert_each_once("id", ids(0, 30));
}

#[tokio::test]
async fn a_refusal_that_stays_is_told_with_advice() {
    for (status, advice) in [(401, "token"), (404, "URL"), (406, "NDJSON")] {
        let server = Server::start(move |_| Reply::new(status, "text/plain", "no")).await;
        let error = start(settings(&format!("{}/x?key=hidden", server.url)))
            .end()
            .await
            .expect_err("refused");
        assert!(
            error.what.contains(&status.to_string()) && error.advice.contains(advice),
            "{error}"
        );
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
}

#[tokio::test]
async fn headers_go_to_their_own_host_only() {
    let other = Server::start(|_| Reply::new(200, "application/json", array(10, 20))).await;
    let (elsewhere, next) = (
        format!("{}/moved", other.url),
        format!("{}/next", other.url),
    );
    let server = Server::start(move |request| match request.path() {
        "/redirect" => Reply::new(302, "text/plain", "").with("Location", elsewhere.clone()),
        "/here" => Reply::new(307, "text/plain", "").with("Location", "/paged"),
        _ => Reply::new(200, "application/json", array(0, 10))
            .with("Link", format!("<{next}>; rel=next")),
    })
    .await;
    let mut settings = once(&format!("{}/redirect", server.url));
    settings.profile = profile("token-env = 'TOKEN'\nheaders = { X-Api-Key = 'hidden-key' }");
    settings.env = Environment::of([("TOKEN", "hidden-token")], None);
    assert!(!format!("{settings:?}").contains("hidden"));
    start(settings.clone()).end().await.expect("followed");
    settings.url = format!("{}/here", server.url);
    let mut run = start(settings);
    run.end().await.expect("followed");
    run.seen.assert_each_once("id", ids(0, 20));
    for request in server.asked() {
        assert_eq!(
            request.header("authorization"),
            "Bearer hidden-token",
            "{}",
            request.target
        );
        assert_eq!(
            request.header("x-api-key"),
            "hidden-key",
            "{}",
            request.target
        );
    }
    assert_eq!(other.asked().len(), 2);
    for request in other.asked() {
        assert!(
            !format!("{:?}", request.headers).contains("hidden"),
            "{:?}",
            request.headers
        );
    }
}

#[tokio::test]
async fn a_variable_or_url_that_is_wrong_is_told_at_once() {
    let mut settings = once("http://127.0.0.1:1/");
    settings.profile = profile("token-env = 'MISSING'");
    assert!(
        start(settings)
            .end()
            .await
            .expect_err("not set")
            .what
            .contains("MISSING")
    );
    assert!(
        start(once("ftp://h/"))
            .end()
            .await
            .expect_err("no http")
            .advice
            .contains("https://")
    );
    let mut settings = once("https://127.0.0.1:1/");
    settings.profile.ca_file = Some("/nonexistent/ca.pem".into());
    assert!(
        start(settings)
            .end()
            .await
            .expect_err("no file")
            .what
            .contains("ca.pem")
    );
}

#[tokio::test]
async fn a_stop_ends_a_stream_that_is_silent() {
    let server = Server::start(|_| {
        Reply::new(
            200,
            "application/x-ndjson",
            format!("{}\n", records(0, 1)[0]),
        )
        .sent(|body| Body::Stall([body.clone(), vec![b' '; 10]].concat(), body.len()))
    })
    .await;
    let mut run = start(settings(&server.url));
    run.until_count(1).await;
    run.until("a live state", Delivered::is_live).await;
    run.stop().await.assert_each_once("id", ids(0, 1));
}
