//! An answer read to its end: what it is, its records, and what it says of the next page.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Url;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::document::Document;
use super::events::Events;
use super::lines::{Cut, Lines};
use super::pages::{End, next_of};
use super::profile::Profile;
use super::{Trouble, connect};
use crate::decode::{WRAPPERS, mended, name_tells};
use crate::engine::SourceState;
use crate::source::Delivery;
use crate::source::outlet::Outlet;
use crate::source::retry::Backoff;
use crate::source::seen::{SeenLately, digest_of_bytes, digest_of_object};

/// Bytes after which it must be clear what an answer is.
const LOOK: usize = 64 * 1024;

/// Silence after which what was gathered is handed on.
const LULL: Duration = Duration::from_millis(20);

/// An answer whose head has arrived.
pub(super) struct Answer {
    response: reqwest::Response,
    url: Url,
    links: Vec<String>,
}

impl Answer {
    pub(super) fn new(response: reqwest::Response, url: Url) -> Self {
        let links = response.headers().get_all("link").iter();
        let links = links
            .filter_map(|l| l.to_str().ok())
            .map(str::to_owned)
            .collect();
        Self {
            response,
            url,
            links,
        }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The `Link` headers.
    pub(super) fn links(&self) -> &[String] {
        &self.links
    }

    fn content_type(&self) -> String {
        let header = self
            .response
            .headers()
            .get("content-type")
            .and_then(|h| h.to_str().ok())
            .unwrap_or_default();
        header
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }
}

/// Where a stream of events goes on: after which one, and after what pause.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) event_id: Option<String>,
    pub(super) reconnect: Option<Duration>,
}

/// What takes the bytes of an answer.
enum Cutter {
    /// Not clear yet; the bytes so far.
    Unknown(Vec<u8>),
    /// `wrapped`: a line may be an object around records.
    Lines {
        lines: Lines,
        wrapped: bool,
    },
    Document(Document),
    Events(Events),
}

impl Cutter {
    fn of_type(content_type: &str) -> Self {
        let is_lines = [
            "ndjson",
            "jsonl",
            "json-lines",
            "jsonlines",
            "json-stream",
            "json-seq",
        ];
        match content_type {
            "text/event-stream" => Self::Events(Events::default()),
            kind if is_lines.iter().any(|l| kind.contains(l)) => Self::Lines {
                lines: Lines::default(),
                wrapped: false,
            },
            _ => Self::Unknown(Vec::new()),
        }
    }

    /// What the first bytes are, once that can be told; `last` when there are no more.
    fn of_content(bytes: &[u8], last: bool) -> Option<Self> {
        let start = bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(bytes)
            .trim_ascii_start();
        let line_end = memchr::memchr(b'\n', start);
        if line_end.is_none() && !last && bytes.len() < LOOK {
            return None;
        }
        let line = &start[..line_end.unwrap_or(start.len())];
        let is_event = ["data:", "event:", "id:", "retry:", ":"]
            .iter()
            .any(|field| start.starts_with(field.as_bytes()));
        Some(if is_event {
            Self::Events(Events::default())
        } else if matches!(start.first(), Some(b'{' | b'['))
            && serde_json::from_slice::<IgnoredAny>(line).is_err()
        {
            Self::Document(Document::default())
        } else {
            Self::Lines {
                lines: Lines::default(),
                wrapped: true,
            }
        })
    }

    fn is_stream(&self) -> bool {
        matches!(self, Self::Lines { .. } | Self::Events(_))
    }

    fn feed(&mut self, bytes: &[u8], out: &mut Vec<Cut>) {
        match self {
            Self::Unknown(start) => {
                start.extend_from_slice(bytes);
                if let Some(mut cutter) = Self::of_content(start, false) {
                    cutter.feed(start, out);
                    *self = cutter;
                }
            }
            Self::Lines { lines, .. } => lines.feed(bytes, out),
            Self::Document(document) => document.feed(bytes, out),
            Self::Events(events) => events.feed(bytes, out),
        }
    }

    /// Ends the answer; false when it was cut short.
    fn end(&mut self, out: &mut Vec<Cut>) -> bool {
        match self {
            Self::Unknown(start) => {
                let Some(mut cutter) = Self::of_content(start, true) else {
                    return true;
                };
                cutter.feed(start, out);
                *self = cutter;
                return self.end(out);
            }
            Self::Lines { lines, .. } => lines.end(out),
            Self::Document(document) if document.is_open() => return false,
            Self::Document(document) => document.end(out),
            // An event without its blank line is asked for again.
            Self::Events(_) => {}
        }
        true
    }
}

/// The one place where records are put together.
pub(super) struct Reader {
    pub(super) outlet: Outlet,
    pub(super) seen: SeenLately,
    pub(super) profile: Profile,
    /// The silence after which a stream is called live; `None` where the end is waited for.
    pub(super) settle: Option<Duration>,
    /// Time of the newest record, where the profile says how to find it.
    pub(super) newest: Option<DateTime<Utc>>,
}

impl Reader {
    /// Reads an answer to its end. `place` is kept up on the way, for streams that break.
    pub(super) async fn take(
        &mut self,
        mut answer: Answer,
        place: &mut Place,
        backoff: &mut Backoff,
    ) -> Result<End, Trouble> {
        let content_type = answer.content_type();
        let length = answer.response.content_length();
        if let Some(length) = length.filter(|_| self.outlet.bytes() == 0) {
            self.outlet.say(Delivery::Total(length)).await?;
        }
        let mut cutter = Cutter::of_type(&content_type);
        let (mut cuts, mut end, mut live) = (Vec::new(), End::default(), false);
        loop {
            let chunk = self.chunk(&mut answer, &cutter, &mut live).await?;
            if live {
                // A stream is one round without end, so what it sent long ago must be let go on the way.
                backoff.succeeded();
                self.seen.turn();
            }
            match &chunk {
                Some(bytes) => cutter.feed(bytes, &mut cuts),
                None if cutter.end(&mut cuts) => {}
                None => {
                    return Err(Trouble::Passing {
                        what: "the answer ends inside its JSON".to_owned(),
                        wait: None,
                    });
                }
            }
            if content_type == "text/html" || is_html(&cuts) {
                let what = "the answer is an HTML page, not a log".to_owned();
                return Err(Trouble::Passing { what, wait: None });
            }
            for cut in cuts.drain(..) {
                self.cut(cut, &cutter, &mut end).await?;
            }
            if let Cutter::Events(events) = &cutter {
                place.event_id.clone_from(&events.id);
                place.reconnect = events.reconnect;
            }
            if chunk.is_none() {
                end.was_live = live;
                return Ok(end);
            }
        }
    }

    /// The next bytes. While there are none, what was gathered is handed on, and a stream is called live.
    async fn chunk(
        &mut self,
        answer: &mut Answer,
        cutter: &Cutter,
        live: &mut bool,
    ) -> Result<Option<impl AsRef<[u8]> + std::ops::Deref<Target = [u8]> + use<>>, Trouble> {
        let mut next = pin!(answer.response.chunk());
        let mut chunk = timeout(LULL, &mut next).await.ok();
        if chunk.is_none() {
            self.outlet.flush().await?;
            if let Some(settle) = self.settle.filter(|_| cutter.is_stream()) {
                chunk = timeout(settle, &mut next).await.ok();
                if chunk.is_none() {
                    *live = true;
                    self.outlet.state(SourceState::Live).await?;
                }
            }
        }
        let chunk = match chunk {
            Some(chunk) => chunk,
            None => next.await,
        };
        chunk.map_err(|e| Trouble::Passing {
            what: connect::describe(&e),
            wait: None,
        })
    }

    async fn cut(&mut self, cut: Cut, cutter: &Cutter, end: &mut End) -> Result<(), Trouble> {
        let bytes = match cut {
            Cut::Record(bytes) => bytes,
            Cut::Bad { reason, sample } => return self.bad(reason, &sample).await,
        };
        let text = String::from_utf8_lossy(&bytes);
        let text = text
            .trim_start_matches('\u{feff}')
            .trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{1e}');
        let may_wrap = !matches!(cutter, Cutter::Lines { wrapped: false, .. })
            || self.profile.records.is_some();
        if text.starts_with('[') {
            let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(text) else {
                return self.bad("not a JSON array", text.as_bytes()).await;
            };
            return self.records(&list, end).await;
        }
        if may_wrap && let Some(list) = self.wrapped(text) {
            end.next = serde_json::from_str::<Value>(text)
                .ok()
                .and_then(|v| next_of(&v, self.profile.page.as_ref()));
            if list.is_empty() && self.seen.is_new(digest_of_bytes(text.as_bytes())) {
                // An error may stand beside the empty list.
                self.outlet.record(text.as_bytes()).await?;
            }
            return self.records(&list, end).await;
        }
        self.record(text, end).await
    }

    /// The records an object is put around; `None` where it is a record itself.
    fn wrapped<'t>(&self, text: &'t str) -> Option<Vec<&'t RawValue>> {
        if let Some(pointer) = &self.profile.records {
            let mut at: &RawValue = serde_json::from_str(text).ok()?;
            for name in pointer.split('/').filter(|name| !name.is_empty()) {
                at = members(at.get())?.remove(name)?;
            }
            return serde_json::from_str(at.get()).ok();
        }
        // Most records hold no list at all, and are not read a second time for this.
        memchr::memchr(b'[', text.as_bytes())?;
        let members = members(text)?;
        if members.keys().any(|name| name_tells(name)) {
            return None;
        }
        WRAPPERS.iter().find_map(|name| {
            let list: Vec<&RawValue> = serde_json::from_str(members.get(*name)?.get()).ok()?;
            let are_objects = list.iter().all(|record| record.get().starts_with('{'));
            are_objects.then_some(list)
        })
    }

    async fn records(&mut self, list: &[&RawValue], end: &mut End) -> Result<(), Trouble> {
        for record in list {
            self.record(record.get(), end).await?;
        }
        Ok(())
    }

    async fn record(&mut self, text: &str, end: &mut End) -> Result<(), Trouble> {
        end.records += 1;
        // One that is nearly JSON is mended by whoever decodes it.
        let nearly = || {
            let mended = text.starts_with('{').then(|| mended(text.as_bytes()))?;
            mended.map(|_| digest_of_bytes(text.as_bytes()))
        };
        let Some(digest) = digest_of_object(text.as_bytes()).or_else(nearly) else {
            return self.bad("not a JSON object", text.as_bytes()).await;
        };
        if let Some(since) = &self.profile.since {
            self.newest = self.newest.max(since.time_of(text));
        }
        if self.seen.is_new(digest) {
            self.outlet.record(text.as_bytes()).await?;
        }
        Ok(())
    }

    /// What cannot be read is told once, like a record.
    async fn bad(&mut self, reason: &str, sample: &[u8]) -> Result<(), Trouble> {
        if self.seen.is_new(digest_of_bytes(sample)) {
            self.outlet.defect(reason, sample).await?;
        }
        Ok(())
    }
}

/// The members of an object, as text.
fn members(object: &str) -> Option<HashMap<String, &RawValue>> {
    serde_json::from_str(object).ok()
}

/// Whether the first thing cut out is the start of a page for people.
fn is_html(cuts: &[Cut]) -> bool {
    let Some(Cut::Record(start) | Cut::Bad { sample: start, .. }) = cuts.first() else {
        return false;
    };
    let start = start.trim_ascii_start();
    let start = start[..start.len().min(14)].to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}
