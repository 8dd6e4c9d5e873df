//! Reading by search: the history of a time range newest first, then polling with overlap.
//!
//! The history is cut by counts into spans of a few pages, of which several are read at once. Polls read the
//! last seconds again and drop what is already held; records that arrive later than that are found by
//! counting the last minutes now and then.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::client::{Client, Search};
use super::error::{Class, Error};
use super::model::{Histogram, record_time};
use super::patience::Patience;
use super::ranges::Span;
use super::{End, Settings, Tuning};
use crate::engine::SourceState;
use crate::source::outlet::Outlet;
use crate::source::seen::{SeenByTime, digest};
use crate::source::{Delivery, Feed};

/// Seconds that are loaded where no start is given.
const DEFAULT_HISTORY: i64 = 3600;
/// Times the same request is repeated while its answer is incomplete.
const REPEATS: u32 = 60;
/// A gap of more seconds than this is read like history, in parts.
const LONG: i64 = 600;
/// Length of the windows that are counted again.
const MINUTE: i64 = 60;

pub(super) async fn run(feed: Feed, client: Arc<Client>, settings: &Settings) -> Result<(), End> {
    let patience = Patience::new(feed.clone(), settings.retry.clone());
    let ask = Ask {
        client,
        patience,
        query: settings.query.as_str().into(),
        tuning: settings.tuning.clone(),
    };
    let mut reader = Reader {
        ask,
        outlet: Outlet::new(feed),
        seen: SeenByTime::default(),
        counted: true,
    };

    let (from, to) = reader.window(settings).await?;
    if settings.since.is_none() {
        reader
            .outlet
            .note("no start given: the last hour is loaded; --since loads more")
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

/// What is needed to ask; goes into every task.
#[derive(Clone, Debug)]
struct Ask {
    client: Arc<Client>,
    patience: Patience,
    query: Arc<str>,
    tuning: Tuning,
}

/// What tasks tell the reader.
enum Told {
    Page {
        from: i64,
        records: Vec<Box<RawValue>>,
    },
    /// A span was cut; the parts are to be read.
    Cut(Vec<Span>),
    Read(Span),
    Note(String),
    /// The counts are not to be had with these rights; the span is still to be read.
    Uncounted(Span, Error),
    Failed(End),
}

/// The one place where records are put together.
struct Reader {
    ask: Ask,
    outlet: Outlet,
    seen: SeenByTime,
    /// Whether the service lets us count.
    counted: bool,
}

impl Reader {
    /// The time range of the history. Where it hangs on the clock, a first call sets that right.
    async fn window(&mut self, settings: &Settings) -> Result<(i64, i64), End> {
        let window = |client: &Client| {
            let now = client.now().timestamp();
            let to = settings.until.unwrap_or(now + 1).min(now + 1);
            (settings.since.unwrap_or(to - DEFAULT_HISTORY), to)
        };
        let (from, to) = window(&self.ask.client);
        if from < to && settings.until.is_none() {
            match self.ask.histogram(to - MINUTE, to).await {
                Err(End::Call(e)) if denies_counting(&e) => {}
                other => drop(other?),
            }
        }
        Ok(window(&self.ask.client))
    }

    /// Reads a span in parts, newest first, several at once. Of what is older than `keep` it is forgotten
    /// what was read, since it is not read again.
    async fn read(&mut self, span: Span, keep: i64, progress: bool) -> Result<(), End> {
        if span.from >= span.to {
            return Ok(());
        }
        let (tell, mut told) = mpsc::channel(16);
        let mut tasks = JoinSet::new();
        let mut open = vec![span];
        let (mut in_flight, mut expected, mut loaded) = (0, 0, 0u64);
        loop {
            // The newest is at the end.
            open.sort_by_key(|span: &Span| span.to);
            while in_flight < self.ask.tuning.parallel.max(1)
                && let Some(span) = open.pop()
            {
                in_flight += 1;
                let (ask, tell) = (self.ask.clone(), tell.clone());
                let load = !self.counted
                    || span.is_small(ask.tuning.range)
                    || span.to - span.from <= LONG && !progress;
                tasks.spawn(async move {
                    let last = if load {
                        ask.load(span, &tell).await
                    } else {
                        ask.cut(span).await
                    };
                    // A failure to send means that the reader is gone.
                    let _ = tell.send(last.unwrap_or_else(Told::Failed)).await;
                });
            }
            if in_flight == 0 {
                return Ok(());
            }
            // The reader holds a sender itself, so there is always one.
            let Some(news) = told.recv().await else {
                return Err(End::Stopped);
            };
            match news {
                Told::Page { from, records } => loaded += self.deliver(from, &records).await?,
                Told::Cut(spans) => {
                    in_flight -= 1;
                    if expected == 0 {
                        expected = spans.iter().filter_map(|span| span.count).sum();
                    }
                    open.extend(spans);
                }
                Told::Read(span) => {
                    in_flight -= 1;
                    self.seen.forget(span.from, span.to.min(keep));
                    if progress && loaded > 0 && loaded < expected {
                        let total = self.outlet.bytes() as f64 * expected as f64 / loaded as f64;
                        self.outlet.say(Delivery::Total(total as u64)).await?;
                    }
                }
                Told::Note(note) => self.outlet.say(Delivery::Mark(note)).await?,
                Told::Uncounted(span, error) => {
                    in_flight -= 1;
                    if self.counted {
                        self.counted = false;
                        self.outlet
                            .note(format!(
                                "loading without counts: {error}; {}",
                                error.advice()
                            ))
                            .await?;
                    }
                    open.extend(span.slices(16));
                }
                Told::Failed(end) => return Err(end),
            }
            // A task that panicked would leave its span open for ever.
            while let Some(ended) = tasks.try_join_next() {
                if let Err(panic) = ended.map_err(|e| e.try_into_panic()) {
                    if let Ok(panic) = panic {
                        std::panic::resume_unwind(panic);
                    }
                }
            }
        }
    }

    /// Hands on the records that are new; gives the number of all.
    async fn deliver(&mut self, from: i64, records: &[Box<RawValue>]) -> Result<u64, End> {
        for record in records {
            let json = record.get().as_bytes();
            if self
                .seen
                .is_new(record_time(record).unwrap_or(from), digest(json))
            {
                self.outlet.record(json).await?;
            }
        }
        self.outlet.flush().await?;
        Ok(records.len() as u64)
    }

    /// Polls for ever, or until `until` and the time for late records have passed.
    async fn live(&mut self, since: i64, mut read_to: i64, until: Option<i64>) -> Result<(), End> {
        let tuning = self.ask.tuning.clone();
        let mut settled = BTreeMap::new();
        let mut recount = Instant::now() + tuning.recount;
        loop {
            sleep(tuning.poll).await;
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
            if let Some(outage) = self.ask.patience.outage() {
                let seconds = outage.as_secs_f64();
                let mark =
                    format!("reconnected after {seconds:.0} s; what came meanwhile was read");
                self.outlet.say(Delivery::Mark(mark)).await?;
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

    /// Counts the minutes of `[from, to)` and reads those again whose count is not what it was.
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

impl Ask {
    /// The counts of a range, asked for until they are complete.
    async fn histogram(&self, from: i64, to: i64) -> Result<Histogram, End> {
        let mut repeats = 0;
        loop {
            let found = self
                .patience
                .with(|| self.client.histogram(&self.query, from, to))
                .await?;
            if found.complete || repeats == REPEATS {
                return Ok(found);
            }
            repeats += 1;
            sleep(self.tuning.incomplete).await;
        }
    }

    async fn cut(&self, span: Span) -> Result<Told, End> {
        match self.histogram(span.from, span.to).await {
            Ok(found) => {
                let whole = Span {
                    count: Some(found.total()),
                    ..span
                };
                Ok(Told::Cut(whole.cut(&found.parts, self.tuning.range)))
            }
            Err(End::Call(error)) if denies_counting(&error) => Ok(Told::Uncounted(span, error)),
            Err(end) => Err(end),
        }
    }

    /// Reads a span page by page. The end is where the service says it has searched everything and nothing
    /// more came, or as much came as was counted.
    async fn load(&self, span: Span, tell: &mpsc::Sender<Told>) -> Result<Told, End> {
        let (mut offset, mut repeats) = (0, 0);
        loop {
            let search = Search {
                query: &self.query,
                from: span.from,
                to: span.to,
                offset,
            };
            let page = self.patience.with(|| self.client.get_logs(&search)).await?;
            let got = page.records.len() as u64;
            if got > 0 {
                let page = Told::Page {
                    from: span.from,
                    records: page.records,
                };
                tell.send(page).await.map_err(|_| End::Stopped)?;
            }
            if !page.complete && repeats < REPEATS {
                repeats += 1;
                sleep(self.tuning.incomplete).await;
                continue;
            }
            if !page.complete {
                let what = format!(
                    "the service did not finish searching {} s from {} on",
                    span.to - span.from,
                    span.from
                );
                tell.send(Told::Note(what))
                    .await
                    .map_err(|_| End::Stopped)?;
            }
            repeats = 0;
            offset += got;
            if got == 0 || span.count.is_some_and(|count| offset >= count) {
                return Ok(Told::Read(span));
            }
        }
    }
}

/// Whether an error says that counting alone is not allowed, which loading can do without.
fn denies_counting(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.missing_action().is_some() && refusal.class() == Class::Never)
}
