//! Packed logs as people have them: beside what they were made of, with a tail that a transfer left, of kinds that are
//! not read. Tried with the program itself: what it prints, what it says, how it ends.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run printed, what it said, and how it ended.
struct Ran {
    out: String,
    said: String,
    code: Option<i32>,
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Ran {
        out: text(&output.stdout),
        said: text(&output.stderr),
        code: output.status.code(),
    }
}

fn count(directory: &Path, sources: &[&str]) -> Ran {
    ran(Command::new(env!("CARGO_BIN_EXE_regtrail"))
        .current_dir(directory)
        .args(["query", "--count"])
        .args(sources))
}

/// The same of bytes on standard input.
fn count_piped(bytes: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_regtrail"))
        .args(["query", "--count", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // It may end before it has read all.
    let _ = child.stdin.take().expect("a pipe").write_all(bytes);
    let mut ran = Ran {
        out: String::new(),
        said: String::new(),
        code: None,
    };
    let (out, said) = (child.stdout.take(), child.stderr.take());
    out.expect("a pipe")
        .read_to_string(&mut ran.out)
        .expect("UTF-8");
    said.expect("a pipe")
        .read_to_string(&mut ran.said)
        .expect("UTF-8");
    ran.code = child.wait().expect("it ends").code();
    ran
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(content).expect("memory");
    out.finish().expect("memory")
}

/// Lines of a log from one event to before another.
fn log(from: u32, to: u32) -> Vec<u8> {
    let line = |n: u32| {
        let (minute, second) = (n / 60 % 60, n % 60);
        format!(
            "{{\"time\":\"2024-04-12T16:{minute:02}:{second:02}+08:00\",\"action\":\"GetBlob\",\"tag\":\"{n}\"}}\n"
        )
    };
    (from..to).map(line).collect::<String>().into_bytes()
}

fn total(ran: &Ran) -> u64 {
    let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    answer["total"].as_u64().expect("a number")
}

#[test]
fn a_log_beside_its_packed_self_is_read_once_and_that_is_said() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(directory.path().join(name), bytes).expect("written");
    };
    write("audit.ndjson", &log(0, 300));
    write("audit.ndjson.gz", &gzip(&log(0, 300)));
    write(
        "audit.ndjson.zst",
        &zstd::encode_all(&log(0, 300)[..], 1).expect("memory"),
    );
    // Begins the same, and is another one.
    write("audit.1.ndjson.gz", &gzip(&log(0, 200)));
    for sources in [
        &["."][..],
        &["*"],
        &[
            "audit.ndjson.zst",
            "audit.ndjson.gz",
            "audit.ndjson",
            "audit.1.ndjson.gz",
        ],
    ] {
        let ran = count(directory.path(), sources);
        assert_eq!(total(&ran), 500, "{sources:?}: {}", ran.said);
        assert_eq!(ran.code, Some(0));
        assert_eq!(ran.said.lines().count(), 2, "{}", ran.said);
        for packed in ["audit.ndjson.gz", "audit.ndjson.zst"] {
            let said = format!("{packed}: read once: same content as ");
            assert!(ran.said.contains(&said), "{}", ran.said);
        }
    }
    let alone = count(directory.path(), &["audit.ndjson.gz"]);
    assert_eq!((total(&alone), &*alone.said), (300, ""));
}

#[test]
fn two_logs_of_nearly_one_name_are_both_read() {
    let directory = tempfile::tempdir().expect("a directory");
    for (plain, packed, expected) in [
        (log(0, 300), log(300, 600), 600),
        // As copytruncate leaves it: both begin with the same event.
        ([log(0, 1), log(500, 600)].concat(), log(0, 300), 401),
        (Vec::new(), log(0, 300), 300),
    ] {
        std::fs::write(directory.path().join("a"), plain).expect("written");
        std::fs::write(directory.path().join("a.gz"), gzip(&packed)).expect("written");
        let ran = count(directory.path(), &["."]);
        assert_eq!((total(&ran), &*ran.said), (expected, ""));
    }
}

#[test]
fn a_packed_copy_that_breaks_off_doubles_nothing_and_is_no_success() {
    let directory = tempfile::tempdir().expect("a directory");
    let packed = gzip(&log(0, 3000));
    std::fs::write(directory.path().join("a"), log(0, 3000)).expect("written");
    std::fs::write(directory.path().join("a.gz"), &packed[..packed.len() / 2]).expect("written");
    let ran = count(directory.path(), &["."]);
    assert_eq!((total(&ran), ran.code), (3000, Some(3)));
    assert!(ran.said.contains("ends at byte"), "{}", ran.said);
}

#[test]
fn a_tail_behind_an_archive_is_no_break_and_rubbish_is_said() {
    let directory = tempfile::tempdir().expect("a directory");
    let packed = gzip(&log(0, 10));
    for (tail, code, said) in [
        (&b"\r\n"[..], 0, ""),
        (&[0; 5000], 0, ""),
        (b"\n\0\0\n", 0, ""),
        (b"rubbish", 3, "the data after it, from byte"),
        (b"\n{\"a\":1}\n", 3, "the data after it, from byte"),
    ] {
        let bytes = [&packed[..], tail].concat();
        std::fs::write(directory.path().join("a.gz"), &bytes).expect("written");
        for ran in [count(directory.path(), &["a.gz"]), count_piped(&bytes)] {
            assert_eq!((total(&ran), ran.code), (10, Some(code)), "{}", ran.said);
            assert!(ran.said.contains(said), "{}", ran.said);
        }
    }
}

#[test]
fn kinds_that_are_not_read_are_named_as_a_file_on_a_pipe_and_inside_an_archive() {
    let directory = tempfile::tempdir().expect("a directory");
    let workbook = [
        b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21X".to_vec(),
        vec![0; 12],
        b"\x0f\0\0\0xl/workbook.xml".to_vec(),
    ];
    let mut tar = vec![b'a'; 257];
    tar.extend(b"ustar\x0000");
    tar.resize(1024, 0);
    for (bytes, said) in [
        (
            workbook.concat(),
            "an Excel workbook, which is not supported: save it as CSV UTF-8\n",
        ),
        (
            b"FEA1\0\0\0\0".to_vec(),
            "a Feather file, which is not supported: save it as Parquet",
        ),
        (
            b"ARROW1\0\0\xff\xff\xff\xff".to_vec(),
            "an Arrow or Feather file",
        ),
        (
            b"Rar!\x1a\x07\x01\0".to_vec(),
            "a RAR archive, which is not supported: unpack it (unrar",
        ),
        (
            b"\x1f\x9d\x90\x7b\x44\xe8".to_vec(),
            "(zcat FILE | regtrail -)",
        ),
        (b"SQLite format 3\0\x10\0".to_vec(), "an SQLite database"),
        (b"%PDF-1.7\n".to_vec(), "a PDF document"),
        (tar, "a tar archive"),
    ] {
        std::fs::write(directory.path().join("a"), &bytes).expect("written");
        std::fs::write(directory.path().join("b"), gzip(&bytes)).expect("written");
        for ran in [
            count(directory.path(), &["a"]),
            count(directory.path(), &["b"]),
            count_piped(&bytes),
            count_piped(&gzip(&bytes)),
        ] {
            assert!(ran.said.contains(said), "{}", ran.said);
            assert!(!ran.said.contains("not an audit log"), "{}", ran.said);
            assert_eq!((total(&ran), ran.code), (0, Some(3)));
            assert_eq!(ran.said.lines().count(), 1, "{}", ran.said);
        }
    }
}
