//! Simple Log Service: our own thin client, and two modes of reading a logstore with it.
//!
//! `search` loads the history of a time range with the filter pushed down and then polls; `tail` reads every shard in
//! the order of receipt. The service's protocol is in `client` with `sign`, `compress`, `protobuf`, `model` and
//! `error`; keys come from `credentials`; `doctor` diagnoses problems.

pub mod address;
pub mod checkpoint;
pub mod client;
pub mod compress;
pub mod credentials;
pub mod doctor;
pub mod error;
pub mod model;
pub mod protobuf;
mod retry;
pub mod search;
pub mod sign;
mod slices;
pub mod tail;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use self::address::Address;
use self::checkpoint::Checkpoints;
use self::client::Client;
use self::credentials::Places;
use crate::query::Filter;
use crate::source::SourceState;
use crate::source::failure::printable;
use crate::source::http::connect::Connection;
use crate::source::retry::Policy;
use crate::source::{Delivery, Environment, Failure, Feed, Stopped};

/// Mode of reading a logstore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Search,
    Tail,
}

/// Settings of a logstore source.
#[derive(Clone, Debug)]
pub struct Settings {
    pub address: Address,
    /// URL to connect to instead of `https://PROJECT.ENDPOINT`; the `Host` header stays the project's.
    pub endpoint: Option<String>,
    pub mode: Mode,
    /// Part of the filter that the service applies, in its own language; empty for everything. Only used by `search`.
    pub query: String,
    /// The filter that `query` is a part of. It is compared with the index of the logstore first, so that the query
    /// contains only conditions that the index can evaluate. Without it `query` is used unchanged.
    pub filter: Option<Box<Filter>>,
    /// `[since, until)` in unix seconds: log time for `search`, time of receipt for `tail`. An open start means the
    /// last hour for `search` and the beginning for `tail`.
    pub since: Option<i64>,
    pub until: Option<i64>,
    /// Continue with records that arrive after the end was reached.
    pub follow: bool,
    pub env: Environment,
    pub places: Places,
    pub connection: Connection,
    pub retry: Policy,
    /// Storage of the read positions of `tail` between runs.
    pub checkpoints: Option<Arc<dyn Checkpoints>>,
    pub tuning: Tuning,
}

impl Settings {
    /// Default settings for an address: search everything of the last hour, then follow.
    pub fn new(address: Address, env: Environment) -> Self {
        Self {
            address,
            endpoint: None,
            mode: Mode::Search,
            query: String::new(),
            filter: None,
            since: None,
            until: None,
            follow: true,
            env,
            places: Places::default(),
            connection: Connection::default(),
            retry: Policy::patient(),
            checkpoints: None,
            tuning: Tuning::default(),
        }
    }

    /// Settings for reading to the current end only, with limited retries.
    #[must_use]
    pub fn once(self) -> Self {
        Self {
            follow: false,
            retry: Policy::limited(),
            ..self
        }
    }
}

/// The logstore, and the requested part of it unless that is everything.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sls://{}/{}", self.address.host(), self.address.logstore)?;
        if self.mode == Mode::Search && !["", "*"].contains(&self.query.as_str()) {
            write!(f, " ({})", printable(&self.query))?;
        }
        Ok(())
    }
}

/// Intervals and sizes; the defaults stay well within the service's quotas.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Interval between two polls, or between two requests to a shard without new data.
    pub poll: Duration,
    /// Seconds before now that every poll reads again.
    pub overlap: i64,
    /// Seconds before now that are occasionally counted again, for records that arrive late.
    pub late: i64,
    /// Interval between two such counts.
    pub recount: Duration,
    /// Interval between two requests for the list of shards.
    pub relist: Duration,
    /// Interval between two saves of the checkpoints.
    pub save: Duration,
    /// Records of a range above which it is read in parts.
    pub range: u64,
    /// Requests in flight.
    pub parallel: usize,
    /// Log groups requested from a shard at a time, 1–1000.
    pub groups: u32,
    /// Requested compression: `lz4`, `zstd`, `gzip`, `deflate`, or empty for none.
    pub compression: String,
    /// Wait between two requests while the response is incomplete.
    pub incomplete: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(2),
            overlap: 15,
            late: 300,
            recount: Duration::from_secs(30),
            relist: Duration::from_secs(30),
            save: Duration::from_secs(5),
            range: 1000,
            parallel: 6,
            groups: 1000,
            compression: "lz4".to_owned(),
            incomplete: Duration::from_millis(500),
        }
    }
}

/// Reads a logstore until its end, or until the feed is stopped when following.
pub async fn run(feed: Feed, settings: Settings) -> Result<(), Failure> {
    let stopped = feed.clone();
    let read = async {
        let client = Arc::new(Client::new(&settings)?);
        feed.send(Delivery::State(SourceState::Connecting)).await?;
        let telling = tell(feed.clone(), client.trouble());
        let reading = async {
            match settings.mode {
                Mode::Search => search::run(feed, client, &settings).await,
                Mode::Tail => tail::run(feed, client, &settings).await,
            }
        };
        tokio::select! {
            end = reading => end,
            stopped = telling => Err(stopped.into()),
        }
    };
    let end = tokio::select! {
        end = read => end,
        () = stopped.stopped() => Ok(()),
    };
    match end {
        Ok(()) | Err(End::Stopped) => Ok(()),
        Err(End::Call(error)) => Err(error.into()),
        Err(End::Failed(error)) => Err(error),
    }
}

/// Sends notes about failed and recovered renewals of credentials, while calls continue with the current ones.
async fn tell(feed: Feed, mut trouble: watch::Receiver<Option<String>>) -> Stopped {
    loop {
        if trouble.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        let text = match &*trouble.borrow_and_update() {
            Some(why) => printable(why),
            None => "keys renewed".to_owned(),
        };
        if let Err(stopped) = feed.send(Delivery::Note(text)).await {
            return stopped;
        }
    }
}

/// Reason to end reading early.
#[derive(Debug)]
pub(super) enum End {
    /// The feed is stopped; not an error.
    Stopped,
    /// A call failed in a way that a retry does not fix, or for too long.
    Call(error::Error),
    Failed(Failure),
}

impl From<Stopped> for End {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<Failure> for End {
    fn from(error: Failure) -> Self {
        Self::Failed(error)
    }
}

impl From<error::Error> for End {
    fn from(error: error::Error) -> Self {
        Self::Call(error)
    }
}
