//! Known values of options for shell completion. Other values are accepted as well.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error, ValueEnum};

use crate::config::{Config, Paths, Views};
use crate::model::{CATALOGUE, name};
use crate::theme::Theme;

/// Parser of a text that lists values for completion, and trims one name of a list.
#[derive(Clone)]
pub(super) struct Known(fn() -> Vec<String>);

impl TypedValueParser for Known {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        text: &OsStr,
    ) -> Result<String, Error> {
        let text = StringValueParser::new().parse_ref(command, arg, text)?;
        let is_list = arg.is_some_and(|arg| arg.get_value_delimiter().is_some());
        Ok(if is_list {
            text.trim().to_owned()
        } else {
            text
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}

/// Field names; without those that a shell would split at the colon.
fn field_names() -> Vec<String> {
    let names = CATALOGUE.fields().iter().map(|field| field.name.clone());
    names.filter(|name| !name.contains(':')).collect()
}

fn values_of(field: &str) -> Vec<String> {
    let info = CATALOGUE.find(field).and_then(|id| CATALOGUE.get(id));
    info.map(|info| info.values.clone()).unwrap_or_default()
}

pub(super) fn fields() -> Known {
    Known(field_names)
}

/// Sort keys of groups that are not fields.
pub const GROUP_SORTS: [&str; 6] = ["count", "failed", "users", "admitted", "first", "last"];

/// Keys of `--sort`: fields, and the columns of groups.
pub(super) fn sorts() -> Known {
    Known(|| {
        let fields = field_names().into_iter();
        fields.chain(texts(&GROUP_SORTS)).collect()
    })
}

pub(super) fn themes() -> Known {
    Known(|| {
        [
            texts(&["auto"]),
            Theme::names().map(str::to_owned).collect(),
        ]
        .concat()
    })
}

pub(super) fn actions() -> Known {
    Known(|| values_of(name::ACTION))
}

pub(super) fn statuses() -> Known {
    Known(|| {
        let classes = values_of(name::STATUS_CLASS).into_iter();
        let classes = classes.filter(|class| class.ends_with("xx"));
        let common = texts(&[
            "200", "201", "307", "401", "403", "404", "429", "500", "503",
        ]);
        classes.chain(common).collect()
    })
}

pub(super) fn zones() -> Known {
    Known(|| texts(&["utc", "local", "source"]))
}

pub(super) fn times() -> Known {
    Known(|| texts(&["-15m", "-1h", "-6h", "-24h", "today", "yesterday"]))
}

pub(super) fn steps() -> Known {
    Known(|| texts(&["auto", "10s", "1m", "10m", "1h", "1d"]))
}

/// Names that only the user's files have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    Views,
    Profiles,
}

impl Listed {
    /// Returns the names for a completion script, profiles as sources. A shell expands the words of a completion, so
    /// names with other characters than letters, digits and `.`, `_`, `-` are left out.
    pub fn names(self, paths: Option<&Paths>, config: &Config) -> Vec<String> {
        let is_safe = |name: &String| {
            let is_plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
            !name.is_empty() && name.chars().all(is_plain)
        };
        match self {
            Self::Views => {
                let views = paths.map(|paths| Views::new(paths.views()).list());
                let names = views.into_iter().flatten().map(|view| view.name);
                names.filter(is_safe).collect()
            }
            Self::Profiles => {
                let names = config
                    .profiles
                    .keys()
                    .map(ToString::to_string)
                    .filter(is_safe);
                names.map(|name| format!("@{name}")).collect()
            }
        }
    }
}
