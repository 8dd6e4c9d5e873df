//! Hostile input by chance, for every reader: records against `serde_json`, damaged files of every format, queries,
//! answers of the log service, hand-edited files.
//!
//! How often each target runs, and from which seed: see [`crate::chance`].

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, unbounded};
use regtrail::command;
use regtrail::config::Config;
use regtrail::decode::mended;
use regtrail::decode::table::{Cutter, Header, known_names};
use regtrail::engine::{Engine, EngineEvent, SourceState};
use regtrail::export::events;
use regtrail::index::{Place, Snapshot};
use regtrail::keymap::Keymap;
use regtrail::model::{CATALOGUE, DefectKind, FieldKind};
use regtrail::query::{CatalogueNames, Filter, complete, format, parse, to_command, to_jq, to_sls};
use regtrail::source::sls::compress::unpack;
use regtrail::source::sls::protobuf::{LogGroupList, to_json};
use regtrail::source::{Spec, demo};
use regtrail::theme::Theme;
use serde_json::value::RawValue;

use crate::chance::{Chance, fuzz};
use crate::world::World;

/// What a plain reader makes of a record: members in their order, `None` for null; nothing where it is no record.
fn read(line: &[u8]) -> Option<Vec<(String, Option<String>)>> {
    struct Members(Vec<(String, Option<String>)>);
    impl<'de> serde::de::Visitor<'de> for Members {
        type Value = Members;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                let raw = map.next_value::<&RawValue>()?.get();
                let value = match raw {
                    "null" => None,
                    text if text.starts_with('"') => {
                        Some(serde_json::from_str(text).map_err(serde::de::Error::custom)?)
                    }
                    // As the service exports it, see domain.md 2b.
                    list if key.starts_with("__time") && list.starts_with('[') => {
                        let inside = &list[1..list.len() - 1];
                        let digits =
                            !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit());
                        Some(if digits { inside } else { list }.to_owned())
                    }
                    other => Some(other.to_owned()),
                };
                self.0.push((key, value));
            }
            Ok(self)
        }
    }
    let text = String::from_utf8_lossy(line);
    let mut reader = serde_json::Deserializer::from_str(&text);
    let members = serde::Deserializer::deserialize_map(&mut reader, Members(Vec::new())).ok()?;
    reader.end().ok()?;
    Some(members.0)
}

const JSON_PIECES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"\\\"",
    b"\\u0000",
    b"\\ud83d\\ude00",
    b"\\ud800",
    b"\\u00e4",
    b"\xc3\xa4",
    b"\xff",
    b"\x00",
    b"\x1b[2J",
    b"\t",
    b"\r",
    b" ",
    b",",
    b":",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"-0",
    b"1e400",
    b"00",
    b"true",
    b"\"action\":\"x\",",
    b"\"action\":null,",
    b"\"tag\":17,",
    b"\"extra\":{\"a\":[1,{}]},",
    b"\"__time__\":[12],",
    b"\"__time__\":\"0012\",",
    b"\"__time_ns_part__\":99999999999999999999,",
    b"\"time\":\"2024-04-12T16:58:60.000000000+08:00\",",
    b"\"time\":\"2024-04-12t16:58:59z\",",
    b"\"http_request_id\":\"718E09D1-aab5-4c1e-9f00-0123456789ab\",",
    b"\"http_request_id\":718,",
    b"\"\":\"\",",
    "上海\u{202e}".as_bytes(),
];

/// The demo's records, which warm up what the decoder predicts, and records of other writers.
fn records() -> Vec<Vec<u8>> {
    let mut text = Vec::new();
    demo::write(400, 5, 1_785_542_400_000_000_000, &mut text).expect("memory");
    let others = r#"{"__time__": "1712912310", "action": "GetBlob", "tag": null, "http_response_status": 404}
{"time":"2024-04-12T16:58:59.1Z","user_name":"\u4e0a\u6d77","x":[1,2],"y":{"z":"\ud83d\ude00"}}
{}
"#;
    let lines = text.split(|b| *b == b'\n');
    let others = others.as_bytes().split(|b| *b == b'\n');
    lines
        .chain(others)
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

/// What must come of a line.
enum Must {
    /// One event, kept as it is, with these values.
    Be(Vec<(String, Option<String>)>),
    /// Something: events, a defect, a record that is skipped.
    Count,
}

fn must(line: &[u8]) -> Must {
    let is_field = |name: &str| {
        let field = CATALOGUE.find(name).and_then(|field| CATALOGUE.get(field));
        field.is_some_and(|info| {
            info.name == name && info.kind == FieldKind::Logged && name != "time"
        })
    };
    match read(line) {
        Some(members) if members.iter().any(|(name, _)| is_field(name)) => Must::Be(members),
        _ => Must::Count,
    }
}

#[test]
fn records_are_read_as_serde_json_reads_them_and_others_are_mended_or_rejected() {
    let records = records();
    fuzz("records", 1_500, |chance| {
        let mut world = World::new();
        let mut events = Vec::new();
        for n in 0..30u64 {
            let mut line = chance.pick(&records).clone();
            if n > 10 && chance.below(3) > 0 {
                chance.damage(&mut line, 1, JSON_PIECES);
                // A line end would make two lines of it.
                line.retain(|b| *b != b'\n');
            }
            let before = (
                world.rows().len(),
                world.flaws.len(),
                world.remarks.skipped(),
            );
            world.add(0, n * 100_000, &line);
            let line = line.trim_ascii_end().to_vec();
            let shown = String::from_utf8_lossy(&line);
            let rows: usize = world.rows()[before.0..].iter().sum();
            let flaws = world.flaws[before.1..].iter();
            let rejected = flaws
                .filter(|f| !matches!(f.kind, DefectKind::Time | DefectKind::Lenient))
                .count();
            match must(&line) {
                Must::Be(members) => {
                    assert_eq!((rows, rejected), (1, 0), "{shown}");
                    events.push((before.0, line, members));
                }
                Must::Count => {
                    let skipped = world.remarks.skipped() - before.2;
                    assert!(
                        rows + rejected + skipped as usize > 0 || is_no_page(&line),
                        "{shown}"
                    );
                    // One that was mended has the values that are printed of it.
                    if let (1, 0, None) = (rows, rejected, read(&line)) {
                        let printed = mended(&line).and_then(|mended| read(mended.text.as_bytes()));
                        events.extend(printed.map(|members| (before.0, line, members)));
                    }
                }
            }
        }
        let snapshot = world.snapshot();
        for (segment, line, members) in &events {
            let place = Place {
                segment: *segment,
                row: 0,
            };
            let mut record = Vec::new();
            snapshot.record(place, &mut record);
            let shown = String::from_utf8_lossy(line);
            if record != *line {
                // Behind a prefix, or in a string: what was read stands in the line.
                assert!(read(line).is_none(), "{shown}");
                continue;
            }
            let mut printed = Vec::new();
            events::json(&snapshot, place, &mut printed);
            assert!(
                std::str::from_utf8(&printed).is_ok() && read(&printed).is_some(),
                "{shown}"
            );
            for (at, (key, value)) in members.iter().enumerate() {
                // The last of several wins.
                if members[at + 1..].iter().any(|(other, _)| other == key) {
                    continue;
                }
                // Derived names and aliases are no names of logged fields.
                let Some(field) = snapshot
                    .vocabulary
                    .field(key)
                    .filter(|field| !field.is_derived())
                else {
                    continue;
                };
                if *snapshot.vocabulary.name(field) != **key {
                    continue;
                }
                // Unpaired surrogates within other values are read as U+FFFD.
                let is_broken = |text: &str| text.contains("\\ud") && !text.starts_with('"');
                if value.as_deref().is_some_and(is_broken) {
                    continue;
                }
                let read = snapshot.value(place, field);
                assert_eq!(read.as_deref(), value.as_deref(), "{key} of {shown}");
            }
        }
    });
}

/// Lines whose fate is known: events, defects, skipped.
const FATES: &[(&str, [u64; 3])] = &[
    (r#"{"time":"2024-04-12T16:58:59Z","action":"a"}"#, [1, 0, 0]),
    (
        r#"{"time":"2024-04-12T16:58:59Z","action":"b","tag":"x\ty"}"#,
        [1, 0, 0],
    ),
    (
        r#"[{"action":"a","time":"2024-04-12T16:58:59Z"},{"action":"b","time":"2024-04-12T16:58:59Z"}]"#,
        [2, 0, 0],
    ),
    (
        r#"{"action":"a","time":"2024-04-12T16:58:59Z"}{"action":"b","time":"2024-04-12T16:58:59Z"},"#,
        [2, 0, 0],
    ),
    (
        "audit-1 | {\"action\":\"a\",\"time\":\"2024-04-12T16:58:59Z\"}",
        [1, 0, 0],
    ),
    (
        r#"{"log":"{\"action\":\"a\",\"time\":\"2024-04-12T16:58:59Z\"}\n","time":"2024-04-12T16:58:59Z"}"#,
        [1, 0, 0],
    ),
    (
        r#"{"value":[{"action":"a","time":"2024-04-12T16:58:59Z"},{"id":1},{}]}"#,
        [1, 1, 1],
    ),
    (
        "\u{1b}[1m{\"action\":\"a\",\u{1b}[0m\"time\":\"2024-04-12T16:58:59Z\"}",
        [1, 0, 0],
    ),
    (
        "\u{1e}{\"action\":\"a\",\"time\":\"2024-04-12T16:58:59Z\"}",
        [1, 0, 0],
    ),
    (
        "{\"action\":\"a\",\"time\":\"2024-04-12T16:58:59Z\",\"tag\":NaN,\"repo\":\"\t\",}",
        [1, 0, 0],
    ),
    (
        r#"{"action":"a","time":"2024-04-12T16:58:59Z","tag":"\ud800"}"#,
        [1, 1, 0],
    ),
    (r#"{"index":{"_index":"x"}}"#, [0, 0, 1]),
    ("event: x", [0, 0, 1]),
    (
        r#"data: {"action":"a","time":"2024-04-12T16:58:59Z"}"#,
        [1, 0, 0],
    ),
    (r#"{"id":1}"#, [0, 1, 0]),
    (r#"{"errorCode":"x","errorMessage":"y"}"#, [0, 1, 0]),
    (r#"{"action":"a","#, [0, 1, 0]),
    ("{'action':'a'}", [0, 1, 0]),
    ("garbage", [0, 1, 0]),
    ("17", [0, 1, 0]),
    (r#""text""#, [0, 1, 0]),
    ("", [0, 0, 0]),
];

#[test]
fn every_line_is_an_event_a_defect_or_skipped_whatever_stands_around_it() {
    fuzz("fates", 600, |chance| {
        let (mut text, mut expected) = (Vec::new(), [0; 3]);
        for _ in 0..chance.below(60) {
            let (line, fate) = chance.pick(FATES);
            text.extend_from_slice(line.as_bytes());
            text.extend_from_slice(chance.pick(&["\n", "\r\n", " \n"]).as_bytes());
            for (sum, count) in expected.iter_mut().zip(fate) {
                *sum += count;
            }
        }
        // In blocks of whole lines, as they come from a source.
        let mut world = World::new();
        let mut rest = &text[..];
        while !rest.is_empty() {
            let at = chance.below(rest.len());
            let end = rest[at..]
                .iter()
                .position(|b| *b == b'\n')
                .map_or(rest.len(), |end| at + end + 1);
            world.add(0, (text.len() - rest.len()) as u64, &rest[..end]);
            rest = &rest[end..];
        }
        let found = [
            world.rows().iter().sum::<usize>() as u64,
            world.flaws.len() as u64,
            world.remarks.skipped(),
        ];
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(&text));
        for flaw in &world.flaws {
            let at = flaw.offset as usize;
            assert!(
                at < text.len() && !text[at].is_ascii_whitespace(),
                "{flaw:?} of {}",
                String::from_utf8_lossy(&text)
            );
        }
    });
}

/// An answer around no records.
fn is_no_page(line: &[u8]) -> bool {
    String::from_utf8_lossy(line).contains("[]")
}

/// A table by chance, in a dialect by chance: its header, and rows of which most are like each other.
fn table(chance: &mut Chance) -> Vec<u8> {
    const NAMES: &[&str] = &[
        "time",
        "__time__",
        "__time_ns_part__",
        "__topic__",
        "action",
        "tag",
        "tag",
        "repo",
        "namespace",
        "namespace_repo",
        "user_name",
        "user_identity_principal_id",
        "user_identity_account_id",
        "blob_digest",
        "http_request_id",
        "http_request_useragent",
        "http_response_status",
        "user",
        "x y",
        "",
    ];
    const CELLS: &[&str] = &[
        "",
        "",
        "GetBlob",
        "a",
        "a,b",
        "say \"a\"",
        "\"",
        "\"\"",
        "''",
        "a\nb",
        "a\r\nb",
        "a\rb",
        "\\n",
        "\\",
        "上海",
        "\u{1}",
        "a\tb|c;d e",
        "null",
        "404",
        "1712912310",
        "0012",
        "2024-04-12 08:58:30",
        "2024-04-12T16:58:59.000000001+08:00",
        "2024-04-12T16:58:60Z",
        "702b4ae7-cf71-4632-9515-47efb68bd895",
        "702B4AE7-cf71-4632-9515-47efb68bd895",
    ];
    let delimiter = char::from(*chance.pick(b",,,\t|; "));
    let quote = if chance.below(8) == 0 { '\'' } else { '"' };
    let end = *chance.pick(&["\n", "\n", "\r\n"]);
    let width = 2 + chance.below(9);
    let mut text = String::from(*chance.pick(&["", "", "\u{feff}"]));
    let row = |text: &mut String, cells: &[&str], always: bool, chance: &mut Chance| {
        for (n, cell) in cells.iter().enumerate() {
            if n > 0 {
                text.push(delimiter);
            }
            let special = |c: char| c == delimiter || matches!(c, '\n' | '\r') || c == quote;
            if always || cell.contains(special) || chance.below(12) == 0 {
                let doubled = cell.replace(quote, &format!("{quote}{quote}"));
                text.extend([quote.to_string(), doubled, quote.to_string()]);
            } else {
                text.push_str(cell);
            }
        }
        text.push_str(end);
    };
    // Whether other quotes than the usual are meant shows in the first cell.
    let mut names = vec![*chance.pick(&["time", "__time__"])];
    names.extend((1..width).map(|_| *chance.pick(NAMES)));
    row(&mut text, &names, quote == '\'', chance);
    let usual: Vec<&str> = (0..width).map(|_| *chance.pick(CELLS)).collect();
    for _ in 0..60 {
        let mut cells = usual.clone();
        for _ in 0..chance.below(3) {
            let at = chance.below(width);
            cells[at] = *chance.pick(CELLS);
        }
        let kind = chance.below(20);
        if kind < 2 {
            // Rows that lack cells and run over lines are taken apart where a quote may be missing.
            let long = cells.iter_mut().filter(|cell| cell.contains('\n'));
            long.for_each(|cell| *cell = "a");
        }
        match kind {
            0 => cells.truncate(1 + chance.below(width)),
            1 => cells.push(*chance.pick(CELLS)),
            2 => cells.clone_from(&names),
            3 => text.push_str(end),
            _ => {}
        }
        row(&mut text, &cells, chance.below(10) == 0, chance);
    }
    text.into_bytes()
}

/// What the columns are called under a header: names that come again are told apart, and none is empty.
fn columns(header: &csv::ByteRecord) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (n, name) in header.iter().enumerate() {
        let name = String::from_utf8_lossy(name).trim().to_owned();
        all.push(if name.is_empty() {
            format!("column_{}", n + 1)
        } else {
            name
        });
    }
    for at in 0..all.len() {
        if all[..at].contains(&all[at]) {
            let mut again = (0..).map(|n| format!("{}_{n}", all[at]));
            all[at] = again.find(|name| !all.contains(name)).expect("endless");
        }
    }
    all
}

/// Whether a row is the header once more.
fn is_header(row: &csv::ByteRecord, header: &csv::ByteRecord) -> bool {
    row.len() == header.len()
        && row
            .iter()
            .zip(header)
            .all(|(a, b)| a.eq_ignore_ascii_case(b))
}

/// The rows as the csv library reads them, which leaves a byte order mark away at the beginning of what it is
/// given: here of every line that begins a row.
fn rows(text: &[u8], header: &Header) -> Vec<csv::ByteRecord> {
    let mut reader = csv::ReaderBuilder::new();
    let dialect = header.dialect();
    reader.delimiter(dialect.delimiter).quote(dialect.quote);
    reader.has_headers(false).flexible(true);
    let (mut rows, mut at) = (Vec::new(), 0);
    loop {
        let ends = text[at..].iter().take_while(|b| matches!(b, b'\r' | b'\n'));
        at += ends.count();
        let begins = at == 0 || text[at - 1] == b'\n';
        let before: &[u8] = if begins { b"" } else { b"\n" };
        let mut reader = reader.from_reader(before.chain(&text[at..]));
        let mut row = csv::ByteRecord::new();
        if !reader.read_byte_record(&mut row).expect("memory") {
            return rows;
        }
        at += reader.position().byte() as usize - before.len();
        rows.push(row);
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Whether every cell that begins with a quote ends with one, and in its line where lines may have got lost.
fn keeps_to_the_rules(text: &[u8], header: &Header, damaged: bool) -> bool {
    let (delimiter, quote) = (header.dialect().delimiter, header.dialect().quote);
    let mut at = 0;
    loop {
        at += usize::from(text[at..].starts_with(BOM)) * BOM.len();
        if text.get(at) == Some(&quote) {
            at += 1;
            loop {
                match text[at..]
                    .iter()
                    .position(|b| *b == quote || (damaged && *b == b'\n'))
                {
                    Some(more) if text[at + more] == quote => at += more + 1,
                    _ => return false,
                }
                if text.get(at) != Some(&quote) {
                    break;
                }
                at += 1;
            }
            let next = text.get(at);
            if next.is_some_and(|b| *b != delimiter && !matches!(b, b'\r' | b'\n')) {
                return false;
            }
        }
        let ends = |b: &u8| *b == delimiter || matches!(b, b'\r' | b'\n');
        match text[at..].iter().position(ends) {
            Some(more) => at += more + 1,
            None => return true,
        }
    }
}

/// Has the rows of a table decoded in pieces, as they come from a file.
fn feed(world: &mut World, header: &Header, text: &[u8], start: usize, chance: &mut Chance) {
    let (mut cutter, mut taken, mut given) = (Cutter::default(), start, start);
    while given < text.len() {
        given = (given + 1 + chance.below(3_000)).min(text.len());
        let end = cutter.look(&text[taken..given], header.dialect());
        world.add_rows(header, taken as u64, &text[taken..taken + end]);
        taken += end;
    }
    world.add_rows(header, taken as u64, &text[taken..]);
}

/// Compares an event with the row that it was.
fn compare(snapshot: &Snapshot, place: Place, names: &[String], row: &csv::ByteRecord) {
    let mut record = Vec::new();
    snapshot.record(place, &mut record);
    let record = String::from_utf8_lossy(&record);
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&record).expect("an object");
    assert_eq!(members.len(), row.len().min(names.len()));
    for (name, cell) in names.iter().zip(row) {
        let cell = String::from_utf8_lossy(cell);
        let shown = members[name].as_str().expect("a text");
        let expected = match &*cell {
            "2024-04-12 08:58:30" if name == "__time__" => "1712912310",
            other => other,
        };
        // Other dates come about by damage.
        let is_date = name == "__time__" && cell.len() >= 19 && shown.parse::<i64>().is_ok();
        assert!(shown == expected || is_date, "{name}: {shown} of {cell}");
        let field = snapshot.vocabulary.field(name);
        let Some(field) = field.filter(|field| !field.is_derived()) else {
            continue;
        };
        if *snapshot.vocabulary.name(field) == **name {
            let value = snapshot.value(place, field);
            assert_eq!(value.as_deref(), Some(shown), "{name}");
        }
    }
}

#[test]
fn tables_are_read_as_the_csv_library_reads_them() {
    const PIECES: &[&[u8]] = &[
        b"\"", b",", b"\n", b"\r", b"\"\"", b"\"\n", b"\xff", b"\0", b",\",", BOM,
    ];
    fuzz("tables", 1_500, |chance| {
        let mut text = table(chance);
        let first = text.iter().position(|b| *b == b'\n').expect("a header") + 1;
        let damaged = chance.below(2) == 0;
        if damaged {
            chance.damage(&mut text, first, PIECES);
        }
        let Ok((header, start)) = Header::read(&text, None, true) else {
            return;
        };
        let mut world = World::new();
        feed(&mut world, &header, &text, start, chance);
        let rows = rows(&text, &header);
        let (head, rows) = rows.split_first().expect("a header");
        let runs_on = |row: &csv::ByteRecord| row.iter().any(|cell| cell.contains(&b'\n'));
        let is_odd = |row: &csv::ByteRecord| row.len() != head.len() && runs_on(row);
        if rows.iter().any(is_odd) || !keeps_to_the_rules(&text[start..], &header, damaged) {
            // Whatever is made of it does not depend on the pieces.
            let mut whole = World::new();
            whole.add_rows(&header, start as u64, &text[start..]);
            assert_eq!(world.snapshot().events, whole.snapshot().events);
            assert_eq!(world.flaws.len(), whole.flaws.len());
            return;
        }
        let snapshot = world.snapshot();
        // In the order of their arrival.
        let places = (0..).zip(&snapshot.segments).flat_map(|(segment, rows)| {
            let row = move |at| rows.row_of(at);
            (0..rows.rows).map(move |at| Place {
                segment,
                row: row(at),
            })
        });
        let names = columns(head);
        let (mut more, mut untimed) = (0, 0);
        let mut places = places.peekable();
        for row in rows {
            // A row that holds nothing is skipped.
            if is_header(row, head) || row.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            // A lone cell under a wider header is an event only where it is a time; names of fields are a header.
            let lone = row.len() == 1 && names.len() > 1;
            let is_name = |cell: &&[u8]| known_names().any(|name| name.as_bytes() == *cell);
            let named = row.len() > 1 && row.iter().filter(is_name).count() > 1;
            if (lone || named)
                && !places
                    .peek()
                    .is_some_and(|place| is_event_of(&snapshot, *place, row, names.len()))
            {
                more += 1;
                continue;
            }
            let Some(place) = places.next() else {
                panic!("no event for {row:?} under {names:?}: {:?}", world.flaws)
            };
            compare(&snapshot, place, &names, row);
            more += usize::from(row.len() > names.len());
            let time = snapshot.segments[place.segment].time(place.row);
            untimed += usize::from(time.is_none());
        }
        assert!(places.next().is_none(), "more events than rows");
        let flaws = |kind| world.flaws.iter().filter(|flaw| flaw.kind == kind).count();
        assert_eq!(flaws(DefectKind::Shape), more);
        assert_eq!(flaws(DefectKind::Time), untimed);
    });
}

/// Whether an event has the cells of a row, as far as the table is wide, and no others.
fn is_event_of(snapshot: &Snapshot, place: Place, row: &csv::ByteRecord, width: usize) -> bool {
    let mut record = Vec::new();
    snapshot.record(place, &mut record);
    let record = String::from_utf8_lossy(&record);
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&record).expect("an object");
    let values: Vec<&str> = members
        .values()
        .filter_map(|value| value.as_str())
        .collect();
    let cells = row.iter().take(width).map(String::from_utf8_lossy);
    let cells: Vec<_> = cells.collect();
    // A date may have become a number.
    let is_date = |value: &str, cell: &str| cell.len() >= 19 && value.parse::<i64>().is_ok();
    values.len() == cells.len()
        && (values.iter().zip(&cells)).all(|(value, cell)| value == cell || is_date(value, cell))
}

/// Files of every format and archive.
fn samples() -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("the project's samples")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).expect("a sample"))
        .collect()
}

#[test]
fn damaged_files_end_and_end_well() {
    /// Files that one engine reads before the next takes over.
    const AN_ENGINE: usize = 50;
    let samples = samples();
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("x");
    fuzz("files", 4, |chance| {
        let (to, events) = unbounded();
        let engine = Engine::start(move |event| drop(to.send(event))).expect("threads");
        for n in 0..AN_ENGINE {
            let mut bytes = chance.pick(&samples).clone();
            let pieces = [
                b"\n\"".as_slice(),
                b",",
                b"\x1f\x8b",
                b"\0\0\0\xff",
                b"[{",
                b"PAR1",
            ];
            chance.damage(&mut bytes, 0, &pieces);
            std::fs::write(&path, &bytes).expect("written");
            engine.open(Spec::File(path.clone()), false);
            let ended = loop {
                match events.recv_timeout(Duration::from_mins(1)) {
                    Ok(EngineEvent::Status(status)) => {
                        match status.sources.get(n).map(|s| &s.state) {
                            Some(SourceState::Failed { why }) => break why.clone(),
                            Some(SourceState::Done) => break String::new(),
                            _ => {}
                        }
                    }
                    Ok(
                        EngineEvent::Answer(_)
                        | EngineEvent::Progress { .. }
                        | EngineEvent::Writing(_),
                    ) => {}
                    Err(RecvTimeoutError::Timeout) => panic!("file {n} never ends"),
                    Err(RecvTimeoutError::Disconnected) => panic!("the engine is gone"),
                }
            };
            assert!(
                !ended.contains("internal error") && !ended.contains("reading stopped"),
                "file {n}: {ended}"
            );
        }
    });
}

#[test]
fn queries_of_any_text_are_read_or_refused_and_read_back() {
    const PIECES: &[&str] = &[
        "action",
        ":",
        "==",
        "!=",
        "~",
        "=~",
        "/a+[/",
        "/x\\/y/",
        "in",
        "[",
        "]",
        "(",
        ")",
        "and",
        "or",
        "not",
        "\"",
        "\\",
        "*",
        "?",
        "#\"",
        "404",
        ">=",
        "<",
        "time",
        "2024-04-12",
        "10.0.0.0/8",
        "@list",
        "|",
        "上",
        "\u{202e}",
        " ",
        ",",
        "__tag__:__x__:",
        "status",
        "-1",
        "1e9",
        "\u{1b}",
        "''",
        "ns/repo:tag",
    ];
    fuzz("queries", 20_000, |chance| {
        let pieces = (0..=chance.below(12)).map(|_| *chance.pick(PIECES));
        let text: String = pieces.fold(String::new(), |mut text, piece| {
            text.push_str(piece);
            if piece.len().is_multiple_of(2) {
                text.push(' ');
            }
            text
        });
        let names = CatalogueNames::default();
        let at = chance.below(text.len() + 1);
        if text.is_char_boundary(at) {
            let _ = complete(&text, at, &names);
        }
        match parse(&text, &names) {
            Ok(query) => {
                let again = format(&query);
                assert_eq!(
                    parse(&again, &names).as_ref(),
                    Ok(&query),
                    "{text:?} as {again:?}"
                );
                let filter = Filter {
                    text: text.as_str().into(),
                    query,
                    ..Filter::default()
                };
                let _ = (to_sls(&filter), to_jq(&filter), to_command(&filter));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}

#[test]
fn answers_of_the_log_service_are_read_or_refused() {
    let lz4 = lz4_flex::block::compress(&vec![b'x'; 500]);
    // One group of one log: `action` is `GetBlob`.
    let group: &[u8] = &[
        0x0a, 0x1b, 0x0a, 0x19, 0x08, 0x80, 0x94, 0xeb, 0xdc, 0x03, 0x12, 0x11, 0x0a, 0x06, b'a',
        b'c', b't', b'i', b'o', b'n', 0x12, 0x07, b'G', b'e', b't', b'B', b'l', b'o', b'b',
    ];
    assert!(LogGroupList::parse(group.to_vec()).is_ok_and(|list| list.groups.len() == 1));
    fuzz("log groups", 20_000, |chance| {
        let mut bytes = group.repeat(1 + chance.below(3));
        chance.damage(
            &mut bytes,
            0,
            &[b"\xff\xff\xff\xff\xff\x0f", b"\x0a\x7f", b"\x12\x00"],
        );
        if let Ok(list) = LogGroupList::parse(bytes) {
            for group in &list.groups {
                for log in &group.logs {
                    let json = to_json(group, log);
                    assert!(read(&json).is_some(), "{}", String::from_utf8_lossy(&json));
                }
            }
        }
        let mut packed = lz4.clone();
        chance.damage(&mut packed, 0, &[b"\xff\xff\xff\xff", b"\0\0"]);
        let size = [Some(500), Some(usize::MAX), None][chance.below(3)];
        for kind in ["lz4", "zstd", "deflate", "gzip", "none", "x"] {
            let _ = unpack(kind, &packed, size);
        }
    });
}

#[test]
fn files_edited_by_hand_are_read_or_refused_by_line() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let file = |name: &str| std::fs::read(directory.join(name)).expect("an asset");
    let [config, keymap, theme] = [
        file("config.toml"),
        file("keymap.toml"),
        file("themes/dark.toml"),
    ];
    let names: Vec<&str> = command::all().map(|command| command.name).collect();
    let pieces: [&[u8]; 7] = [b"\"", b"=", b"[", b"]\n", b"#", b"\n", b"'''"];
    fuzz("hand-edited files", 600, |chance| {
        let mut damaged = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            chance.damage(&mut bytes, 0, &pieces);
            String::from_utf8_lossy(&bytes).into_owned()
        };
        if let Err(why) = Config::with(&damaged(&config)) {
            assert!(why.line > 0, "{why}");
        }
        for problem in Keymap::with_user(&damaged(&keymap), &names).1 {
            assert!(!problem.to_string().is_empty());
        }
        for problem in Theme::parse(&damaged(&theme)).1 {
            assert!(!problem.to_string().is_empty());
        }
    });
}
