//! A source under test and everything it has delivered so far.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use regtrail::engine::SourceState;
use regtrail::source::{Delivery, Failure, Feed, Records};
use serde_json::Value;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The longest any condition is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came out of a source.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    pub(crate) records: Vec<Value>,
    /// Lines that are left to whoever decodes them.
    pub(crate) broken: Vec<String>,
    /// Of tables.
    pub(crate) rows: Vec<String>,
    pub(crate) states: Vec<SourceState>,
    pub(crate) notes: Vec<String>,
    pub(crate) marks: Vec<String>,
    pub(crate) defects: Vec<String>,
    pub(crate) losses: Vec<String>,
    pub(crate) parts: Vec<String>,
    pub(crate) polls: usize,
    bytes: u64,
}

impl Delivered {
    fn take(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Block(block) => {
                let flaws = block.flaws.iter().map(|flaw| flaw.reason.clone());
                self.defects.extend(flaws);
                assert_eq!(block.offset, self.bytes, "offsets go on without gaps");
                self.bytes += block.bytes.len() as u64;
                let text = String::from_utf8_lossy(&block.bytes);
                let lines = text.split('\n').filter(|line| !line.is_empty());
                match block.records {
                    Records::Lines => lines.for_each(|line| match serde_json::from_str(line) {
                        Ok(record @ Value::Object(_)) => self.records.push(record),
                        _ => self.broken.push(line.to_owned()),
                    }),
                    Records::Rows(_) => self.rows.extend(text.lines().map(str::to_owned)),
                    Records::At(_) => assert!(text.is_empty(), "only of a table"),
                }
            }
            Delivery::Range(_) | Delivery::Found(_) => {
                panic!("what a network source hands on is in no file")
            }
            Delivery::State(state) => self.states.push(state),
            Delivery::Note(note) => self.notes.push(note),
            Delivery::Mark(mark) => self.marks.push(mark),
            Delivery::Defect { reason, .. } => self.defects.push(reason),
            Delivery::Lost(lost) => self.losses.push(lost),
            Delivery::Parts(parts) => self.parts = parts,
            Delivery::Polled => self.polls += 1,
            Delivery::Total(_) | Delivery::Behind(_) => {}
        }
    }

    /// Values of a field in the order of delivery.
    pub(crate) fn values(&self, field: &str) -> Vec<String> {
        self.records
            .iter()
            .map(|record| record[field].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Whether every one of `n` records, told apart by `field`, came, and none twice.
    pub(crate) fn assert_each_once(&self, field: &str, expected: impl IntoIterator<Item = String>) {
        let mut counts: HashMap<String, i32> = HashMap::new();
        for value in self.values(field) {
            *counts.entry(value).or_default() += 1;
        }
        for value in expected {
            *counts.entry(value).or_default() -= 1;
        }
        counts.retain(|_, count| *count != 0);
        assert!(counts.is_empty(), "too many (+) or lost (-): {counts:?}");
    }

    pub(crate) fn retried(&self, why: &str) -> bool {
        self.states
            .iter()
            .any(|s| matches!(s, SourceState::Retrying { why: w, .. } if w.contains(why)))
    }

    pub(crate) fn is_live(&self) -> bool {
        self.states.last() == Some(&SourceState::Live)
    }
}

/// A source that runs.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) seen: Delivered,
    from: mpsc::Receiver<Delivery>,
    stop: watch::Sender<bool>,
    hurry: Arc<Notify>,
    task: JoinHandle<Result<(), Failure>>,
}

impl Running {
    pub(crate) fn start<F>(source: impl FnOnce(Feed) -> F) -> Self
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let (feed, from, stop) = Feed::new(8);
        let hurry = feed.hurry();
        let task = tokio::spawn(source(feed));
        Self {
            seen: Delivered::default(),
            from,
            stop,
            hurry,
            task,
        }
    }

    /// Waits until what was delivered fulfils a condition.
    pub(crate) async fn until(&mut self, what: &str, condition: impl Fn(&Delivered) -> bool) {
        while !condition(&self.seen) {
            let Ok(next) = timeout(PATIENCE, self.from.recv()).await else {
                panic!("no {what} in time: {:?}", self.seen);
            };
            let Some(delivery) = next else {
                panic!("ended without {what}: {:?}", self.seen);
            };
            self.seen.take(delivery);
        }
    }

    pub(crate) async fn until_count(&mut self, count: usize) {
        self.until(&format!("{count} records"), |seen| {
            seen.records.len() >= count
        })
        .await;
    }

    /// Asks for another try at once.
    pub(crate) fn hurry(&self) {
        self.hurry.notify_waiters();
    }

    /// Asks for another try again and again until a condition is fulfilled: calls that run beside each other
    /// fail one after the other.
    pub(crate) async fn hurry_until(&mut self, condition: impl Fn(&Delivered) -> bool) {
        let end = tokio::time::Instant::now() + PATIENCE;
        while !condition(&self.seen) {
            assert!(
                tokio::time::Instant::now() < end,
                "not in time: {:?}",
                self.seen
            );
            self.hurry();
            if let Ok(Some(delivery)) = timeout(Duration::from_millis(20), self.from.recv()).await {
                self.seen.take(delivery);
            }
        }
    }

    /// Stops it and takes in what was still under way.
    pub(crate) async fn stop(mut self) -> Delivered {
        let _ = self.stop.send(true);
        self.end().await.expect("stopping is no failure");
        self.seen
    }

    /// Waits for its end.
    pub(crate) async fn end(&mut self) -> Result<(), Failure> {
        while let Some(delivery) = timeout(PATIENCE, self.from.recv())
            .await
            .expect("an end in time")
        {
            self.seen.take(delivery);
        }
        (&mut self.task).await.expect("no panic")
    }
}
