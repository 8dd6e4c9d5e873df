//! Plain English: the idioms that made the texts of the program read like a translation stay out of what people read.

use std::fs;

use clap::CommandFactory as _;
use regtrail::cli::Cli;
use regtrail::command;

use crate::tidy::{files, root};

/// Idioms that read as another language, or that the glossary replaces by a term of the field. The style of `src/lib.rs`
/// says what to write instead.
const RIDDLES: [&str; 26] = [
    "anew",
    "sought",
    "let go",
    "told by",
    "for ever",
    "at hand",
    "whoever",
    "are had",
    "is had",
    "hand on",
    "handed on",
    "the other way round",
    "once more",
    "meanwhile",
    "stands",
    "goes on",
    "goes back",
    "what is known of",
    "what became of",
    "gone to",
    "tried again",
    "all that is",
    "is whole",
    "as usual",
    "usual ones",
    "ceiling",
];

/// The idioms of a text.
fn found(text: &str) -> Vec<&'static str> {
    let words = text.split(|c: char| !c.is_alphabetic());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let text = format!(" {} ", words.join(" ").to_lowercase());
    let is_there = |riddle: &&str| text.contains(&format!(" {riddle} "));
    RIDDLES.into_iter().filter(is_there).collect()
}

fn assert_plain(texts: impl IntoIterator<Item = (String, String)>) {
    let wrong = texts.into_iter().filter_map(|(place, text)| {
        let found = found(&text);
        (!found.is_empty()).then(|| format!("{place}: {found:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Help of a command and of all below it.
fn help(command: &mut clap::Command, out: &mut Vec<(String, String)>) {
    let name = command.get_name().to_owned();
    out.push((
        format!("{name} --help"),
        command.render_long_help().to_string(),
    ));
    for below in command.get_subcommands_mut() {
        help(below, out);
    }
}

#[test]
fn what_people_read_is_written_in_plain_words() {
    let mut texts = Vec::new();
    help(&mut Cli::command(), &mut texts);
    for command in command::all() {
        texts.push((command.name.to_owned(), command.doc.to_owned()));
    }
    let mut folders = vec![root().join("assets")];
    let mut files = vec![root().join("README.md")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("md" | "toml") => files.push(path),
                _ => {}
            }
        }
    }
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        texts.push((file.display().to_string(), text));
    }
    assert_plain(texts);
}

#[test]
fn texts_on_the_screen_are_plain() {
    let shown = [
        "app", "command", "input", "overlays", "panes", "runtime", "views", "widgets",
    ];
    let sources = files("src").into_iter();
    let sources = sources.filter(|source| shown.contains(&source.module.as_str()));
    let texts = sources.flat_map(|source| {
        let code = source.code.replace("\\\"", "").replace("'\"'", "");
        let texts = code.lines().flat_map(|l| l.split('"').skip(1).step_by(2));
        let texts = texts.map(|text| (format!("{}: {text}", source.path), text.to_owned()));
        texts.collect::<Vec<_>>()
    });
    assert_plain(texts);
}

#[test]
fn an_idiom_is_found_as_words_only() {
    assert_eq!(found("Start it anew."), ["anew"]);
    assert_eq!(found("the oldest are\nlet go"), ["let go"]);
    assert!(found("renewed, thought, handout").is_empty());
}
