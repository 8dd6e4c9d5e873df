//! What is appended to a file after it was loaded, through rotation, truncation and the switch of a link.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::claims::{Claims, Standing};
use super::holes;
use super::identity::{Change, HEAD, Identity};
use super::watch::{Interest, Watch};
use crate::source::feed::{Block, Delivery, Feed, Stopped};
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

/// A file that was rotated away is still looked at until nothing came to it for so long: whoever writes has it
/// open until it is told.
const LINGER: Duration = Duration::from_secs(10);

/// How often meanwhile, at least.
const LINGER_POLL: Duration = Duration::from_millis(500);

/// Least time between two looks at a file that grows.
const BREATH: Duration = Duration::from_millis(10);

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
pub(super) async fn follow(
    feed: Feed,
    path: PathBuf,
    tail: Tail,
    claims: Claims,
) -> Result<(), SourceError> {
    let watch = Watch::of(directory(&path), Interest::Content);
    watching(watch, feed, path, tail, claims).await
}

async fn watching(
    mut watch: Watch,
    feed: Feed,
    path: PathBuf,
    mut tail: Tail,
    claims: Claims,
) -> Result<(), SourceError> {
    tail.splitter.seek(tail.offset);
    if !watch.is_told() {
        feed.send(Delivery::Note(watch.says())).await?;
    }
    feed.send(Delivery::Parts(vec![watch.says()])).await?;
    let mut follower = Follower {
        feed,
        path,
        claims,
        tail,
        old: None,
        missing: false,
    };
    follower.look().await?;
    follower.feed.state(SourceState::Live).await?;
    let mut moving = true;
    loop {
        if moving {
            // Whoever writes a lot writes on: larger pieces cost less.
            tokio::time::sleep(BREATH).await;
        }
        // A link may lead elsewhere: what happens to the file itself happens there.
        if let Ok(target) = follower.path.canonicalize() {
            watch.add(directory(&target));
        }
        let pause = match follower.old {
            Some(_) => watch.pause().min(LINGER_POLL),
            None => watch.pause(),
        };
        tokio::select! {
            () = follower.feed.stopped() => return Ok(()),
            () = watch.changed() => {}
            () = follower.feed.rest(pause) => {}
        }
        let before = follower.tail.offset;
        follower.look().await?;
        moving = follower.tail.offset != before;
    }
}

fn directory(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

struct Follower {
    feed: Feed,
    path: PathBuf,
    claims: Claims,
    tail: Tail,
    /// The file that had the name before, and when something last came to it.
    old: Option<(Tail, Instant)>,
    /// Said once.
    missing: bool,
}

impl Follower {
    /// Reads what is new.
    async fn look(&mut self) -> Result<(), SourceError> {
        self.linger().await?;
        let name = self.path.display();
        let now = match File::open(&self.path) {
            Ok(now) => now,
            Err(error) => {
                let note = format!("{name}: {error}; waiting for it to come back");
                drain(&self.feed, &mut self.tail).await?;
                if !std::mem::replace(&mut self.missing, true) {
                    self.feed.send(Delivery::Note(note)).await?;
                }
                return Ok(());
            }
        };
        self.missing = false;
        let before = self.tail.identity.clone();
        let change = self
            .tail
            .identity
            .compare(&now, self.tail.offset)
            .map_err(|e| SourceError::io(&self.path, &e))?;
        match change {
            Change::None => {
                if self.tail.identity != before {
                    self.claims.take(&self.tail.identity);
                }
            }
            Change::Replaced => return self.replaced(now).await,
            Change::Truncated => {
                let mark = format!("truncated: {name}");
                let rest = self.tail.splitter.finish();
                self.send(rest).await?;
                self.feed.send(Delivery::Mark(mark)).await?;
                self.claims.take(&self.tail.identity);
                self.tail.offset = 0;
                self.tail.splitter = self.tail.splitter.fresh();
            }
        }
        drain(&self.feed, &mut self.tail).await?;
        // Nothing more would ever be shown of it.
        self.tail.splitter.check(&self.path.display().to_string())?;
        Ok(())
    }

    /// Another file has the name.
    async fn replaced(&mut self, now: File) -> Result<(), SourceError> {
        let failed = |e: io::Error| SourceError::io(&self.path, &e);
        // What was written to the old file so far belongs before the new one.
        drain(&self.feed, &mut self.tail).await?;
        let identity = Identity::of(&now).map_err(failed)?;
        let len = now.metadata().map_err(failed)?.len();
        let start = match self.claims.standing(&identity, identity.head(), len) {
            // Renamed within what is followed: whoever reads it lets go of it once it is at rest.
            Standing::Read => return Ok(()),
            Standing::Left(at) => at,
            // Short files may begin the same without being the same.
            Standing::Copy if identity.head().len() == HEAD => len,
            Standing::Copy | Standing::New | Standing::Unclear => 0,
        };
        let name = self.path.display();
        let said = match start {
            0 => Delivery::Mark(format!("rotated: {name}")),
            _ => Delivery::Note(format!("{name}: is now what was read under another name")),
        };
        let mut tail =
            Tail::new(Arc::new(now), start, self.tail.splitter.fresh()).map_err(failed)?;
        tail.splitter.seek(start);
        self.claims.take(&tail.identity);
        let old = std::mem::replace(&mut self.tail, tail);
        if let Some((older, _)) = self.old.replace((old, Instant::now())) {
            self.leave(older).await?;
        }
        self.feed.send(said).await?;
        drain(&self.feed, &mut self.tail).await?;
        Ok(())
    }

    /// Reads what still comes to the file that had the name before, until it is at rest.
    async fn linger(&mut self) -> Result<(), SourceError> {
        let Some((old, last)) = &mut self.old else {
            return Ok(());
        };
        if drain(&self.feed, old).await? {
            *last = Instant::now();
        }
        if last.elapsed() >= LINGER
            && let Some((old, _)) = self.old.take()
        {
            self.leave(old).await?;
        }
        Ok(())
    }

    async fn leave(&mut self, mut tail: Tail) -> Result<(), SourceError> {
        let rest = tail.splitter.finish();
        self.send(rest).await?;
        self.claims.leave(&tail.identity, tail.offset);
        Ok(())
    }

    async fn send(&self, blocks: Vec<Block>) -> Result<(), Stopped> {
        for block in blocks {
            self.feed.send(Delivery::Block(block)).await?;
        }
        Ok(())
    }
}

/// Reads to the present end of the file. Says whether there was anything.
async fn drain(feed: &Feed, tail: &mut Tail) -> Result<bool, SourceError> {
    let start = tail.offset;
    let mut chunk = Vec::new();
    let mut behind = false;
    loop {
        chunk.resize(CHUNK, 0);
        let read = match tail.file.read_at(&mut chunk, tail.offset) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(SourceError::Failed(format!("reading failed: {error}"))),
        };
        tail.offset += read as u64;
        for block in tail.splitter.push(&chunk[..read]) {
            feed.send(Delivery::Block(block)).await?;
        }
        if read == CHUNK {
            let len = tail.file.metadata().map_or(0, |meta| meta.len());
            if chunk.iter().all(|byte| *byte == 0) {
                // Perhaps it goes on so for long.
                let data = holes::data(&tail.file, tail.offset, len);
                tail.offset += tail.splitter.skip(data.saturating_sub(tail.offset));
            }
            behind = true;
            feed.send(Delivery::Behind(len.saturating_sub(tail.offset)))
                .await?;
        }
    }
    if behind {
        feed.send(Delivery::Behind(0)).await?;
    }
    Ok(tail.offset > start)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write as _;

    use tokio::sync::mpsc::Receiver;

    use super::*;

    /// Takes deliveries until records have come, and gives back their text, and the notes and marks before it.
    async fn next(from: &mut Receiver<Delivery>) -> (String, Vec<String>) {
        let mut said = Vec::new();
        loop {
            match from.recv().await.expect("it follows") {
                Delivery::Block(block) => {
                    let text = String::from_utf8(block.bytes.to_vec()).expect("UTF-8");
                    return (text, said);
                }
                Delivery::Note(text) | Delivery::Mark(text) => said.push(text),
                _ => {}
            }
        }
    }

    /// On a network mount, and where the system cannot watch: what is appended and what is rotated is found by
    /// looking, and that is said.
    #[tokio::test]
    async fn where_the_system_does_not_tell_files_are_looked_at_by_the_clock() {
        let directory = tempfile::tempdir().expect("a directory");
        let nowhere = directory.path().join("nowhere");
        for (mount, watched, words) in [
            (Some("nfs"), directory.path(), "on a network mount (nfs)"),
            (None, &*nowhere, "the file system tells of no changes"),
        ] {
            let watch = Watch::on(mount, watched, Interest::Content);
            assert!(!watch.is_told());
            let path = directory.path().join("audit.ndjson");
            fs::write(&path, "{\"n\":1}\n").expect("written");
            let file = Arc::new(File::open(&path).expect("it is there"));
            let tail = Tail::new(file, 8, Splitter::lines(None)).expect("a file");
            let (feed, mut from, stop) = Feed::new(16);
            let task = watching(watch, feed, path.clone(), tail, Claims::default());
            let task = tokio::spawn(task);

            let mut old = OpenOptions::new().append(true).open(&path).expect("there");
            old.write_all(b"{\"n\":2}\n").expect("written");
            let (text, said) = next(&mut from).await;
            assert_eq!(text, "{\"n\":2}\n");
            assert!(said[0].starts_with(words), "{said:?}");

            fs::rename(&path, directory.path().join("audit.1")).expect("renamed");
            old.write_all(b"{\"n\":3}\n").expect("written");
            fs::write(&path, "{\"n\":4}\n").expect("written");
            assert_eq!(next(&mut from).await.0, "{\"n\":3}\n");
            let (text, said) = next(&mut from).await;
            assert_eq!(text, "{\"n\":4}\n");
            assert!(said[0].starts_with("rotated"), "{said:?}");

            stop.send(true).expect("it follows");
            while from.recv().await.is_some() {}
            task.await.expect("it ends").expect("well");
        }
    }
}
