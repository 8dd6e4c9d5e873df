//! Options in front of a command: moved behind it, so that they can be given on either side.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::Arc;

use clap::{Arg, Command, CommandFactory as _};

use super::Cli;
use crate::config::shown;
use crate::query::nearest;
use crate::source::SourceError;

/// Options that a command without a use for them ignores when they precede it, so that a shell alias can set them.
const APPEARANCE: [&str; 4] = ["theme", "color", "ascii", "tz"];

/// Options in front of the first word that is neither an option nor a value of one.
struct Front {
    /// Ranges of words, one per option, with the option's name.
    options: Vec<(String, std::ops::Range<usize>)>,
    /// Position of that first word.
    word: usize,
}

/// Returns the command line with the options that precede a command behind it.
pub fn arrange(words: Vec<OsString>) -> Vec<OsString> {
    let is_option = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    if !words.get(1).is_some_and(is_option) {
        return words; // The usual case: spares building the options a second time.
    }
    let program = Cli::command();
    let Some(front) = front(&words, &program).filter(|front| !front.options.is_empty()) else {
        return words;
    };
    let name = words[front.word].to_str();
    let Some(command) = name.and_then(|name| program.find_subcommand(name)) else {
        return words;
    };
    let takes = |name: &str| command.get_arguments().any(|arg| is_named(arg, name));
    let kept = front.options.iter().filter(|(name, _)| {
        let is_looks = APPEARANCE.contains(&name.as_str());
        !is_looks || takes(name)
    });
    let options = kept.flat_map(|(_, range)| words[range.clone()].iter());
    words[..1]
        .iter()
        .chain([&words[front.word]])
        .chain(options)
        .chain(&words[front.word + 1..])
        .cloned()
        .collect()
}

/// Returns the command that a word in the place of the first source means: a known one that is out of place, or
/// one that is spelled almost like it. `None` for a word that can be a path.
fn meant(word: &OsStr) -> Option<String> {
    let word = word.to_str()?;
    if word.contains(['/', '.', ':', '@', '*']) || Path::new(word).exists() {
        return None;
    }
    let program = Cli::command();
    let names = program.get_subcommands().map(|one| one.get_name().into());
    let names: Vec<Arc<str>> = names.collect();
    nearest(word, &names).map(|name| name.to_string())
}

/// Describes a file that cannot be opened; a missing one may be a mistyped or misplaced command.
pub fn unopened(path: &Path, error: &io::Error) -> String {
    let is_missing = error.kind() == io::ErrorKind::NotFound;
    match meant(path.as_os_str()).filter(|_| is_missing) {
        Some(name) if path.as_os_str() == name.as_str() => {
            format!("{name}: no such file; to run the command, write `regtrail {name}` first")
        }
        Some(name) => {
            let word = shown(path);
            format!("{word}: no such file or command; did you mean `regtrail {name}`?")
        }
        None => SourceError::io(path, error).to_string(),
    }
}

/// Describes the first word of a rejected command line, if it is almost a command.
pub fn typo(words: &[OsString]) -> Option<String> {
    let front = front(words, &Cli::command())?;
    let word = &words[front.word];
    let name = meant(word)?;
    let word = word.to_str()?;
    (word != name).then(|| format!("{word}: no such command; did you mean `regtrail {name}`?"))
}

/// Finds the options that precede the first other word; `None` if an option is unknown, or if there is no such word.
fn front(words: &[OsString], program: &Command) -> Option<Front> {
    let mut options = Vec::new();
    let mut at = 1;
    loop {
        let word = words.get(at)?.to_str()?;
        let (name, takes_next) = if word == "--" {
            return None;
        } else if let Some(long) = word.strip_prefix("--") {
            option(long, program)?
        } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
            cluster(short, program)?
        } else {
            return Some(Front { options, word: at });
        };
        let end = at + 1 + usize::from(takes_next);
        if end > words.len() {
            return None;
        }
        options.push((name, at..end));
        at = end;
    }
}

/// Returns the name of a long option, and true if its value is the next word.
fn option(text: &str, program: &Command) -> Option<(String, bool)> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    if name == "help" {
        return Some((name.to_owned(), false));
    }
    let arg = arguments(program).find(|arg| is_named(arg, name))?;
    let takes = arg.get_action().takes_values() && value.is_none();
    Some((name.to_owned(), takes))
}

/// Returns the last name in a cluster of short options, and true if its value is the next word.
fn cluster(text: &str, program: &Command) -> Option<(String, bool)> {
    let mut name = String::new();
    for (at, letter) in text.char_indices() {
        name = letter.to_string();
        if letter == 'h' {
            continue;
        }
        let arg = arguments(program).find(|arg| arg.get_short() == Some(letter))?;
        if arg.get_action().takes_values() {
            let is_last = at + letter.len_utf8() == text.len();
            return Some((name, is_last));
        }
    }
    Some((name, false))
}

/// Options of the explorer, then those of the commands.
fn arguments(program: &Command) -> impl Iterator<Item = &Arg> {
    let of_commands = program.get_subcommands().flat_map(Command::get_arguments);
    program.get_arguments().chain(of_commands)
}

fn is_named(arg: &Arg, name: &str) -> bool {
    arg.get_long() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(line: &str) -> String {
        let words = line.split(' ').map(OsString::from).collect();
        let words: Vec<String> = arrange(words)
            .into_iter()
            .map(|word| word.into_string().expect("UTF-8"))
            .collect();
        words.join(" ")
    }

    #[test]
    fn options_are_accepted_on_either_side_of_a_command() {
        for (line, same) in [
            ("regtrail --theme light demo", "regtrail demo --theme light"),
            (
                "regtrail --theme=light --ascii demo --rate 3",
                "regtrail demo --theme=light --ascii --rate 3",
            ),
            (
                "regtrail --tz utc query --count a",
                "regtrail query --tz utc --count a",
            ),
            (
                "regtrail --since -2h query a",
                "regtrail query --since -2h a",
            ),
            ("regtrail -Ff demo query a", "regtrail query -Ff demo a"),
            ("regtrail -o csv query a", "regtrail query -o csv a"),
            ("regtrail --help query", "regtrail query --help"),
            // An alias of the shell may set the looks for all commands.
            ("regtrail --theme slate --ascii keys", "regtrail keys"),
            ("regtrail --theme slate query a", "regtrail query a"),
        ] {
            assert_eq!(arranged(line), same);
        }
        for line in [
            "regtrail",
            "regtrail demo --theme light",
            "regtrail a.ndjson query",
            "regtrail --theme demo",
            "regtrail --theme light -- demo",
            "regtrail --theme light a.ndjson",
            "regtrail --nonsense demo",
            "regtrail --version demo",
            "regtrail -",
            "regtrail --ascii -",
        ] {
            assert_eq!(arranged(line), line);
        }
    }

    #[test]
    fn a_word_that_is_almost_a_command_is_recognised() {
        for (word, name) in [
            ("qurey", Some("query")),
            ("Query", Some("query")),
            ("docter", Some("doctor")),
            ("demo", Some("demo")),
            ("./demmo", None),
            ("audit", None),
            ("query.ndjson", None),
        ] {
            assert_eq!(meant(OsStr::new(word)).as_deref(), name, "{word}");
        }
        let typo = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            typo(&words)
        };
        let said = typo("regtrail --tz utc qurey --count a").expect("a typo");
        assert!(said.contains("`regtrail query`"), "{said}");
        assert_eq!(typo("regtrail a.ndjson --count"), None);
    }
}
