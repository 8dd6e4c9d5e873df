//! Reads a response to its end: detects its format, extracts its records and the link to the next page.

use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Url;
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout};

use super::Trouble;
use super::cutter::Cutter;
use super::lines::Cut;
use super::packed::Body;
use super::pages::{End, members, next_of};
use super::profile::Profile;
use crate::decode::{WRAPPERS, name_tells};
use crate::source::SourceState;
use crate::source::dedup::{RecentRecords, digest, digest_of_bytes};
use crate::source::encoding::{self, Encoding};
use crate::source::record_writer::RecordWriter;
use crate::source::retry::Backoff;
use crate::source::{Delivery, Failure};

/// Silence after which buffered records are sent.
const LULL: Duration = Duration::from_millis(20);

/// Time after which buffered records of a stream are sent even if it never pauses.
const PACE: Duration = Duration::from_millis(50);

/// A stream that never pauses is called live after this many times [`Reader::settle`].
const UNSETTLED: u32 = 4;

/// A response whose headers have arrived.
pub(super) struct Answer {
    body: Body,
    url: Url,
    links: Vec<String>,
}

impl Answer {
    pub(super) fn new(body: Body, url: Url) -> Self {
        let links = body.headers().get_all("link").iter();
        let links = links
            .map(|link| String::from_utf8_lossy(link.as_bytes()).into_owned())
            .collect();
        Self { body, url, links }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Values of the `Link` headers.
    pub(super) fn links(&self) -> &[String] {
        &self.links
    }

    fn content_type(&self) -> String {
        let header = self
            .body
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

/// Position from which a stream of events continues: the last event id, and the pause before reconnecting.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) event_id: Option<String>,
    pub(super) reconnect: Option<Duration>,
}

/// Extracts records from responses, for all formats.
pub(super) struct Reader {
    pub(super) outlet: RecordWriter,
    pub(super) seen: RecentRecords,
    pub(super) profile: Profile,
    pub(super) encoding: Option<&'static Encoding>,
    /// Silence after which a stream is called live; `None` if reading ends at the end of the response.
    pub(super) settle: Option<Duration>,
    /// Time of the newest record, if the profile says how to find it.
    pub(super) newest: Option<DateTime<Utc>>,
}

impl Reader {
    /// Reads a response to its end. `place` is updated along the way, for streams that break.
    pub(super) async fn take(
        &mut self,
        mut answer: Answer,
        place: &mut Place,
        backoff: &mut Backoff,
    ) -> Result<End, Trouble> {
        let content_type = answer.content_type();
        let length = answer.body.length();
        if let Some(length) = length.filter(|_| self.outlet.bytes() == 0) {
            self.outlet.say(Delivery::Total(length)).await?;
        }
        let mut cutter = Cutter::of_type(&content_type);
        // Bytes received before their encoding is known.
        let mut unclear = Some(Vec::new());
        let (mut cuts, mut end, mut live) = (Vec::new(), End::default(), false);
        let begun = Instant::now();
        let mut flushed = begun;
        loop {
            let chunk = self.chunk(&mut answer, &cutter, &mut live).await?;
            if live {
                // A stream is one endless round, so old records must be forgotten along the way.
                backoff.succeeded();
                self.seen.turn();
            }
            let bytes = chunk.as_deref().unwrap_or_default();
            if let Some(start) = &mut unclear {
                start.extend_from_slice(bytes);
                let start = match encoding::is_plain(self.encoding, start, chunk.is_none()) {
                    None => continue,
                    Some(is_plain) => {
                        let start = std::mem::take(start);
                        if !is_plain {
                            let ended = chunk.is_none();
                            let Answer { body, url, .. } = answer;
                            return self.object(body, &url, start, ended).await;
                        }
                        start
                    }
                };
                unclear = None;
                cutter.feed(&start, &mut cuts);
            } else {
                cutter.feed(bytes, &mut cuts);
            }
            match &chunk {
                Some(_) => {}
                None if cutter.end(self.settle.is_some(), &mut cuts) => {}
                None => {
                    return Err(Trouble::Passing {
                        what: "the response ends inside its JSON".to_owned(),
                        wait: None,
                    });
                }
            }
            if content_type == "text/html" || cutter.is_page() {
                let page = cutter.start();
                let what = page_of(chunk.as_deref().filter(|_| page.is_empty()).unwrap_or(page));
                if self.settle.is_some() {
                    return Err(Trouble::Passing { what, wait: None });
                }
                // Without following, this fails at once: a login in front of the log does not go away.
                let what = format!("{}: {what}", super::shown(&answer.url));
                let advice = "check the URL, and the token or login it requires";
                return Err(Trouble::Lasting(Failure::new(what, advice)));
            }
            if let Cutter::Object(start) = &mut cutter {
                let start = std::mem::take(start);
                let ended = chunk.is_none();
                return self.object(answer.body, &answer.url, start, ended).await;
            }
            for cut in cuts.drain(..) {
                self.cut(cut, &cutter, &mut end).await?;
            }
            if cutter.is_stream() && flushed.elapsed() >= PACE {
                self.outlet.flush().await?;
                flushed = Instant::now();
                let patience = self.settle.map(|settle| settle * UNSETTLED);
                if !live && patience.is_some_and(|patience| begun.elapsed() >= patience) {
                    live = true;
                    self.outlet.state(SourceState::Live).await?;
                }
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

    /// Returns the next bytes. If there are none yet, sends the buffered records, and calls a stream live.
    async fn chunk(
        &mut self,
        answer: &mut Answer,
        cutter: &Cutter,
        live: &mut bool,
    ) -> Result<Option<impl AsRef<[u8]> + std::ops::Deref<Target = [u8]> + use<>>, Trouble> {
        let mut next = pin!(answer.body.chunk());
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
        chunk.map_err(|broken| broken.of(&answer.url))
    }

    async fn cut(&mut self, cut: Cut, cutter: &Cutter, end: &mut End) -> Result<(), Trouble> {
        let bytes = match cut {
            Cut::Record(bytes) => bytes,
            Cut::Bad { reason, sample } => return self.bad(reason, &sample).await,
        };
        let bytes = trimmed(&bytes);
        if bytes.is_empty() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(bytes);
        let text = &*text;
        let may_wrap = !matches!(cutter, Cutter::Lines { wrapped: false, .. })
            || self.profile.records.is_some();
        if text.starts_with('[') {
            if let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(text) {
                return self.records(&list, end).await;
            }
            // A line may contain several lists and records.
            let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
            let Ok(values) = values.collect::<Result<Vec<_>, _>>() else {
                return self.bad("not a JSON array", text.as_bytes()).await;
            };
            for value in values {
                match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
                    Ok(list) => self.records(&list, end).await?,
                    Err(_) => self.record(value.get().as_bytes(), end).await?,
                }
            }
            return Ok(());
        }
        if may_wrap && let Some(list) = self.wrapped(text) {
            end.next = next_of(text, self.profile.page.as_ref());
            if list.is_empty() && self.seen.is_new(digest_of_bytes(text.as_bytes())) {
                // An error may be next to the empty list.
                self.outlet.record(text.as_bytes()).await?;
            }
            return self.records(&list, end).await;
        }
        // Bytes that are not UTF-8 are kept unchanged.
        self.record(bytes, end).await
    }

    /// Returns the records that an object wraps; `None` if it is a record itself.
    fn wrapped<'t>(&self, text: &'t str) -> Option<Vec<&'t RawValue>> {
        if let Some(pointer) = &self.profile.records {
            let mut at: &RawValue = serde_json::from_str(text).ok()?;
            for name in pointer.split('/').filter(|name| !name.is_empty()) {
                at = members(at.get(), |member| member == name)?.remove(name)?;
            }
            return serde_json::from_str(at.get()).ok();
        }
        // Most records contain no list, and are not parsed twice because of this.
        memchr::memchr(b'[', text.as_bytes())?;
        let is_wanted = |name: &str| WRAPPERS.contains(&name) || name_tells(name);
        let members = members(text, is_wanted)?;
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
            self.record(record.get().as_bytes(), end).await?;
        }
        Ok(())
    }

    async fn record(&mut self, text: &[u8], end: &mut End) -> Result<(), Trouble> {
        end.records += 1;
        // Invalid JSON may still be readable: the decoder decides, as with files.
        if let Some(since) = &self.profile.since
            && let Ok(text) = std::str::from_utf8(text)
        {
            self.newest = self.newest.max(since.time_of(text));
        }
        if self.seen.is_new(digest(text)) {
            end.fresh += 1;
            self.outlet.record(text).await?;
        }
        Ok(())
    }

    /// Reports a rejected record once, even if it is sent again.
    async fn bad(&mut self, reason: &str, sample: &[u8]) -> Result<(), Trouble> {
        if self.seen.is_new(digest_of_bytes(sample)) {
            self.outlet.defect(reason, sample).await?;
        }
        Ok(())
    }
}

/// Strips a record of surrounding whitespace, byte order marks, NULs and record separators.
fn trimmed(record: &[u8]) -> &[u8] {
    let mut text = record;
    while let Some(rest) = text.strip_prefix(b"\xef\xbb\xbf") {
        text = rest;
    }
    let is_around = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0x1e | 0);
    let start = text.iter().position(|byte| !is_around(byte));
    let end = text.iter().rposition(|byte| !is_around(byte));
    match (start, end) {
        (Some(start), Some(end)) => &text[start..=end],
        _ => &[],
    }
}

/// Describes an HTML page by its title, which shows the message of a login or a proxy.
fn page_of(page: &[u8]) -> String {
    let text = String::from_utf8_lossy(page);
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let start = at + lower[at..].find('>')? + 1;
        let end = start + lower[start..].find("</title")?;
        let title = text[start..end]
            .split_ascii_whitespace()
            .collect::<Vec<_>>();
        (!title.is_empty()).then(|| title.join(" "))
    });
    match title {
        Some(title) => {
            let title: String = title.chars().take(TITLE).collect();
            format!("the response is an HTML page, not a log: {title}")
        }
        None => "the response is an HTML page, not a log".to_owned(),
    }
}

/// Most characters of a title that are shown.
const TITLE: usize = 120;
