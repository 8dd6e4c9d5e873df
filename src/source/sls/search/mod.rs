//! Reading by search: the history of a time range newest first, then polling with overlap.
//!
//! The history is split by counts into spans of a few pages, several of which are read at once. Polls read the last
//! seconds again and drop the records already held; records that arrive later are found by occasionally counting the
//! last minutes.

mod pages;
mod pushdown;

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::pages::{Ask, Done, Found, denies_counting};

use super::client::Client;
use super::model::record_time;
use super::retry::RetryPolicy;
use super::slices::Span;
use super::{End, Settings, Tuning};
use crate::source::SourceState;
use crate::source::dedup::{RecentRecords, RecordsByTime, digest};
use crate::source::failure::printable;
use crate::source::record_writer::RecordWriter;
use crate::source::{Delivery, Feed};

/// Seconds of history loaded if no start is given.
const DEFAULT_HISTORY: i64 = 3600;
/// A gap of more seconds than this is read like history, in parts.
const LONG: i64 = 600;
/// Length of the windows that are counted again. The service may treat the ends of a range with no more precision.
const MINUTE: i64 = 60;
/// Records remembered among those without a time, or with a time outside the searched range.
const STRAYS: usize = 100_000;

pub(super) async fn run(feed: Feed, client: Arc<Client>, settings: &Settings) -> Result<(), End> {
    let patience = RetryPolicy::new(feed.clone(), settings.retry.clone());
    let mut outlet = RecordWriter::new(feed);
    let query = pushdown::query(&client, &patience, settings, &mut outlet).await?;
    let ask = Ask {
        client,
        patience,
        query,
        tuning: settings.tuning.clone(),
    };
    let mut reader = Reader {
        ask,
        outlet,
        seen: RecordsByTime::default(),
        strays: RecentRecords::new(STRAYS),
        counted: true,
    };

    let (from, to) = reader.window(settings).await?;
    if settings.since.is_none() {
        reader
            .outlet
            .note("no --since given: loading the last hour; use --since to load more")
            .await?;
    }
    reader.ask.patience.state(SourceState::Loading).await?;
    let keep = to - settings.tuning.late - MINUTE;
    reader
        .read(
            Span {
                from,
                to,
                count: None,
            },
            keep,
            true,
        )
        .await?;
    let bytes = reader.outlet.bytes();
    reader.outlet.say(Delivery::Total(bytes)).await?;

    let ends = settings.until.is_some_and(|until| until <= to);
    if settings.follow && !ends {
        reader.ask.patience.state(SourceState::Live).await?;
        reader.live(from, to, settings.until).await?;
    }
    reader.outlet.state(SourceState::Done).await?;
    Ok(())
}

/// Reads spans and removes repeated records.
struct Reader {
    ask: Ask,
    outlet: RecordWriter,
    seen: RecordsByTime,
    strays: RecentRecords,
    /// True while the service permits counting.
    counted: bool,
}

impl Reader {
    /// Returns the time range of the history. If it depends on the clock, a first call corrects the clock.
    async fn window(&mut self, settings: &Settings) -> Result<(i64, i64), End> {
        let window = |client: &Client| {
            let now = client.now().timestamp();
            let to = settings.until.unwrap_or(now + 1).min(now + 1);
            (settings.since.unwrap_or(to - DEFAULT_HISTORY), to)
        };
        let (from, to) = window(&self.ask.client);
        if from < to && (settings.since.is_none() || settings.until.is_none()) {
            match self.ask.histogram(to - MINUTE, to).await {
                Err(End::Call(e)) if denies_counting(&e) => {}
                other => drop(other?),
            }
        }
        Ok(window(&self.ask.client))
    }

    /// Reads a span in parts, newest first, several at once. Records older than `keep` are forgotten once read, since
    /// they are not read again.
    async fn read(&mut self, span: Span, keep: i64, progress: bool) -> Result<(), End> {
        if span.from >= span.to {
            return Ok(());
        }
        let (tell, mut pages) = mpsc::channel(16);
        let mut tasks = JoinSet::new();
        let mut open = vec![span];
        let mut asked: Vec<Span> = Vec::new();
        let whole = span.from - MINUTE..span.to + MINUTE;
        let (mut expected, mut loaded) = (0, 0);
        loop {
            // The newest is last.
            open.sort_by_key(|span: &Span| span.to);
            while tasks.len() < self.ask.tuning.parallel.max(1)
                && let Some(span) = open.pop()
            {
                let is_short = !progress && span.to - span.from <= LONG;
                let load = !self.counted || is_short || span.is_small(self.ask.tuning.range);
                asked.push(span);
                tasks.spawn(self.ask.clone().take(span, load, tell.clone()));
            }
            let done = tokio::select! {
                Some(page) = pages.recv() => {
                    loaded += self.deliver(page, &whole).await?;
                    continue;
                }
                done = tasks.join_next() => done,
            };
            // A task has sent its pages before it ends.
            while let Ok(page) = pages.try_recv() {
                loaded += self.deliver(page, &whole).await?;
            }
            match done
                .transpose()
                .unwrap_or_else(|e| panic::resume_unwind(e.into_panic()))
            {
                None => {
                    self.strays.turn();
                    return Ok(());
                }
                Some(Done::Cut(of, spans)) => {
                    asked.retain(|span| *span != of);
                    if expected == 0 {
                        let counts = spans.iter().filter_map(|span| span.count);
                        expected = counts.fold(0, u64::saturating_add);
                    }
                    open.extend(spans);
                }
                Some(Done::Read { span, whole }) => {
                    asked.retain(|other| *other != span);
                    // A neighbouring span may return records of the same minute.
                    let ahead = open.iter().chain(&asked).map(|span| span.to);
                    let done = ahead.max().map_or(i64::MIN, |to| to.saturating_add(MINUTE));
                    self.seen.forget(done, keep);
                    if !whole {
                        let seconds = span.to - span.from;
                        let from = chrono::DateTime::from_timestamp(span.from, 0)
                            .map_or_else(String::new, |at| at.format("%F %TZ").to_string());
                        let lost = format!(
                            "search incomplete for the {seconds} s from {from}: the service did not finish"
                        );
                        self.outlet.lost(lost).await?;
                    }
                    if progress && loaded > 0 && loaded < expected {
                        let total = self.outlet.bytes() as f64 * expected as f64 / loaded as f64;
                        self.outlet.say(Delivery::Total(total as u64)).await?;
                    }
                }
                Some(Done::Uncounted(span, error)) => {
                    if self.counted {
                        self.counted = false;
                        let note = format!("loading without counts: {error}; {}", error.advice());
                        self.outlet.note(note).await?;
                    }
                    asked.retain(|other| *other != span);
                    open.extend(span.slices(16));
                }
                Some(Done::Failed(end)) => return Err(end),
            }
        }
    }

    /// Sends the new records; returns the number of all. A time that is missing, empty, in another unit or far from the
    /// searched range is ignored: such records are compared by content alone.
    async fn deliver(&mut self, records: Found, whole: &Range<i64>) -> Result<u64, End> {
        for record in &records {
            let json = record.get().as_bytes();
            let time = record_time(record).filter(|time| whole.contains(time));
            let is_new = match time {
                Some(time) => self.seen.is_new(time, digest(json)),
                None => self.strays.is_new(digest(json)),
            };
            if is_new {
                self.outlet.record(json).await?;
            }
        }
        self.outlet.flush().await?;
        Ok(records.len() as u64)
    }

    /// Polls indefinitely, or until `until` and the time for late records have passed.
    async fn live(&mut self, since: i64, mut read_to: i64, until: Option<i64>) -> Result<(), End> {
        let tuning = self.ask.tuning.clone();
        let mut settled = BTreeMap::new();
        let mut recount = Instant::now() + tuning.recount;
        loop {
            self.ask.patience.rest(tuning.poll).await;
            let now = self.ask.client.now().timestamp();
            let keep = now - tuning.late - MINUTE;
            let from = (read_to - tuning.overlap).max(since);
            let to = until.map_or(now + 1, |until| until.min(now + 1));
            self.read(
                Span {
                    from,
                    to,
                    count: None,
                },
                keep,
                to - from > LONG,
            )
            .await?;
            read_to = read_to.max(to);
            self.outlet.say(Delivery::Polled).await?;
            let parts = describe(&tuning, &self.ask.query, read_to);
            self.outlet.parts(parts).await?;
            if let Some(outage) = self.ask.patience.outage() {
                let seconds = outage.as_secs_f64();
                let mark =
                    format!("reconnected after {seconds:.0} s; events from the outage were read");
                self.outlet.mark(mark).await?;
            }
            if Instant::now() >= recount {
                self.recount(
                    since.max(now - tuning.late),
                    now - tuning.overlap,
                    &mut settled,
                )
                .await?;
                recount = Instant::now() + tuning.recount;
            }
            self.seen.forget(i64::MIN, keep);
            if until.is_some_and(|until| until + tuning.late < now) {
                return Ok(());
            }
        }
    }

    /// Counts the minutes of `[from, to)` and reads those again whose count has grown.
    async fn recount(
        &mut self,
        from: i64,
        to: i64,
        settled: &mut BTreeMap<i64, u64>,
    ) -> Result<(), End> {
        let keep = from - MINUTE;
        if !self.counted {
            return self
                .read(
                    Span {
                        from,
                        to,
                        count: None,
                    },
                    keep,
                    false,
                )
                .await;
        }
        settled.retain(|minute, _| *minute >= keep);
        let mut minute = from - from.rem_euclid(MINUTE);
        while minute + MINUTE <= to {
            let span = Span {
                from: minute.max(from),
                to: minute + MINUTE,
                count: None,
            };
            let count = self.ask.histogram(span.from, span.to).await?.total();
            let known = settled
                .get(&minute)
                .copied()
                .unwrap_or_else(|| self.seen.count(span.from, span.to));
            if count > known {
                self.read(span, keep, false).await?;
            }
            settled.insert(minute, count);
            minute += MINUTE;
        }
        Ok(())
    }
}

/// Describes the polls and their position.
fn describe(tuning: &Tuning, query: &str, read_to: i64) -> Vec<String> {
    let to = chrono::DateTime::from_timestamp(read_to, 0)
        .map_or_else(String::new, |at| at.format("%F %TZ").to_string());
    let applied = match query {
        "" => "the service applies no filter".to_owned(),
        query => format!("the service applies {}", printable(query)),
    };
    let polls = format!(
        "searched to {to}; every {} s searches the last {} s again, occasionally the last {} s",
        tuning.poll.as_secs(),
        tuning.overlap,
        tuning.late
    );
    vec![applied, polls]
}
