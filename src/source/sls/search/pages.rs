//! Requests of a search: counts of a range, and pages of a span. Each is repeated until the response is complete.

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

/// Most repetitions of a request while its response is incomplete.
const REPEATS: u32 = 60;

/// Full pages in a row with identical records, after which the server is assumed to ignore the offset.
const SAME: u32 = 100;

/// Context of the requests; each task has a copy.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) client: Arc<Client>,
    pub(super) patience: RetryPolicy,
    pub(super) query: Arc<str>,
    pub(super) tuning: Tuning,
}

/// Records of a page.
pub(super) type Found = Vec<Box<RawValue>>;

/// Result for a span.
pub(super) enum Done {
    /// The span was split; its parts are still to be read.
    Cut(Span, Vec<Span>),
    /// The span was read; not `whole` if the service did not complete the search.
    Read {
        span: Span,
        whole: bool,
    },
    /// These permissions do not allow counting; the span is still to be read.
    Uncounted(Span, Error),
    Failed(End),
}

impl Ask {
    /// Reads a span, or splits it by its counts.
    pub(super) async fn take(self, span: Span, load: bool, tell: mpsc::Sender<Found>) -> Done {
        let done = if load {
            self.load(span, &tell).await
        } else {
            self.cut(span).await
        };
        done.unwrap_or_else(Done::Failed)
    }

    /// Returns the counts of a range.
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

    /// Reads a span page by page, until the service reports a complete search and returns no more records, or as many
    /// as were counted.
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
            // A full page shows that there may be more records than were counted.
            let is_counted = span.count.is_some_and(|count| offset >= count) && got < PAGE;
            whole &= same < SAME;
            if got == 0 || is_counted || same >= SAME {
                return Ok(Done::Read { span, whole });
            }
        }
    }
}

/// Returns true if an error denies only counting, which loading can do without.
pub(super) fn denies_counting(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.missing_action().is_some() && refusal.class() == Class::Never)
}
