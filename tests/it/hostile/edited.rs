//! Files that a user writes: configuration, keys, themes, saved views, watchlists.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use regtrail::command;
use regtrail::config::{Config, View};
use regtrail::keymap::Keymap;
use regtrail::query::{Addresses, CatalogueNames, Entries, Filter, Pick, ValueSet};
use regtrail::theme::Theme;

use super::{assert_clean, assert_linear, mebibytes, run};
use crate::chance::{Chance, fuzz};

const RECORD: &str = r#"{"time":"2024-04-12T08:58:30Z","action":"GetBlob","user_name":"a"}"#;

/// Text that a file must hold as it is.
fn strange(chance: &mut Chance) -> String {
    const PIECES: &[&str] = &[
        "a",
        "action",
        "\"",
        "'",
        "\\",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\0",
        "\u{1b}[2J",
        "\u{7f}",
        "\u{85}",
        "\u{301}",
        "\u{202e}",
        "上海",
        "#",
        "=",
        "[",
        "]",
        "\"\"\"",
        "'''",
        ",",
        " ",
        "\u{feff}",
        "\u{10ffff}",
        "\\u{1b}",
        "😀",
    ];
    (0..chance.below(5)).map(|_| *chance.pick(PIECES)).collect()
}

#[test]
fn a_saved_view_of_any_text_is_read_back_as_it_was() {
    let names = |chance: &mut Chance| {
        (0..chance.below(4))
            .map(|_| strange(chance))
            .collect::<Vec<_>>()
    };
    fuzz("views", 2_000, |chance| {
        let values = |missing: bool, chance: &mut Chance| {
            let texts = (0..chance.below(3)).map(|_| Some(Arc::from(strange(chance))));
            texts.chain(missing.then_some(None)).collect()
        };
        let pick = |chance: &mut Chance| {
            let missing = chance.below(3);
            Pick {
                field: strange(chance).into(),
                include: values(missing == 1, chance),
                exclude: values(missing == 2, chance),
            }
        };
        let view = View {
            filter: strange(chance),
            time: strange(chance),
            picks: (0..chance.below(3)).map(|_| pick(chance)).collect(),
            columns: names(chance),
            facets: names(chance),
        };
        let text = view.text();
        assert_eq!(View::parse(&text).as_ref(), Ok(&view), "{text}");
        // Damaged, it is another view or refused by line.
        let mut bytes = text.into_bytes();
        chance.damage(
            &mut bytes,
            0,
            &[
                b"\"",
                b"\n",
                b"[",
                b"]",
                b"=",
                b"'''",
                b"[[pick]]\n",
                b"\x1b[2J",
            ],
        );
        let text = String::from_utf8_lossy(&bytes);
        match View::parse(&text) {
            Ok(view) => {
                assert_eq!(View::parse(&view.text()).as_ref(), Ok(&view), "{text}");
                let mut filter = Filter::default();
                let _ = view.pick(&mut filter, &CatalogueNames::default());
            }
            Err(fault) => assert!(
                (1..=text.lines().count() + 1).contains(&fault.line),
                "{fault}: {text}"
            ),
        }
    });
}

#[test]
fn a_configuration_of_any_text_is_printed_as_it_can_be_read_again() {
    fuzz("configurations", 1_500, |chance| {
        let quoted = |text: String| toml::Value::String(text).to_string();
        let mut text = String::new();
        for key in ["theme", "timezone", "default-profile"] {
            if chance.below(2) == 0 {
                writeln!(text, "{key} = {}", quoted(strange(chance))).expect("memory");
            }
        }
        for key in ["facets", "columns"] {
            if chance.below(2) == 0 {
                let names: Vec<String> = (0..chance.below(3))
                    .map(|_| quoted(strange(chance)))
                    .collect();
                writeln!(text, "{key} = [{}]", names.join(", ")).expect("memory");
            }
        }
        for _ in 0..chance.below(3) {
            let (name, source, since) = (
                quoted(strange(chance)),
                quoted(strange(chance)),
                quoted(strange(chance)),
            );
            let place = format!("[profiles.{}]", name.replace("\"\"\"", "\""));
            if name.contains('\n') || text.contains(&place) {
                continue;
            }
            writeln!(text, "{place}\nsource = {source}\nsince = {since}").expect("memory");
        }
        let Ok(config) = Config::with(&text) else {
            return;
        };
        let printed = config.effective();
        let again = Config::with(&printed).unwrap_or_else(|fault| panic!("{fault}: {printed}"));
        assert_eq!(again, config, "{printed}");
    });
}

/// Entries of a watchlist without quotes, as its rules have them.
fn entries(text: &str) -> HashSet<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let entry = |line| {
        let line: &str = str::trim(line);
        let comment = line
            .char_indices()
            .skip(1)
            .find(|(at, c)| *c == '#' && line[..*at].ends_with(char::is_whitespace));
        line[..comment.map_or(line.len(), |(at, _)| at)].trim_end()
    };
    let all = text.lines().map(entry);
    all.filter(|entry: &&str| !entry.is_empty() && !entry.starts_with('#'))
        .collect()
}

#[test]
fn watchlists_hold_what_their_lines_say_or_name_the_line() {
    const LINES: &[&str] = &[
        "alice",
        "10.0.0.0/8",
        "10.0.0.1",
        "2001:db8::/32",
        "::1",
        "10.0.0.0/33",
        "# all",
        "",
        "  ",
        "bob # left",
        "a#b",
        "\t\u{1b}[2J",
        "404",
        "-",
        "GET",
        "上海",
        "\"quoted # text\"",
        "\"",
        "4e2",
        "10.*",
    ];
    fuzz("watchlists", 2_000, |chance| {
        let lines: Vec<&str> = (0..chance.below(8)).map(|_| *chance.pick(LINES)).collect();
        let mut bytes = lines.join(*chance.pick(&["\n", "\r\n"])).into_bytes();
        if chance.below(2) == 0 {
            chance.damage(
                &mut bytes,
                0,
                &[b"\n", b"#", b" #", b"\"", b"/", b"\xef\xbb\xbf", b"\0"],
            );
        }
        let text = String::from_utf8_lossy(&bytes);
        for kind in [
            Entries::Addresses(Addresses::No),
            Entries::of("ip"),
            Entries::of("http_response_status"),
            Entries::of("outcome"),
        ] {
            let is_text = kind == Entries::Addresses(Addresses::No);
            match ValueSet::parse(&text, kind) {
                Ok(set) => {
                    let found = entries(&text);
                    assert!(
                        text.contains('"') || set.len() == found.len(),
                        "{text:?}: {} of {found:?}",
                        set.len()
                    );
                }
                Err((line, why)) => {
                    assert_clean(&why);
                    assert!(
                        line.is_none_or(|line| (1..=text.lines().count()).contains(&line)),
                        "{line:?}: {text:?}"
                    );
                    assert!(
                        !is_text || entries(&text).is_empty() || text.contains('"'),
                        "{why}: {text:?}"
                    );
                }
            }
        }
    });
}

fn write(home: &Path, name: &str, text: &[u8]) {
    let path = home.join(".config/regtrail").join(name);
    fs::create_dir_all(path.parent().expect("below home")).expect("made");
    fs::write(path, text).expect("written");
}

/// What reads a file, as a command line.
fn reader<'a>(name: &str, log: &'a str) -> Vec<&'a str> {
    match name {
        "config.toml" => vec!["config", "--effective"],
        "keymap.toml" => vec!["keys"],
        "views/v.toml" => vec!["query", log, "--view", "v", "--count"],
        _ => vec![
            "query",
            log,
            "--count",
            "-f",
            "user_name in @.config/regtrail/list",
        ],
    }
}

#[test]
fn what_is_said_of_files_edited_by_hand_can_be_printed() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let asset = |name: &str| fs::read(assets.join(name)).expect("an asset");
    let view = "filter = \"action:GetBlob\"\ntime = \"-1h..\"\ncolumns = [\"time\", \"action\"]\n[[pick]]\nfield = \"user\"\ninclude = [\"a\"]\n";
    let files = [
        (
            "config.toml",
            [
                &asset("config.toml")[..],
                b"\n[profiles.a]\nsource = \"x\"\nhttp = { token = \"hid-Zq7/+x9Kw==\" }\n",
            ]
            .concat(),
        ),
        ("keymap.toml", asset("keymap.toml")),
        ("views/v.toml", view.as_bytes().to_vec()),
        ("list", b"alice\n10.0.0.0/8\n\"x\"\n".to_vec()),
    ];
    let home = tempfile::tempdir().expect("a directory");
    let log = home.path().join("log");
    fs::write(&log, RECORD).expect("written");
    let log = log.to_str().expect("UTF-8");
    fuzz("files as they are told", 40, |chance| {
        let (name, text) = chance.pick(&files);
        let mut text = text.clone();
        for _ in 0..=chance.below(3) {
            chance.damage(
                &mut text,
                0,
                &[
                    b"\"\\u001b[2J\"",
                    b"\x1b[2J",
                    b"\xe2\x80\xae",
                    b"\n",
                    b"\"",
                    b"[",
                    b"=",
                    b"x",
                    b"\xff",
                ],
            );
        }
        for (other, _) in &files {
            let _ = fs::remove_file(home.path().join(".config/regtrail").join(other));
        }
        write(home.path(), name, &text);
        let arguments: Vec<String> = reader(name, log)
            .iter()
            .map(|word| word.replace("@.config", &format!("@{}/.config", home.path().display())))
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = run(&arguments, home.path(), &[]);
        ended.assert_well(
            &[0, 1, 2],
            &format!("{name}: {}", String::from_utf8_lossy(&text)),
        );
        assert!(!String::from_utf8_lossy(&ended.printed).contains("hid-Zq7"));
    });
}

#[test]
fn what_is_repeated_in_files_edited_by_hand_is_bounded() {
    let home = tempfile::tempdir().expect("a directory");
    let log = home.path().join("log");
    fs::write(&log, RECORD).expect("written");
    let log = log.to_str().expect("UTF-8");
    let len = mebibytes() << 20;
    for (name, start, unit) in [
        ("config.toml", "", "["),
        ("config.toml", "", "[[a]]\n"),
        ("config.toml", "", "a."),
        ("config.toml", "", "x"),
        ("config.toml", "", "\n"),
        ("config.toml", "", "# c\n"),
        ("config.toml", "", "\u{1b}"),
        ("config.toml", "facets = [", "\"action\","),
        ("config.toml", "facets = [", "["),
        ("config.toml", "facets = [\"", "x"),
        ("config.toml", "theme = \"\"\"", "x\n"),
        ("config.toml", "profiles = ", "{a="),
        ("keymap.toml", "", "["),
        ("keymap.toml", "[global]\n", "x = \"y\"\n"),
        ("keymap.toml", "[global]\nx = [", "\"y\","),
        ("keymap.toml", "[global]\n\"", "x"),
        ("views/v.toml", "", "[[pick]]\nfield=\"a\"\n"),
        ("views/v.toml", "filter = \"", "("),
        ("views/v.toml", "filter = \"", "a "),
        ("views/v.toml", "filter = \"", "x"),
        ("views/v.toml", "time = \"", "-1h"),
        ("views/v.toml", "columns = [", "\"actoin\","),
        ("views/v.toml", "columns = [\"", "x"),
        (
            "views/v.toml",
            "[[pick]]\nfield = \"user\"\ninclude = [",
            "\"a\",",
        ),
        ("list", "", "\n"),
        ("list", "", "a\n"),
        ("list", "", "\""),
        ("list", "", "x"),
        ("list", "", "# \n"),
        ("list", "", "\u{1b}\n"),
    ] {
        for other in ["config.toml", "keymap.toml", "views/v.toml", "list"] {
            let _ = fs::remove_file(home.path().join(".config/regtrail").join(other));
        }
        write(
            home.path(),
            name,
            format!("{start}{}", unit.repeat(len / unit.len())).as_bytes(),
        );
        let arguments: Vec<String> = reader(name, log)
            .iter()
            .map(|word| word.replace("@.config", &format!("@{}/.config", home.path().display())))
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        run(&arguments, home.path(), &[])
            .assert_well(&[0, 1, 2], &format!("{name}: {start}{unit:?}"));
    }
}

#[test]
fn files_edited_by_hand_take_time_in_proportion_to_their_length() {
    let commands: Vec<&str> = command::all().map(|command| command.name).collect();
    let repeated =
        |start: &str, unit: &str, len: usize| format!("{start}{}", unit.repeat(len / unit.len()));
    for (start, unit) in [
        ("[global]\n", "\"x y\" = \"nothing\"\n"),
        ("", "[x]\n"),
        ("[global]\n", "# c\n"),
        ("", "a = 1\n"),
    ] {
        assert_linear(&format!("keys {start}{unit}"), 1 << 17, |len| {
            drop(Keymap::with_user(&repeated(start, unit, len), &commands));
        });
        assert_linear(&format!("theme {start}{unit}"), 1 << 17, |len| {
            drop(Theme::parse(&repeated(start, unit, len)));
        });
        assert_linear(&format!("view {start}{unit}"), 1 << 17, |len| {
            drop(View::parse(&repeated(start, unit, len)));
        });
    }
    let many = |from: &str, len: usize| {
        let lines = (0..len / 16).map(|n| format!("{from}{n} = \"nothing\"\n"));
        lines.collect::<Vec<_>>().concat()
    };
    assert_linear("different keys", 1 << 16, |len| {
        drop(Keymap::with_user(
            &many("[global]\n", len).replace("[global]\n", "k"),
            &commands,
        ));
    });
    assert_linear("different roles", 1 << 16, |len| {
        drop(Theme::parse(&many("role", len)));
    });
    assert_linear("different entries", 1 << 19, |len| {
        drop(ValueSet::parse(&many("", len), Addresses::No));
    });
}
