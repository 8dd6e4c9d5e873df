//! What a server says is not believed: bodies packed in several members, endless pages, statuses that answer something
//! else, redirects out of the network, patience without end.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::http::records;
use crate::loopback::{Reply, Request, Server};

fn gzip(content: &str) -> Vec<u8> {
    let mut packed = flate2::read::GzEncoder::new(content.as_bytes(), flate2::Compression::fast());
    let mut out = Vec::new();
    std::io::copy(&mut packed, &mut out).expect("memory");
    out
}

fn zstd(content: &str) -> Vec<u8> {
    zstd::encode_all(content.as_bytes(), 1).expect("memory")
}

/// Asks a server once: exit code, sums, what is said.
async fn query(
    path: &str,
    answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> (i32, serde_json::Value, String) {
    let server = Server::start(answer).await;
    let url = format!("{}{path}", server.url);
    let run = tokio::task::spawn_blocking(move || {
        Command::new(crate::pty::PROGRAM)
            .args(["query", &url, "--count"])
            .env_clear()
            .env("HOME", "/nonexistent")
            .output()
            .expect("the program runs")
    });
    let run = run.await.expect("no panic");
    let sums = serde_json::from_slice(&run.stdout).expect("sums");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    (run.status.code().expect("no signal"), sums, said)
}

fn lines(from: usize, to: usize) -> String {
    let time = |text: &String| text.replacen('{', "{\"time\":\"2024-04-12T08:58:30Z\",", 1) + "\n";
    records(from, to).iter().map(time).collect()
}

#[tokio::test]
async fn a_packed_body_is_read_to_the_end_of_its_last_member() {
    for (encoding, pack) in [("gzip", gzip as fn(&str) -> Vec<u8>), ("zstd", zstd)] {
        let body: Vec<u8> = (0..5)
            .flat_map(|n| pack(&lines(n * 100, n * 100 + 100)))
            .collect();
        let whole = body.clone();
        let (code, sums, said) = query("/", move |_| {
            Reply::new(200, "application/x-ndjson", whole.clone())
                .with("Content-Encoding", encoding)
        })
        .await;
        assert_eq!(
            (code, &sums["total"], &sums["complete"]),
            (0, &500.into(), &true.into()),
            "{said}"
        );
        // Garbage instead of another member is told, and what came before it is kept.
        let (code, sums, said) = query("/", move |_| {
            let body = [&body, &b"this is no member of an archive"[..]].concat();
            Reply::new(200, "application/x-ndjson", body).with("Content-Encoding", encoding)
        })
        .await;
        assert_eq!((code, &sums["complete"]), (3, &false.into()), "{said}");
        assert!(said.contains("the response cannot be unpacked"), "{said}");
    }
}

#[tokio::test]
async fn a_body_packed_as_nobody_asked_for_is_refused_in_words() {
    let (code, _, said) = query("/", |_| {
        Reply::new(200, "application/x-ndjson", "\u{1}").with("Content-Encoding", "br")
    })
    .await;
    assert!(
        code == 3 && said.contains("content encoding \"br\", which was not requested"),
        "{said}"
    );
}

#[tokio::test]
async fn pages_that_bring_nothing_new_end_in_words() {
    let asked = AtomicUsize::new(0);
    let (code, sums, said) = query("/pages", move |_| {
        let next = asked.fetch_add(1, Ordering::AcqRel) + 1;
        let items = lines(0, 1);
        Reply::new(
            200,
            "application/json",
            format!("{{\"items\":[{items}],\"next\":\"/pages?p={next}\"}}"),
        )
    })
    .await;
    assert_eq!(
        (code, &sums["total"], &sums["complete"]),
        (3, &1.into(), &false.into())
    );
    assert!(
        said.contains("100 pages in a row have nothing new"),
        "{said}"
    );
}

#[tokio::test]
async fn a_status_that_answers_another_question_is_no_answer() {
    for (status, named) in [
        (304, "304 Not Modified"),
        (206, "206 Partial Content"),
        (202, "202 Accepted"),
    ] {
        let (code, sums, said) = query("/1", move |request| {
            if request.path() == "/2" {
                return Reply::new(status, "application/json", "");
            }
            let items = lines(0, 1);
            Reply::new(
                200,
                "application/json",
                format!("{{\"items\":[{items}],\"next\":\"/2\"}}"),
            )
        })
        .await;
        assert_eq!(
            (code, &sums["total"], &sums["complete"]),
            (3, &1.into(), &false.into()),
            "{said}"
        );
        assert!(
            said.contains(&format!("unexpected status {named}")),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_redirect_out_of_the_network_is_named_as_such() {
    for (target, scheme) in [
        ("file:///etc/passwd", "file:"),
        ("javascript:alert(1)", "javascript:"),
    ] {
        let (code, _, said) = query("/", move |_| {
            Reply::new(302, "text/plain", "").with("Location", target)
        })
        .await;
        assert_eq!(code, 3);
        assert!(
            said.contains(&format!("redirected to {scheme}, which is not supported")),
            "{said}"
        );
        assert!(
            !said.contains("ca-file") && !said.contains("passwd"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn nobody_waits_an_hour_for_the_end_of_a_query() {
    let (code, _, said) = query("/", |_| {
        Reply::new(503, "text/plain", "").with("Retry-After", "1000000000")
    })
    .await;
    assert_eq!(code, 3);
    assert!(
        said.contains("503 Service Unavailable; it asks to wait 1000000000 s; gave up"),
        "{said}"
    );
}
