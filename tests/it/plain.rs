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

/// Words that open a clause where a comment should open with what the item is or does.
const OPENERS: [&str; 12] = [
    "What", "Who", "Whose", "Whom", "Which", "Where", "When", "Whether", "Why", "How", "Whatever",
    "Wherever",
];

/// Comments of a file, each block joined, with the line it begins at.
fn comments(text: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, usize, String)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("//") else {
            continue;
        };
        let comment = comment.trim_start_matches(['/', '!']);
        match blocks.last_mut() {
            Some((_, last, block)) if *last + 1 == at => {
                *last = at;
                block.push('\n');
                block.push_str(comment);
            }
            _ => blocks.push((at + 1, at, comment.to_owned())),
        }
    }
    let blocks = blocks.into_iter();
    blocks.map(|(line, _, text)| (line, text)).collect()
}

#[test]
fn comments_are_written_in_plain_words() {
    let sources = files("src").into_iter();
    // The style names the words that it replaces.
    let sources = sources.filter(|source| source.path != "src/lib.rs");
    let mut texts = Vec::new();
    let mut openers = Vec::new();
    for source in sources {
        for (line, text) in comments(&source.text) {
            let opens = |line: &&str| {
                let first = line
                    .split(|c: char| !c.is_alphanumeric())
                    .find(|w| !w.is_empty());
                first.is_some_and(|word| OPENERS.contains(&word))
            };
            let opener = text.lines().find(opens);
            openers.extend(opener.map(|text| format!("{}:{line}: {text}", source.path)));
            texts.push((format!("{}:{line}", source.path), text));
        }
    }
    assert!(openers.is_empty(), "{openers:#?}");
    assert_plain(texts);
}

#[test]
fn comments_are_found_by_blocks() {
    let text = "/// One\n/// two.\nfn f() {\n    // Three.\n}\n";
    let expected = [(1, " One\n two.".to_owned()), (4, " Three.".to_owned())];
    assert_eq!(comments(text), expected);
}

#[test]
fn an_idiom_is_found_as_words_only() {
    assert_eq!(found("Start it anew."), ["anew"]);
    assert_eq!(found("the oldest are\nlet go"), ["let go"]);
    assert!(found("renewed, thought, handout").is_empty());
}
