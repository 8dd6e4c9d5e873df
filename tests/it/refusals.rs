//! What is refused says what, where, why and what to do; names of any bytes are read.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::e2e::{Place, Run};
use crate::pty::PROGRAM;

const EVENT: &str =
    r#"{"time":"2024-04-12T16:00:00Z","action":"GetBlob","http_response_status":"200"}"#;

fn log() -> String {
    format!("{EVENT}\n").repeat(3)
}

/// `regtrail query` on sources of any bytes, in a directory.
fn count(place: &Place, directory: &Path, sources: &[&OsStr]) -> Run {
    let mut command = place.command(&["query", "--count"]);
    command.current_dir(directory).arg("--").args(sources);
    Run::of(command.output().expect("the binary runs"))
}

#[test]
fn names_of_any_bytes_are_read_by_name_by_directory_and_by_pattern() {
    let place = Place::new();
    let directory = place.path("d");
    fs::create_dir_all(directory.join(OsStr::from_bytes(b"sub\xff[1]"))).expect("made");
    let long = "x".repeat(255);
    let names: [&[u8]; 9] = [
        b"good.ndjson",
        b"\xc9\xf3.ndjson",
        b"new\nline.ndjson",
        b"\x1b[31mred.ndjson",
        b"-dash.ndjson",
        b"star*.ndjson",
        b"with blank.ndjson",
        b"sub\xff[1]/inner.ndjson",
        long.as_bytes(),
    ];
    for name in names {
        fs::write(directory.join(OsStr::from_bytes(name)), log()).expect("written");
    }
    for name in names {
        let run = count(&place, &directory, &[OsStr::from_bytes(name)]);
        assert_eq!((run.code, run.matched()), (0, 3), "{name:?}: {}", run.err);
    }
    let of = |pattern: &[u8]| count(&place, &directory, &[OsStr::from_bytes(pattern)]).matched();
    assert_eq!(of(b"."), 27);
    assert_eq!(of(b"*"), 24, "all but what is in the directory below");
    assert_eq!(of(b"*.ndjson"), 21);
    assert_eq!(of(b"\xc9*"), 3);
    assert_eq!(of(b"??.ndjson"), 3);
    assert_eq!(
        of(b"sub\xff[1]/*"),
        3,
        "a directory that is there is no pattern"
    );
    assert_eq!(of(b"**/*.ndjson"), 24);
    let all: Vec<OsString> = names
        .iter()
        .map(|name| OsStr::from_bytes(name).to_owned())
        .collect();
    let all: Vec<&OsStr> = all.iter().map(OsString::as_os_str).collect();
    assert_eq!(count(&place, &directory, &all).matched(), 27);
}

#[test]
fn what_is_said_of_a_name_is_one_line_that_a_terminal_can_take() {
    let place = Place::new();
    for name in [&b"no\nsuch\x1b[31m.ndjson"[..], b"\xc9\xf3", b"no*such\n"] {
        let run = count(&place, place.path("").as_path(), &[OsStr::from_bytes(name)]);
        assert_eq!(run.code, 3);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        assert!(!run.err.contains('\x1b'), "{:?}", run.err);
    }
}

/// A file of the configuration directory that is wrong in some way, and a run that reads it.
fn configured(name: &str, content: Option<&[u8]>, args: &[&str]) -> Run {
    let place = Place::new();
    let path = place.path("config/regtrail").join(name);
    match content {
        None => fs::create_dir_all(&path).expect("made"),
        Some(content) => {
            fs::create_dir_all(path.parent().expect("a directory")).expect("made");
            fs::write(&path, content).expect("written");
        }
    }
    let file = place.file("a.ndjson", log());
    let mut command = place.command(args);
    command.args(args.contains(&"query").then_some(file));
    let run = Run::of(command.output().expect("the binary runs"));
    let reported = run.err.replace(&*path.to_string_lossy(), "PATH");
    Run {
        err: reported,
        ..run
    }
}

#[test]
fn a_configuration_that_cannot_be_read_is_named_with_what_it_has_to_be() {
    let query = &["query", "--count"][..];
    for (content, said) in [
        (
            None,
            "cannot read PATH: it is a directory; expected a UTF-8 text file\n",
        ),
        (
            Some(&b"\xff\xfet\0h\0"[..]),
            "cannot read PATH: it is UTF-16 (some editors call this Unicode); ",
        ),
        (
            Some(b"theme = \"dark\"\n# \xe9\n"),
            "cannot read PATH: line 2 is not valid UTF-8; ",
        ),
        (Some(b"theme = \"dark\"\nascii = tru\n"), "PATH:2: "),
        (
            Some(b"\ntheem = \"dark\"\n"),
            "PATH:2: unknown field `theem`; did you mean `theme`?\n",
        ),
    ] {
        let run = configured("config.toml", content, query);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(
            run.err.starts_with(&format!("regtrail: {said}")),
            "{}",
            run.err
        );
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
    let run = configured("keymap.toml", None, &["keys"]);
    assert!(
        run.code == 2 && run.err.contains("cannot read PATH: it is a directory"),
        "{}",
        run.err
    );
    let run = configured("keymap.toml", Some(b"\n[lst]\n"), &["keys"]);
    assert!(
        run.code == 2
            && run
                .err
                .contains("PATH:2: unknown scope `lst`; did you mean"),
        "{}",
        run.err
    );
    let view = &["query", "--count", "--view", "v"];
    let run = configured("views/v.toml", Some(b"\xe9"), view);
    assert!(
        run.code == 2
            && run
                .err
                .contains("cannot read PATH: line 1 is not valid UTF-8"),
        "{}",
        run.err
    );
    let run = configured("views/vv.toml", Some(b""), view);
    assert!(
        run.code == 2 && run.err.contains("no such view"),
        "{}",
        run.err
    );
    let profile = b"[profiles.p]\nsource = \"ftp://h/x\"\n";
    let run = configured("config.toml", Some(profile), &["query", "--count", "@p"]);
    assert!(
        run.code == 2
            && run.err.contains("@p: its source: ftp://…: ")
            && run.err.ends_with("(PATH)\n"),
        "{}",
        run.err
    );
}

#[test]
fn a_source_that_is_nothing_is_refused_with_what_to_do() {
    let place = Place::new();
    place.file("audit.ndjson", log());
    fs::create_dir_all(place.path("logs/empty")).expect("made");
    let root = place.path("");
    let of = |source: &str| count(&place, &root, &[OsStr::new(source)]);
    for (source, code, said) in [
        (
            "audti.ndjson",
            3,
            "audti.ndjson: no such file; did you mean `audit.ndjson`?",
        ),
        ("other.log", 3, "other.log: no such file; check the path"),
        (
            "log/x/a.ndjson",
            3,
            "log/x/a.ndjson: no such directory log; did you mean `logs`?",
        ),
        (
            "logs/empty",
            3,
            "logs/empty: no readable files in this directory",
        ),
        (
            "ftp://user:secret@h/x",
            2,
            "ftp://…: unsupported kind of address; download",
        ),
        (
            "htps://h/x",
            2,
            "htps://…: unsupported kind of address; did you mean `https://`?",
        ),
        ("file:///var/log/x", 2, "write the path: /var/log/x"),
        (
            "sls://x",
            2,
            "write sls://PROJECT.ENDPOINT/LOGSTORE or sls://UID@REGION",
        ),
        (
            "sls://",
            2,
            "write sls://PROJECT.ENDPOINT/LOGSTORE or sls://UID@REGION",
        ),
        ("@no", 2, "@no: no such profile"),
        ("a[", 3, "a[: "),
        ("", 2, "'': the name is empty"),
        (
            "audit.ndjson/x",
            3,
            "audit.ndjson/x: audit.ndjson is a file, not a directory",
        ),
    ] {
        let run = of(source);
        assert!(run.err.contains(said), "{source}: {}", run.err);
        assert!(!run.err.contains("secret"), "{}", run.err);
        assert_eq!(
            (run.code, run.err.lines().count()),
            (code, 1),
            "{source}: {}",
            run.err
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_nothing_takes_is_named() {
    let place = Place::new();
    let file = place.file("a.ndjson", log().repeat(5_000));
    let full = || {
        fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("Linux has it")
    };
    for args in [
        &["query", &file, "-o", "ndjson"][..],
        &["query", &file, "--count"],
        &["query", &file, "-o", "raw"],
        &["fields"],
        &["demo", "-o", "ndjson", "--events", "10"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
        &["query", "-h"],
    ] {
        let mut command = place.command(args);
        let run = Run::of(command.stdout(full()).output().expect("the binary runs"));
        assert_eq!(run.code, 3, "{args:?}");
        let said = "regtrail: cannot write the results to standard output (/dev/full): No space left on device; ";
        assert!(run.err.starts_with(said), "{args:?}: {}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
    let closed = format!("{PROGRAM} query {file} --count >&-");
    for command in [
        closed,
        format!("{PROGRAM} --version >&-"),
        format!("{PROGRAM} man >&-"),
    ] {
        let mut shell = std::process::Command::new("sh");
        let run = Run::of(shell.args(["-c", &command]).output().expect("a shell"));
        let said =
            "regtrail: cannot write the results to standard output (/dev/null): it is closed\n";
        assert_eq!((run.code, &*run.err), (3, said), "{command}");
    }
    let run = place.run(&["query", &file, "--count", "--log-file", "/dev/full"]);
    let said =
        "regtrail: --log-file: cannot write diagnostics to /dev/full: No space left on device; ";
    assert!(run.code == 2 && run.err.starts_with(said), "{}", run.err);
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let place = Place::new();
    let file = place.file("a.ndjson", log().repeat(50_000));
    let mut command = place.command(&["query", &file, "-o", "ndjson"]);
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn diagnostics_are_never_written_into_a_log_that_is_read_nor_into_any_other_file() {
    let place = Place::new();
    let file = place.file("la.ndjson", log());
    fs::create_dir_all(place.path("d")).expect("made");
    fs::write(place.path("d/b.ndjson"), log()).expect("written");
    let list = place.file("list.txt", "10.0.0.1\n");
    std::os::unix::fs::symlink(&file, place.path("link")).expect("linked");
    fs::hard_link(&file, place.path("hard")).expect("linked");
    place.file("empty.ndjson", "");
    let root = place.path("");
    let run = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let mut command = place.command(&["query", "--count"]);
        command.current_dir(&root).args(&words);
        Run::of(command.output().expect("the binary runs"))
    };
    let all = || {
        let files = ["la.ndjson", "d/b.ndjson", "list.txt", "empty.ndjson"];
        files.map(|name| fs::read_to_string(place.path(name)).expect("there"))
    };
    let before = all();
    for words in [
        "la.ndjson --log-file la.ndjson",
        "la.ndjson --log-file ./d/../la.ndjson",
        "la.ndjson --log-file link",
        "link --log-file la.ndjson",
        "la.ndjson --log-file hard",
        "d --log-file d/b.ndjson",
        "d --log-file d/new.log",
        "d/*.ndjson --log-file d/new.ndjson",
        "empty.ndjson --log-file empty.ndjson",
        "la.ndjson --log-file list.txt",
        "la.ndjson --log-file d/b.ndjson",
    ] {
        let run = run(words);
        assert_eq!(run.code, 2, "{words}: {}", run.err);
        assert!(
            run.err.starts_with("regtrail: --log-file: ") && run.err.lines().count() == 1,
            "{words}: {}",
            run.err
        );
        assert!(run.out.is_empty(), "{words}");
    }
    let mut watched = place.command(&["query", "--count", "la.ndjson", "--log-file", &list]);
    watched.current_dir(&root).args(["-f", "ip in @list.txt"]);
    let watched = Run::of(watched.output().expect("the binary runs"));
    assert_eq!(watched.code, 2, "{}", watched.err);
    assert_eq!(all(), before);
    assert!(!place.path("d/new.log").exists() && !place.path("d/new.ndjson").exists());
    for _ in 0..2 {
        let run = run("d --log-file own.log");
        assert_eq!((run.code, run.matched()), (0, 3), "{}", run.err);
    }
    let own = fs::read_to_string(place.path("own.log")).expect("written");
    assert_eq!(own.matches("process").count(), 2, "{own}");
}

#[test]
fn a_saved_view_is_checked_as_the_command_line_is_and_named_with_its_file() {
    let view = &["query", "--count", "--view", "v"];
    for (content, said) in [
        ("filter = \"status >\"\n", "PATH: filter: column 9: "),
        ("filter = \"actoin:x\"\n", "PATH: filter: column 1: "),
        ("filter = \"ip in @nosuch.txt\"\n", "PATH: filter: "),
        ("time = \"sometime\"\n", "PATH: time: "),
        (
            "[[pick]]\nfield = \"actoin\"\ninclude = [\"GetBlob\"]\n",
            "PATH: pick: field \"actoin\": no such field; did you mean `action`?",
        ),
        (
            "[[pick]]\nfield = \"ip\"\ninclude = [\"10.0.0.0/33\"]\n",
            "PATH: pick on ip: \"10.0.0.0/33\": expected an address",
        ),
        (
            "[[pick]]\nfield = \"status\"\nexclude = [\"4xx\"]\n",
            "PATH: pick on status: \"4xx\": expected a status",
        ),
        (
            "[[pick]]\nfield = \"outcome\"\ninclude = [\"fail\"]\n",
            "PATH: pick on outcome: \"fail\": expected one of ",
        ),
        (
            "columns = [\"time\", \"actoin\"]\n",
            "PATH: columns \"actoin\": no such field; did you mean `action`?",
        ),
        (
            "facets = [\"actoin\"]\n",
            "PATH: facets \"actoin\": no such field; did you mean `action`?",
        ),
    ] {
        let run = configured("views/v.toml", Some(content.as_bytes()), view);
        assert_eq!(run.code, 2, "{content}: {}", run.err);
        let said = format!("regtrail: --view: {said}");
        assert!(run.err.starts_with(&said), "{content}: {}", run.err);
    }
    for content in [
        "filter = \"status:200\"\n[[pick]]\nfield = \"action\"\ninclude = [\"GetBlob\"]\n",
        "columns = [\"zzzzzz\"]\n[[pick]]\nfield = \"outcome\"\nexclude = [\"denied\"]\n",
    ] {
        let run = configured("views/v.toml", Some(content.as_bytes()), view);
        assert_eq!((run.code, run.matched()), (0, 3), "{}", run.err);
    }
}

#[test]
fn a_configuration_that_names_what_is_not_there_is_refused_with_what_there_is() {
    for (content, said) in [
        (
            "\nfacets = [\"actoin\"]\n",
            "PATH:2: facets: no such field `actoin`; did you mean `action`?\n",
        ),
        (
            "columns = [\n  \"time\",\n  \"actoin\",\n]\n",
            "PATH:3: columns: no such field `actoin`; did you mean `action`?\n",
        ),
        (
            "theme = \"nosuch\"\n",
            "PATH: theme \"nosuch\": no such theme; expected auto, ",
        ),
    ] {
        for args in [&["query", "--count"][..], &["config", "--effective"]] {
            let run = configured("config.toml", Some(content.as_bytes()), args);
            assert_eq!(run.code, 2, "{content}: {}", run.err);
            assert!(
                run.err.starts_with(&format!("regtrail: {said}")),
                "{content}: {}",
                run.err
            );
        }
    }
    let allowed = b"columns = [\"zzzzzz\"]\n";
    let run = configured("config.toml", Some(allowed), &["query", "--count"]);
    assert_eq!(run.code, 0, "{}", run.err);
    for (content, said) in [
        (
            "preset = \"zzzz\"\n",
            "unknown preset `zzzz`; expected one of ",
        ),
        ("[zzzzzz]\n", "unknown scope `zzzzzz`; expected one of "),
        (
            "[list]\nzzzzzzz = \"list.open\"\n",
            "unknown key `zzzzzzz`; expected one of ",
        ),
        (
            "[list]\nz = \"zzzzzzzz\"\n",
            "unknown command `zzzzzzzz`; `regtrail keys` prints",
        ),
    ] {
        let run = configured("keymap.toml", Some(content.as_bytes()), &["keys"]);
        assert_eq!(run.code, 2, "{content}: {}", run.err);
        assert!(run.err.contains(said), "{content}: {}", run.err);
    }
}

#[test]
fn diagnostics_without_a_file_are_refused() {
    let place = Place::new();
    let file = place.file("a.ndjson", log());
    let run = place.run(&["query", &file, "--count", "--log-level", "debug"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("add --log-file PATH"), "{}", run.err);
}

#[test]
fn an_address_is_known_whatever_the_case_of_its_scheme_and_named_where_it_is_wrong() {
    let place = Place::new();
    for (address, code, said) in [
        (
            "HTTP://127.0.0.1:99999/x?key=secret",
            2,
            "http://127.0.0.1:99999/…: invalid URL",
        ),
        (
            "http://u:secret@127.0.0.1:99999/x",
            2,
            "http://…: invalid URL",
        ),
        ("SLS://x", 2, "write sls://PROJECT.ENDPOINT/LOGSTORE"),
    ] {
        let run = place.run(&["query", "--count", address]);
        assert_eq!(run.code, code, "{address}: {}", run.err);
        assert!(run.err.contains(said), "{address}: {}", run.err);
        assert!(!run.err.contains("secret"), "{}", run.err);
    }
}

#[test]
fn a_format_that_was_named_is_said_to_be_the_reason() {
    let place = Place::new();
    let file = place.file("a.ndjson", log());
    let run = place.run(&["query", "--count", "--format", "csv", &file]);
    assert_eq!(run.code, 3, "{}", run.err);
    let said = "; drop --format csv to detect the format";
    assert!(run.err.contains(said), "{}", run.err);
}
