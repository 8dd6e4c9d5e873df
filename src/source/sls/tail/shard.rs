//! One shard, read from a position until its end, if it has one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::sync::mpsc;

use super::super::checkpoint::Position;
use super::super::client::{Client, Place};
use super::super::error::{Class, Error};
use super::super::model::{Pulled, Shard};
use super::super::protobuf::{LogGroup, LogGroupList, to_json};
use super::super::retry::RetryPolicy;
use super::super::{End, Tuning};

/// Consecutive cursors that the service may refuse before reading gives up.
const SEEKS: u32 = 3;

/// Longest time by which a log's own time may be ahead of its receipt, by the rules of the service.
const AHEAD: i64 = 900;

/// Messages of the tasks.
pub(super) enum ShardMessage {
    Batch {
        shard: i64,
        records: Vec<Vec<u8>>,
        position: Position,
    },
    /// No more data for now.
    CaughtUp {
        shard: i64,
    },
    /// No more data for this source.
    Ended {
        shard: i64,
        position: Position,
        note: Option<String>,
    },
    Shards(Vec<Shard>),
    /// Shown as a line in the list; `Lost` means that data is known to be missing there.
    Mark(String),
    Lost(String),
    Failed(End),
}

/// Settings shared by all shards.
pub(super) struct Reading {
    pub(super) client: Arc<Client>,
    pub(super) patience: RetryPolicy,
    pub(super) tuning: Tuning,
    pub(super) follow: bool,
    pub(super) until: Option<i64>,
}

pub(super) struct ShardReader {
    pub(super) id: i64,
    pub(super) reading: Reading,
    pub(super) read_only: Arc<AtomicBool>,
    /// Start, unless `position` has a cursor.
    pub(super) start: Place,
    pub(super) position: Position,
    pub(super) tell: mpsc::Sender<ShardMessage>,
}

impl ShardReader {
    pub(super) async fn run(mut self) {
        let last = match self.read().await {
            Ok(note) => ShardMessage::Ended {
                shard: self.id,
                position: self.position.clone(),
                note,
            },
            Err(end) => ShardMessage::Failed(end),
        };
        // A failure to send means that nobody listens any more.
        let _ = self.tell.send(last).await;
    }

    /// Reads to the end; returns a note about it, if any.
    async fn read(&mut self) -> Result<Option<String>, End> {
        if self.position.cursor.is_empty() {
            self.position.cursor = match self.seek(self.start).await {
                Err(End::Call(e)) if is_gone(&e) => {
                    return Ok(Some(format!("shard {} is gone", self.id)));
                }
                cursor => cursor?,
            };
        }
        let mut end = match (self.reading.follow, self.reading.until) {
            (true, _) => None,
            (false, Some(until)) => Some(self.seek(Place::Time(until)).await?),
            (false, None) => Some(self.seek(Place::End).await?),
        };
        let mut seeks = 0;
        loop {
            // Records received before `until` may still be in transit until then.
            if end.is_none()
                && let Some(until) = self.reading.until
                && self.reading.client.now().timestamp() >= until
            {
                end = Some(self.seek(Place::Time(until)).await?);
            }
            if end
                .as_ref()
                .is_some_and(|end| is_at(&self.position.cursor, end))
            {
                return Ok(None);
            }
            // Read-only before it was found empty: then nothing can have arrived since.
            let read_only = self.read_only.load(Ordering::Relaxed);
            let pulled = match self.pull(end.as_deref()).await {
                Ok(pulled) => pulled,
                Err(End::Call(e)) if is_gone(&e) => {
                    return Ok(Some(format!("shard {} is gone", self.id)));
                }
                Err(End::Call(e)) if e.class() == Class::Reseek && seeks < SEEKS => {
                    seeks += 1;
                    let place = self.position.received.map_or(self.start, Place::Time);
                    let refused = self.position.cursor.clone();
                    self.position.cursor = self.seek(place).await?;
                    let what = format!("shard {}: the cursor was refused", self.id);
                    self.tell(if is_after(&self.position.cursor, &refused) {
                        ShardMessage::Lost(format!("{what} and later records have expired: a gap"))
                    } else {
                        ShardMessage::Mark(format!("{what}, continuing by time"))
                    })
                    .await?;
                    continue;
                }
                Err(end) => return Err(end),
            };
            seeks = 0;
            let moved = pulled.next != self.position.cursor;
            let empty = pulled.groups.groups.is_empty();
            if moved || !empty {
                self.hand_on(pulled).await?;
            }
            if !moved {
                if read_only {
                    self.position.drained = true;
                    return Ok(None);
                }
                if end.is_some() {
                    return Ok(None);
                }
                self.tell(ShardMessage::CaughtUp { shard: self.id }).await?;
                self.reading.patience.rest(self.reading.tuning.poll).await;
            }
        }
    }

    async fn hand_on(&mut self, pulled: Pulled) -> Result<(), End> {
        let groups = &pulled.groups.groups;
        let records = groups
            .iter()
            .flat_map(|group| group.logs.iter().map(|log| to_json(group, log)))
            .collect();
        let now = self.reading.client.now().timestamp();
        self.position.received = received(&pulled.groups, now).max(self.position.received);
        self.position.cursor = pulled.next;
        self.tell(ShardMessage::Batch {
            shard: self.id,
            records,
            position: self.position.clone(),
        })
        .await
    }

    async fn pull(&self, end: Option<&str>) -> Result<Pulled, End> {
        let Reading {
            client,
            patience,
            tuning,
            ..
        } = &self.reading;
        patience
            .unless(is_answered, || {
                client.pull(self.id, &self.position.cursor, end, tuning.groups)
            })
            .await
    }

    async fn seek(&self, place: Place) -> Result<String, End> {
        self.reading
            .patience
            .unless(is_gone, || self.reading.client.cursor(self.id, place))
            .await
    }

    async fn tell(&self, reported: ShardMessage) -> Result<(), End> {
        self.tell.send(reported).await.map_err(|_| End::Stopped)
    }
}

/// Returns true for errors that the reader of a shard handles.
fn is_answered(error: &Error) -> bool {
    is_gone(error) || error.class() == Class::Reseek
}

fn is_gone(error: &Error) -> bool {
    error.code() == "ShardNotExist"
}

/// Returns true if a cursor is at or after the end. Cursors are opaque but known to be base64 numbers; if they are not,
/// only equality counts.
fn is_at(cursor: &str, end: &str) -> bool {
    match (number(cursor), number(end)) {
        (Some(cursor), Some(end)) => cursor >= end,
        _ => cursor == end,
    }
}

/// Returns true if a cursor is known to be after another, so that there are records between them.
fn is_after(cursor: &str, other: &str) -> bool {
    matches!((number(cursor), number(other)), (Some(cursor), Some(other)) if cursor > other)
}

/// Returns the number in a cursor.
fn number(cursor: &str) -> Option<i64> {
    String::from_utf8(BASE64.decode(cursor).ok()?)
        .ok()?
        .parse()
        .ok()
}

/// Returns a time of receipt from which all data after these groups can be read.
fn received(list: &LogGroupList, now: i64) -> Option<i64> {
    let tagged = |group: &LogGroup| -> Option<i64> {
        let tag = group
            .tags
            .iter()
            .find(|tag| &tag.key[..] == b"__receive_time__")?;
        std::str::from_utf8(&tag.value).ok()?.parse().ok()
    };
    let newest = list
        .groups
        .iter()
        .rev()
        .find(|group| !group.logs.is_empty())?;
    let logged = || {
        newest
            .logs
            .iter()
            .map(|log| i64::from(log.time).min(now) - AHEAD)
            .min()
    };
    tagged(newest).or_else(logged)
}

#[cfg(test)]
mod tests {
    use super::super::super::protobuf::{Log, Pair};
    use super::*;

    #[test]
    fn cursors_are_held_against_the_end_as_numbers() {
        let cursor = |n: i64| BASE64.encode(n.to_string());
        assert!(
            is_at(&cursor(10), &cursor(9))
                && is_at(&cursor(9), &cursor(9))
                && !is_at(&cursor(8), &cursor(10))
        );
        assert!(is_at("opaque", "opaque") && !is_at("opaque", "other"));
    }

    #[test]
    fn without_a_receive_time_seeking_errs_to_the_early_side() {
        let log = Log {
            time: 5000,
            ..Log::default()
        };
        let mut group = LogGroup {
            logs: vec![log],
            ..LogGroup::default()
        };
        let list = |group: &LogGroup| LogGroupList {
            groups: vec![group.clone()],
        };
        assert_eq!(received(&list(&group), 9000), Some(5000 - AHEAD));
        assert_eq!(received(&list(&group), 4000), Some(4000 - AHEAD));
        group.tags.push(Pair {
            key: "__receive_time__".into(),
            value: "5003".into(),
        });
        assert_eq!(received(&list(&group), 9000), Some(5003));
        assert_eq!(received(&LogGroupList::default(), 9000), None);
    }
}
