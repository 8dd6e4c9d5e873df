//! Plain English: the words that made the texts of the program read like a translation stay out of what people read.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use regtrail::cli::Cli;
use regtrail::command;

/// Not to be written; the style of `src/lib.rs` says what to write instead.
const WORST: [&str; 12] = [
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
];

/// The words of a text that are not to be written.
fn found(text: &str) -> Vec<&'static str> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let text = format!(" {} ", words.join(" "));
    let is_there = |word: &&str| text.contains(&format!(" {word} "));
    WORST.into_iter().filter(is_there).collect()
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("assets")];
    let mut files = vec![root.join("README.md")];
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
    let wrong: Vec<String> = texts
        .iter()
        .filter(|(_, text)| !found(text).is_empty())
        .map(|(place, text)| format!("{place}: {:?}", found(text)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_word_is_found_as_a_word_only() {
    assert_eq!(found("Start it anew."), ["anew"]);
    assert_eq!(found("the oldest are\nlet go"), ["let go"]);
    assert!(found("renewed, thought, handout").is_empty());
}
