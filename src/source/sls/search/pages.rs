//! The questions of a search: counts of a range, the pages of a span. Each is asked until the answer is
//! complete.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::super::client::{Client, PAGE, Search};
use super::super::error::{Class, Error};
use super::super::model::Histogram;
use super::super::retry::RetryPolicy;
use super::super::slices::Span;
use super::super::{End, Tuning};

/// Times the same request is repeated while its answer is incomplete.
const REPEATS: u32 = 60;

/// So many full pages in a row with the same records come from somebody who does not look at the offset.
const SAME: u32 = 100;

/// What is needed to ask; goes into every task.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) client: Arc<Client>,
    pub(super) patience: RetryPolicy,
    pub(super) query: Arc<str>,
    pub(super) tuning: Tuning,
}

/// Records of a page.
pub(super) type Found = Vec<Box<RawValue>>;

/// What came of a span.
pub(super) enum Done {
    /// It was cut; the parts are to be read.
    Cut(Span, Vec<Span>),
    /// It was read; not `whole` where the service did not get through it.
    Read {
        span: Span,
        whole: bool,
    },
    /// The counts are not to be had with these rights; the span is still to be read.
    Uncounted(Span, Error),
    Failed(End),
}

impl Ask {
    /// Reads a span, or cuts it by its counts.
    pub(super) async fn take(self, span: Span, load: bool, tell: mpsc::Sender<Found>) -> Done {
        let done = if load {
            self.load(span, &tell).await
        } else {
            self.cut(span).await
        };
        done.unwrap_or_else(Done::Failed)
    }

    /// The counts of a range.
    pub(super) async fn histogram(&self, from: i64, to: i64) -> Result<Histogram, End> {
        let mut repeats = 0;
        loop {
            let found = self
                .patience
                .unless(denies_counting, || {
                    self.client.histogram(&self.query, from, to)
                })
                .await?;
            if found.complete || repeats == REPEATS {
                return Ok(found);
            }
            repeats += 1;
            self.patience.rest(self.tuning.incomplete).await;
        }
    }

    async fn cut(&self, span: Span) -> Result<Done, End> {
        match self.histogram(span.from, span.to).await {
            Ok(found) => {
                let whole = Span {
                    count: Some(found.total()),
                    ..span
                };
                Ok(Done::Cut(span, whole.cut(&found.parts, self.tuning.range)))
            }
            Err(End::Call(error)) if denies_counting(&error) => Ok(Done::Uncounted(span, error)),
            Err(end) => Err(end),
        }
    }

    /// Reads a span page by page. The end is where the service says it has searched everything and nothing
    /// more came, or as much came as was counted.
    async fn load(&self, span: Span, tell: &mpsc::Sender<Found>) -> Result<Done, End> {
        let (mut offset, mut repeats, mut whole) = (0, 0, true);
        let (mut last, mut same) = (0, 0);
        loop {
            let search = Search {
                query: &self.query,
                from: span.from,
                to: span.to,
                offset,
            };
            let page = self.patience.with(|| self.client.get_logs(&search)).await?;
            let got = page.records.len() as u64;
            let mut hasher = DefaultHasher::new();
            for record in &page.records {
                hasher.write(record.get().as_bytes());
            }
            same = if hasher.finish() == last { same + 1 } else { 0 };
            last = hasher.finish();
            if got > 0 {
                tell.send(page.records).await.map_err(|_| End::Stopped)?;
            }
            if !page.complete && repeats < REPEATS {
                repeats += 1;
                self.patience.rest(self.tuning.incomplete).await;
                continue;
            }
            whole &= page.complete;
            repeats = 0;
            offset += got;
            // There may be more than was counted, as a full page tells.
            let is_counted = span.count.is_some_and(|count| offset >= count) && got < PAGE;
            whole &= same < SAME;
            if got == 0 || is_counted || same >= SAME {
                return Ok(Done::Read { span, whole });
            }
        }
    }
}

/// Whether an error says that counting alone is not allowed, which loading can do without.
pub(super) fn denies_counting(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.missing_action().is_some() && refusal.class() == Class::Never)
}
