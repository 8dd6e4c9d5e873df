//! Checks of a logstore for `regtrail doctor`: one step after another, as data. It prints nothing and changes nothing.

use std::sync::Arc;

use super::Settings;
use super::client::{Client, Place, Search};
use super::error::Error;
use super::model::record_time;
use crate::source::failure::printable;

/// Outcome of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Good,
    /// Works, with a caveat.
    Doubtful,
    Bad,
    /// Not tried, because an earlier step failed.
    Skipped,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    pub outcome: Outcome,
    /// Finding in words; safe to print, without secrets.
    pub found: String,
    /// Remedy; empty if none is needed.
    pub advice: String,
    /// The missing RAM action, if that is the problem.
    pub missing_action: Option<String>,
}

impl Step {
    fn new(name: &'static str, outcome: Outcome, found: impl Into<String>) -> Self {
        Self {
            name,
            outcome,
            found: printable(&found.into()),
            advice: String::new(),
            missing_action: None,
        }
    }

    fn advise(self, advice: impl AsRef<str>) -> Self {
        Self {
            advice: printable(advice.as_ref()),
            ..self
        }
    }

    fn failed(name: &'static str, error: &Error) -> Self {
        let missing_action = if let Error::Refused(refusal) = error {
            refusal.missing_action()
        } else {
            None
        };
        let step = Self::new(name, Outcome::Bad, error.to_string()).advise(error.advice());
        Self {
            missing_action,
            ..step
        }
    }
}

/// Clock differences below this many seconds are not reported.
const SKEW: i64 = 60;
/// Age in seconds up to which the step "events" searches for an event.
const RECENT: i64 = 86_400;

/// Runs every step; `each` is called as soon as a step is done.
pub async fn run(settings: &Settings, mut each: impl FnMut(&Step)) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut done = |step: Step| {
        each(&step);
        steps.push(step);
    };
    done(address(settings));
    let client = match Client::new(settings) {
        Ok(client) => Arc::new(client),
        Err(error) => {
            done(Step::new("connection", Outcome::Bad, error.what).advise(error.advice));
            return steps;
        }
    };
    done(name_resolution(settings).await);
    let connection = connection(&client).await;
    let connected = connection.outcome != Outcome::Bad;
    done(connection);
    let credentials = credentials(&client).await;
    let usable = connected && credentials.outcome != Outcome::Bad;
    done(credentials);
    if usable {
        done(index(&client).await);
        done(counts(&client, &settings.query).await);
        done(event(&client, &settings.query).await);
        let (step, shard) = shards(&client).await;
        done(step);
        match shard {
            Some(shard) => done(pull(&client, shard).await),
            None => done(Step::new("pull", Outcome::Skipped, "no shard to read")),
        }
    } else {
        for name in ["index", "counts", "events", "shards", "pull"] {
            done(Step::new(name, Outcome::Skipped, "an earlier step failed"));
        }
    }
    steps
}

fn address(settings: &Settings) -> Step {
    let address = &settings.address;
    let at = format!(
        "project {}, endpoint {}, logstore {}",
        address.project, address.endpoint, address.logstore
    );
    match address.region() {
        Some(region) => Step::new("address", Outcome::Good, format!("{at}, region {region}")),
        None => Step::new(
            "address",
            Outcome::Doubtful,
            format!("{at}, region unknown"),
        )
        .advise(
            "set ALIBABA_CLOUD_REGION_ID; without a region, requests are signed with signature v1",
        ),
    }
}

async fn name_resolution(settings: &Settings) -> Step {
    let name = "name";
    let url = settings
        .endpoint
        .clone()
        .unwrap_or_else(|| format!("https://{}", settings.address.host()));
    let url = if url.contains("://") {
        url
    } else {
        format!("https://{url}")
    };
    let Some((host, port)) = reqwest::Url::parse(&url).ok().and_then(|url| {
        Some((
            url.host_str()?.trim_matches(['[', ']']).to_owned(),
            url.port_or_known_default()?,
        ))
    }) else {
        return Step::new(name, Outcome::Bad, format!("{url} has no host"));
    };
    match tokio::net::lookup_host((host.as_str(), port)).await {
        Ok(found) => {
            let addresses: Vec<_> = found.map(|address| address.ip().to_string()).collect();
            Step::new(
                name,
                Outcome::Good,
                format!("{host} resolves to {}", addresses.join(", ")),
            )
        }
        // With a proxy the name need not resolve here.
        Err(e) => Step::new(name, Outcome::Doubtful, format!("{host}: {e}")).advise(
            "check the project name, its region and DNS; a proxy may still resolve the name",
        ),
    }
}

async fn connection(client: &Client) -> Step {
    let name = "connection";
    match client.server_date().await {
        Err(error) => Step::failed(name, &error),
        Ok(None) => Step::new(name, Outcome::Good, "the host responds, but sends no date"),
        Ok(Some(date)) => {
            let ahead = (chrono::Utc::now() - date).num_seconds();
            if ahead.abs() < SKEW {
                Step::new(
                    name,
                    Outcome::Good,
                    "the host responds, and the clocks agree",
                )
            } else {
                Step::new(
                    name,
                    Outcome::Doubtful,
                    format!("this machine's clock is {ahead} s ahead"),
                )
                .advise("set the clock; until then the server's clock is used")
            }
        }
    }
}

async fn credentials(client: &Client) -> Step {
    let name = "credentials";
    match client.credentials().await {
        Err(error) => Step::failed(name, &error),
        Ok(found) => {
            let until = found.expires.map_or(String::new(), |at| {
                format!(", valid until {}", at.format("%FT%TZ"))
            });
            Step::new(
                name,
                Outcome::Good,
                format!("{} from {}{until}", found.keys.shown(), found.from),
            )
        }
    }
}

async fn index(client: &Client) -> Step {
    let name = "index";
    match client.index().await {
        Err(error) => Step::failed(name, &error),
        Ok(index) if index.fields.is_empty() && !index.full_text => {
            Step::new(name, Outcome::Doubtful, "nothing is indexed")
                .advise("search finds nothing; use --sls-mode tail")
        }
        Ok(index) => {
            let text = if index.full_text {
                " and full text"
            } else {
                ""
            };
            Step::new(
                name,
                Outcome::Good,
                format!("{} fields{text} indexed", index.fields.len()),
            )
        }
    }
}

async fn counts(client: &Client, query: &str) -> Step {
    let name = "counts";
    let now = client.now().timestamp();
    match client.histogram(query, now - RECENT, now + 1).await {
        Err(error) => Step::failed(name, &error),
        Ok(found) if found.total() == 0 => {
            Step::new(name, Outcome::Doubtful, "no events in the last day")
                .advise("check that Instance Audit is enabled in the registry's console")
        }
        Ok(found) => Step::new(
            name,
            Outcome::Good,
            format!("{} events in the last day", found.total()),
        ),
    }
}

async fn event(client: &Client, query: &str) -> Step {
    let name = "events";
    let now = client.now().timestamp();
    match client
        .get_logs(&Search {
            query,
            from: now - RECENT,
            to: now + 1,
            offset: 0,
        })
        .await
    {
        Err(error) => Step::failed(name, &error),
        Ok(page) => match page.records.first() {
            None => Step::new(name, Outcome::Doubtful, "no records in the last day"),
            Some(record) => {
                let age = record_time(record).map_or(String::new(), |time| {
                    format!(", the newest {} s old", now - time)
                });
                Step::new(name, Outcome::Good, format!("read{age}"))
            }
        },
    }
}

async fn shards(client: &Client) -> (Step, Option<i64>) {
    let name = "shards";
    match client.shards().await {
        Err(error) => (Step::failed(name, &error), None),
        Ok(shards) => {
            let open: Vec<_> = shards
                .iter()
                .filter(|shard| !shard.read_only)
                .map(|shard| shard.id)
                .collect();
            let found = format!("{} shards, {} open", shards.len(), open.len());
            (Step::new(name, Outcome::Good, found), open.first().copied())
        }
    }
}

async fn pull(client: &Client, shard: i64) -> Step {
    let name = "pull";
    let read = async {
        let cursor = client.cursor(shard, Place::End).await?;
        client.pull(shard, &cursor, None, 1).await
    };
    match read.await {
        Err(error) => Step::failed(name, &error),
        Ok(_) => Step::new(name, Outcome::Good, format!("shard {shard} is readable")),
    }
}
