//! What is appended to a file after it was loaded.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use super::identity::{Change, Identity};
use crate::source::feed::{Delivery, Feed};
use crate::source::splitter::Splitter;
use crate::source::{SourceError, SourceState};

/// Where reading stands in a file.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) file: Arc<File>,
    pub(super) identity: Identity,
    pub(super) offset: u64,
    pub(super) splitter: Splitter,
}

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// How often a file is looked at where the system does not report changes, and how often all the same where
/// it does: some file systems report only part of them.
const POLL: Duration = Duration::from_millis(100);
const SAFETY: Duration = Duration::from_secs(2);

impl Tail {
    pub(super) fn new(file: Arc<File>, offset: u64, splitter: Splitter) -> io::Result<Self> {
        Ok(Self {
            identity: Identity::of(&file)?,
            file,
            offset,
            splitter,
        })
    }
}

/// Follows a file by its name until the feed stops.
pub(super) async fn follow(feed: Feed, path: PathBuf, mut tail: Tail) -> Result<(), SourceError> {
    tail.splitter.seek(tail.offset);
    let (changes, watched) = watch(&path);
    let mut changes = changes;
    if !watched {
        feed.send(Delivery::Note(
            "the file system reports no changes: looking every 100 ms".into(),
        ))
        .await?;
    }
    feed.state(SourceState::Live).await?;
    let pause = if watched { SAFETY } else { POLL };
    let mut missing = false;
    loop {
        missing = look(&feed, &path, &mut tail, missing).await?;
        tokio::select! {
            () = feed.stopped() => return Ok(()),
            () = changes.recv() => while changes.try_recv().is_ok() {},
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Changes of the file's directory, as wake-ups; false where they cannot be had.
fn watch(path: &Path) -> (Changes, bool) {
    let (wake, changes) = mpsc::channel(1);
    let handler = move |event: notify::Result<notify::Event>| {
        // Our own looking is an access too: waking up for those would never end.
        if event.is_ok_and(|event| event.kind.is_access()) {
            return;
        }
        // Full means that a wake-up is waiting already.
        let _ = wake.try_send(());
    };
    let directory = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let watcher = notify::recommended_watcher(handler).and_then(|mut watcher| {
        watcher
            .watch(directory, RecursiveMode::NonRecursive)
            .map(|()| watcher)
    });
    match watcher {
        Ok(watcher) => (
            Changes {
                changes,
                _watcher: Some(watcher),
            },
            true,
        ),
        Err(_) => (
            Changes {
                changes,
                _watcher: None,
            },
            false,
        ),
    }
}

/// Keeps the watcher alive as long as its wake-ups are wanted.
struct Changes {
    changes: mpsc::Receiver<()>,
    _watcher: Option<notify::RecommendedWatcher>,
}

impl Changes {
    /// The next wake-up; for ever pending without a watcher.
    async fn recv(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    fn try_recv(&mut self) -> Result<(), mpsc::error::TryRecvError> {
        self.changes.try_recv()
    }
}

/// Reads what is new. Returns whether the file is missing, so that this is said once.
async fn look(
    feed: &Feed,
    path: &Path,
    tail: &mut Tail,
    was_missing: bool,
) -> Result<bool, SourceError> {
    let name = path.display();
    let now = match File::open(path) {
        Ok(now) => now,
        Err(error) => {
            drain(feed, tail).await?;
            if !was_missing {
                feed.send(Delivery::Note(format!(
                    "{name}: {error}; waiting for it to come back"
                )))
                .await?;
            }
            return Ok(true);
        }
    };
    let change = tail
        .identity
        .compare(&now, tail.offset)
        .map_err(|e| SourceError::io(path, &e))?;
    match change {
        Change::None => drain(feed, tail).await?,
        Change::Replaced => {
            // What was still written to the old file belongs before the new one.
            drain(feed, tail).await?;
            for block in tail.splitter.finish() {
                feed.send(Delivery::Block(block)).await?;
            }
            feed.send(Delivery::Mark(format!("rotated: {name}")))
                .await?;
            *tail = Tail::new(Arc::new(now), 0, tail.splitter.fresh())
                .map_err(|e| SourceError::io(path, &e))?;
            drain(feed, tail).await?;
        }
        Change::Truncated => {
            feed.send(Delivery::Mark(format!("truncated: {name}")))
                .await?;
            tail.offset = 0;
            tail.splitter = tail.splitter.fresh();
            drain(feed, tail).await?;
        }
    }
    Ok(false)
}

/// Reads to the present end of the file.
async fn drain(feed: &Feed, tail: &mut Tail) -> Result<(), SourceError> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match tail.file.read_at(&mut chunk, tail.offset) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(SourceError::Failed(format!("reading failed: {error}"))),
        };
        tail.offset += read as u64;
        for block in tail.splitter.push(&chunk[..read]) {
            feed.send(Delivery::Block(block)).await?;
        }
    }
}
