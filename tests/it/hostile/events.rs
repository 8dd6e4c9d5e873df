//! Streams of server-sent events, against a plain reader of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{mebibytes, read, run, runtime};
use crate::chance::{Chance, fuzz};
use crate::http::once;
use crate::loopback::{Body, Reply, Server};

/// A record as it is compared: members in one order, whatever the layout.
pub(super) fn compared(text: &str) -> String {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let mut all: Vec<(String, Value)> = members.into_iter().collect();
                all.sort_by(|a, b| a.0.cmp(&b.0));
                let all = all.into_iter().map(|(name, value)| (name, sorted(value)));
                Value::Object(all.collect())
            }
            other => other,
        }
    }
    // Lines of a stream may be joined within a name or a value.
    let flat = text.replace(['\n', '\r'], " ");
    let read = serde_json::from_str(text).or_else(|_| serde_json::from_str(&flat));
    match read {
        Ok(value @ Value::Object(_)) => sorted(value).to_string(),
        _ => flat,
    }
}

/// Bytes as the pieces of an answer that comes bit by bit.
pub(super) fn in_pieces(reply: Reply, chance: &mut Chance) -> Reply {
    let step = 1 + chance.below(300);
    if chance.below(2) == 0 {
        return reply;
    }
    reply.sent(|bytes| {
        let (to, from) = tokio::sync::mpsc::unbounded_channel();
        for piece in bytes.chunks(step) {
            to.send(piece.to_vec()).expect("open");
        }
        Body::Stream(from)
    })
}

/// A stream by chance.
fn stream(chance: &mut Chance) -> Vec<u8> {
    const RECORDS: &[&str] = &[
        r#"{"id":"1","action":"GetBlob"}"#,
        r#"{"id":"2","time":"2024-04-12T08:58:30Z","x":{"y":"a b"}}"#,
        "{\"id\":\"3\",\n \"x\":\"上海\"}",
        "{\"id\":\"4\",\n\n\"x\":4}",
        "17",
        "not JSON: at all",
        "",
        " ",
        ":",
    ];
    const OTHERS: &[&str] = &[
        ": still there",
        "event: audit",
        "id: 7",
        "id",
        "id:\u{1}",
        "retry: 5",
        "retry: x",
        "retry:99999999999999999999",
        "data",
        "daten: {}",
        "Data: {}",
        " data: {}",
        "data :{}",
    ];
    let end = *chance.pick(&["\n", "\r\n", "\r"]);
    let mut text = String::from(*chance.pick(&["", "", "", "\u{feff}"]));
    if chance.below(2) == 0 {
        text.push_str(": hello there");
        text.push_str(end);
    }
    text.push_str("data: \"the first one\"");
    text.push_str(end);
    text.push_str(end);
    for _ in 0..chance.below(12) {
        for _ in 0..chance.below(3) {
            text.push_str(chance.pick::<&str>(OTHERS));
            text.push_str(end);
        }
        for line in chance.pick(RECORDS).split('\n') {
            text.push_str(chance.pick::<&str>(&["data: ", "data:"]));
            text.push_str(line);
            text.push_str(end);
        }
        text.push_str(end);
    }
    text.into_bytes()
}

/// The data of the events of a stream, as the standard has them, and that of an event which the end cuts off: the standard
/// drops it, and here it is rejected.
fn data_of(stream: &[u8]) -> (Vec<Vec<u8>>, Option<Vec<u8>>) {
    let text = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    let (mut lines, mut line, mut at) = (Vec::new(), Vec::new(), 0);
    while at < text.len() {
        match text[at] {
            b'\r' | b'\n' => {
                at += usize::from(text[at..].starts_with(b"\r\n"));
                lines.push(std::mem::take(&mut line));
            }
            other => line.push(other),
        }
        at += 1;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    let (mut all, mut data): (Vec<Vec<u8>>, Option<Vec<u8>>) = (Vec::new(), None);
    for line in lines {
        if line.is_empty() {
            all.extend(data.take());
            continue;
        }
        let rest = match line.strip_prefix(b"data") {
            Some(b"") => b"",
            Some([b':', b' ', rest @ ..] | [b':', rest @ ..]) => rest,
            _ => continue,
        };
        match &mut data {
            Some(data) => {
                data.push(b'\n');
                data.extend_from_slice(rest);
            }
            None => data = Some(rest.to_vec()),
        }
    }
    (all, data.filter(|data| !data.trim_ascii().is_empty()))
}

#[test]
fn event_streams_are_read_as_the_standard_has_them() {
    const PIECES: &[&[u8]] = &[
        b"\n",
        b"\r",
        b"\n\n",
        b"data",
        b"data:",
        b":",
        b" ",
        b"\xff",
        b"\x1b[2J",
        b"{",
        b"}",
        b"id: \n",
        b"\xef\xbb\xbf",
    ];
    let threads = runtime();
    fuzz("event streams", 150, |chance| {
        let mut text = stream(chance);
        if chance.below(2) == 0 {
            chance.damage(&mut text, 18, PIECES);
        }
        let is_around =
            |c: char| c.is_ascii_whitespace() || matches!(c, '\u{feff}' | '\u{1e}' | '\0');
        let (whole, cut_off) = data_of(&text);
        let shape = |data: &Vec<u8>| {
            let text = String::from_utf8_lossy(data);
            compared(text.trim_matches(is_around))
        };
        let expected = whole.iter().map(shape).filter(|text| !text.is_empty());
        let expected: BTreeSet<String> = expected.collect();
        let reply = Reply::new(200, "text/event-stream", text.clone());
        let reply = std::sync::Mutex::new(Some(in_pieces(reply, chance)));
        let (seen, end) = threads.block_on(async {
            let server = Server::start(move |_| {
                let mut reply = reply.lock().expect("not poisoned");
                reply
                    .take()
                    .unwrap_or_else(|| Reply::new(404, "text/plain", ""))
            })
            .await;
            read(once(&server.url)).await
        });
        let shown = String::from_utf8_lossy(&text);
        assert!(end.is_ok(), "{end:?}: {shown}");
        // Bytes of zero may make UTF-16 of it; lists are opened.
        if text.contains(&0) || text.contains(&b'[') {
            return;
        }
        let records = seen
            .records
            .iter()
            .map(|record| compared(&record.to_string()));
        let found: Vec<String> = records
            .chain(
                seen.broken
                    .iter()
                    .map(|text| compared(text.trim_matches(is_around))),
            )
            .collect();
        // A mark behind a blank is rejected as a record; it is none to the reader above.
        let found = found.into_iter().filter(|text| !text.is_empty());
        let once: BTreeSet<String> = found.collect();
        assert_eq!(once, expected, "{shown:?}");
        // One that repeats a record may be kept once with it.
        let least = cut_off
            .iter()
            .filter(|data| !expected.contains(&shape(data)))
            .count();
        let rejected = least..=usize::from(cut_off.is_some());
        assert!(
            rejected.contains(&seen.defects.len()),
            "{:?}: {shown:?}",
            seen.defects
        );
    });
}

#[test]
fn what_is_repeated_in_an_event_stream_is_bounded() {
    let threads = runtime();
    let home = tempfile::tempdir().expect("a directory");
    let len = mebibytes() << 20;
    for (start, unit) in [
        ("", "data\n"),
        ("", "data:\n"),
        ("", "data: {\"a\":1}\n"),
        ("", "data: x\n\n"),
        ("", ":\n"),
        ("", "\r"),
        ("", "\n"),
        ("", "event: x\n\n"),
        ("", "retry: 1\n"),
        ("id: ", "x"),
        ("data: ", "x"),
        ("data: {\"a\":\"", "x"),
        ("data: [", "{},"),
        ("data: {\"data\":[", "{},"),
        ("", "id: 1\ndata: {\"action\":\"a\"}\n\n"),
        ("", "id: 1\n\n"),
    ] {
        let text = format!(": hello there\n{start}{}", unit.repeat(len / unit.len()));
        let text = format!(
            "{text}\n\ndata: {{\"action\":\"last\",\"time\":\"2024-04-12T08:58:30Z\"}}\n\n"
        );
        let what = format!("{start}{unit:?}");
        let server = threads.block_on(Server::start(move |_| {
            Reply::new(200, "text/event-stream", text.clone())
        }));
        let ended = run(&["query", &server.url, "--count"], home.path(), &[]);
        ended.assert_well(&[0, 3], &what);
        assert!(
            ended.sums()["total"].as_u64() >= Some(1),
            "{what}: {}",
            ended.said
        );
    }
}
