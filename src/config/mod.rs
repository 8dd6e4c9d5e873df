//! Configuration and stored state: directories, files and effective values.
//!
//! Defaults are in `assets/config.toml`; the user's file is merged over them by the same parser.

mod hints;
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

use crate::query::{CatalogueNames, nearest, typo};

pub use crate::model::{reason, shown};
pub use hints::HintStore;
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

/// Template of the configuration: every key with its default.
pub const DEFAULT: &str = include_str!("../../assets/config.toml");

/// Effective configuration.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    pub theme: String,
    pub timezone: String,
    pub ascii: bool,
    /// Width of ambiguous characters in the terminal, in cells: 1 or 2.
    pub ambiguous_width: AmbiguousWidth,
    /// Facet fields in display order; empty for the defaults.
    pub facets: Vec<String>,
    /// List columns in display order; empty for the defaults.
    pub columns: Vec<String>,
    /// Profile to open if no source is given.
    #[serde(default)]
    pub default_profile: Option<String>,
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// User's file: every key is optional.
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

/// Checks field names; rejects unknown names that look like a typo of a known one.
fn fields(text: &str, key: &str, names: Vec<Spanned<String>>) -> Result<Vec<String>, Fault> {
    let known = CatalogueNames::default();
    for name in &names {
        if let Some(near) = typo(name.get_ref(), &known) {
            let what = format!(
                "{key}: no such field `{}`; did you mean `{near}`?",
                name.get_ref()
            );
            return Err(Fault::at(text, Some(name.span()), what));
        }
    }
    Ok(names.into_iter().map(Spanned::into_inner).collect())
}

/// Width in cells.
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
    /// Parses a user's file and merges it over the defaults.
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

    /// Formats the effective configuration as a file; without the HTTP settings of profiles, which may be secret.
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
            // Writing to a `String` cannot fail.
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

/// Formats a TOML string on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // Writing to a `String` cannot fail.
            c if c.is_control() => _ = write!(quoted, "\\u{:04x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Shortens the parser's message; for an unknown key that looks like a typo, suggests the closest key in place of the
/// list of all keys.
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
