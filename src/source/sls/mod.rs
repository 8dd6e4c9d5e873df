//! Simple Log Service: a thin client of our own, and two ways of reading a logstore with it.
//!
//! `search` loads the history of a time range with the filter pushed down and then polls; `tail` reads every
//! shard in the order of receipt. The service's protocol is `client` with `sign`, `compress`, `protobuf`,
//! `model` and `error`; keys come from `credentials`; `doctor` tells what is wrong.

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

/// How a logstore is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Search,
    Tail,
}

/// Everything that decides what is read, from where and how.
#[derive(Clone, Debug)]
pub struct Settings {
    pub address: Address,
    /// URL to connect to instead of `https://PROJECT.ENDPOINT`; the `Host` header stays the project's.
    pub endpoint: Option<String>,
    pub mode: Mode,
    /// The part of the filter that the service applies, in its own language; empty for everything. Only
    /// `search` uses it.
    pub query: String,
    /// The filter of which `query` is a part: held against the index of the logstore before it is used, so that
    /// nothing is asked of the index that it does not find. Without it `query` is taken as it is.
    pub filter: Option<Box<Filter>>,
    /// `[since, until)` in unix seconds: log time for `search`, time of receipt for `tail`. An open start
    /// means the last hour for `search` and the beginning for `tail`.
    pub since: Option<i64>,
    pub until: Option<i64>,
    /// Go on with what arrives after the end was reached.
    pub follow: bool,
    pub env: Environment,
    pub places: Places,
    pub connection: Connection,
    pub retry: Policy,
    /// Where `tail` keeps its place between runs.
    pub checkpoints: Option<Arc<dyn Checkpoints>>,
    pub tuning: Tuning,
}

impl Settings {
    /// The usual settings for an address: search everything of the last hour, then follow.
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

    /// The same for reading to the present end and no further, without endless patience.
    #[must_use]
    pub fn once(self) -> Self {
        Self {
            follow: false,
            retry: Policy::limited(),
            ..self
        }
    }
}

/// The logstore, and what part of it is asked for where that is not everything.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sls://{}/{}", self.address.host(), self.address.logstore)?;
        if self.mode == Mode::Search && !["", "*"].contains(&self.query.as_str()) {
            write!(f, " ({})", printable(&self.query))?;
        }
        Ok(())
    }
}

/// Intervals and sizes; the defaults keep well within the service's quotas.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Between two polls, or two looks at a shard that has nothing new.
    pub poll: Duration,
    /// Seconds before now that every poll reads again.
    pub overlap: i64,
    /// Seconds before now that are counted again now and then, for records that arrive late.
    pub late: i64,
    /// Between two such counts.
    pub recount: Duration,
    /// Between two looks at the list of shards.
    pub relist: Duration,
    /// Between two writes of the checkpoints.
    pub save: Duration,
    /// Records of a range from which on it is read in parts.
    pub range: u64,
    /// Requests in flight.
    pub parallel: usize,
    /// Log groups asked of a shard at once, 1–1000.
    pub groups: u32,
    /// Compression asked for: `lz4`, `zstd`, `gzip`, `deflate`, or empty for none.
    pub compression: String,
    /// Between two requests while the answer is incomplete.
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

/// Tells what is wrong with the credentials while calls go on with those at hand.
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

/// Why reading ends early.
#[derive(Debug)]
pub(super) enum End {
    /// Nobody wants more; not an error.
    Stopped,
    /// A call failed in a way that waiting does not cure, or for too long.
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
