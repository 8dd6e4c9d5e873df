//! Records from an HTTP(S) endpoint: a stream that stays open, or documents that are asked for again.
//!
//! What the endpoint sends is found by its `Content-Type` and by content: NDJSON, server-sent events, JSON
//! arrays and objects, pages of them. Records are cut out of the bytes here (`lines`, `document`, `events`);
//! what they mean is decided elsewhere. An answer that is a file, packed or a table, is read as one (`object`).

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

/// Records remembered at least, to drop what comes twice.
const REMEMBERED: usize = 1_000_000;

/// Everything that decides what is read and how.
#[derive(Clone)]
pub struct Settings {
    pub url: String,
    pub profile: Profile,
    /// What the answers are written in, where the user says so.
    pub encoding: Option<&'static Encoding>,
    /// Ask again, and stay connected, after the end was reached.
    pub follow: bool,
    pub env: Environment,
    pub connection: Connection,
    pub retry: Policy,
    /// The silence after which a stream that stays open counts as read to its present end.
    pub settle: Duration,
}

impl Settings {
    /// The usual settings: follow, and never give up.
    pub fn new(url: impl Into<String>, env: Environment) -> Self {
        // Streams last; silence is what tells that something is wrong, and servers may be silent for long.
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

    /// The endpoint as it may be shown: without query and password.
    pub fn shown(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| "endpoint".to_owned(), |url| shown(&url))
    }

    /// The same for reading to the present end and no further, with no more patience than is usual then.
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

/// A URL without what may be secret in it.
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

/// Why reading ends early.
#[derive(Debug)]
enum End {
    /// Nobody wants more; not an error.
    Stopped,
    Failed(Failure),
}

impl From<Stopped> for End {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// Why one answer could not be read to its end.
#[derive(Debug)]
enum Trouble {
    /// Worth another try, after the wait the server asks for.
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

/// One round: the URL and the pages after it, or a stream until it ends.
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

/// An answer as the reader wants it.
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
        // Also where the stream broke: what comes after the last whole event is asked for.
        requester.go_on_from(place);
        end
    }
}
