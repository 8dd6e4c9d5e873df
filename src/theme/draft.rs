//! A theme file as written, with colour names not yet resolved, so that a file can inherit roles and change only the
//! palette.

use std::collections::HashMap;
use std::ops::Range;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Role;
use crate::config::{MOST_PROBLEMS, Problem, suggestion};

const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

/// Maximum number of palette names from a colour's name to the colour.
const STEPS: usize = 100;

/// Keys of a role.
const ROLE_KEYS: [&str; 7] = ["fg", "bg", "bold", "dim", "italic", "underline", "reverse"];

/// Keys of a file.
const FILE_KEYS: [&str; 4] = ["inherits", "hues", "palette", "roles"];

/// The name of a colour, with its position in the file. The position is meaningless in an inherited file.
#[derive(Clone, Debug)]
struct ColourName {
    text: String,
    span: Range<usize>,
    inherited: bool,
}

#[derive(Clone, Debug, Default)]
struct Look {
    fg: Option<ColourName>,
    bg: Option<ColourName>,
    modifiers: Modifier,
}

/// A theme file merged with those it inherits from.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    palette: HashMap<String, ColourName>,
    roles: HashMap<Role, Look>,
    hues: Vec<ColourName>,
}

impl Draft {
    /// Reads a file over a base. A role in the file replaces the whole inherited role.
    pub(super) fn read(text: &str, base: Self, problems: &mut Vec<Problem>) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        problems.extend(
            errors
                .iter()
                .take(MOST_PROBLEMS)
                .map(|error| Problem::syntax(text, error)),
        );
        let mut draft = base.inherited();
        let mut reader = Reader { text, problems };
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "inherits" => {}
                "hues" => draft.hues = reader.hues(value),
                "palette" => {
                    for (name, colour) in reader.table(value).into_iter().flatten() {
                        if let Some(colour) = reader.colour(colour) {
                            draft.palette.insert(name.get_ref().to_string(), colour);
                        }
                    }
                }
                "roles" => {
                    for (name, look) in reader.table(value).into_iter().flatten() {
                        let Some(role) = Role::find(name.get_ref()) else {
                            let names = Role::ALL.iter().map(|role| role.name());
                            reader.unknown("role", name, names);
                            continue;
                        };
                        let look = reader.look(look);
                        draft.roles.insert(role, look);
                    }
                }
                _ => reader.unknown("key", key, FILE_KEYS),
            }
        }
        draft
    }

    /// Returns true if the role is styled here or in a base.
    #[cfg(test)]
    pub(super) fn has(&self, role: Role) -> bool {
        self.roles.contains_key(&role)
    }

    /// Resolves the styles, by position in [`Role::ALL`], and the hues.
    pub(super) fn styles(
        &self,
        text: &str,
        problems: &mut Vec<Problem>,
    ) -> (Vec<Style>, Vec<Style>) {
        let mut colour = |name: &ColourName| {
            let found = self.look_up(&name.text);
            if let Err(last) = found
                && !name.inherited
                && problems.len() < MOST_PROBLEMS
            {
                let message = if self.palette.contains_key(last) {
                    Some(format!("colour `{}` refers to itself", name.text))
                } else {
                    // An invalid colour behind a palette name is reported in the palette.
                    let near = suggestion(last, self.palette.keys().map(String::as_str));
                    (last == name.text).then(|| format!("unknown colour `{last}`{near}"))
                };
                problems.extend(message.map(|message| Problem::at(text, &name.span, message)));
            }
            found.ok()
        };
        let mut styles = Vec::new();
        for role in Role::ALL {
            let look = self.roles.get(role).cloned().unwrap_or_default();
            styles.push(Style {
                fg: look.fg.as_ref().and_then(&mut colour),
                bg: look.bg.as_ref().and_then(&mut colour),
                add_modifier: look.modifiers,
                ..Style::new()
            });
        }
        let hues = self
            .hues
            .iter()
            .filter_map(&mut colour)
            .map(|fg| Style::new().fg(fg))
            .collect();
        for name in self.palette.values() {
            colour(name);
        }
        (styles, hues)
    }

    /// Resolves a palette name or a colour. A palette name may refer to another one. The error is the last name that
    /// could not be resolved.
    fn look_up<'a>(&'a self, name: &'a str) -> Result<Color, &'a str> {
        let mut last = name;
        // More steps than names mean a cycle. `STEPS` exceeds any intended chain.
        for _ in 0..=self.palette.len().min(STEPS) {
            match self.palette.get(last) {
                Some(next) if next.text != last => last = &next.text,
                _ if last == "default" => return Ok(Color::Reset),
                _ => return last.parse().map_err(|_| last),
            }
        }
        Err(last)
    }

    fn inherited(mut self) -> Self {
        let looks = self
            .roles
            .values_mut()
            .flat_map(|look| [&mut look.fg, &mut look.bg])
            .flatten();
        for name in looks.chain(self.palette.values_mut()).chain(&mut self.hues) {
            name.inherited = true;
        }
        self
    }
}

/// Returns the theme that a file inherits from, if it names one.
pub(super) fn inherits(text: &str) -> Option<(String, Range<usize>)> {
    let (table, _) = DeTable::parse_recoverable(text);
    let (_, value) = table.get_ref().get_key_value("inherits")?;
    Some((
        value.get_ref().as_str().unwrap_or_default().to_owned(),
        value.span(),
    ))
}

/// Reads values of the expected kind, or records a problem.
struct Reader<'a> {
    text: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn complain(&mut self, span: &Range<usize>, message: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem::at(self.text, span, message));
        }
    }

    fn unknown<'n>(
        &mut self,
        what: &str,
        name: &Spanned<impl AsRef<str>>,
        names: impl IntoIterator<Item = &'n str>,
    ) {
        if self.problems.len() >= MOST_PROBLEMS {
            return;
        }
        let wrong = name.get_ref().as_ref();
        let message = format!("unknown {what} `{wrong}`{}", suggestion(wrong, names));
        self.complain(&name.span(), message);
    }

    fn table<'v, 'i>(&mut self, value: &'v Spanned<DeValue<'i>>) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.complain(&value.span(), "a table is wanted here");
        }
        table
    }

    fn colour(&mut self, value: &Spanned<DeValue<'_>>) -> Option<ColourName> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            _ => {
                self.complain(
                    &value.span(),
                    "a colour is wanted here: a name, `#rrggbb` or 0 to 255",
                );
                return None;
            }
        };
        Some(ColourName {
            text,
            span: value.span(),
            inherited: false,
        })
    }

    fn hues(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<ColourName> {
        let Some(hues) = value.get_ref().as_array() else {
            self.complain(&value.span(), "a list of colours is wanted here");
            return Vec::new();
        };
        hues.iter().filter_map(|hue| self.colour(hue)).collect()
    }

    fn look(&mut self, value: &Spanned<DeValue<'_>>) -> Look {
        let mut look = Look::default();
        for (key, value) in self.table(value).into_iter().flatten() {
            let name = key.get_ref().as_ref();
            match name {
                "fg" => look.fg = self.colour(value),
                "bg" => look.bg = self.colour(value),
                _ => match MODIFIERS.iter().find(|(modifier, _)| *modifier == name) {
                    Some((_, modifier)) => match value.get_ref().as_bool() {
                        Some(on) => look.modifiers.set(*modifier, on),
                        None => self.complain(&value.span(), "true or false is wanted here"),
                    },
                    None => self.unknown("key", key, ROLE_KEYS),
                },
            }
        }
        look
    }
}
