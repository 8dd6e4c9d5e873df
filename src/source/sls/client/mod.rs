//! Calls of the service. One call is one request, except for problems that can be fixed at once: expired credentials
//! are renewed and a wrong clock is corrected, each a single time. Longer waits are up to the callers.

mod exchange;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use self::exchange::{Answer, Call, date, network};

use super::Settings;
use super::credentials::{self, Chain, Credentials};
use super::error::{Class, Error, Operation};
use super::model::{self, Histogram, Index, Page, Pulled, Shard};
use super::protobuf::LogGroupList;
use super::sign::{Scheme, Signable, percent_encode, sign};
use crate::source::Failure;
use crate::source::http::connect;
use crate::source::http::proxy::Proxies;

/// Most records that the service returns in one page.
pub const PAGE: u64 = 100;

/// Clock differences up to this are attributed to latency and rounding to seconds.
const TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// A client of one logstore.
pub struct Client {
    http: reqwest::Client,
    proxies: Proxies,
    /// URL to connect to: scheme, host and port.
    base: String,
    /// Value of the `Host` header.
    host: String,
    logstore: String,
    scheme: Scheme,
    chain: Chain,
    compression: String,
    /// Milliseconds by which the server's clock is ahead of this machine's.
    skew: AtomicI64,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// Request for one page of a search, newest first.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    pub query: &'a str,
    /// `[from, to)`, unix seconds of log time.
    pub from: i64,
    pub to: i64,
    pub offset: u64,
}

/// Position of a cursor in a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Begin,
    End,
    /// Time of receipt in unix seconds.
    Time(i64),
}

impl Client {
    pub fn new(settings: &Settings) -> Result<Self, Failure> {
        let address = &settings.address;
        let host = address.host();
        let base = match &settings.endpoint {
            Some(url) if url.contains("://") => url.clone(),
            Some(host) => format!("https://{host}"),
            None => format!("https://{host}"),
        };
        let proxies = Proxies::of(&settings.env)?;
        let http = connect::client(&settings.connection, &proxies, &base)?;
        let region = address
            .region()
            .or_else(|| credentials::region(&settings.env));
        let wants_v1 =
            credentials::sign_version(&settings.env).is_some_and(|v| v.eq_ignore_ascii_case("v1"));
        let scheme = match region {
            Some(region) if !wants_v1 => Scheme::V4 { region },
            _ => Scheme::V1,
        };
        let chain = Chain::new(
            settings.env.clone(),
            settings.places.clone(),
            http.clone(),
            proxies.clone(),
        );
        let (logstore, compression) = (
            address.logstore.clone(),
            settings.tuning.compression.clone(),
        );
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self {
            http,
            proxies,
            base,
            host,
            logstore,
            scheme,
            chain,
            compression,
            skew: AtomicI64::new(0),
        })
    }

    /// Current time of the server's clock, as far as it is known.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.skew.load(Ordering::Relaxed))
    }

    /// Adopts the server's time if this machine's differs: otherwise signatures are refused and polls request the wrong
    /// seconds.
    fn learn(&self, date: DateTime<Utc>) {
        if (date - self.now()).abs() > TOLERANCE {
            let ahead = (date - Utc::now()).num_milliseconds();
            self.skew.store(ahead, Ordering::Relaxed);
        }
    }

    /// Time by which the server's clock is ahead, as measured.
    pub fn skew(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.skew.load(Ordering::Relaxed))
    }

    /// Credentials that calls are currently signed with.
    pub async fn credentials(&self) -> Result<Arc<Credentials>, Error> {
        self.chain.get(self.now()).await.map_err(Error::Credentials)
    }

    /// Subscribes to the reason for failed renewals of the credentials.
    pub fn trouble(&self) -> tokio::sync::watch::Receiver<Option<String>> {
        self.chain.trouble()
    }

    pub async fn get_logs(&self, search: &Search<'_>) -> Result<Page, Error> {
        let body = json!({
            "from": search.from, "to": search.to, "query": search.query, "topic": "", "line": PAGE,
            "offset": search.offset, "reverse": true, "powerSql": false, "accurate": true,
        });
        let call = Call::new(
            Operation::GetLogs,
            format!("/logstores/{}/logs", self.logstore),
        )
        .header("accept-encoding", &self.compression)
        .json(body.to_string());
        let answer = self.call(&call).await?;
        answer.parsed(|body| model::page(body, answer.header("x-log-progress")))
    }

    pub async fn histogram(&self, query: &str, from: i64, to: i64) -> Result<Histogram, Error> {
        let call = Call::new(
            Operation::GetHistograms,
            format!("/logstores/{}", self.logstore),
        )
        .param("type", "histogram")
        .param("from", from.to_string())
        .param("to", to.to_string())
        .param("topic", "")
        .param("query", query)
        .param("accurate", "true");
        let answer = self.call(&call).await?;
        answer.parsed(|body| model::histogram(body, answer.header("x-log-progress")))
    }

    pub async fn shards(&self) -> Result<Vec<Shard>, Error> {
        let call = Call::new(
            Operation::ListShards,
            format!("/logstores/{}/shards", self.logstore),
        );
        self.call(&call).await?.parsed(model::shards)
    }

    pub async fn cursor(&self, shard: i64, place: Place) -> Result<String, Error> {
        let from = match place {
            Place::Begin => "begin".to_owned(),
            Place::End => "end".to_owned(),
            Place::Time(seconds) => seconds.to_string(),
        };
        let call = Call::new(
            Operation::GetCursor,
            format!("/logstores/{}/shards/{shard}", self.logstore),
        )
        .param("type", "cursor")
        .param("from", from);
        self.call(&call).await?.parsed(model::cursor)
    }

    /// Pulls log groups from a cursor on, at most `count`, none at or after `end`.
    pub async fn pull(
        &self,
        shard: i64,
        cursor: &str,
        end: Option<&str>,
        count: u32,
    ) -> Result<Pulled, Error> {
        let mut call = Call::new(
            Operation::PullLogs,
            format!("/logstores/{}/shards/{shard}", self.logstore),
        )
        .param("type", "logs")
        .param("cursor", cursor)
        .param("count", count.to_string())
        .header("accept", "application/x-protobuf")
        .header("accept-encoding", &self.compression);
        if let Some(end) = end {
            call = call.param("end_cursor", end);
        }
        let answer = self.call(&call).await?;
        let groups = answer.parsed(|body| LogGroupList::parse(body.to_vec()))?;
        let next = answer.parsed(|_| {
            answer
                .header("x-log-cursor")
                .map(str::to_owned)
                .ok_or("no x-log-cursor header".to_owned())
        })?;
        Ok(Pulled { groups, next })
    }

    pub async fn index(&self) -> Result<Index, Error> {
        let call = Call::new(
            Operation::GetIndex,
            format!("/logstores/{}/index", self.logstore),
        );
        self.call(&call).await?.parsed(model::index)
    }

    /// Requests any response of the host, for its clock and to check that it is reachable.
    pub async fn server_date(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let answer = self
            .http
            .get(format!("{}/", self.base))
            .header("host", &self.host)
            .send()
            .await;
        Ok(answer
            .map_err(|e| network(&e, &self.proxies))?
            .headers()
            .get("date")
            .and_then(|d| date(d.to_str().ok()?)))
    }

    async fn call(&self, call: &Call) -> Result<Answer, Error> {
        let (mut may_refresh, mut may_correct) = (true, true);
        loop {
            let credentials = self.credentials().await?;
            let error = match self.send(call, &credentials).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Error::Refused(refusal) = &error else {
                return Err(error);
            };
            match refusal.class() {
                Class::Refresh if may_refresh => {
                    may_refresh = false;
                    self.chain.discard(&credentials).await;
                }
                // The time was taken from the response.
                Class::Skew if may_correct && refusal.date.is_some() => may_correct = false,
                _ => return Err(error),
            }
        }
    }

    async fn send(&self, call: &Call, credentials: &Credentials) -> Result<Answer, Error> {
        let mut headers = call.headers.clone();
        headers.insert("host".to_owned(), self.host.clone());
        headers.insert("x-log-apiversion".to_owned(), "0.6.0".to_owned());
        headers.insert("x-log-bodyrawsize".to_owned(), call.body.len().to_string());
        let signable = Signable {
            method: if call.body.is_empty() { "GET" } else { "POST" },
            path: &call.path,
            params: &call.params,
            headers: &headers,
            body: call.body.as_bytes(),
        };
        let added = sign(&self.scheme, &credentials.keys, self.now(), &signable);

        let query: Vec<_> = call
            .params
            .iter()
            .map(|(k, v)| format!("{k}={}", percent_encode(v)))
            .collect();
        let joint = if query.is_empty() { "" } else { "?" };
        let url = format!("{}{}{joint}{}", self.base, call.path, query.join("&"));
        let mut request = if call.body.is_empty() {
            self.http.get(url)
        } else {
            self.http.post(url)
        };
        for (name, value) in headers.iter().chain(&added) {
            request = request.header(name, value);
        }
        let answer = request
            .body(call.body.clone())
            .send()
            .await
            .map_err(|e| network(&e, &self.proxies))?;
        if let Some(date) = answer
            .headers()
            .get("date")
            .and_then(|d| date(d.to_str().ok()?))
        {
            self.learn(date);
        }
        Answer::read(call.operation, answer, &self.proxies, &credentials.keys).await
    }
}
