//! Files of earlier sessions: whatever stands in them, what is remembered next comes back, and what is not understood stays.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use regtrail::config::{
    ColumnStore, DetailPlace, History, MarkStore, Marked, MarksWork, Recent, Shape, ShapeStore,
};

use super::{assert_clean, assert_linear, mebibytes};
use crate::chance::{Chance, fuzz};

fn mark(n: usize) -> Marked {
    Marked {
        request: format!("r{n}"),
        time: (!n.is_multiple_of(3)).then_some(n as i64),
        offset: 28_800,
        note: if n.is_multiple_of(2) {
            String::new()
        } else {
            "why? \"\u{1b}\n上海".into()
        },
        values: vec![Some("DeleteTag".into()), None],
    }
}

/// A store that is told one thing more: what was there, and what must be there then.
fn reported(kind: usize, path: &Path, n: usize) -> io::Result<()> {
    match kind {
        0 => MarkStore::new(path.to_owned()).work(&MarksWork::Put(vec![mark(n)])),
        1 => History::new(path.to_owned()).add(&format!("status:{n} \"a\"")),
        2 => Recent::new(path.to_owned()).remember(&[OsString::from(format!("/log {n}"))]),
        3 => ColumnStore::new(path.to_owned()).save(
            n % 4,
            &vec![("action".into(), Some(n as u16)), (format!("f{n}"), None)],
        ),
        _ => ShapeStore::new(path.to_owned()).save(n % 4, &shape(n)),
    }
}

fn shape(n: usize) -> Shape {
    Shape {
        facets: Some(n.is_multiple_of(2)),
        detail: Some(DetailPlace::Below),
        histogram: Some(n as u16),
        ..Shape::default()
    }
}

/// What was told last is what is read.
fn assert_there(kind: usize, path: &Path, n: usize) {
    match kind {
        0 => assert!(MarkStore::new(path.to_owned()).load().contains(&mark(n))),
        1 => assert_eq!(
            History::new(path.to_owned()).load().last(),
            Some(&format!("status:{n} \"a\""))
        ),
        2 => assert_eq!(
            Recent::new(path.to_owned()).load().first(),
            Some(&vec![OsString::from(format!("/log {n}"))])
        ),
        3 => assert_eq!(
            ColumnStore::new(path.to_owned()).load()[n % 4][1].0,
            format!("f{n}")
        ),
        _ => assert_eq!(ShapeStore::new(path.to_owned()).load()[n % 4], shape(n)),
    }
}

fn load(kind: usize, path: &Path) -> usize {
    match kind {
        0 => MarkStore::new(path.to_owned()).load().len(),
        1 => History::new(path.to_owned()).load().len(),
        2 => Recent::new(path.to_owned()).load().len(),
        3 => ColumnStore::new(path.to_owned()).load().len(),
        _ => ShapeStore::new(path.to_owned()).load().len(),
    }
}

/// Lines that are no JSON at all: nobody may drop them, but for the history, which is made of such.
fn strangers(text: &str) -> Vec<&str> {
    let is_strange = |line: &&str| {
        !line.trim().is_empty() && serde_json::from_str::<serde_json::Value>(line).is_err()
    };
    // The last line gets its end where there was none.
    let lines = text.lines().map(|line| line.trim_end_matches('\r'));
    lines.filter(is_strange).collect()
}

fn damaged(kind: usize, path: &Path, chance: &mut Chance) -> Vec<u8> {
    const PIECES: &[&[u8]] = &[
        b"\n",
        b"\r\n",
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b"null",
        b"{}",
        b"[]",
        b"9223372036854775808",
        b"\xff",
        b"\0",
        b"\x1b[2J",
        b"\xef\xbb\xbf",
        b",",
        b"later: 1\n",
        b"\n\n\n",
    ];
    let _ = fs::remove_file(path);
    for _ in 0..=chance.below(6) {
        let n = chance.below(50);
        reported(kind, path, n).expect("written");
    }
    let mut bytes = fs::read(path).expect("there");
    if chance.below(6) > 0 {
        chance.damage(&mut bytes, 0, PIECES);
        fs::write(path, &bytes).expect("written");
    }
    bytes
}

#[test]
fn what_earlier_sessions_left_is_kept_and_gone_on_with() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("state");
    fuzz("files of earlier sessions", 150, |chance| {
        let kind = chance.below(5);
        let before = damaged(kind, &path, chance);
        let shown = String::from_utf8_lossy(&before).into_owned();
        let _ = load(kind, &path);
        assert_eq!(
            fs::read(&path).expect("there"),
            before,
            "reading changes nothing"
        );
        let n = chance.below(60);
        match reported(kind, &path, n) {
            Ok(()) => {
                assert_there(kind, &path, n);
                let after = fs::read_to_string(&path).expect("text");
                let kept = strangers(&after);
                let lost = |line: &&str| kind != 1 && !kept.contains(line);
                let lost: Vec<&str> = strangers(&shown).into_iter().filter(lost).collect();
                assert!(lost.is_empty(), "{kind}: {lost:?} of {shown:?}");
            }
            Err(error) => {
                assert_clean(&error.to_string());
                assert!(
                    std::str::from_utf8(&before).is_err() || kind > 2,
                    "{kind}: {error}: {shown:?}"
                );
                assert_eq!(fs::read(&path).expect("there"), before, "{error}");
            }
        }
    });
}

#[test]
fn what_is_repeated_in_files_of_earlier_sessions_is_bounded() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("state");
    let len = mebibytes() << 18;
    for kind in 0..5 {
        let _ = fs::remove_file(&path);
        reported(kind, &path, 7).expect("written");
        let own = fs::read_to_string(&path).expect("there");
        for unit in [
            "\n", "x\n", "[", "{", "{}\n", "[]\n", "x", "\u{1b}", "\"", &own,
        ] {
            assert_linear(&format!("{kind}: {unit:?}"), len, |len| {
                fs::write(&path, unit.repeat(len / unit.len() + 1)).expect("written");
                let _ = load(kind, &path);
                match reported(kind, &path, 8) {
                    Ok(()) => assert_there(kind, &path, 8),
                    Err(error) => assert_clean(&error.to_string()),
                }
            });
        }
    }
}
