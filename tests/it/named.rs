//! How sources are named: a file of several names is read once, a name of any characters stays on one line, and what
//! says nothing is said.

use std::fs;
use std::os::unix::fs::symlink;

use crate::e2e::{Place, Run};
use crate::following::{Following, record, records};
use crate::pty::{Home, Terminal};

/// A place with a log of three events under several names.
fn place() -> (Place, String) {
    let place = Place::new();
    fs::create_dir(place.path("dd")).expect("made");
    place.file("dd/a.ndjson", records(0..3));
    let directory = place.path("dd").to_str().expect("UTF-8").to_owned();
    (place, directory)
}

fn count(place: &Place, names: &[&str]) -> Run {
    place.run(&[&["query", "--count"], names].concat())
}

#[test]
fn a_file_that_is_named_twice_is_not_counted_twice() {
    let (place, dir) = place();
    let file = format!("{dir}/a.ndjson");
    let round = format!("{dir}/../dd/a.ndjson");
    let pattern = format!("{dir}/*.ndjson");
    let (link, other) = (format!("{dir}-link"), format!("{dir}-other"));
    symlink(&file, &link).expect("linked");
    fs::hard_link(&file, &other).expect("linked");
    for (names, again) in [
        ([&file, &file], &file),
        ([&dir, &file], &file),
        ([&file, &dir], &file),
        ([&pattern, &file], &file),
        ([&round, &file], &file),
        ([&file, &round], &round),
        ([&link, &file], &file),
        ([&file, &link], &link),
        ([&file, &other], &other),
    ] {
        let run = count(&place, &names.map(String::as_str));
        assert_eq!((run.code, run.matched()), (0, 3), "{names:?}");
        let said = format!("{again}: named twice, read once");
        assert_eq!(run.err.matches(&said).count(), 1, "{names:?}: {}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{names:?}: {}", run.err);
    }
    let run = count(&place, &[&file, &file, &file]);
    assert_eq!((run.matched(), run.err.lines().count()), (3, 1));
}

#[test]
fn the_files_of_a_directory_that_is_named_twice_are_one_note() {
    let (place, dir) = place();
    place.file("dd/b.ndjson", records(3..5));
    let run = count(&place, &[&dir, &dir]);
    assert_eq!(run.matched(), 5);
    let said = format!("{dir}: 2 of its files are named twice, read once");
    assert!(
        run.err.contains(&said) && run.err.lines().count() == 1,
        "{}",
        run.err
    );
}

#[test]
fn files_that_are_only_alike_are_all_read() {
    let (place, dir) = place();
    let other = place.file("dd/b.ndjson", records(0..3));
    let run = count(&place, &[&format!("{dir}/a.ndjson"), &other]);
    assert_eq!((run.matched(), run.err.as_str()), (6, ""));
}

#[test]
fn a_file_that_is_followed_under_two_names_is_printed_once() {
    let (place, dir) = place();
    let file = format!("{dir}/a.ndjson");
    let link = place.path("link").to_str().expect("UTF-8").to_owned();
    symlink(&file, &link).expect("linked");
    let pattern = format!("{dir}/*.ndjson");
    for names in [
        [&file, &file],
        [&link, &file],
        [&file, &link],
        [&dir, &file],
        [&file, &dir],
        [&pattern, &file],
    ] {
        fs::write(&file, records(0..3)).expect("written");
        let mut following = Following::start(&names.map(String::as_str));
        following.take(3);
        following.says("named twice, read once");
        fs::write(&file, records(0..4)).expect("written");
        assert_eq!(following.line(), record(3));
        let ended = following.interrupt();
        assert_eq!((ended.code, ended.lines.len()), (0, 0), "{}", ended.err);
    }
}

#[test]
fn a_line_feed_in_a_name_does_not_break_a_diagnostic_in_two() {
    let place = Place::new();
    let gz = {
        let mut out = flate2::read::GzEncoder::new(&b"{}\n"[..], flate2::Compression::fast());
        let mut packed = Vec::new();
        std::io::Read::read_to_end(&mut out, &mut packed).expect("memory");
        packed.truncate(packed.len() - 6);
        packed
    };
    let good = records(0..1).into_bytes();
    for (content, code) in [
        (&b"nothing of a log\n"[..], 3),
        (b"<a>\n", 3),
        (b"time: x\naction: y\n", 3),
        (b"a,b\n1,2\n", 3),
        (b"PK\x03\x04junk", 3),
        (&gz, 3),
        (&[&good[..], b"{broken\n"].concat(), 0),
        (&[&good[..], b"\0\0\n"].concat(), 0),
    ] {
        let name = place.file("evil\n.log", content);
        let run = place.run(&["query", &name]);
        let what = String::from_utf8_lossy(content);
        assert_eq!(run.code, code, "{what}: {}", run.err);
        assert!(run.err.contains("evil\\u{a}.log"), "{what}: {}", run.err);
        for line in run.err.lines() {
            assert!(!line.starts_with(".log"), "{what}: {}", run.err);
        }
    }
    let missing = place.path("no\nsuch").to_str().expect("UTF-8").to_owned();
    let run = place.run(&["query", &missing]);
    assert!(
        run.code == 3 && run.err.contains("no\\u{a}such: no such file"),
        "{}",
        run.err
    );
    assert!(run.err.lines().all(|line| !line.starts_with("such")));
    let mut following = Following::start(&[&missing]);
    following.says("no\\u{a}such: no such file; waiting");
    fs::write(&missing, records(0..1)).expect("written");
    assert_eq!(following.line(), record(0));
    following.says("no\\u{a}such: appeared");
    assert_eq!(following.interrupt().code, 0);
}

#[test]
fn a_missing_file_with_a_bracket_in_its_name_is_not_only_a_wrong_pattern() {
    let place = Place::new();
    let run = place.run(&["query", "nope[1.ndjson"]);
    let said = "nope[1.ndjson: no such file, and not a valid pattern: invalid range pattern; write a literal bracket as [[]";
    assert!(run.err.contains(said), "{}", run.err);
    let run = place.run(&["query", "a***b"]);
    assert!(
        run.err.contains("a***b: no such file") && !run.err.contains("bracket"),
        "{}",
        run.err
    );
}

#[test]
fn an_event_stream_with_split_data_is_not_taken_for_yaml() {
    let place = Place::new();
    for text in [
        "data: {\"time\":\"2024-04-12T16:00:00Z\",\ndata: \"action\":\"A\"}\n\n",
        "event: audit\r\nid: 1\r\ndata: {\r\ndata:  \"action\":\"A\"\r\ndata: }\r\n\r\n",
    ] {
        let run = place.run(&["query", &place.file("events", text)]);
        assert!(run.code == 3 && run.err.contains("an event stream with multi-line data"));
        assert!(
            run.err.contains("join the data lines") && !run.err.contains("YAML"),
            "{}",
            run.err
        );
    }
    let whole = "data: {\"time\":\"2024-04-12T16:00:00Z\",\"action\":\"A\"}\n\n".repeat(3);
    assert_eq!(count(&place, &[&place.file("whole", whole)]).matched(), 3);
}

#[test]
fn nul_bytes_alone_are_not_skipped_without_a_word() {
    let place = Place::new();
    let zeros = vec![0; 1_000_000];
    let sparse = place.file("sparse", "");
    let file = fs::File::options().write(true).open(&sparse);
    file.expect("there").set_len(1_000_000).expect("extended");
    let mixed = [&zeros[..500_000], b"\n \n", &zeros[500_000..]].concat();
    for name in [
        place.file("zeros", &zeros),
        sparse,
        place.file("mixed", mixed),
    ] {
        let run = count(&place, &[&name]);
        let said = "1000000 NUL bytes were skipped";
        assert!(run.err.contains(said), "{name}: {}", run.err);
    }
    let run = place.piped(&["query", "--count", "-"], &zeros);
    assert!(
        run.err.contains("1000000 NUL bytes were skipped"),
        "{}",
        run.err
    );
    let run = count(&place, &[&place.file("blank", "\n\n")]);
    assert!(!run.err.contains("NUL"), "{}", run.err);
}

#[test]
fn the_explorer_and_the_doctor_say_too_what_is_read_once() {
    let home = Home::new();
    let log = home.log(20);
    let log = log.to_str().expect("UTF-8");
    let mut terminal = Terminal::explorer(&home, &[log, log]);
    terminal.wait_for("named twice, read once");
    terminal.quit();
    let run = Place::new().run(&["doctor", log, log]);
    assert_eq!(
        run.err,
        format!("regtrail: {log}: named twice, read once\n")
    );
}
