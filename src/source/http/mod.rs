//! Records from an HTTP(S) endpoint: a stream that stays open, or documents that are polled.
//!
//! The format is detected by `Content-Type` and by content: NDJSON, server-sent events, JSON arrays and objects, and
//! pages of them. Records are extracted from the bytes here (`lines`, `document`, `events`) and decoded elsewhere. A
//! response that is a file, packed or a table, is read as one (`object`).

mod body;
pub mod connect;
mod cutter;
mod document;
mod events;
pub mod fault;
mod lines;
mod object;
mod packed;
mod pages;
mod profile;
pub mod proxy;
mod request;

use std::fmt;
use std::time::Duration;

use reqwest::Url;

use self::body::{Answer, Place, Reader};
use self::connect::Connection;
use self::pages::Pages;
pub use self::profile::{Header, Page, Profile, Since, SinceFormat};
use self::request::Requester;
use crate::source::SourceState;
use crate::source::dedup::RecentRecords;
use crate::source::encoding::Encoding;
use crate::source::record_writer::RecordWriter;
use crate::source::retry::{Backoff, Policy};
use crate::source::{Delivery, Environment, Failure, Feed, Stopped};

/// Minimum number of records remembered to drop repeated ones.
const REMEMBERED: usize = 1_000_000;

/// Settings of an HTTP source.
#[derive(Clone)]
pub struct Settings {
    pub url: String,
    pub profile: Profile,
    /// Encoding of the responses given by the user, if any.
    pub encoding: Option<&'static Encoding>,
    /// Poll again, or stay connected, after the end was reached.
    pub follow: bool,
    pub env: Environment,
    pub connection: Connection,
    pub retry: Policy,
    /// Silence after which an open stream counts as read to its current end.
    pub settle: Duration,
}

impl Settings {
    /// Default settings: follow, and never give up.
    pub fn new(url: impl Into<String>, env: Environment) -> Self {
        // Streams last long; only silence indicates a failure, and servers may be silent for a long time.
        let connection = Connection {
            total_timeout: None,
            read_timeout: Duration::from_mins(5),
            ..Connection::default()
        };
        Self {
            url: url.into(),
            profile: Profile::default(),
            encoding: None,
            follow: true,
            env,
            connection,
            retry: Policy::patient(),
            settle: Duration::from_millis(250),
        }
    }

    /// The endpoint for display: without query and password.
    pub fn shown(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| "endpoint".to_owned(), |url| shown(&url))
    }

    /// Settings for reading to the current end only, with the usual limit of retries in that case.
    #[must_use]
    pub fn once(self) -> Self {
        let give_up = self.retry.give_up.or(Policy::limited().give_up);
        Self {
            follow: false,
            retry: Policy {
                give_up,
                on_request: false,
                ..self.retry
            },
            ..self
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("url", &self.shown())
            .field("profile", &self.profile)
            .field("follow", &self.follow)
            .finish_non_exhaustive()
    }
}

/// Returns a URL without the parts that may be secret.
fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// Reads an endpoint until its end, or until the feed is stopped when following.
pub async fn run(feed: Feed, settings: Settings) -> Result<(), Failure> {
    let stopped = feed.clone();
    let end = tokio::select! {
        end = read(feed, &settings) => end,
        () = stopped.stopped() => Ok(()),
    };
    match end {
        Ok(()) | Err(End::Stopped) => Ok(()),
        Err(End::Failed(error)) => Err(error),
    }
}

/// Reason to end reading early.
#[derive(Debug)]
enum End {
    /// The feed is stopped; not an error.
    Stopped,
    Failed(Failure),
}

impl From<Stopped> for End {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// Reason for not reading a response to its end.
#[derive(Debug)]
enum Trouble {
    /// Worth a retry, after the wait requested by the server.
    Passing {
        what: String,
        wait: Option<Duration>,
    },
    Lasting(Failure),
    Stopped,
}

impl From<Stopped> for Trouble {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

async fn read(feed: Feed, settings: &Settings) -> Result<(), End> {
    let mut requester = Requester::new(settings).map_err(End::Failed)?;
    let mut reader = Reader {
        outlet: RecordWriter::new(feed),
        seen: RecentRecords::new(REMEMBERED),
        profile: settings.profile.clone(),
        encoding: settings.encoding,
        settle: settings.follow.then_some(settings.settle),
        newest: None,
    };
    let mut backoff = Backoff::new(settings.retry.clone());
    let mut loaded = false;
    reader.outlet.state(SourceState::Connecting).await?;
    loop {
        match round(&mut requester, &mut reader, &mut backoff, loaded).await {
            Ok(()) => {
                backoff.succeeded();
                loaded = true;
                reader.seen.turn();
                let bytes = reader.outlet.bytes();
                reader.outlet.say(Delivery::Total(bytes)).await?;
                if !settings.follow {
                    reader.outlet.state(SourceState::Done).await?;
                    return Ok(());
                }
                reader.outlet.state(SourceState::Live).await?;
                reader.outlet.say(Delivery::Polled).await?;
                let pause = requester.pause(settings.profile.poll());
                reader.outlet.rest(pause).await;
            }
            Err(Trouble::Passing { what, wait }) => {
                reader.outlet.flush().await?;
                let asked = wait;
                let Some(wait) = backoff.next(asked) else {
                    let tries = match (backoff.failures(), asked) {
                        (1, Some(asked)) => {
                            format!("it asks to wait {} s; gave up", asked.as_secs())
                        }
                        (1, None) => "gave up after one try".to_owned(),
                        (tries, _) => format!("gave up after {tries} tries"),
                    };
                    let what = format!("{}: {what}; {tries}", requester.shown());
                    return Err(End::Failed(Failure::new(what, "data read so far is kept")));
                };
                let seconds = wait.as_secs_f64().ceil() as u64;
                reader
                    .outlet
                    .state(SourceState::Retrying { seconds, why: what })
                    .await?;
                reader.outlet.rest(wait).await;
            }
            Err(Trouble::Lasting(error)) => {
                reader.outlet.flush().await?;
                if !settings.retry.on_request {
                    return Err(End::Failed(error));
                }
                reader.outlet.fail(error.to_string()).await?;
                backoff.succeeded();
            }
            Err(Trouble::Stopped) => return Err(End::Stopped),
        }
    }
}

/// Runs one round: the URL and the pages after it, or a stream until it ends.
async fn round(
    requester: &mut Requester,
    reader: &mut Reader,
    backoff: &mut Backoff,
    loaded: bool,
) -> Result<(), Trouble> {
    let mut pages = Pages::new(requester.first_url(reader.newest), &reader.profile);
    while let Some(url) = pages.next() {
        let Some(answer) = requester.get(&url, pages.is_first()).await? else {
            return Ok(());
        };
        if backoff.failures() > 0 && reader.outlet.bytes() > 0 {
            let mark = "reconnected; repeated records are kept once";
            reader.outlet.mark(mark).await?;
        }
        let state = if loaded {
            SourceState::Live
        } else {
            SourceState::Loading
        };
        reader.outlet.state(state).await?;
        let links = answer.links().to_vec();
        let base = answer.url().clone();
        let end = reader.read(answer, requester, backoff).await?;
        if end.was_live {
            reader.outlet.mark("stream ended; reopening it").await?;
        }
        pages.advance(&base, &links, &end, &reader.profile)?;
    }
    requester.round_succeeded(pages.is_first());
    Ok(())
}

impl Reader {
    async fn read(
        &mut self,
        answer: Answer,
        requester: &mut Requester,
        backoff: &mut Backoff,
    ) -> Result<pages::End, Trouble> {
        let mut place = Place::default();
        let end = self.take(answer, &mut place, backoff).await;
        self.outlet.flush().await?;
        // Even if the stream broke: the next request asks for the events after the last whole one.
        requester.go_on_from(place);
        end
    }
}
