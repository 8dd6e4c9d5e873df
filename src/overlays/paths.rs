//! Choices of the prompt for a source: recent sources, profiles, and the files of the typed directory. Directories are
//! read by the runtime.

use super::Start;
use super::choice_box::{self, Row};
use crate::model::time::{Nanos, SECOND};
use crate::widgets::text;

/// Content of a directory, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Text before the last slash, with it; empty for the current directory.
    pub directory: String,
    pub files: Vec<File>,
}

/// Entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub is_directory: bool,
    pub bytes: u64,
    pub modified: Option<Nanos>,
}

/// Kind of a choice, in display order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Recent,
    Profile,
    Directory,
    File,
}

#[derive(Clone, Debug)]
struct Choice {
    kind: Kind,
    /// Whole text of the prompt.
    text: String,
    meaning: String,
    note: String,
}

/// State of the choices below the prompt.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    known: Vec<Choice>,
    listing: Listing,
    choices: Vec<Choice>,
    selected: Option<usize>,
    asked: Option<String>,
}

/// Maximum number of earlier sources shown for an empty line.
const RECENT: usize = 5;

impl Paths {
    pub(super) fn new(start: &Start) -> Self {
        let recent = start
            .recent
            .iter()
            .filter_map(|words| match words.as_slice() {
                [one] => Some(Choice {
                    kind: Kind::Recent,
                    text: one.to_str()?.to_owned(),
                    meaning: String::new(),
                    note: String::new(),
                }),
                _ => None,
            });
        let profile = |(name, source): &(String, String)| Choice {
            kind: Kind::Profile,
            text: format!("@{name}"),
            meaning: source.clone(),
            note: String::new(),
        };
        let mut paths = Self {
            known: recent.chain(start.profiles.iter().map(profile)).collect(),
            // The caller requests the current directory.
            asked: Some(String::new()),
            ..Self::default()
        };
        paths.changed("", 0);
        paths
    }

    /// Handles a changed text.
    pub fn changed(&mut self, typed: &str, now: Nanos) {
        self.selected = None;
        let known = self.known.iter().filter(|choice| {
            let is_whole = choice.text == typed;
            !is_whole && choice.text.contains(typed)
        });
        let count = if typed.is_empty() { RECENT } else { usize::MAX };
        self.choices = known.take(count).cloned().collect();
        let Some((directory, start)) = split(typed) else {
            return;
        };
        if directory != self.listing.directory {
            return;
        }
        let fits = |file: &&File| {
            file.name.starts_with(start) && (start.starts_with('.') || !file.name.starts_with('.'))
        };
        let files = self.listing.files.iter().filter(fits);
        self.choices
            .extend(files.map(|file| choice(directory, file, now)));
    }

    /// Directory to read for a text, if it is not read yet.
    pub fn wanted(&mut self, typed: &str) -> Option<String> {
        let (directory, _) = split(typed)?;
        let is_known = self.asked.as_deref() == Some(directory);
        (!is_known).then(|| {
            self.asked = Some(directory.to_owned());
            directory.to_owned()
        })
    }

    /// Takes the content of a directory; ignored if another one was requested since.
    pub fn arrive(&mut self, listing: Listing, typed: &str, now: Nanos) {
        if self.asked.as_deref() == Some(&*listing.directory) {
            let chosen = self.chosen().map(str::to_owned);
            self.listing = listing;
            self.changed(typed, now);
            let at = |text| self.choices.iter().position(|choice| choice.text == text);
            self.selected = chosen.and_then(at);
        }
    }

    /// Moves in the choices; the position before the first one is the text itself.
    pub fn step(&mut self, down: bool) {
        self.selected = choice_box::step(self.selected, self.choices.len(), down);
    }

    /// Text of the selected choice.
    pub fn chosen(&self) -> Option<&str> {
        let choice = self.choices.get(self.selected?)?;
        Some(&choice.text)
    }

    /// Continues the text as far as the names of the files, or else of the other sources, agree. `None` if they do not
    /// agree on more.
    pub fn complete(&self, typed: &str) -> Option<String> {
        if let Some(chosen) = self.chosen() {
            return Some(chosen.to_owned());
        }
        let common = |files: bool| {
            let is_file = |kind| matches!(kind, Kind::Directory | Kind::File);
            let choices = self.choices.iter();
            let choices = choices.filter(|choice| is_file(choice.kind) == files);
            let texts = choices.map(|choice| choice.text.as_str());
            texts
                .filter(|text| text.starts_with(typed))
                .reduce(common_start)
        };
        let found = common(true).or_else(|| common(false))?;
        (found.len() > typed.len()).then(|| found.to_owned())
    }

    /// Rows to show, and the selected one.
    pub(super) fn rows(&self) -> (Vec<Row>, Option<usize>) {
        let (mut rows, mut at) = (Vec::new(), None);
        let mut heading = "";
        for (index, choice) in self.choices.iter().enumerate() {
            let title = match choice.kind {
                Kind::Recent => "Recent sources",
                Kind::Profile => "Profiles",
                Kind::Directory | Kind::File if self.listing.directory.is_empty() => {
                    "Files in this directory"
                }
                Kind::Directory | Kind::File => "Files",
            };
            if title != heading {
                heading = title;
                rows.push(Row::heading(title));
            }
            if self.selected == Some(index) {
                at = Some(rows.len());
            }
            // The directory is in the line already.
            let shown = match choice.kind {
                Kind::Recent | Kind::Profile => choice.text.as_str(),
                _ => &choice.text[self.listing.directory.len()..],
            };
            rows.push(Row {
                text: shown.to_owned(),
                meaning: choice.meaning.clone(),
                note: choice.note.clone(),
                is_heading: false,
            });
        }
        (rows, at)
    }
}

fn choice(directory: &str, file: &File, now: Nanos) -> Choice {
    let slash = if file.is_directory { "/" } else { "" };
    let age = file.modified.map(|time| now.saturating_sub(time) / SECOND);
    Choice {
        kind: if file.is_directory {
            Kind::Directory
        } else {
            Kind::File
        },
        text: format!("{directory}{}{slash}", file.name),
        meaning: age.map_or_else(String::new, |age| format!("{} ago", text::ago(age.max(0)))),
        note: if file.is_directory {
            "directory".to_owned()
        } else {
            size(file.bytes)
        },
    }
}

/// Formats a file size: `812 B`, `4.1 MB`.
fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in units {
        if value < 1_000.0 {
            break;
        }
        value /= 1_000.0;
        unit = next;
    }
    match unit {
        "B" => format!("{bytes} B"),
        _ if value < 10.0 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    }
}

/// Splits a path after its last slash; `None` for a source that is not a path.
fn split(typed: &str) -> Option<(&str, &str)> {
    if typed.starts_with('@') || typed.contains("://") {
        return None;
    }
    let at = typed.rfind('/').map_or(0, |at| at + 1);
    Some(typed.split_at(at))
}

/// Text with which both texts start.
fn common_start<'a>(a: &'a str, b: &'a str) -> &'a str {
    let differs = a.char_indices().zip(b.chars()).find(|((_, a), b)| a != b);
    let end = differs.map_or(a.len().min(b.len()), |((at, _), _)| at);
    &a[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, is_directory: bool) -> File {
        File {
            name: name.to_owned(),
            is_directory,
            bytes: 4_100_000,
            modified: Some(0),
        }
    }

    fn paths() -> Paths {
        let mut paths = Paths::new(&Start {
            recent: vec![
                vec!["/var/log/audit.ndjson".into()],
                vec!["a".into(), "b".into()],
            ],
            profiles: vec![("prod".to_owned(), "sls://1@hangzhou".to_owned())],
            alone: true,
        });
        assert_eq!(paths.wanted("logs/a"), Some("logs/".to_owned()));
        assert_eq!(paths.wanted("logs/au"), None, "it is requested once");
        let files = [
            ("archive", true),
            ("audit-1.ndjson", false),
            ("audit-2.ndjson", false),
        ];
        let files = files.map(|(name, is_directory)| file(name, is_directory));
        let hidden = file(".hidden", false);
        let listing = Listing {
            directory: "logs/".to_owned(),
            files: files.into_iter().chain([hidden]).collect(),
        };
        paths.arrive(listing, "logs/a", 120 * SECOND);
        paths
    }

    #[test]
    fn tab_continues_a_path_as_far_as_the_files_agree() {
        let mut paths = paths();
        let mut complete = |typed: &str| {
            paths.changed(typed, 0);
            paths.complete(typed)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(complete("logs/a"), None);
        assert_eq!(complete("logs/au"), some("logs/audit-"));
        assert_eq!(complete("logs/ar"), some("logs/archive/"));
        assert_eq!(complete("logs/audit-2"), some("logs/audit-2.ndjson"));
        assert_eq!(complete("logs/audit-2.ndjson"), None);
        assert_eq!(complete("@p"), some("@prod"));
        assert_eq!(complete("/var"), some("/var/log/audit.ndjson"));
        assert_eq!(complete("sls://x/"), None);
    }

    #[test]
    fn an_empty_line_offers_recent_sources_and_profiles() {
        let paths = Paths::new(&Start {
            recent: vec![vec!["/var/log/audit.ndjson".into()]],
            profiles: vec![("prod".to_owned(), "sls://1@hangzhou".to_owned())],
            alone: true,
        });
        let (rows, _) = paths.rows();
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let expected = [
            "Recent sources",
            "/var/log/audit.ndjson",
            "Profiles",
            "@prod",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn files_show_their_size_and_age_and_hidden_ones_only_if_asked_for() {
        let mut paths = paths();
        paths.changed("logs/", 120 * SECOND);
        let (rows, _) = paths.rows();
        let audit = rows
            .iter()
            .find(|row| row.text == "audit-1.ndjson")
            .expect("a file");
        assert_eq!(
            (audit.note.as_str(), audit.meaning.as_str()),
            ("4.1 MB", "2m ago")
        );
        assert!(rows.iter().all(|row| row.text != ".hidden"));
        paths.changed("logs/.", 0);
        assert!(paths.rows().0.iter().any(|row| row.text == ".hidden"));
        // The list of one directory is not shown for another.
        paths.changed("other/", 0);
        assert!(paths.rows().0.is_empty());
    }

    #[test]
    fn sizes_have_two_digits() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(4_100), "4.1 kB");
        assert_eq!(size(41_000_000_000), "41 GB");
    }
}
