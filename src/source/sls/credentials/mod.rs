//! Sources of keys: the chain of the official clients. Each provider is a file here; none of them is the command line.
//! If no keys are found, the error lists all attempts. Keys are renewed before they expire.

mod aliyunlog;
mod cli_profile;
mod complaint;
mod ecs;
mod env;
mod external;
mod ini;
mod keys;
mod oidc;
mod reply;
mod shared_file;
mod sts;
mod uri;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Mutex, watch};

use super::sign::percent_encode;
pub use keys::Keys;
use reply::{named, text, word};

use crate::source::http::fault::Fault;
use crate::source::http::proxy::Proxies;
use crate::source::{Environment, Secret};

/// Keys, their expiry and their origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub keys: Keys,
    pub expires: Option<DateTime<Utc>>,
    /// Origin in words: a file and profile, a variable, a service.
    pub from: String,
}

/// Reason for a provider to have no keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// Not configured.
    Absent(String),
    /// Configured in a way that cannot work.
    Broken(String),
    /// Configured, but failing at the moment.
    Passing(String),
}

/// Hosts that providers contact; tests use loopback servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Base URL of the security token service; by default that of the current region.
    pub sts: Option<String>,
    /// Base URL of the metadata service of cloud servers.
    pub metadata: String,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            sts: None,
            metadata: "http://100.100.100.200".to_owned(),
        }
    }
}

/// Environment shared by the providers.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) env: Environment,
    pub(super) places: Places,
    /// Client for network services.
    pub(super) http: reqwest::Client,
    pub(super) proxies: Proxies,
    /// Client for the metadata service: no proxy, short timeouts.
    pub(super) near: reqwest::Client,
    pub(super) now: DateTime<Utc>,
}

/// Error if no provider has keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCredentials {
    /// Providers and their reasons, in the order of the attempts.
    pub tried: Vec<(String, String)>,
    /// True if a retry may work.
    pub passing: bool,
}

impl fmt::Display for NoCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no usable credentials; tried ")?;
        for (i, (provider, why)) in self.tried.iter().enumerate() {
            write!(f, "{}{provider}: {why}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Keys are renewed this long before they expire, or at half of their lifetime if that is shorter.
const MARGIN: TimeDelta = TimeDelta::minutes(3);

/// Minimum time until a failed renewal is retried, as long as the keys are valid.
const AGAIN: TimeDelta = TimeDelta::seconds(10);

/// Minimum time between two renewals, however short the lifetime of the keys.
const LEAST: TimeDelta = TimeDelta::seconds(1);

/// Current keys, and the time to renew them.
#[derive(Debug)]
struct Held {
    credentials: Arc<Credentials>,
    renew: Option<DateTime<Utc>>,
}

impl Held {
    fn new(found: Credentials, now: DateTime<Utc>) -> Self {
        let renew = found.expires.map(|expires| {
            let margin = MARGIN.min((expires - now) / 2);
            (expires - margin).max(now + LEAST)
        });
        Self {
            credentials: Arc::new(found),
            renew,
        }
    }
}

/// The chain of providers with its current keys; shared by all calls of a client.
#[derive(Debug)]
pub struct Chain {
    context: Context,
    held: Mutex<Option<Held>>,
    /// The provider that had keys. No other provider is asked from then on, because it would change the identity.
    found_by: OnceLock<Provider>,
    /// Reason for a failed renewal of keys that are still valid; `None` otherwise.
    trouble: watch::Sender<Option<String>>,
}

impl Chain {
    pub fn new(env: Environment, places: Places, http: reqwest::Client, proxies: Proxies) -> Self {
        let near = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(1))
            .timeout(Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap_or_else(|_| http.clone());
        Self {
            context: Context {
                env,
                places,
                http,
                proxies,
                near,
                now: DateTime::UNIX_EPOCH,
            },
            held: Mutex::new(None),
            found_by: OnceLock::new(),
            trouble: watch::Sender::new(None),
        }
    }

    /// Returns keys valid at `now`: the current ones unless they are about to expire. While these are valid, a failed
    /// renewal is harmless and is only reported as trouble.
    pub async fn get(&self, now: DateTime<Utc>) -> Result<Arc<Credentials>, NoCredentials> {
        let mut held = self.held.lock().await;
        if let Some(held) = &*held
            && held.renew.is_none_or(|renew| now < renew)
        {
            return Ok(held.credentials.clone());
        }
        match self.find(now).await {
            Ok(found) => {
                self.trouble
                    .send_if_modified(|trouble| trouble.take().is_some());
                Ok(held.insert(Held::new(found, now)).credentials.clone())
            }
            Err(error) => {
                let Some((held, expires)) = held.as_mut().and_then(|held| {
                    let expires = held.credentials.expires.filter(|expires| now < *expires)?;
                    Some((held, expires))
                }) else {
                    return Err(error);
                };
                held.renew = Some(now + AGAIN.min(expires - now));
                let until = expires.format("%Y-%m-%dT%H:%M:%SZ");
                let why = format!(
                    "cannot renew the keys, valid until {until}: {error}; retrying every {} s",
                    AGAIN.num_seconds()
                );
                self.trouble.send_if_modified(|trouble| {
                    let is_new = trouble.as_deref() != Some(&why);
                    *trouble = Some(why);
                    is_new
                });
                Ok(held.credentials.clone())
            }
        }
    }

    /// Subscribes to the reason for failed renewals.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    /// Drops keys that the service refused, unless another call has already replaced them.
    pub async fn discard(&self, refused: &Arc<Credentials>) {
        let mut held = self.held.lock().await;
        if held
            .as_ref()
            .is_some_and(|held| Arc::ptr_eq(&held.credentials, refused))
        {
            *held = None;
        }
    }

    /// Asks the providers in order.
    async fn find(&self, now: DateTime<Utc>) -> Result<Credentials, NoCredentials> {
        let context = Context {
            now,
            ..self.context.clone()
        };
        let found_by = self.found_by.get().copied();
        let mut tried = Vec::new();
        let mut passing = found_by.is_some();
        for provider in PROVIDERS {
            if found_by.is_some_and(|found_by| found_by != provider) {
                continue;
            }
            let found = match provider {
                Provider::Environment => env::load(&context),
                Provider::Oidc => oidc::load(&context).await,
                Provider::CliProfile => cli_profile::load(&context).await,
                Provider::SharedFile => shared_file::load(&context).await,
                Provider::AliyunLog => aliyunlog::load(&context),
                Provider::Ecs => ecs::load(&context).await,
                Provider::Uri => uri::load(&context).await,
            };
            let why = match found {
                Ok(credentials) => {
                    // The first one is kept.
                    let _ = self.found_by.set(provider);
                    return Ok(credentials);
                }
                Err(Miss::Absent(why) | Miss::Broken(why)) => why,
                Err(Miss::Passing(why)) => {
                    passing = true;
                    why
                }
            };
            tried.push((provider.name().to_owned(), why));
        }
        Err(NoCredentials { tried, passing })
    }
}

/// Signature version configured in the environment or in `~/.aliyunlogcli`, for example `v1`.
pub(super) fn sign_version(env: &Environment) -> Option<String> {
    env.get("ALIYUN_LOG_CLI_SIGN_VERSION")
        .map(str::to_owned)
        .or_else(|| aliyunlog::setting(env, "sign-version"))
}

/// Region configured in the environment or in `~/.aliyunlogcli`.
pub(super) fn region(env: &Environment) -> Option<String> {
    env.get("ALIYUN_LOG_CLI_REGION_ID")
        .or_else(|| env.get("ALIBABA_CLOUD_REGION_ID"))
        .map(str::to_owned)
        .or_else(|| aliyunlog::setting(env, "region-id"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provider {
    Environment,
    Oidc,
    CliProfile,
    SharedFile,
    AliyunLog,
    Ecs,
    Uri,
}

const PROVIDERS: [Provider; 7] = [
    Provider::Environment,
    Provider::Oidc,
    Provider::CliProfile,
    Provider::SharedFile,
    Provider::AliyunLog,
    Provider::Ecs,
    Provider::Uri,
];

impl Provider {
    fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Oidc => "OIDC token",
            Self::CliProfile => "~/.aliyun/config.json",
            Self::SharedFile => "~/.alibabacloud/credentials",
            Self::AliyunLog => "~/.aliyunlogcli",
            Self::Ecs => "ECS metadata",
            Self::Uri => "credentials URI",
        }
    }
}

/// Keys from texts; `None` if the id or the secret is empty.
fn keys(id: &str, secret: &str, token: &str) -> Option<Keys> {
    let token = (!token.is_empty()).then(|| Secret::new(token));
    (!id.is_empty() && !secret.is_empty()).then(|| Keys {
        id: id.to_owned(),
        secret: Secret::new(secret),
        token,
    })
}

/// Shortest start of a secret that is recognized at the end of a text.
const CUT: usize = 4;

/// Masks secrets in a text of a service, also if percent-encoded once or twice.
fn scrubbed<'s>(text: &str, secrets: impl IntoIterator<Item = &'s str>) -> String {
    let mut text = text.to_owned();
    for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
        let once = percent_encode(secret);
        let twice = percent_encode(&once);
        for form in [twice.as_str(), once.as_str(), secret] {
            text = text.replace(form, "***");
            // A truncated text may end with the start of a secret.
            let starts = (CUT..form.len())
                .rev()
                .filter(|end| form.is_char_boundary(*end));
            if let Some(start) = starts
                .map(|end| &form[..end])
                .find(|start| text.ends_with(start))
            {
                text.truncate(text.len() - start.len());
                text.push_str("***");
            }
        }
    }
    text
}

/// Classifies the HTTP status of a provider.
fn refused(what: &str, status: reqwest::StatusCode) -> Miss {
    let why = format!("{what}returned {status}");
    let passes = status.is_server_error() || status.as_u16() == 429;
    if passes {
        Miss::Passing(why)
    } else {
        Miss::Broken(why)
    }
}

/// Explains a failure to reach a provider on the network.
fn unreached(what: &str, error: &reqwest::Error, context: &Context) -> Miss {
    let fault = Fault::of(error, &context.proxies);
    let joint = if fault.advice.is_empty() { "" } else { ": " };
    let why = format!("{what}{}{joint}{}", fault.what, fault.advice);
    if fault.is_lasting {
        Miss::Broken(why)
    } else {
        Miss::Passing(why)
    }
}

/// Parses a time in the formats of services and files; `None` if it is invalid.
fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|t| t.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_repeats_of_keys_is_not_shown() {
        let keys = keys("id", "secret/1", "to+ken==").expect("complete");
        let said = "no match: secret/1 secret%2F1 to%2Bken%3D%3D POST&%2F&T%3Dto%252Bken%253D%253D to+ken==";
        assert_eq!(
            keys.scrub(said),
            "no match: *** *** *** POST&%2F&T%3D*** ***"
        );
        assert_eq!(keys.scrub("what was sent: secr"), "what was sent: ***");
        assert_eq!(keys.scrub("no second"), "no second");
        for (said, name) in [
            ("prod eu-1", "prod eu-1"),
            ("上海", "上海"),
            ("…", "access_key = to+ken=="),
            ("…", "\u{1b}"),
        ] {
            assert_eq!(named(name), said);
        }
        assert_eq!(
            (word("RsaKeyPair"), word("b2K9fJq0Zx")),
            ("RsaKeyPair", "…")
        );
    }
}
