//! Configuration and remembered state: which directories, which file, what is in effect.
//!
//! Defaults stand in `assets/config.toml`; the user's file goes over them through the same reader.

mod marks;
mod paths;
mod problem;
mod profile;
mod recent;
mod shape;
pub mod size;
mod state;
mod store;
mod text;
mod views;
mod watchlists;
mod zone;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use crate::query::{CatalogueNames, nearest, slip};

pub use crate::model::{reason, shown};
pub use marks::{MARK_FIELDS, MarkStore, Marked, MarksWork};
pub use paths::Paths;
pub use problem::Problem;
pub(crate) use problem::{MOST as MOST_PROBLEMS, suggestion, suggestion_or_all};
pub use profile::{Profile, SlsMode};
pub use recent::Recent;
pub use shape::{DetailPlace, Shape};
pub use state::{ColumnStore, History, ShapeStore, unread};
pub use text::{Fault, read};
pub use views::{SavedView, View, Views, ViewsWork};
pub use watchlists::{Watchlists, load_watchlists, refuse_watchlist};
pub use zone::{local_problem, local_zone};

/// The template: every key with its default.
pub const DEFAULT: &str = include_str!("../../assets/config.toml");

/// What is in effect.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    pub theme: String,
    pub timezone: String,
    pub ascii: bool,
    /// Cells in which the terminal draws ambiguous characters: 1 or 2.
    pub ambiguous_width: AmbiguousWidth,
    /// Fields of the facets, in their order; none for the usual ones.
    pub facets: Vec<String>,
    /// Fields of the columns of the list, in their order; none for the usual ones.
    pub columns: Vec<String>,
    /// The profile that is opened where no source is named.
    #[serde(default)]
    pub default_profile: Option<String>,
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// A user's file: every key may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Partial {
    theme: Option<String>,
    timezone: Option<String>,
    ascii: Option<bool>,
    ambiguous_width: Option<AmbiguousWidth>,
    facets: Option<Vec<Spanned<String>>>,
    columns: Option<Vec<Spanned<String>>>,
    default_profile: Option<String>,
    profiles: BTreeMap<String, Profile>,
}

/// Names of fields without one that looks like a slip of a known one.
fn fields(text: &str, key: &str, names: Vec<Spanned<String>>) -> Result<Vec<String>, Fault> {
    let known = CatalogueNames::default();
    for name in &names {
        if let Some(near) = slip(name.get_ref(), &known) {
            let what = format!(
                "{key}: no such field `{}`; did you mean `{near}`?",
                name.get_ref()
            );
            return Err(Fault::at(text, Some(name.span()), what));
        }
    }
    Ok(names.into_iter().map(Spanned::into_inner).collect())
}

/// One cell or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub enum AmbiguousWidth {
    One = 1,
    Two = 2,
}

impl TryFrom<u8> for AmbiguousWidth {
    type Error = String;

    fn try_from(cells: u8) -> Result<Self, String> {
        match cells {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            _ => Err(format!("ambiguous-width must be 1 or 2, not {cells}")),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        toml::from_str(DEFAULT)
            .expect("assets/config.toml is part of the program and proved by a test")
    }
}

impl Config {
    /// The defaults with a user's text over them.
    pub fn with(text: &str) -> Result<Self, Fault> {
        let mut config = Self::default();
        let user: Partial = toml::from_str(text)
            .map_err(|error| Fault::at(text, error.span(), meant(error.message())))?;
        config.theme = user.theme.unwrap_or(config.theme);
        config.timezone = user.timezone.unwrap_or(config.timezone);
        config.ascii = user.ascii.unwrap_or(config.ascii);
        config.ambiguous_width = user.ambiguous_width.unwrap_or(config.ambiguous_width);
        if let Some(names) = user.facets {
            config.facets = fields(text, "facets", names)?;
        }
        if let Some(names) = user.columns {
            config.columns = fields(text, "columns", names)?;
        }
        config.default_profile = user.default_profile.or(config.default_profile);
        config.profiles.extend(user.profiles);
        Ok(config)
    }

    /// What is in effect, as a file would say it; without what profiles say about HTTP, which may be secret.
    pub fn effective(&self) -> String {
        let list = |names: &[String]| {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            names.join(", ")
        };
        let mut text = format!(
            "theme = {}\ntimezone = {}\nascii = {}\nambiguous-width = {}\nfacets = [{}]\ncolumns = [{}]\n",
            quoted(&self.theme),
            quoted(&self.timezone),
            self.ascii,
            self.ambiguous_width as u8,
            list(&self.facets),
            list(&self.columns)
        );
        if let Some(name) = &self.default_profile {
            // Writing into a text does not fail.
            let _ = writeln!(text, "default-profile = {}", quoted(name));
        }
        for (name, profile) in &self.profiles {
            let _ = write!(
                text,
                "\n[profiles.{}]\n{}",
                quoted(name),
                profile.effective()
            );
        }
        text
    }
}

/// A string of TOML, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // Writing into a text does not fail.
            c if c.is_control() => _ = write!(quoted, "\\u{:04x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// What is wrong, in the words of the reader of the file; where a key is a slip of a known one, that one instead
/// of all that could stand there.
fn meant(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let known: Vec<Arc<str>> = quoted.clone().skip(1).map(Arc::from).collect();
    match quoted
        .next()
        .and_then(|name| Some((name, nearest(name, &known)?)))
    {
        Some((name, near)) if message.starts_with("unknown") => {
            let what = message.split('`').next().unwrap_or_default();
            format!("{what}`{name}`; did you mean `{near}`?")
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_file_goes_over_the_defaults() {
        let config = Config::with("theme = \"light\"\n").expect("valid");
        assert_eq!(
            (config.theme.as_str(), config.timezone.as_str()),
            ("light", "local")
        );
        assert_eq!(
            Config::with(&config.effective()).expect("its own output"),
            config
        );
        assert_eq!(
            Config::with(DEFAULT).expect("the template"),
            Config::default()
        );
    }

    #[test]
    fn profiles_are_read_and_their_secrets_not_shown() {
        let text = "default-profile = \"audit\"\n[profiles.audit]\nsource = \"https://a.example/x?key=hidden\"\n\
            http = { headers = { X-Key = \"hidden\" } }\n\
            [profiles.sls]\nsource = \"sls://1@cn-hangzhou\"\nsince = \"-2h\"\nsls-mode = \"tail\"\n";
        let config = Config::with(text).expect("valid");
        assert_eq!(config.default_profile.as_deref(), Some("audit"));
        assert_eq!(config.profiles["sls"].sls_mode, Some(SlsMode::Tail));
        let shown = format!("{config:?}{}", config.effective());
        assert!(!shown.contains("hidden"), "{shown}");
        let again = Config::with(&config.effective()).expect("its own output");
        assert_eq!(again.profiles["sls"], config.profiles["sls"]);
        let error = Config::with("[profiles.a]\nsource = \"x\"\nsorce = 1\n").expect_err("a slip");
        assert!(error.what.contains("sorce"), "{error}");
    }

    #[test]
    fn what_is_in_effect_is_read_again_whatever_stands_in_it() {
        let odd = "theme = \"a\\u001b\\r\\n\\\\\"\ncolumns = [\"\u{301}\", \"\\u0000\"]\n[profiles.\"\u{202e}\\\"\"]\nsource = \"\\u007f\"\n";
        let config = Config::with(odd).expect("valid");
        let text = config.effective();
        assert_eq!(Config::with(&text).as_ref(), Ok(&config), "{text}");
    }

    #[test]
    fn errors_name_the_line() {
        let error = Config::with("ascii = false\nthem = \"x\"\n").expect_err("unknown key");
        assert_eq!(
            error.of("c.toml".as_ref()),
            "c.toml:2: unknown field `them`; did you mean `theme`?"
        );
        let text = "[profiles.a]\nsource = \"x\"\nsls-mode = \"tial\"\n";
        let error = Config::with(text).expect_err("a slip");
        assert_eq!(
            error.to_string(),
            "line 3: unknown variant `tial`; did you mean `tail`?"
        );
        let error = Config::with("zzz = 1\n").expect_err("unknown key");
        assert!(error.what.contains("expected one of"), "{error}");
    }
}
