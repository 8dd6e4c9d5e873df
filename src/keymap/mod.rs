//! Key bindings as data: the command that a key runs in each scope. The defaults are `assets/keymap.toml`; the user's
//! file is merged over them by the same parser.
//!
//! A key map knows commands only by name; their functions are elsewhere.

mod key;
mod load;
mod terminal;
mod trie;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::config::Problem;

pub use key::{Key, KeyCode, KeyError};
pub use terminal::from_crossterm;
use trie::{Node, Trie};

/// Scopes a key can be bound in.
pub const SCOPES: [&str; 19] = [
    "global",
    "list",
    "selection",
    "facets",
    "detail",
    "histogram",
    "prompt",
    "overlay",
    "group",
    "views",
    "marks",
    "start",
    "compare",
    "card",
    "changes",
    "history",
    "columns",
    "sources",
    "help",
];

/// Presets: names, and the files that are merged over the defaults.
const PRESETS: [(&str, &str); 2] = [
    ("less", include_str!("../../assets/keymap-less.toml")),
    ("arrows", include_str!("../../assets/keymap-arrows.toml")),
];

/// Former names of commands and scopes with their current names, for key maps written with the former ones.
const RENAMED: [(&str, &str); 16] = [
    ("columns.earlier", "columns.move-left"),
    ("columns.later", "columns.move-right"),
    ("defects.show", "rejected.show"),
    ("image.lineage", "image.history"),
    ("lineage", "history"),
    ("mark.copy", "table.copy-markdown"),
    ("mark.copy-csv", "table.copy-csv"),
    ("mark.copy-json", "table.copy-json"),
    ("news", "changes"),
    ("news.open", "changes.open"),
    ("news.show", "changes.show"),
    ("pane.usual", "layout.reset"),
    ("user", "card"),
    ("user.card", "card.show"),
    ("user.open", "card.open"),
    ("user.show", "card.show"),
];

/// Returns the current name of a renamed command or scope.
pub fn renamed(name: &str) -> Option<&'static str> {
    let at = RENAMED.binary_search_by_key(&name, |(old, _)| old).ok()?;
    Some(RENAMED[at].1)
}

/// Command name with its argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub command: String,
    pub argument: Option<String>,
}

impl Binding {
    fn parse(text: &str) -> Self {
        match text.trim().split_once(char::is_whitespace) {
            Some((command, argument)) => Self {
                command: command.to_owned(),
                argument: Some(argument.trim().to_owned()),
            },
            None => Self {
                command: text.trim().to_owned(),
                argument: None,
            },
        }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.command)?;
        if let Some(argument) = &self.argument {
            write!(f, " {argument}")?;
        }
        Ok(())
    }
}

/// Result of the keys pressed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The keys are bound.
    Run {
        command: String,
        argument: Option<String>,
    },
    /// The keys start a sequence. Keys that may follow, in file order, each with the command and argument it runs, or
    /// `…` if more keys follow.
    Pending(Vec<(Key, String)>),
    Unbound,
}

/// All bindings of all scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    /// Indexed by position in [`SCOPES`].
    tries: [Trie; SCOPES.len()],
}

impl Keymap {
    /// Default key map.
    pub fn builtin() -> Self {
        let mut map = Self::empty();
        // The file is compiled in; a test checks that it has no problems.
        map.merge(include_str!("../../assets/keymap.toml"), None);
        map
    }

    /// Names of the presets.
    pub fn presets() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|(name, _)| *name)
    }

    /// Default key map with a preset merged over it.
    pub fn preset(name: &str) -> Option<Self> {
        let (_, text) = PRESETS.iter().find(|(preset, _)| *preset == name)?;
        let mut map = Self::builtin();
        map.merge(text, None);
        Some(map)
    }

    /// Default key map (or the preset that the file selects by `preset = "less"` before its first table) with the
    /// user's bindings merged over it, and all problems in the user's file, by line. Invalid lines are skipped.
    /// `commands` are the valid names.
    pub fn with_user(text: &str, commands: &[&str]) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut map = load::wanted_preset(text, &mut problems)
            .and_then(|name| Self::preset(&name))
            .unwrap_or_else(Self::builtin);
        problems.extend(map.merge(text, Some(commands)));
        problems.sort_by_key(|problem| problem.line);
        (map, problems)
    }

    /// Resolves the keys pressed so far in these scopes, innermost first. An inner scope wins, with a binding or with
    /// the start of one. Keys that may follow are collected from all scopes. Without any key, all first keys are
    /// pending.
    pub fn resolve(&self, scopes: &[&str], keys: &[Key]) -> Resolution {
        let mut pending: Vec<(Key, String)> = Vec::new();
        let mut found = false;
        for trie in scopes.iter().filter_map(|scope| self.trie(scope)) {
            let node = if keys.is_empty() {
                Some(trie)
            } else {
                match trie.find(keys) {
                    Some(Node::Run(_)) if found => break,
                    Some(Node::Run(binding)) => {
                        return Resolution::Run {
                            command: binding.command.clone(),
                            argument: binding.argument.clone(),
                        };
                    }
                    Some(Node::More(trie)) => Some(trie),
                    None => None,
                }
            };
            for (key, node) in node.into_iter().flat_map(Trie::next) {
                found = true;
                if pending.iter().all(|(k, _)| *k != key) {
                    let hint = match node {
                        Node::Run(binding) => binding.to_string(),
                        Node::More(_) => "…".to_owned(),
                    };
                    pending.push((key, hint));
                }
            }
        }
        if found {
            Resolution::Pending(pending)
        } else {
            Resolution::Unbound
        }
    }

    /// Keys that run the command in these scopes, innermost first, in file order. Keys that an inner scope uses
    /// otherwise are left out. The command may include its argument (`facet.focus 3`); without one, keys with any
    /// argument count.
    pub fn keys_for(&self, command: &str, scopes: &[&str]) -> Vec<String> {
        let wanted = Binding::parse(command);
        let runs = |binding: &Binding| {
            binding.command == wanted.command
                && (wanted.argument.is_none() || binding.argument == wanted.argument)
        };
        let mut shown = Vec::new();
        for trie in scopes.iter().filter_map(|scope| self.trie(scope)) {
            for (keys, binding) in trie.bindings() {
                if !runs(binding) {
                    continue;
                }
                let text = Key::show_sequence(&keys);
                let reached = match self.resolve(scopes, &keys) {
                    Resolution::Run { command, argument } => Binding { command, argument },
                    Resolution::Pending(_) | Resolution::Unbound => continue,
                };
                if reached == *binding && !shown.contains(&text) {
                    shown.push(text);
                }
            }
        }
        shown
    }

    /// All bindings as scope, keys and command: by scope in the order of [`SCOPES`], then in file order.
    pub fn bindings(&self) -> impl Iterator<Item = (&'static str, String, &Binding)> {
        SCOPES.iter().zip(&self.tries).flat_map(|(scope, trie)| {
            trie.bindings()
                .into_iter()
                .map(|(keys, binding)| (*scope, Key::show_sequence(&keys), binding))
        })
    }

    fn empty() -> Self {
        Self {
            tries: Default::default(),
        }
    }

    fn trie(&self, scope: &str) -> Option<&Trie> {
        SCOPES
            .iter()
            .position(|s| *s == scope)
            .map(|at| &self.tries[at])
    }
}
