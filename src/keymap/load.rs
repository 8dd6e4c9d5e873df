//! Merging of a key map file into existing bindings; reports every problem by line.

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::trie::{Node, Trie};
use super::{Binding, Key, Keymap, PRESETS, SCOPES, renamed};
use crate::config::{MOST_PROBLEMS, Problem, suggestion, suggestion_or_all};

/// Line of a file.
struct Entry {
    scope: usize,
    keys: Vec<Key>,
    /// Byte range of the keys.
    span: Range<usize>,
    /// `None` unbinds.
    binding: Option<Binding>,
}

/// Preset that the file names before its first table.
pub(super) fn wanted_preset(text: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let (table, _) = DeTable::parse_recoverable(text);
    let (_, value) = table.get_ref().get_key_value("preset")?;
    let name = value.get_ref().as_str().unwrap_or_default();
    if PRESETS.iter().any(|(preset, _)| *preset == name) {
        return Some(name.to_owned());
    }
    let near = suggestion_or_all(name, PRESETS.map(|(preset, _)| preset));
    problems.push(Problem::at(
        text,
        &value.span(),
        format!("unknown preset `{name}`{near}"),
    ));
    None
}

impl Keymap {
    /// Merges the bindings of a file over the existing ones. Keys bound to `""` are unbound first, so that a file can
    /// free the start of a sequence and use it. `commands` are the valid names; `None` allows every name.
    pub(super) fn merge(&mut self, text: &str, commands: Option<&[&str]>) -> Vec<Problem> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut problems: Vec<_> = errors
            .iter()
            .take(MOST_PROBLEMS)
            .map(|e| Problem::syntax(text, e))
            .collect();
        let entries = entries(text, table.get_ref(), commands, &mut problems);
        for entry in entries.iter().filter(|entry| entry.binding.is_none()) {
            if problems.len() >= MOST_PROBLEMS {
                break;
            }
            if !self.tries[entry.scope].remove(&entry.keys) {
                let keys = Key::show_sequence(&entry.keys);
                let scope = SCOPES[entry.scope];
                let message =
                    format!("`{keys}` is not bound in {scope}, so there is nothing to unbind");
                problems.push(Problem::at(text, &entry.span, message));
            }
        }
        let mut seen = HashSet::new();
        for entry in &entries {
            if problems.len() >= MOST_PROBLEMS {
                break;
            }
            if !seen.insert((entry.scope, &entry.keys)) {
                let message = format!("`{}` is bound twice", Key::show_sequence(&entry.keys));
                problems.push(Problem::at(text, &entry.span, message));
            }
            if let Some(binding) = &entry.binding {
                let trie = &mut self.tries[entry.scope];
                if let Some(message) = hides(trie, &entry.keys) {
                    problems.push(Problem::at(text, &entry.span, message));
                }
                trie.insert(&entry.keys, binding.clone());
            }
        }
        problems.sort_by_key(|problem| problem.line);
        problems
    }
}

/// Describes the bindings that become unreachable once the keys are bound.
fn hides(trie: &Trie, keys: &[Key]) -> Option<String> {
    let shown = Key::show_sequence(keys);
    if let Some((len, binding)) = trie.bound_start(keys) {
        let start = Key::show_sequence(&keys[..len]);
        return Some(format!(
            "`{shown}` takes the place of `{start}` = `{binding}`; unbind it by `{start}` = \"\" if that is meant"
        ));
    }
    match trie.find(keys) {
        Some(Node::More(more)) => {
            let count = more.bindings().len();
            Some(format!(
                "`{shown}` takes the place of {count} longer bindings that begin with it"
            ))
        }
        _ => None,
    }
}

/// Valid lines of all scopes, in file order.
fn entries(
    text: &str,
    table: &DeTable<'_>,
    commands: Option<&[&str]>,
    problems: &mut Vec<Problem>,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (name, value) in table {
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
        let Some(scope) = SCOPES
            .iter()
            .position(|scope| *scope == name.get_ref().as_ref())
        else {
            if name.get_ref() != "preset" || value.get_ref().is_table() {
                let near = renamed(name.get_ref()).map_or_else(
                    || suggestion_or_all(name.get_ref(), SCOPES),
                    |new| format!("; it is now `{new}`"),
                );
                let message = format!("unknown scope `{}`{near}", name.get_ref());
                problems.push(Problem::at(text, &name.span(), message));
            }
            continue;
        };
        let Some(lines) = value.get_ref().as_table() else {
            let message = format!("`{}` is a scope and wants a table", name.get_ref());
            problems.push(Problem::at(text, &name.span(), message));
            continue;
        };
        for (keys, value) in lines {
            if problems.len() >= MOST_PROBLEMS {
                return entries;
            }
            match entry(scope, keys.get_ref(), keys.span(), value, commands) {
                Ok(entry) => entries.push(entry),
                Err((span, message)) => problems.push(Problem::at(text, &span, message)),
            }
        }
    }
    entries.sort_by_key(|entry| entry.span.start);
    entries
}

fn entry(
    scope: usize,
    keys: &str,
    span: Range<usize>,
    value: &Spanned<DeValue<'_>>,
    commands: Option<&[&str]>,
) -> Result<Entry, (Range<usize>, String)> {
    let keys = Key::parse_sequence(keys).map_err(|e| (span.clone(), e.to_string()))?;
    let Some(command) = value.get_ref().as_str() else {
        let message = "a key is bound to the name of a command, as text".to_owned();
        return Err((value.span(), message));
    };
    let binding = Binding::parse(command);
    if binding.command.is_empty() {
        return Ok(Entry {
            scope,
            keys,
            span,
            binding: None,
        });
    }
    if let Some(names) = commands
        && !names.contains(&binding.command.as_str())
    {
        let mut near = match renamed(&binding.command) {
            Some(new) => format!("; it is now `{new}`"),
            None => suggestion(&binding.command, names.iter().copied()),
        };
        if near.is_empty() {
            near.push_str("; `regtrail keys` prints the commands");
        }
        return Err((
            value.span(),
            format!("unknown command `{}`{near}", binding.command),
        ));
    }
    Ok(Entry {
        scope,
        keys,
        span,
        binding: Some(binding),
    })
}
