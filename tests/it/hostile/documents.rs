//! JSON documents from an endpoint, of every arrangement.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::Value;

use super::events::{compared, in_pieces};
use super::{mebibytes, once_only, read, run, runtime};
use crate::chance::{Chance, fuzz};
use crate::http::once;
use crate::loopback::{Reply, Server};

/// A document by chance.
fn document(chance: &mut Chance) -> Vec<u8> {
    const TEXTS: &[&str] = &[
        "a",
        "a ]} b",
        "say \\\"a\\\"",
        "\\\\",
        "上海",
        "\\u4e0a",
        "",
        "{",
        "x,y",
    ];
    let records: Vec<String> = (0..chance.below(12))
        .map(|n| {
            let text = *chance.pick(TEXTS);
            match chance.below(3) {
                0 => format!("{{\"id\":\"{n}\",\"text\":\"{text}\"}}"),
                1 => format!(
                    "{{\"id\":\"{n}\",\n  \"deep\": {{\"text\": \"{text}\"}},\n  \"n\": {n}\n}}"
                ),
                _ => format!("{{ \"id\" : \"{n}\" , \"action\":\"{text}\" }}"),
            }
        })
        .collect();
    let flat = |records: &[String]| -> Vec<String> {
        records
            .iter()
            .map(|record| record.replace('\n', ""))
            .collect()
    };
    match chance.below(6) {
        0 => flat(&records).join("\n"),
        1 => flat(&records).join("\r\n") + "\r\n",
        2 => format!("[{}]", records.join(",\n")),
        3 => format!("[{}]", flat(&records).join(",")),
        4 => records.join("\n"),
        _ => format!("\u{feff}[\n{}\n]\n", records.join("\n,\n")),
    }
    .into_bytes()
}

/// Whether some lines are whole values and others are not: what begins with a whole line is read by lines, and what runs
/// over several of them is told.
fn is_mixed(bytes: &[u8]) -> bool {
    let is_whole = |line: &[u8]| serde_json::from_slice::<Value>(line).is_ok();
    let lines = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .split(|byte| *byte == b'\n');
    let mut lines = lines
        .filter(|line| !line.trim_ascii().is_empty())
        .map(is_whole);
    lines.next() == Some(true) && !lines.all(|whole| whole)
}

/// The objects that a document is made of, with arrays opened; nothing where it is no sequence of good JSON.
fn objects(bytes: &[u8]) -> Option<BTreeSet<String>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    let mut found = BTreeSet::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let list = match value.ok()? {
            Value::Array(list) => list,
            other => vec![other],
        };
        for value in list {
            // What has lists in it may be put around records.
            let text = value.to_string();
            let is_plain = value.is_object() && !text.contains('[');
            is_plain.then(|| found.insert(compared(&text)))?;
        }
    }
    Some(found)
}

#[test]
fn documents_are_read_as_serde_json_reads_them_or_it_is_said() {
    const PIECES: &[&[u8]] = &[
        b"\"",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\n",
        b"null",
        b"1",
        b"{}",
        b"[]",
        b"\xff",
        b"\x1b[2J",
        b"\x1e",
        b"{\"data\":[{}]}",
        b"{\"next\":\"/x\"}",
        b"<html>",
        b"data: ",
        b"# ",
    ];
    const TYPES: &[&str] = &[
        "application/json",
        "application/x-ndjson",
        "text/plain",
        "",
        "application/octet-stream",
    ];
    let threads = runtime();
    fuzz("documents", 200, |chance| {
        let mut text = document(chance);
        let damaged = chance.below(3) > 0;
        if damaged {
            chance.damage(&mut text, 0, PIECES);
        }
        let kind = *chance.pick(TYPES);
        // Only what is said to be lines is cut at their ends, whatever stands in them.
        let kind = if text.contains(&b'\n') {
            kind.replace("x-ndjson", "json")
        } else {
            kind.to_owned()
        };
        let kind = &*kind;
        let reply = in_pieces(Reply::new(200, kind, text.clone()), chance);
        let again = Reply::new(200, kind, text.clone());
        let replies = Mutex::new(vec![again, reply]);
        let (seen, end) = threads.block_on(async {
            let server = Server::start(move |_| {
                let reply = replies.lock().expect("not poisoned").pop();
                reply.unwrap_or_else(|| Reply::new(404, "text/plain", ""))
            })
            .await;
            read(once(&server.url)).await
        });
        let shown = String::from_utf8_lossy(&text);
        let records = seen
            .records
            .iter()
            .map(|record| compared(&record.to_string()));
        let found: BTreeSet<String> = records.collect();
        if let Some(expected) = objects(&text).filter(|_| !text.contains(&0x1e) && !is_mixed(&text))
        {
            assert!(end.is_ok(), "{kind}: {end:?}: {shown}");
            assert_eq!(found, expected, "{kind}: {shown}");
            assert_eq!(
                (&*seen.defects, &*seen.broken),
                (&[] as &[String], &[] as &[String]),
                "{kind}: {shown}"
            );
            return;
        }
        let reported = seen.records.len()
            + seen.broken.len()
            + seen.rows.len()
            + seen.defects.len()
            + seen.notes.len();
        // Brackets and commas around nothing are nothing. A colon begins a comment of an event stream, in which lines that
        // are no fields are passed over.
        let blank =
            |byte: &u8| byte.is_ascii_whitespace() || b"[],\x1e\xef\xbb\xbf\0".contains(byte);
        let start = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let is_nothing = text.iter().all(blank) || start.trim_ascii_start().starts_with(b":");
        assert!(
            end.is_err() || reported > 0 || is_nothing,
            "{kind}: {shown}"
        );
    });
}

#[test]
fn lists_that_share_a_line_are_each_opened() {
    for (text, records) in [("[][]", 0), (r#"[{"id":"1"}][{"id":"2"}] {"id":"3"}"#, 3)] {
        let (seen, end) = runtime().block_on(async {
            let server =
                Server::start(move |_| Reply::new(200, "application/x-ndjson", text)).await;
            read(once(&server.url)).await
        });
        assert!(end.is_ok(), "{text}: {end:?}");
        assert_eq!(seen.records.len(), records, "{text}");
        assert!(seen.broken.is_empty() && seen.defects.is_empty(), "{text}");
    }
}

#[test]
fn what_is_repeated_in_a_document_is_bounded() {
    let threads = runtime();
    let home = tempfile::tempdir().expect("a directory");
    let len = mebibytes() << 20;
    for (start, unit, end) in [
        ("", "[", ""),
        ("", "{\"a\":", ""),
        ("", "{", ""),
        ("[", "{},", "{}]"),
        ("[", "1,", "1]"),
        ("[", "[],", "[]]"),
        ("", "[]", ""),
        ("", "[]\n", ""),
        ("", "{\"data\":[]}", ""),
        ("", "{\"data\":[]}\n", ""),
        ("{\"data\":[", "{},", "{}]}"),
        ("{\"data\":[", "1,", "1]}"),
        ("{\"data\":[", "[],", "[]]}"),
        ("{\"data\":[", "\"x\",", "\"\"]}"),
        ("{\"data\":[{}],\"meta\":{\"a\":[", "{},", "{}]}}"),
        ("{\"data\":[{}],\"meta\":", "[", ""),
        ("{\"data\":[{}],", "\"a\":1,", "\"b\":2}"),
        ("{\"data\":[{}],\"next\":\"", "/x", "\"}"),
        ("{\"data\":[{}],\"next\":\"http://", "x", "\"}"),
        ("{\"data\":[{}],\"next\":\"http://[", "\\u001b", "\"}"),
        ("{\"data\":[{\"x\":\"", "\\\"", "\"}]}"),
        ("<html><title>", "x ", "</title>"),
        ("<html><title", ">", ""),
        ("<html>", "<title", ""),
        ("", "\u{feff}", ""),
        ("", " ", ""),
        ("[\n", "{\"action\":\"a\"},\n", "{}]"),
    ] {
        let text = format!("{start}{}{end}", unit.repeat(len / unit.len()));
        let what = format!("{start}{unit:?}");
        let server = threads.block_on(once_only(move || {
            Reply::new(200, "application/json", text.clone())
        }));
        let ended = run(&["query", &server.url, "--count"], home.path(), &[]);
        ended.assert_well(&[0, 1, 3], &what);
        assert!(ended.sums()["total"].is_u64(), "{what}: {}", ended.said);
    }
}
