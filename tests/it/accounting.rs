//! No record is lost in silence: files of records are damaged at random, and everything that was not touched must
//! come out once, as it was; everything that was touched is an event, a rejected record or a skipped one.
//!
//! What was touched is known from the damage itself, not from any reader of this project.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use regtrail::engine::{Engine, EngineEvent, SourceState};
use regtrail::index::Place;
use regtrail::source::Spec;

use crate::chance::Chance;

/// How records are arranged in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrangement {
    Lines,
    LinesCrlf,
    Array,
    ArrayOfLines,
    Pretty,
    Wrapped,
    Table,
    TableQuoted,
}

use Arrangement::*;

const ARRANGEMENTS: [Arrangement; 8] = [
    Lines,
    LinesCrlf,
    Array,
    ArrayOfLines,
    Pretty,
    Wrapped,
    Table,
    TableQuoted,
];

/// A file and where its records lie in it.
struct File {
    bytes: Vec<u8>,
    records: Vec<Range<usize>>,
}

const ACTIONS: [&str; 4] = [
    "GetBlob",
    "GetImageManifest",
    "PutImageManifest",
    "DeleteTag",
];
const AGENTS: [&str; 4] = ["docker/24.0.2", "Upstream(\\\"x\\\")", "a, b; c", "上海/1"];

/// Record number `n`: its tag is `r<n>-`, which no other record holds.
fn json(n: usize, chance: &mut Chance, blank: &str) -> String {
    let action = chance.pick(&ACTIONS);
    let agent = chance.pick(&AGENTS);
    format!(
        "{{{blank}\"time\":\"2024-04-12T16:{:02}:{:02}.5+08:00\",{blank}\"action\":\"{action}\",{blank}\"tag\":\"r{n}-\",{blank}\"http_request_useragent\":\"{agent}\"{blank}}}",
        n / 60 % 60,
        n % 60
    )
}

fn row(n: usize, chance: &mut Chance, quoted: bool) -> String {
    let cells = [
        format!("2024-04-12T16:{:02}:{:02}.5+08:00", n / 60 % 60, n % 60),
        (*chance.pick(&ACTIONS)).to_owned(),
        format!("r{n}-"),
        (*chance.pick(&["docker/24", "two words", "x"])).to_owned(),
    ];
    let cells = cells.map(|cell| if quoted { format!("\"{cell}\"") } else { cell });
    cells.join(",")
}

fn file(arrangement: Arrangement, count: usize, chance: &mut Chance) -> File {
    let (before, between, after) = match arrangement {
        Lines | Pretty => ("", "\n", "\n"),
        LinesCrlf => ("", "\r\n", "\r\n"),
        Array => ("[", ",", "]"),
        ArrayOfLines => ("[\n", ",\n", "\n]\n"),
        Wrapped => ("{\"meta\":{\"count\":3},\"data\":[\n", ",\n", "\n]}\n"),
        Table => ("time,action,tag,http_request_useragent\n", "\n", "\n"),
        TableQuoted => (
            "\"time\",\"action\",\"tag\",\"http_request_useragent\"\n",
            "\n",
            "\n",
        ),
    };
    let mut bytes = before.as_bytes().to_vec();
    let mut records = Vec::new();
    for n in 0..count {
        if n > 0 {
            bytes.extend_from_slice(between.as_bytes());
        }
        let record = match arrangement {
            Table => row(n, chance, false),
            TableQuoted => row(n, chance, true),
            Pretty => json(n, chance, "\n  "),
            _ => json(n, chance, ""),
        };
        let start = bytes.len();
        bytes.extend_from_slice(record.as_bytes());
        records.push(start..bytes.len());
    }
    bytes.extend_from_slice(after.as_bytes());
    File { bytes, records }
}

const PIECES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b",",
    b":",
    b"{",
    b"}",
    b"]",
    b"[",
    b"\0\0\0",
    b"\xff\xfe",
    b"\x1b[31m",
    b"NaN",
    b"\\ud800",
    b"\t",
    b"null",
    b"\"\"",
];

/// Damages some records from within; which these are.
fn damage(file: &mut File, chance: &mut Chance) -> Vec<usize> {
    let mut victims: Vec<usize> = (0..=chance.below(3))
        .map(|_| chance.below(file.records.len()))
        .collect();
    victims.sort_unstable();
    victims.dedup();
    // From the end, so that the places of those before stay.
    for victim in victims.iter().rev() {
        let range = file.records[*victim].clone();
        let mut record = file.bytes[range.clone()].to_vec();
        let at = 1 + chance.below(record.len() - 1);
        let to = (at + 1 + chance.below(30)).min(record.len());
        match chance.below(5) {
            0 => record[at] = *chance.pick(b"x\"{}[]\\,\0\xff"),
            1 => drop(record.drain(at..to)),
            2 => record.truncate(at),
            _ => {
                let piece = *chance.pick(PIECES);
                record.splice(at..at, piece.iter().copied());
            }
        }
        file.bytes.splice(range, record);
    }
    victims
}

/// What a file comes to: how often each tag came out with all its neighbours, and the counts.
struct Found {
    records: BTreeMap<String, usize>,
    events: u64,
    others: u64,
}

fn load(engine: &Engine, events: &Receiver<EngineEvent>, number: usize, path: &Path) -> (u64, u64) {
    engine.open(Spec::File(path.to_owned()), false);
    loop {
        match events.recv_timeout(Duration::from_mins(1)) {
            Ok(EngineEvent::Status(status)) => {
                if let Some(source) = status.sources.get(number)
                    && matches!(source.state, SourceState::Done | SourceState::Failed { .. })
                {
                    return (source.events, source.defects);
                }
            }
            Ok(_) => {}
            Err(error) => panic!("file {number}: {error}"),
        }
    }
}

fn read(path: &Path) -> Found {
    let (to, events) = unbounded();
    let engine = Engine::start(move |event| drop(to.send(event))).expect("threads");
    let (count, others) = load(&engine, &events, 0, path);
    let snapshot = engine.snapshot();
    let mut records = BTreeMap::new();
    for (segment, rows) in snapshot.segments.iter().enumerate() {
        for row in 0..rows.rows {
            let mut record = Vec::new();
            snapshot.record(Place { segment, row }, &mut record);
            let text = String::from_utf8_lossy(&record).into_owned();
            *records.entry(text).or_default() += 1;
        }
    }
    Found {
        records,
        events: count,
        others,
    }
}

/// The text by which a record of an undamaged file is recognised when it comes out.
fn expected(arrangement: Arrangement, record: &[u8]) -> String {
    let text = String::from_utf8_lossy(record);
    match arrangement {
        Table | TableQuoted => {
            let cells: Vec<&str> = text.split(',').map(|cell| cell.trim_matches('"')).collect();
            let [time, action, tag, agent] = cells[..] else {
                panic!("four cells: {text}")
            };
            format!(
                "{{\"time\":\"{time}\",\"action\":\"{action}\",\"tag\":\"{tag}\",\"http_request_useragent\":\"{agent}\"}}"
            )
        }
        _ => text.into_owned(),
    }
}

#[test]
fn what_was_not_damaged_comes_out_once_and_the_rest_is_counted() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("damaged");
    crate::chance::fuzz("accounting", 400, |chance| {
        let arrangement = *chance.pick(&ARRANGEMENTS);
        let mut file = file(arrangement, 3 + chance.below(12), chance);
        let whole: Vec<String> = file
            .records
            .iter()
            .map(|range| expected(arrangement, &file.bytes[range.clone()]))
            .collect();
        let victims = damage(&mut file, chance);
        std::fs::write(&path, &file.bytes).expect("written");
        let found = read(&path);
        let shown = || {
            format!(
                "{arrangement:?}, damaged {victims:?}:\n{}\n{:#?}",
                String::from_utf8_lossy(&file.bytes),
                found.records
            )
        };
        for (n, record) in whole.iter().enumerate() {
            if !victims.contains(&n) {
                let times = found.records.get(record).copied().unwrap_or(0);
                assert_eq!(times, 1, "record {n}: {}", shown());
            }
        }
        let accounted = found.events + found.others;
        // Of two damaged records side by side the place between them may be damaged, too.
        let merged = victims
            .windows(2)
            .filter(|pair| pair[0] + 1 == pair[1])
            .count();
        assert!(
            accounted >= (whole.len() - merged) as u64,
            "{accounted} of {}: {}",
            whole.len(),
            shown()
        );
    });
}
