//! Text that is not UTF-8 and text with NUL bytes in it: nothing is lost, nothing is invented, and what cannot be
//! known is said.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use regtrail::engine::SourceState;
use regtrail::source::encoding::find;

use crate::e2e::{Place, Run};
use crate::follow::{Following, line};

const USER: &str = "张三";

fn record(n: usize) -> String {
    format!(
        r#"{{"time":"2024-04-12T16:00:{n:02}+08:00","action":"GetBlob","tag":"v{n}","user_name":"{USER}"}}"#
    )
}

/// Three events as lines, as one array, as comma- and as tab-separated tables.
fn arrangements() -> [(&'static str, String); 4] {
    let lines: String = (0..3).map(|n| record(n) + "\r\n").collect();
    let all: Vec<String> = (0..3).map(record).collect();
    let row = |n: usize| format!("2024-04-12T16:00:{n:02}+08:00,GetBlob,v{n},\"{USER}\"\r\n");
    let table = ["time,action,tag,user_name\r\n", &row(0), &row(1), &row(2)].concat();
    let tabs = table.replace(',', "\t");
    [
        ("lines", lines),
        ("array", format!("[\n{}\n]\n", all.join(",\n"))),
        ("commas", table),
        ("tabs", tabs),
    ]
}

fn wide(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    };
    text.encode_utf16().flat_map(bytes).collect()
}

fn encoded(text: &str, label: &str) -> Vec<u8> {
    let (bytes, _, lossy) = find(label).expect("a label").encode(text);
    assert!(!lossy, "{label}");
    bytes.into_owned()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

/// What asks for the events by the text beyond ASCII in them.
const BY_USER: [&str; 5] = ["--count", "--facet", "tag", "-f", "user_name:张三"];

fn assert_all(run: &Run, what: &str) {
    assert_eq!(run.code, 0, "{what}: {}{}", run.text(), run.err);
    let answer = run.json();
    assert_eq!(answer["total"], 3, "{what}: {answer}");
    assert_eq!(answer["matched"], 3, "{what}: {answer}");
    assert_eq!(answer["defects"], 0, "{what}: {answer} {}", run.err);
    assert_eq!(answer["facets"][0]["distinct"], 3, "{what}: {answer}");
}

#[test]
fn utf_16_is_read_from_files_pipes_and_archives_in_both_orders_with_and_without_its_mark() {
    let place = Place::new();
    for (what, text) in arrangements() {
        for little in [true, false] {
            for mark in ["", "\u{feff}"] {
                let what = format!("{what}, little: {little}, mark: {mark:?}");
                let bytes = wide(&format!("{mark}{text}"), little);
                let file = place.file("log", &bytes);
                let run = place.run(&[&["query", &file], &BY_USER[..]].concat());
                assert_all(&run, &what);
                assert_eq!(run.err, "", "{what}");
                let run = place.piped(&[&["query", "-"], &BY_USER[..]].concat(), &bytes);
                assert_all(&run, &format!("{what}, a pipe"));
                let file = place.file("log.gz", packed(&bytes));
                let run = place.run(&[&["query", &file], &BY_USER[..]].concat());
                assert_all(&run, &format!("{what}, an archive"));
            }
        }
    }
}

#[test]
fn records_of_utf_16_print_as_utf_8_and_defects_stand_in_their_lines() {
    let place = Place::new();
    let text = format!("\u{feff}{}\r\n{{broken\r\n{}\r\n", record(0), record(1));
    let file = place.file("log", wide(&text, true));
    let run = place.run(&["query", &file, "-o", "raw"]);
    assert_eq!(run.text(), format!("{}\n{}\n", record(0), record(1)));
    assert!(run.err.contains("log:2: "), "{}", run.err);
}

#[test]
fn half_a_surrogate_pair_costs_a_character_and_no_event() {
    let place = Place::new();
    let (before, after) = (record(0), record(1));
    let (start, end) = before.split_at(before.find("v0").expect("a tag"));
    let mut bytes = wide(start, true);
    bytes.extend([0x3d, 0xd8]);
    bytes.extend(wide(&format!("{end}\n{after}\n"), true));
    let file = place.file("log", bytes);
    let run = place.run(&["query", &file, "--count"]);
    assert_eq!(
        (run.matched(), run.json()["defects"].as_u64()),
        (2, Some(0))
    );
    assert!(
        run.err.contains("1 character is not valid UTF-16LE"),
        "{}",
        run.err
    );
}

#[test]
fn utf_32_is_refused_by_name_with_what_to_do() {
    let place = Place::new();
    for (what, text) in arrangements() {
        let bytes: Vec<u8> = text
            .chars()
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect();
        let run = place.run(&["query", &place.file("log", bytes), "--count"]);
        assert_eq!(run.code, 3, "{what}");
        assert!(
            run.err.contains("UTF-32") && run.err.contains("iconv"),
            "{}",
            run.err
        );
    }
}

#[test]
fn text_in_another_encoding_is_read_where_it_is_named_and_else_the_likely_one_is_said_once() {
    let place = Place::new();
    for (what, text) in arrangements() {
        let file = place.file("log", encoded(&text, "gbk"));
        for label in ["gb18030", "GBK"] {
            let options = ["query", &file, "--encoding", label];
            let run = place.run(&[&options[..], &BY_USER[..]].concat());
            assert_all(&run, what);
            assert_eq!(run.err, "", "{what}");
        }
        let run = place.run(&["query", &file, "--count", "-f", "user_name:张三"]);
        assert_eq!(
            (run.code, run.json()["total"].as_u64()),
            (1, Some(3)),
            "{what}"
        );
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        for part in [
            "log: ",
            "not UTF-8",
            "--encoding gb18030",
            "iconv -f GB18030 -t UTF-8",
        ] {
            assert!(run.err.contains(part), "{what}: {}", run.err);
        }
        let pipe = place.piped(
            &["query", "-", "--encoding=gbk", "--count"],
            &encoded(&text, "gbk"),
        );
        assert_eq!(pipe.matched(), 3, "{what}");
    }
    let (_, text) = &arrangements()[2];
    for (label, user) in [
        ("shift_jis", "田中さん"),
        ("euc-kr", "사용자 김철수"),
        ("windows-1252", "José Müller"),
        ("big5", "陳大文"),
    ] {
        let file = place.file("log", encoded(&text.replace(USER, user), label));
        let query = format!("user_name:\"{user}\"");
        let run = place.run(&["query", &file, "--encoding", label, "--count", "-f", &query]);
        assert_eq!(run.matched(), 3, "{label}");
        let run = place.run(&["query", &file, "--count"]);
        assert_eq!(run.matched(), 3, "{label}");
        assert!(
            run.err.contains(&format!("--encoding {label}")),
            "{label}: {}",
            run.err
        );
    }
}

#[test]
fn an_encoding_that_is_none_is_a_usage_error_with_what_is_meant() {
    let place = Place::new();
    let file = place.file("log", record(0));
    for (label, said) in [("gb18031", "gb18030"), ("klingon", "windows-1252")] {
        let run = place.run(&["query", &file, "--encoding", label, "--count"]);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains(said), "{}", run.err);
    }
}

#[test]
fn an_encoding_that_is_named_does_not_stand_against_a_mark_or_a_format_of_its_own() {
    let place = Place::new();
    let (_, text) = &arrangements()[0];
    let file = place.file("log", wide(&format!("\u{feff}{text}"), true));
    let run = place.run(&[&["query", &file, "--encoding", "gbk"], &BY_USER[..]].concat());
    assert_all(&run, "UTF-16 with its mark");
    let parquet = "assets/samples/plain.parquet";
    let plain = place.run(&["query", parquet, "--count"]);
    let named = place.run(&["query", parquet, "--count", "--encoding", "gbk"]);
    assert_eq!((named.code, named.out), (plain.code, plain.out));
}

#[test]
fn csv_and_raw_keep_bytes_that_are_not_utf_8() {
    let place = Place::new();
    let user = encoded(USER, "gbk");
    for (what, text) in arrangements() {
        let file = place.file("log", encoded(&text, "gbk"));
        let run = place.run(&["query", &file, "-o", "csv", "--columns", "tag,user_name"]);
        let row = |n: u8| [b"v", &[b'0' + n][..], b",", &user, b"\n"].concat();
        let expected = [b"tag,user_name\n".to_vec(), row(0), row(1), row(2)].concat();
        assert_eq!(run.out, expected, "{what}");
        let run = place.run(&["query", &file, "-o", "raw"]);
        let found = run
            .out
            .windows(user.len())
            .filter(|bytes| *bytes == user)
            .count();
        assert_eq!(found, 3, "{what}");
        // What a terminal gets is text.
        let run = place.run(&["query", &file, "-o", "table"]);
        assert!(std::str::from_utf8(&run.out).is_ok(), "{what}");
    }
}

/// A text with NUL bytes somewhere.
fn with_nuls(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn nul_bytes_before_between_and_after_records_cost_no_event() {
    let place = Place::new();
    for (what, text) in arrangements() {
        let text = text.into_bytes();
        let middle = 1 + memchr::memchr_iter(b'\n', &text).nth(1).expect("lines");
        for count in [1, 200, 4096, 100_000, 10_000_000] {
            let nuls = vec![0; count];
            for (place_of, bytes) in [
                ("before", with_nuls(&[&nuls, &text])),
                (
                    "between",
                    with_nuls(&[&text[..middle], &nuls, &text[middle..]]),
                ),
                ("after", with_nuls(&[&text, &nuls])),
            ] {
                let what = format!("{what}: {count} {place_of}");
                let run =
                    place.run(&[&["query", &place.file("log", &bytes)], &BY_USER[..]].concat());
                assert_all(&run, &what);
                assert!(
                    run.err.contains(" NUL byte") && run.err.lines().count() == 1,
                    "{what}: {}",
                    run.err
                );
                if count > 1 && count < 1 << 20 {
                    let run = place.piped(&[&["query", "-"], &BY_USER[..]].concat(), &bytes);
                    assert_all(&run, &format!("{what}, a pipe"));
                    let file = place.file("log.gz", packed(&bytes));
                    let run = place.run(&[&["query", &file], &BY_USER[..]].concat());
                    assert_all(&run, &format!("{what}, an archive"));
                }
            }
        }
    }
}

#[test]
fn a_hole_in_a_record_costs_at_most_that_record() {
    let place = Place::new();
    let [a, b, c] = [record(0), record(1), record(2)];
    for hole in [3, 5000, 600_000] {
        let nuls = vec![0; hole];
        let (start, _) = b.split_at(40);
        let torn = with_nuls(&[
            a.as_bytes(),
            b"\n",
            start.as_bytes(),
            &nuls,
            c.as_bytes(),
            b"\n",
        ]);
        let run = place.run(&[
            "query",
            &place.file("log", torn),
            "--count",
            "--facet",
            "tag",
        ]);
        let answer = run.json();
        assert_eq!(
            (run.code, answer["matched"].as_u64()),
            (0, Some(2)),
            "{hole} {answer}"
        );
        assert_eq!(answer["defects"], 1, "{hole} {answer}");
        let joined = with_nuls(&[
            a.as_bytes(),
            &nuls,
            b.as_bytes(),
            b"\n",
            c.as_bytes(),
            b"\n",
        ]);
        let run = place.run(&[
            "query",
            &place.file("log", joined),
            "--count",
            "--facet",
            "tag",
        ]);
        assert_eq!(
            (run.matched(), run.json()["defects"].as_u64()),
            (3, Some(0)),
            "{hole}"
        );
    }
    let inside = a.replace("v0", "v\0\0\0x");
    let run = place.run(&["query", &place.file("log", inside), "--count"]);
    assert_eq!(
        (run.matched(), run.json()["defects"].as_u64()),
        (1, Some(0)),
        "{}",
        run.err
    );
}

#[test]
fn what_windows_powershell_appends_to_a_log_in_utf_8_is_read() {
    let place = Place::new();
    let mut bytes = format!("{}\n", record(0)).into_bytes();
    bytes.extend(wide(&format!("{}\r\n{}\r\n", record(1), record(2)), true));
    let run = place.run(&[&["query", &place.file("log", bytes)], &BY_USER[..]].concat());
    assert_all(&run, "mixed");
}

#[test]
fn a_sparse_file_with_records_at_both_ends_is_read_whole() {
    let place = Place::new();
    for (what, text) in arrangements()
        .into_iter()
        .filter(|(what, _)| *what != "array")
    {
        let middle = 1 + text.rmatches('\n').count() / 2;
        let (start, end): (Vec<&str>, Vec<&str>) = {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            (lines[..middle].to_vec(), lines[middle..].to_vec())
        };
        let path = place.path("log");
        let file = File::create(&path).expect("made");
        file.write_all_at(start.concat().as_bytes(), 0)
            .expect("written");
        file.write_all_at(end.concat().as_bytes(), 200 << 20)
            .expect("written");
        let path = path.to_str().expect("UTF-8");
        assert_all(&place.run(&[&["query", path], &BY_USER[..]].concat()), what);
    }
}

#[test]
fn a_file_that_says_nothing_is_an_empty_file() {
    let place = Place::new();
    let nuls = vec![0; 300_000];
    let blank = b"\r\n".repeat(100_000);
    for (what, bytes) in [
        ("nothing", &b""[..]),
        ("a mark", b"\xef\xbb\xbf"),
        ("a mark and a line end", b"\xef\xbb\xbf\r\n"),
        ("a mark of UTF-16", b"\xff\xfe"),
        ("a mark of UTF-16, the other order", b"\xfe\xff"),
        ("a mark and a line end of UTF-16", b"\xff\xfe\r\0\n\0"),
        ("NUL bytes", &nuls),
        ("line ends", &blank),
    ] {
        for (kind, name, bytes) in [
            ("a file", "log.csv", bytes.to_vec()),
            ("an archive", "log.csv.gz", packed(bytes)),
        ] {
            let run = place.run(&["query", &place.file(name, bytes), "--count"]);
            assert_eq!(run.code, 1, "{what}, {kind}: {}", run.err);
            assert_eq!(run.json()["total"], 0, "{what}, {kind}");
            assert!(
                !run.err.contains("not an audit log"),
                "{what}, {kind}: {}",
                run.err
            );
        }
        let run = place.piped(&["query", "-", "--count"], bytes);
        assert_eq!(
            (run.code, run.json()["total"].as_u64()),
            (1, Some(0)),
            "{what}"
        );
    }
}

fn append(following: &Following, name: &str, bytes: &[u8]) {
    let mut file = OpenOptions::new()
        .append(true)
        .open(following.path(name))
        .expect("it is there");
    file.write_all(bytes).expect("written");
}

#[test]
fn utf_16_that_grows_is_followed_through_half_units_and_second_marks() {
    let mut following = Following::start(&[("empty", String::new()), ("clock", line(0))]);
    let text = wide(&format!("\u{feff}{}", line(1)), true);
    let mut next = 2;
    append(&following, "empty", &text);
    following.wait_for_events(next);
    for cut in [1, 7, 40] {
        let text = wide(&line(next), true);
        append(&following, "empty", &text[..cut]);
        // The other file lies in the same directory: when its line is there, the half was seen as well.
        append(&following, "clock", line(next + 1).as_bytes());
        following.wait(|status| status.sources[1].events > (next / 2) as u64);
        append(&following, "empty", &text[cut..]);
        next += 2;
        following.wait_for_events(next);
    }
    append(
        &following,
        "empty",
        &wide(&format!("\u{feff}{}", line(next)), true),
    );
    following.assert_whole(next + 1);
    assert_eq!(following.status.sources[0].state, SourceState::Live);
}

/// Logrotate's `copytruncate` under a writer that did not open its file for appending: its next record lies where it
/// would have been, and all before it are NUL bytes.
#[test]
fn a_file_that_is_emptied_under_a_writer_at_its_old_place_is_followed_on() {
    let table = |n: usize| format!("2024-04-12T16:00:{n:02}+08:00,GetBlob,{n}\n");
    let lines: String = (0..50).map(line).collect();
    let rows = format!("time,action,n\n{}", (0..50).map(table).collect::<String>());
    for (start, next) in [
        (lines, line as fn(usize) -> String),
        (rows, table as fn(usize) -> String),
    ] {
        let mut following = Following::start(&[("a", start.clone())]);
        following.assert_whole(50);
        let file = OpenOptions::new()
            .write(true)
            .open(following.path("a"))
            .expect("there");
        let mut at = start.len() as u64;
        let mut written = 50;
        for round in 1..=3 {
            file.set_len(0).expect("emptied");
            for _ in 0..3 {
                let text = next(written);
                file.write_all_at(text.as_bytes(), at).expect("written");
                at += text.len() as u64;
                written += 1;
            }
            if round == 1 {
                following.wait_for_mark("truncated", 1);
            }
            following.assert_whole(written);
            at += 3 << 20; // As if much more had been written meanwhile.
        }
        assert_eq!(following.status.sources[0].state, SourceState::Live);
    }
}

#[test]
fn a_hole_that_grows_into_a_followed_file_is_skipped() {
    let mut following = Following::start(&[("a", line(0))]);
    let file = OpenOptions::new()
        .write(true)
        .open(following.path("a"))
        .expect("there");
    file.write_all_at(line(1).as_bytes(), 300 << 20)
        .expect("written");
    following.assert_whole(2);
    append(&following, "a", line(2).as_bytes());
    following.assert_whole(3);
    let note = following.status.sources[0].note.clone();
    assert!(note.contains("NUL bytes were skipped"), "{note}");
}

#[test]
fn a_file_of_blanks_is_followed_like_an_empty_one() {
    for start in ["\u{feff}", "\n\n", "\u{feff}\r\n", "\0\0\0\0\0\0\0\0"] {
        let mut following = Following::start(&[("a", start.to_owned())]);
        append(&following, "a", line(0).as_bytes());
        append(&following, "a", line(1).as_bytes());
        following.assert_whole(2);
    }
}

#[test]
fn utf_8_is_not_read_as_something_else_without_a_word() {
    let place = Place::new();
    let said = "is valid UTF-8, but read as gb18030 because of --encoding; drop --encoding";
    for (what, text) in arrangements() {
        let name = place.file("utf-8", &text);
        let run = place.run(&["query", "--encoding", "gb18030", "--count", &name]);
        assert_eq!(run.err.matches(said).count(), 1, "{what}: {}", run.err);
        let run = place.piped(
            &["query", "--encoding", "gb18030", "--count", "-"],
            text.as_bytes(),
        );
        assert_eq!(run.err.matches(said).count(), 1, "{what}: {}", run.err);
        // What it should be, what is the same in both, and what says by its mark that it is UTF-8.
        for content in [
            encoded(&text, "gb18030"),
            text.replace(USER, "plain").into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            [text.as_bytes(), &encoded(&text, "gb18030")].concat(),
        ] {
            let name = place.file("other", &content);
            let run = place.run(&["query", "--encoding", "gb18030", "--count", &name]);
            assert!(!run.err.contains("valid UTF-8"), "{what}: {}", run.err);
        }
        let run = place.run(&["query", "--count", &name]);
        assert!(!run.err.contains("valid UTF-8"), "{what}: {}", run.err);
    }
}
