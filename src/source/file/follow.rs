//! Follows a file after it was loaded, through rotation, rewriting and the switch of a link.
//!
//! A file is followed by its name. If another file takes the name, or its content is replaced, the new content is
//! compared with the content already read ([`super::comparison`]) and read from the first difference on. The earlier
//! file is held open and read until it is at rest; files that had the name in between without being seen are searched
//! for among the rotated ones ([`super::siblings`]). Only a file that was created, renamed and deleted (or compressed)
//! between two looks is lost.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ahead::Ahead;
use super::comparison::Before;
use super::fingerprints::{Fingerprints, Overlap};
use super::identity::{Change, Identity};
use super::replaced::{Held, How};
use super::siblings::Siblings;
use super::tail::Tail;
use super::watch::{Interest, Watch};
use crate::model::{reason, shown};
use crate::source::feed::{Delivery, Feed};
use crate::source::{SourceError, SourceState};

/// Longest interval between looks while earlier files are read, or while the file is missing.
const LINGER_POLL: Duration = Duration::from_millis(500);

/// Longest interval between looks while a replacement is undecided.
const HELD_POLL: Duration = Duration::from_millis(100);

/// Minimum time between two looks at a growing file.
const BREATH: Duration = Duration::from_millis(10);

/// Follows a file by its name until the feed stops. `siblings` are those that existed before it was loaded.
pub(super) async fn follow(
    feed: Feed,
    path: PathBuf,
    tail: Tail,
    (claims, siblings): (Fingerprints, Siblings),
) -> Result<(), SourceError> {
    let watch = Watch::of(directory(&path), Interest::Content);
    let name = shown(&path);
    let followed = Box::pin(watching(watch, feed, path, tail, (claims, siblings))).await;
    followed.map_err(|error| match error {
        SourceError::Unread(what) => SourceError::Failed(format!("{name}: {what}")),
        other => other,
    })
}

async fn watching(
    mut watch: Watch,
    feed: Feed,
    path: PathBuf,
    mut tail: Tail,
    (claims, siblings): (Fingerprints, Siblings),
) -> Result<(), SourceError> {
    tail.splitter.seek(tail.offset);
    let failed = |e: io::Error| SourceError::io(&path, &e);
    if let Some(start) = claims.start(&tail.identity) {
        tail.skip(&feed, start).await?;
    }
    tail.remember().map_err(failed)?;
    if !watch.is_reported() {
        feed.send(Delivery::Note(watch.says())).await?;
    }
    feed.send(Delivery::Parts(vec![watch.says()])).await?;
    let mut follower = Follower {
        feed,
        path,
        claims,
        tail,
        held: None,
        old: Vec::new(),
        siblings,
        ahead: Ahead::default(),
        packed: Vec::new(),
        missing: None,
    };
    follower.look().await?;
    if follower.missing.is_none() {
        follower.feed.state(SourceState::Live).await?;
    }
    let mut moving = true;
    loop {
        if moving {
            // A busy writer continues to write: larger pieces cost less.
            tokio::time::sleep(BREATH).await;
        }
        // The target of a link may be in another directory: changes to the file occur there.
        if let Ok(target) = follower.path.canonicalize() {
            watch.add(directory(&target));
        }
        let pause = if follower.held.is_some() {
            watch.pause().min(HELD_POLL)
        } else if follower.old.is_empty()
            && follower.packed.is_empty()
            && follower.missing.is_none()
        {
            watch.pause()
        } else {
            watch.pause().min(LINGER_POLL)
        };
        let pause = follower.tail.unsettled().unwrap_or(pause).min(pause);
        tokio::select! {
            () = follower.feed.stopped() => return follower.end().await,
            () = watch.changed() => {}
            () = follower.feed.rest(pause) => {}
        }
        let before = follower.tail.offset;
        follower.look().await?;
        follower.settle().await?;
        // Otherwise the source would stay silent without an error.
        let name = shown(&follower.path);
        follower.tail.splitter.check(&name)?;
        moving = follower.tail.offset != before;
    }
}

pub(super) fn directory(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

/// Opens a file to follow; the error describes the state of the file.
fn open(path: &Path) -> Result<File, String> {
    let why = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "deleted".to_owned(),
        io::ErrorKind::PermissionDenied => "not readable (permission denied)".to_owned(),
        _ => reason(&error),
    };
    // Opening a pipe would block.
    let meta = path.metadata().map_err(why)?;
    if meta.is_dir() {
        return Err("replaced by a directory".to_owned());
    }
    if !meta.is_file() {
        return Err("replaced by something that is not a regular file".to_owned());
    }
    File::open(path).map_err(why)
}

pub(super) struct Follower {
    pub(super) feed: Feed,
    pub(super) path: PathBuf,
    pub(super) claims: Fingerprints,
    /// The file that has the name; not read while a replacement is undecided (`held`).
    pub(super) tail: Tail,
    pub(super) held: Option<Held>,
    /// Files that had the name before, oldest first, and the time of the last data in each.
    pub(super) old: Vec<(Tail, Instant)>,
    pub(super) siblings: Siblings,
    pub(super) ahead: Ahead,
    /// Compressed files made by rotation, until they are complete: length, and the instant since which it is unchanged.
    pub(super) packed: Vec<(PathBuf, u64, Instant)>,
    /// State of the name if no file has it.
    pub(super) missing: Option<String>,
}

impl Follower {
    /// Reads new data.
    async fn look(&mut self) -> Result<(), SourceError> {
        self.linger().await?;
        self.unpack().await?;
        let now = match open(&self.path) {
            Ok(now) => now,
            Err(why) => return self.is_missing(why).await,
        };
        if self.missing.take().is_some() {
            self.feed.state(SourceState::Live).await?;
        }
        let identity = Identity::of(&now).map_err(|e| self.failed(&e))?;
        if self.held.is_some() {
            if self.tail.identity.is_same_file(&identity) {
                return self.judge(false).await;
            }
            return self.replaced_while_held(now, identity).await;
        }
        let before = self.tail.identity.clone();
        match self.tail.change(&now).map_err(|e| self.failed(&e))? {
            Change::None => {
                if self.tail.identity != before {
                    self.claims.take(&self.tail.identity);
                }
                self.tail.drain(&self.feed).await?;
                self.look_ahead().await
            }
            Change::Replaced => self.replaced(now, identity).await,
            Change::Rewritten => {
                let trace = Before::Trace(self.tail.take_trace());
                let fresh = self.tail.splitter.fresh();
                let splitter = std::mem::replace(&mut self.tail.splitter, fresh);
                let read = std::mem::take(&mut self.tail.offset);
                self.held = Some(Held::new(trace, read, splitter, How::InPlace));
                self.judge(false).await
            }
        }
    }

    /// Sends the complete records that lack a newline. Nothing of an undecided file has been consumed.
    async fn settle(&mut self) -> Result<(), SourceError> {
        match &mut self.held {
            Some(held) if held.how == How::InPlace => held.settle(&self.feed).await,
            Some(_) => Ok(()),
            None => self.tail.settle(&self.feed).await.map(|_| ()),
        }
    }

    /// Sends the rest of the files, as at the end of any input.
    async fn end(mut self) -> Result<(), SourceError> {
        let feed = self.feed.last();
        for (mut old, _) in std::mem::take(&mut self.old) {
            old.end(&feed).await?;
            self.align(&old);
        }
        match self.held {
            // Its new part is not known yet.
            Some(mut held) => held.end(&feed).await,
            None => self.tail.end(&feed).await,
        }
    }

    pub(super) fn failed(&self, error: &io::Error) -> SourceError {
        SourceError::io(&self.path, error)
    }

    /// Reports that no readable file has the name.
    async fn is_missing(&mut self, why: String) -> Result<(), SourceError> {
        if self.held.is_none() {
            self.tail.drain(&self.feed).await?;
        }
        let name = shown(&self.path);
        let is_listed = self.claims.is_listed(&self.path);
        let (why, note, state) = match is_listed.then(|| self.moved()).flatten() {
            // The other source continues to read it there.
            Some(to) => {
                let why = format!("renamed to {}", shown(&to));
                let note = format!("{name}: {why}");
                (why, note, SourceState::Live)
            }
            None => {
                let note = format!("{name}: {why}, waiting for it to return");
                let state = SourceState::Missing { why: why.clone() };
                (why, note, state)
            }
        };
        if self.missing.as_ref() != Some(&why) {
            self.feed.send(Delivery::Note(note)).await?;
            self.feed.state(state).await?;
            self.missing = Some(why);
        }
        Ok(())
    }

    /// Returns the current name of the file being read, if the system can determine it.
    fn moved(&self) -> Option<PathBuf> {
        let file = &self.tail.file;
        let to = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
        // For a deleted file the link has a suffix, so this fails.
        let there = Identity::of(&File::open(&to).ok()?).ok()?;
        if !there.is_same_file(&self.tail.identity) {
            return None;
        }
        let here = std::env::current_dir().ok();
        let near = here.and_then(|here| Some(to.strip_prefix(here).ok()?.to_owned()));
        Some(near.filter(|_| self.path.is_relative()).unwrap_or(to))
    }

    /// Handles another file under the name.
    async fn replaced(&mut self, now: File, identity: Identity) -> Result<(), SourceError> {
        // Data written to the old file so far belongs before the new file.
        self.tail.drain(&self.feed).await?;
        let len = now.metadata().map_err(|e| self.failed(&e))?.len();
        let standing = self.claims.standing(&identity, identity.head(), len);
        if standing == Overlap::Read {
            // Renamed within the followed files: the source that reads it releases it once it is at rest.
            return Ok(());
        }
        self.claims.take(&identity);
        let fresh = self.tail.splitter.fresh();
        let tail = Tail::known(Arc::new(now), identity, 0, fresh);
        let mut old = std::mem::replace(&mut self.tail, tail);
        drop(old.take_trace());
        let mut held = Held::new(
            Before::File(old.file.clone()),
            old.offset,
            old.splitter.clone(),
            How::Renamed,
        );
        self.keep(old).await?;
        self.chain(&mut held).await?;
        if let Overlap::Left(at) = standing {
            let note = format!(
                "{}: now the file that was read under another name",
                shown(&self.path)
            );
            self.feed.send(Delivery::Note(note)).await?;
            return self.go_on_at(at).await;
        }
        self.held = Some(held);
        self.judge(false).await
    }

    /// Handles another file under the name while the previous replacement is undecided.
    async fn replaced_while_held(
        &mut self,
        now: File,
        identity: Identity,
    ) -> Result<(), SourceError> {
        self.judge(true).await?;
        let Some(mut held) = self.held.take() else {
            return self.replaced(now, identity).await;
        };
        // It had nothing new so far, but may still grow.
        let same = held.comparison.looked();
        self.claims.take(&identity);
        let fresh = self.tail.splitter.fresh();
        let tail = Tail::known(Arc::new(now), identity, 0, fresh);
        let mut last = std::mem::replace(&mut self.tail, tail);
        last.skip(&self.feed, same).await?;
        self.keep(last).await?;
        self.chain(&mut held).await?;
        held.comparison.restart();
        self.held = Some(held);
        self.judge(false).await
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write as _;

    use tokio::sync::mpsc::Receiver;

    use crate::source::splitter::Splitter;

    use super::*;

    /// Receives deliveries until records arrive. Returns their text, and the notes and marks before it.
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

    /// On a network mount, or if the system cannot watch, appended data and rotation are found by polling, and a note
    /// says so.
    #[tokio::test]
    async fn where_the_system_does_not_tell_files_are_looked_at_by_the_clock() {
        let directory = tempfile::tempdir().expect("a directory");
        let nowhere = directory.path().join("nowhere");
        for (mount, watched, words) in [
            (Some("nfs"), directory.path(), "network mount (nfs)"),
            (None, &*nowhere, "no change events from the file system"),
        ] {
            let watch = Watch::on(mount, watched, Interest::Content);
            assert!(!watch.is_reported());
            let path = directory.path().join("audit.ndjson");
            fs::write(&path, "{\"n\":1}\n").expect("written");
            let file = Arc::new(File::open(&path).expect("it is there"));
            let tail = Tail::new(file, 8, Splitter::lines(None)).expect("a file");
            let (feed, mut from, stop) = Feed::new(16);
            let side = (Fingerprints::default(), Siblings::of(&path));
            let task = watching(watch, feed, path.clone(), tail, side);
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
