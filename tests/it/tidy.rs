//! Walls that a single crate does not have: which module may know which, how long a file may be, that every
//! file says what it is for, and that the tables of the manual are those of the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use regtrail::command::{self, Command};
use regtrail::decode::formats::FORMATS;
use regtrail::export;
use regtrail::keymap::{Keymap, SCOPES};
use regtrail::manual::PAGES;
use regtrail::model::CATALOGUE;
use regtrail::query::help::FORMS;
use regtrail::source::{ARCHIVES, SCHEMES};

use crate::pty::PROGRAM;

/// All modules with their rings, each step below the next: a module may import from the steps before its own. Those of
/// one step do not know each other.
const ORDER: [(&str, &[&str]); 27] = [
    ("core", &["model"]),
    ("core", &["query", "index"]),
    ("core", &["decode"]),
    ("core", &["aggregate"]),
    ("core", &["export"]),
    ("engine", &["source"]),
    ("engine", &["config"]),
    ("engine", &["engine"]),
    ("screen", &["keymap"]),
    ("screen", &["theme"]),
    ("screen", &["widgets"]),
    ("screen", &["panes"]),
    ("screen", &["overlays"]),
    ("screen", &["app"]),
    ("screen", &["command"]),
    ("screen", &["views"]),
    ("screen", &["input"]),
    ("screen", &["runtime"]),
    ("program", &["diagnostics", "manual"]),
    ("program", &["cli"]),
    ("program", &["failure"]),
    ("program", &["setup"]),
    ("program", &["filter_args"]),
    ("program", &["source_args"]),
    ("program", &["query_command", "explore", "doctor"]),
    ("program", &["main"]),
    ("program", &["lib"]),
];

/// What the core must not touch: threads, clocks, files, sockets, the process, the terminal.
const OUTSIDE: [&str; 14] = [
    "std::thread",
    "std::fs",
    "std::process",
    "std::env",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::net::Tcp",
    "Utc::now",
    "Local::now",
    "tokio::",
    "crossbeam_channel::",
];

/// Lines of a code file, tests not counted.
const LONGEST: usize = 400;

/// Files that may be longer, with the lines they may have and the reason.
const LONG: &[(&str, usize, &str)] = &[(
    "src/source/demo/world.rs",
    420,
    "one world made in one go; to be split when it grows",
)];

/// A source file without comments and tests.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) module: String,
    pub(crate) code: String,
    pub(crate) text: String,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(directory: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory of the project") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            walk(&path, out);
        } else {
            out.push(path);
        }
    }
    out.sort();
}

pub(crate) fn files(under: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    walk(&root().join(under), &mut paths);
    let rust = paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.map(|path| {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let path = path
            .strip_prefix(root())
            .expect("below the root")
            .to_str()
            .expect("UTF-8")
            .to_owned();
        let module = path
            .split('/')
            .nth(1)
            .expect("a name")
            .trim_end_matches(".rs")
            .to_owned();
        let tests_only = path.ends_with("/tests.rs");
        let before_tests = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .expect("at least one part");
        let code: Vec<&str> = before_tests
            .lines()
            .map(|line| line.split("//").next().expect("at least one part"))
            .collect();
        let code = if tests_only {
            String::new()
        } else {
            code.join("\n")
        };
        Source {
            path,
            module,
            code,
            text,
        }
    })
    .collect()
}

fn step(module: &str) -> Option<usize> {
    ORDER
        .iter()
        .position(|(_, modules)| modules.contains(&module))
}

fn ring(module: &str) -> &'static str {
    step(module).map_or("", |step| ORDER[step].0)
}

/// Identifiers that follow `before` in a text.
fn names_after<'a>(code: &'a str, before: &str) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(before) {
        let whole = code[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        let rest = &code[at + before.len()..];
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        if whole && end > 0 {
            names.insert(&rest[..end]);
        }
    }
    names
}

#[test]
fn every_module_has_its_place_in_the_order() {
    let found: BTreeSet<String> = files("src")
        .into_iter()
        .map(|source| source.module)
        .collect();
    let listed: Vec<&str> = ORDER.iter().flat_map(|(_, m)| m.iter().copied()).collect();
    let once: BTreeSet<String> = listed.iter().map(|m| (*m).to_owned()).collect();
    assert_eq!(found, once);
    assert_eq!(listed.len(), once.len(), "each is listed once");
}

/// The modules that a file imports although they do not stand before its own.
fn wrong_imports(source: &Source) -> Vec<String> {
    let own = step(&source.module).expect("proved by another test");
    let top = source.path.matches('/').count() == 1
        || source.path.ends_with("/mod.rs") && source.path.matches('/').count() == 2;
    let mut used = names_after(&source.code, "crate::");
    used.extend(names_after(&source.code, "regtrail::"));
    if top {
        used.extend(names_after(&source.code, "super::"));
    }
    let may = |name: &str, other: usize| other < own || name == source.module;
    let wrong = used
        .into_iter()
        .filter(|name| step(name).is_some_and(|other| !may(name, other)));
    wrong
        .map(|name| format!("{} imports {name}", source.path))
        .collect()
}

#[test]
fn imports_point_to_what_stands_before_only() {
    let mut wrong = Vec::new();
    for source in files("src") {
        assert!(
            !source.code.contains("crate::{"),
            "{}: one module a line, please",
            source.path
        );
        wrong.extend(wrong_imports(&source));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_import_that_is_turned_round_is_told() {
    let reported = |module: &str, import: &str| {
        let code = format!("use crate::{import}::Something;\n");
        let path = format!("src/{module}/part.rs");
        let source = Source {
            path,
            module: module.to_owned(),
            text: code.clone(),
            code,
        };
        wrong_imports(&source)
    };
    for (later, earlier) in [
        ("decode", "index"),
        ("config", "source"),
        ("theme", "config"),
        ("panes", "theme"),
        ("overlays", "panes"),
        ("app", "overlays"),
        ("command", "app"),
        ("views", "command"),
        ("explore", "setup"),
    ] {
        assert!(reported(later, earlier).is_empty(), "{later} on {earlier}");
        let wrong = reported(earlier, later);
        assert_eq!(wrong, [format!("src/{earlier}/part.rs imports {later}")]);
    }
    assert_eq!(reported("query_command", "explore").len(), 1, "of one step");
    assert_eq!(reported("index", "query").len(), 1, "of one step");
}

#[test]
fn the_core_knows_no_threads_clock_files_or_sockets() {
    let mut wrong = Vec::new();
    for source in files("src")
        .iter()
        .filter(|source| ring(&source.module) == "core")
    {
        wrong.extend(
            OUTSIDE
                .iter()
                .filter(|name| source.code.contains(**name))
                .map(|name| format!("{}: {name}", source.path)),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_terminal_is_known_in_the_screen_ring_only() {
    let mut wrong = Vec::new();
    for source in files("src") {
        let draws = source.code.contains("ratatui::") || source.code.contains("crossterm::");
        // The state of the explorer and what changes it are plain values.
        let may = ring(&source.module) == "screen"
            && !["panes", "app", "command", "input"].contains(&source.module.as_str());
        if draws && !may {
            wrong.push(source.path);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let all = files("src").into_iter().chain(files("tests"));
    let silent: Vec<String> = all
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn no_code_file_is_too_long() {
    let mut wrong = Vec::new();
    for source in files("src") {
        let lines = source.code.trim_end().lines().count();
        let allowed = LONG.iter().find(|(path, ..)| *path == source.path);
        match allowed {
            None if lines > LONGEST => wrong.push(format!("{}: {lines} lines", source.path)),
            Some((_, most, _)) if lines > *most => {
                wrong.push(format!("{}: {lines} lines, {most} allowed", source.path));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_is_left_to_be_done_in_a_comment() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimple", "mented!("),
    ];
    let all = files("src").into_iter().chain(files("tests"));
    let left: Vec<String> = all
        .filter(|source| marks.iter().any(|mark| source.text.contains(mark)))
        .map(|source| source.path)
        .collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn modules_are_named_after_what_they_are() {
    let vague = [
        "utils", "util", "common", "helpers", "helper", "manager", "misc", "types",
    ];
    let found: Vec<String> = files("src")
        .into_iter()
        .filter(|source| {
            source
                .path
                .split(['/', '.'])
                .any(|part| vague.contains(&part))
        })
        .map(|source| source.path)
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A Markdown table, aligned for a terminal: columns of at most 50 characters, but for the last.
fn table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let headings = headings.iter().map(|heading| (*heading).to_owned());
    let mut rows: Vec<Vec<String>> = std::iter::once(headings.collect()).chain(rows).collect();
    for cell in rows.iter_mut().flatten() {
        *cell = cell.replace('|', "\\|");
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let mut widths: Vec<usize> = (0..rows[0].len())
        .map(|column| width(column).filter(|width| *width <= 50).unwrap_or(0))
        .collect();
    widths.pop();
    widths.push(0);
    let rule = widths.iter().map(|width| "-".repeat((*width).max(3)));
    rows.insert(1, rule.collect());
    let mut out = String::new();
    for row in rows {
        for (cell, width) in row.iter().zip(&widths) {
            write!(out, "| {cell:<width$} ").expect("a String takes everything");
        }
        out.push_str("|\n");
    }
    out
}

fn code(text: &str) -> String {
    // A backtick within code needs two around it.
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// Text in which nothing is markup.
fn plain(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('*', "\\*")
        .replace('<', "\\<")
        .replace('_', "\\_")
}

fn listed(names: &[String]) -> String {
    names
        .iter()
        .map(|name| code(name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Keys by scope and command; those of commands with a field as argument by their first key.
fn keys() -> String {
    let keymap = Keymap::builtin();
    let mut rows = Vec::new();
    for scope in SCOPES {
        let mut commands: Vec<(&Command, Vec<String>)> = Vec::new();
        for (_, keys, binding) in keymap.bindings().filter(|(s, ..)| *s == scope) {
            // A binding without a command is a matter of another test.
            let Some(command) = command::find(&binding.command) else {
                continue;
            };
            let keys = match (&binding.argument, keys.split_once(' ')) {
                (Some(_), Some((first, _))) => format!("{first} …"),
                _ => keys,
            };
            match commands
                .iter_mut()
                .find(|(known, _)| known.name == command.name)
            {
                Some((_, all)) if all.contains(&keys) => {}
                Some((_, all)) => all.push(keys),
                None => commands.push((command, vec![keys])),
            }
        }
        rows.extend(commands.into_iter().map(|(command, keys)| {
            let keys = match &keys[..] {
                [first, .., last] if keys.len() > 4 => format!("{} … {}", code(first), code(last)),
                _ => listed(&keys),
            };
            vec![
                scope.to_owned(),
                keys,
                code(command.name),
                plain(command.doc),
            ]
        }));
    }
    table(&["where", "keys", "command", "what it does"], rows)
}

/// Letters that stand for a field after `+`, `-`, `*`, `y` and `#`.
fn letters() -> String {
    let keymap = Keymap::builtin();
    let rows = keymap
        .bindings()
        .filter(|(_, _, binding)| binding.command == "event.include")
        .filter_map(|(_, keys, binding)| {
            let letter = keys.split_once(' ')?.1.to_owned();
            Some(vec![code(&letter), code(binding.argument.as_deref()?)])
        });
    table(&["letter", "field"], rows)
}

/// The tables that the manual shows, by name.
fn tables() -> BTreeMap<&'static str, String> {
    let sources = SCHEMES.iter().map(|scheme| {
        vec![
            code(scheme.form),
            plain(scheme.meaning),
            code(scheme.example),
        ]
    });
    let fields = CATALOGUE.fields().iter().map(|field| {
        let kind = format!("{:?}", field.kind).to_lowercase();
        vec![
            code(&field.name),
            listed(&field.aliases),
            kind,
            plain(&field.meaning),
        ]
    });
    let formats = export::formats().map(|(name, extension, meaning)| {
        vec![code(name), code(&format!(".{extension}")), plain(meaning)]
    });
    let inputs = FORMATS.iter().map(|format| {
        vec![
            code(format.name),
            plain(format.meaning),
            plain(format.detected),
        ]
    });
    let archives = ARCHIVES.iter().map(|archive| {
        vec![
            archive.name.to_owned(),
            plain(archive.meaning),
            plain(archive.detected),
        ]
    });
    let forms = FORMS
        .iter()
        .map(|(form, meaning)| vec![code(form), plain(meaning)]);
    BTreeMap::from([
        ("sources", table(&["form", "meaning", "example"], sources)),
        (
            "fields",
            table(&["field", "also", "kind", "meaning"], fields),
        ),
        (
            "inputs",
            table(
                &["`--format`", "what it is", "detected by"],
                inputs.chain(archives),
            ),
        ),
        (
            "formats",
            table(&["`-o`", "in files", "what it is"], formats),
        ),
        ("query", table(&["query", "finds"], forms)),
        ("keys", keys()),
        ("letters", letters()),
    ])
}

#[test]
fn tables_of_the_manual_are_those_of_the_program() {
    let mut left = tables();
    for page in PAGES {
        let path = root().join(format!("assets/manual/{}.md", page.topic));
        let text = fs::read_to_string(&path).expect("a file of the project");
        let mut parts = text.split("<!-- generated:");
        let mut wanted = parts.next().expect("at least one part").to_owned();
        for part in parts {
            let (name, rest) = part.split_once(" -->\n").expect("a marker ends its line");
            let (_, after) = rest.split_once("<!-- end -->").expect("a table ends");
            let table = left.remove(name).expect("one table of this name");
            write!(
                wanted,
                "<!-- generated:{name} -->\n{table}<!-- end -->{after}"
            )
            .expect("a String takes everything");
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &wanted).expect("written");
        } else {
            let renew = "is outdated: run `BLESS=1 cargo test --test it tidy`";
            assert!(text == wanted, "{}.md {renew}", page.topic);
        }
    }
    assert!(left.is_empty(), "no page shows {:?}", left.keys());
}

#[test]
fn the_readme_is_short_and_links_to_every_page() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a file of the project");
    let lines = readme.lines().count();
    assert!(
        lines <= 250,
        "{lines} lines: details belong in assets/manual"
    );
    for page in PAGES {
        let link = format!("[{}](assets/manual/{}.md)", page.topic, page.topic);
        assert!(readme.contains(&link), "no {link}");
    }
}

/// Runs `regtrail help` with arguments: exit code, standard output, standard error.
fn help(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = process::Command::new(PROGRAM)
        .arg("help")
        .args(arguments)
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn help_prints_topics_first_and_then_commands() {
    for page in PAGES {
        let (code, text, error) = help(&[page.topic]);
        assert_eq!((code, error.as_str()), (Some(0), ""));
        assert!(text.starts_with("# "), "{text}");
        assert!(!text.contains("<!--"), "{}", page.topic);
    }
    let (code, demo, _) = help(&["demo"]);
    assert_eq!(code, Some(0));
    assert!(demo.contains("Usage: regtrail demo"), "{demo}");
    let (code, overview, _) = help(&[]);
    assert_eq!(code, Some(0));
    for word in ["doctor", "triage", "Usage: regtrail"] {
        assert!(overview.contains(word), "{word} in {overview}");
    }
    let (code, _, error) = help(&["querry"]);
    assert_eq!(code, Some(2));
    for page in PAGES {
        assert!(error.contains(page.topic), "{error}");
    }
}
