//! Files behind an HTTP endpoint: archives, tables, Parquet, kinds that are refused. They are read as from a disk,
//! whatever type the server gives them; nothing is lost, nothing comes twice, and no error shows bytes of an archive.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use regtrail::decode::formats::{FORMATS, FormatId};
use regtrail::engine::SourceState;
use regtrail::source::ARCHIVES;
use regtrail::source::http::Settings;
use tokio::sync::mpsc;

use crate::http::{ids, once, records, settings, start};
use crate::loopback::watch::Delivered;
use crate::loopback::{Body, Reply, Server};

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    std::fs::read(path.join(name)).expect("a sample of the project")
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = flate2::read::GzEncoder::new(content, flate2::Compression::fast());
    let mut out = Vec::new();
    std::io::copy(&mut packed, &mut out).expect("memory");
    out
}

/// What the program says to an endpoint that gives this answer.
async fn query(content_type: &'static str, body: Vec<u8>, path: &str) -> Output {
    let server = Server::start(move |_| Reply::new(200, content_type, body.clone())).await;
    let url = format!("{}{path}", server.url);
    let asked = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_regtrail"))
            .args(["query", &url, "--count", "-f", "not status:404"])
            .output()
            .expect("the program runs")
    });
    asked.await.expect("no panic")
}

fn text(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&output.stdout), text(&output.stderr))
}

/// Reads one answer once.
async fn read_once(content_type: &'static str, body: Vec<u8>) -> Delivered {
    let server = Server::start(move |_| Reply::new(200, content_type, body.clone())).await;
    let mut run = start(once(&server.url));
    run.end().await.expect("good");
    run.seen
}

#[tokio::test]
async fn every_sample_behind_an_address_is_read_as_from_a_disk() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/ndjson.ndjson");
    let from_disk = Command::new(env!("CARGO_BIN_EXE_regtrail"))
        .args(["query", "--count", "-f", "not status:404"])
        .arg(path)
        .output()
        .expect("the program runs");
    let (expected, _) = text(&from_disk);
    assert!(expected.contains("\"total\":24"), "{expected}");
    let names = FORMATS
        .iter()
        .filter(|format| cfg!(feature = "parquet") || format.id != FormatId::Parquet)
        .flat_map(|format| format.samples.iter().copied())
        .chain(ARCHIVES.iter().map(|archive| archive.sample));
    let types = [
        "application/octet-stream",
        "application/gzip",
        "text/csv",
        "application/x-ndjson",
        "application/json",
    ];
    for (at, name) in names.enumerate() {
        let is_packed = ARCHIVES.iter().any(|archive| archive.sample == name);
        let content_type = types[at % if is_packed { types.len() } else { 2 }];
        let path = format!("/{name}?Expires=1&Signature=x");
        let output = query(content_type, sample(name), &path).await;
        let (answer, said) = text(&output);
        assert_eq!(answer, expected, "{name} as {content_type}: {said}");
        // What is said of the file is said of the answer.
        let of_file = Command::new(env!("CARGO_BIN_EXE_regtrail"))
            .args(["query", "--count"])
            .arg(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("assets/samples")
                    .join(name),
            )
            .output()
            .expect("the program runs");
        let (_, of_file) = text(&of_file);
        let words = |said: &str| {
            said.split_once(&format!("{name}: "))
                .map(|(_, words)| words.to_owned())
        };
        assert_eq!(words(&said), words(&of_file), "{name}");
        assert_eq!(output.status.code(), Some(0), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_log_is_refused_by_name_and_no_byte_of_it_is_shown() {
    let mut xlsx = b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21X".to_vec();
    xlsx.extend([0; 12]);
    xlsx.extend(b"\x0f\0\0\0xl/workbook.xml\x03\x04\xff");
    let noise: Vec<u8> = (0..4000u32)
        .map(|n| (n * n / 7 % 251) as u8 | 0x80)
        .collect();
    for (body, expected) in [
        (
            xlsx.clone(),
            "an Excel workbook, which is not supported: save it as CSV UTF-8",
        ),
        (gzip(&xlsx), "an Excel workbook"),
        (b"Rar!\x1a\x07\x01\0\x33\x92".to_vec(), "a RAR archive"),
        (b"SQLite format 3\0\x10\0\x01\x01".to_vec(), "sqlite3 -csv"),
        (b"once upon a time\n".to_vec(), "not an audit log"),
        (noise, "not an audit log"),
    ] {
        for content_type in ["application/octet-stream", "application/x-ndjson"] {
            if expected == "not an audit log" && content_type == "application/x-ndjson" {
                continue;
            }
            let output = query(content_type, body.clone(), "/audit").await;
            let (_, said) = text(&output);
            assert_eq!(output.status.code(), Some(3), "{said}");
            assert!(said.contains(expected), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(
                !said.contains("\\u{") && !said.contains('\u{fffd}'),
                "{said}"
            );
        }
    }
}

#[tokio::test]
async fn an_archive_that_is_cut_says_where_and_keeps_what_came_before() {
    let body = records(0, 2000).join("\n");
    let packed = gzip(body.as_bytes());
    let server = {
        let packed = packed[..packed.len() / 2].to_vec();
        Server::start(move |_| Reply::new(200, "application/gzip", packed.clone())).await
    };
    let mut run = start(once(&server.url));
    let error = run.end().await.expect_err("it is cut").to_string();
    assert!(
        error.contains("gzip archive is truncated: it ends at byte"),
        "{error}"
    );
    assert!(run.seen.records.len() > 500, "{}", run.seen.records.len());
    assert_eq!(run.seen.defects.len(), 1);
    let log = sample("ndjson.gz");
    let output = query("application/gzip", log[..log.len() / 2].to_vec(), "/a.gz").await;
    let (_, said) = text(&output);
    assert_eq!(output.status.code(), Some(3));
    assert!(said.contains("(truncated)"), "{said}");
}

#[tokio::test]
async fn a_connection_that_breaks_costs_no_record_of_an_archive_and_doubles_none() {
    let packed = gzip(records(0, 2000).join("\n").as_bytes());
    let tries = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let reply = Reply::new(200, "application/octet-stream", packed.clone());
        match tries.fetch_add(1, Ordering::Relaxed) {
            0 => reply.sent(|bytes| Body::Reset(bytes.clone(), bytes.len() / 2)),
            _ => reply,
        }
    })
    .await;
    let mut run = start(once(&server.url));
    run.end().await.expect("good");
    run.seen.assert_each_once("id", ids(0, 2000));
    assert_eq!(run.seen.defects, [""; 0]);
}

#[tokio::test]
async fn polls_of_archives_and_tables_that_grow_hold_each_record_once() {
    let polls = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let poll = polls.fetch_add(1, Ordering::Relaxed).min(20);
        if request.path() == "/log.gz" {
            let text = records(0, 10 + poll).join("\n");
            return Reply::new(200, "application/octet-stream", gzip(text.as_bytes()));
        }
        let rows = (0..10 + poll).map(|n| format!("t{n},\"a\nb\"\r\n"));
        let rows = rows.collect::<Vec<_>>().concat();
        Reply::new(200, "text/csv", format!("time,action\r\n{rows}"))
    })
    .await;
    let mut run = start(settings(&format!("{}/log.gz", server.url)));
    run.until_count(30).await;
    run.until("another poll", |seen| seen.polls > 25).await;
    let seen = run.stop().await;
    seen.assert_each_once("id", ids(0, 30));
    let mut run = start(settings(&format!("{}/log.csv", server.url)));
    run.until("all rows", |seen| seen.rows.len() >= 60).await;
    let seen = run.stop().await;
    let found: Vec<&str> = seen.rows.iter().map(String::as_str).step_by(2).collect();
    let expected: Vec<String> = (0..30).map(|n| format!("t{n},\"a")).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_packed_stream_that_stays_open_is_live_and_handed_on_as_it_comes() {
    let (send, chunks) = mpsc::unbounded_channel::<Vec<u8>>();
    let chunks = std::sync::Mutex::new(Some(chunks));
    let server = Server::start(move |_| {
        let chunks = chunks.lock().expect("not poisoned").take();
        Reply {
            body: chunks.map_or(Body::Whole(Vec::new()), Body::Stream),
            ..Reply::new(200, "application/octet-stream", "")
        }
    })
    .await;
    let mut run = start(Settings {
        settle: std::time::Duration::from_millis(20),
        ..settings(&server.url)
    });
    for n in 0..3 {
        let text = records(n * 10, n * 10 + 10).join("\n") + "\n";
        send.send(gzip(text.as_bytes())).expect("connected");
        run.until_count(n * 10 + 10).await;
        run.until("a live state", Delivered::is_live).await;
    }
    let seen = run.stop().await;
    seen.assert_each_once("id", ids(0, 30));
}

#[tokio::test]
async fn an_archive_under_the_type_of_a_stream_is_told_by_its_bytes() {
    let text = records(0, 50).join("\n");
    for content_type in ["application/x-ndjson", "text/event-stream", "text/html2"] {
        let seen = read_once(content_type, gzip(text.as_bytes())).await;
        seen.assert_each_once("id", ids(0, 50));
        assert_eq!(seen.states.last(), Some(&SourceState::Done));
    }
}

#[tokio::test]
async fn the_title_of_a_page_is_said() {
    let page = "<!DOCTYPE html>\n<html><head><title>\n Sign in \u{1b}[2J to SSO</title>";
    for content_type in ["text/html", "application/json"] {
        let server = {
            let page = page.to_owned();
            Server::start(move |_| Reply::new(200, content_type, page.clone())).await
        };
        let mut run = start(once(&server.url));
        let error = run.end().await.expect_err("no log").to_string();
        assert!(
            error.contains("an HTML page, not a log: Sign in"),
            "{error}"
        );
        assert!(error.contains("check the URL"), "{error}");
        assert!(!run.seen.retried("HTML"), "{:?}", run.seen.states);
        assert!(
            error.contains("to SSO") && !error.contains('\u{1b}'),
            "{error}"
        );
        assert_eq!(run.seen.defects, [""; 0]);
    }
}
