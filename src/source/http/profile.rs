//! Endpoint settings of a configuration profile. Headers and tokens come from here or from the environment, never from
//! the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::source::{Environment, Failure, Secret};

/// Endpoint part of a profile, as in the configuration file.
#[derive(Clone, Debug, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// Name and location of the profile, for errors; empty if unknown.
    #[serde(skip)]
    pub origin: String,
    /// Headers of every request to the endpoint's own origin.
    pub headers: BTreeMap<String, Header>,
    /// Bearer token.
    pub token: Option<Secret>,
    /// Environment variable that holds the bearer token.
    pub token_env: Option<String>,
    /// PEM file of authorities that are trusted in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// Seconds between two polls; default 2.
    pub poll: Option<f64>,
    /// JSON pointer to the records in a response, such as `/data/items`; by default they are detected.
    pub records: Option<String>,
    /// Method of paging; by default `Link` headers and common members are followed.
    pub page: Option<Page>,
    /// Restricts polls to new records.
    pub since: Option<Since>,
}

/// A header's value: the text, or the name of the environment variable that holds it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Header {
    Value(Secret),
    Env { env: String },
}

/// Method of paging: a link in the response, a cursor in it, or counting.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Page {
    /// JSON pointer to the URL of the next page.
    pub next: Option<String>,
    /// JSON pointer to the cursor of the next page; needs `param`.
    pub cursor: Option<String>,
    /// Query parameter for the cursor, or for the number of the page.
    pub param: Option<String>,
    /// Number of the first page if pages are counted; default 1.
    pub first: Option<u64>,
    /// Increment of that number; default 1. Use the page size if the parameter is an offset.
    pub step: Option<u64>,
}

/// Restricts a poll to new records: a parameter is set to the time of the newest record minus an overlap.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Since {
    pub param: String,
    /// Member of a record that contains its time.
    pub field: String,
    /// Seconds requested again; default 60.
    pub overlap: Option<i64>,
    #[serde(default)]
    pub format: SinceFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SinceFormat {
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    UnixMs,
}

impl Profile {
    /// Name of the profile in errors.
    fn origin(&self) -> &str {
        if self.origin.is_empty() {
            "the profile"
        } else {
            &self.origin
        }
    }

    pub(super) fn poll(&self) -> Duration {
        Duration::try_from_secs_f64(self.poll.unwrap_or(2.0)).unwrap_or(Duration::from_secs(2))
    }

    /// Returns the headers with their values, including the token.
    pub(super) fn resolved_headers(
        &self,
        env: &Environment,
    ) -> Result<Vec<(String, Secret)>, Failure> {
        let variable = |name: &str| {
            env.get(name).map(Secret::new).ok_or_else(|| {
                Failure::new(
                    format!("environment variable {name} is not set"),
                    format!("{} refers to it: set it, or name another", self.origin()),
                )
            })
        };
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            let value = match value {
                Header::Value(value) => value.clone(),
                Header::Env { env } => variable(env)?,
            };
            headers.push((name.to_lowercase(), value));
        }
        let token = match (&self.token, &self.token_env) {
            (_, Some(name)) => Some(variable(name)?),
            (token, None) => token.clone(),
        };
        if let Some(token) = token {
            headers.push((
                "authorization".to_owned(),
                Secret::new(format!("Bearer {}", token.reveal())),
            ));
        }
        Ok(headers)
    }
}

impl Since {
    /// Returns the time of a record; `None` if it has no readable one.
    pub(super) fn time_of(&self, record: &str) -> Option<DateTime<Utc>> {
        let record: BTreeMap<String, Value> = serde_json::from_str(record).ok()?;
        let value = record.get(&self.field)?;
        let number = || value.as_i64().or_else(|| value.as_str()?.parse().ok());
        match self.format {
            SinceFormat::Rfc3339 => DateTime::parse_from_rfc3339(value.as_str()?)
                .ok()
                .map(|t| t.with_timezone(&Utc)),
            SinceFormat::Unix => DateTime::from_timestamp(number()?, 0),
            SinceFormat::UnixMs => DateTime::from_timestamp_millis(number()?),
        }
    }

    /// Returns the value of the parameter if `newest` is the time of the newest record.
    pub(super) fn value(&self, newest: DateTime<Utc>) -> String {
        // Close to the smallest representable time the overlap cannot be subtracted.
        let overlap = TimeDelta::try_seconds(self.overlap.unwrap_or(60)).unwrap_or_default();
        let from = newest.checked_sub_signed(overlap).unwrap_or(newest);
        match self.format {
            SinceFormat::Rfc3339 => from.to_rfc3339_opts(SecondsFormat::Millis, true),
            SinceFormat::Unix => from.timestamp().to_string(),
            SinceFormat::UnixMs => from.timestamp_millis().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        token-env = "AUDIT_TOKEN"
        headers = { X-Plain = "hidden-value", X-Key = { env = "KEY" } }
        page = { cursor = "/meta/next", param = "cursor" }
        since = { param = "from", field = "time", format = "unix-ms" }
    "#;

    #[test]
    fn headers_come_from_the_profile_and_the_environment() {
        let profile: Profile = toml::from_str(TEXT).expect("a profile");
        let env = Environment::of(
            [("AUDIT_TOKEN", "hidden-token"), ("KEY", "hidden-key")],
            None,
        );
        let headers = profile.resolved_headers(&env).expect("all set");
        let revealed: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.reveal()))
            .collect();
        let expected = [
            ("x-key", "hidden-key"),
            ("x-plain", "hidden-value"),
            ("authorization", "Bearer hidden-token"),
        ];
        assert_eq!(revealed, expected);
        assert!(!format!("{profile:?} {headers:?}").contains("hidden"));
    }

    #[test]
    fn a_variable_that_is_missing_is_named() {
        let mut profile: Profile = toml::from_str(TEXT).expect("a profile");
        profile.origin = "@prod (config.toml)".into();
        let error = profile
            .resolved_headers(&Environment::default())
            .expect_err("not set");
        assert!(error.what.contains("KEY"), "{error}");
        let advice = "@prod (config.toml) refers to it: set it, or name another";
        assert_eq!(error.advice, advice);
    }

    #[test]
    fn polls_ask_from_the_newest_record_less_the_overlap() {
        let since = |format| Since {
            param: "from".into(),
            field: "t".into(),
            overlap: Some(10),
            format,
        };
        let rfc = since(SinceFormat::Rfc3339);
        let time = rfc
            .time_of(r#"{"t":"2024-04-12T16:58:30.855892463+08:00"}"#)
            .expect("a time");
        assert_eq!(rfc.value(time), "2024-04-12T08:58:20.855Z");
        assert_eq!(since(SinceFormat::Unix).value(time), "1712912300");
        assert_eq!(
            since(SinceFormat::UnixMs)
                .time_of(r#"{"t":"1712912310000"}"#)
                .map(|t| t.timestamp()),
            Some(1_712_912_310)
        );
        assert_eq!(rfc.time_of(r#"{"t":7}"#), None);
    }

    #[test]
    fn a_record_of_the_first_or_last_of_all_times_is_asked_from_too() {
        for overlap in [None, Some(i64::MAX), Some(i64::MIN), Some(-60)] {
            for (format, ends) in [
                (
                    SinceFormat::Unix,
                    [-8_334_601_228_800_i64, 8_210_266_876_799],
                ),
                (
                    SinceFormat::UnixMs,
                    [-8_334_601_228_800_000_i64, 8_210_266_876_799_999],
                ),
            ] {
                for end in ends {
                    let since = Since {
                        param: "from".into(),
                        field: "t".into(),
                        overlap,
                        format,
                    };
                    let time = since.time_of(&format!(r#"{{"t":{end}}}"#));
                    assert!(!since.value(time.expect("a time")).is_empty());
                }
            }
        }
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(toml::from_str::<Profile>("tokn = 'x'").is_err());
    }
}
