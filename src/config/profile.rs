//! Profiles: named sources, with settings that do not fit on a command line.

use std::fmt::{self, Write as _};

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::Deserialize;

use super::quoted;

/// Source of the configuration file, opened as `@NAME`.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// Source as on the command line.
    pub source: String,
    /// Default start of a logstore's history, in the syntax of `--since`.
    pub since: Option<String>,
    pub sls_mode: Option<SlsMode>,
    /// Endpoint as in `--sls-endpoint`.
    pub sls_endpoint: Option<String>,
    /// Headers, tokens and paging of an HTTP endpoint.
    #[serde(default)]
    pub http: Http,
}

#[cfg(feature = "http")]
type Http = crate::source::http::Profile;
#[cfg(not(feature = "http"))]
type Http = toml::Table;

/// Read mode of a logstore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum SlsMode {
    /// Read all events of every shard, as received
    Tail,
    /// Load matches, newest first, then poll for new ones
    Search,
    /// Let the service evaluate queries (not in this version)
    Remote,
}

impl Profile {
    /// Returns true if a setting applies to logstores only.
    pub fn is_for_sls(&self) -> bool {
        self.since.is_some() || self.sls_mode.is_some() || self.sls_endpoint.is_some()
    }

    /// Formats the source without the credentials and the query of a URL.
    pub fn shown(&self) -> String {
        let Some((scheme, rest)) = self
            .source
            .split_once("://")
            .filter(|(s, _)| s.to_ascii_lowercase().starts_with("http"))
        else {
            return self.source.clone();
        };
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = host.rsplit('@').next().unwrap_or_default();
        format!("{scheme}://{host}{path}")
    }

    /// Formats the profile as lines of a configuration file, without `http`.
    pub(super) fn effective(&self) -> String {
        let mut text = format!("source = {}\n", quoted(&self.shown()));
        let mode = self.sls_mode.and_then(|mode| mode.to_possible_value());
        for (key, value) in [
            ("since", self.since.as_deref()),
            ("sls-mode", mode.as_ref().map(PossibleValue::get_name)),
            ("sls-endpoint", self.sls_endpoint.as_deref()),
        ] {
            if let Some(value) = value {
                // Writing to a `String` cannot fail.
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
        }
        text
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("source", &self.shown())
            .field("since", &self.since)
            .field("sls_mode", &self.sls_mode)
            .finish_non_exhaustive()
    }
}
