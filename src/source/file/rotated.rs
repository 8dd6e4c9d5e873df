//! Earlier files of a log: held open and read until they are at rest, and searched for if they were not seen.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::comparison::Verdict;
use super::discover::unpacked_head;
use super::fingerprints::Overlap;
use super::follow::Follower;
use super::identity::{Change, Identity};
use super::replaced::{Held, How};
use super::siblings::Sibling;
use super::tail::Tail;
use crate::model::shown;
use crate::source::feed::Delivery;
use crate::source::{SourceError, archive};

/// A rotated file is checked until nothing has arrived for this long: its writer keeps it open until it is asked to
/// reopen the log.
const LINGER: Duration = Duration::from_secs(10);

/// A compressed file that has not changed for this long is considered complete.
const WHOLE: Duration = Duration::from_secs(1);

/// Most rotated files held open.
const OLD: usize = 32;

impl Follower {
    /// Reads the files that had the name between the content read and the current file, as far as they still exist.
    pub(super) async fn chain(&mut self, held: &mut Held) -> Result<(), SourceError> {
        let mut between = 0;
        loop {
            let open = &self.old;
            let is_open = |identity: &Identity| {
                let mut open = open.iter().map(|(old, _)| &old.identity);
                self.tail.identity.is_same_file(identity)
                    || open.any(|open| open.is_same_file(identity))
            };
            let (found, gone) = self.siblings.appeared(&is_open);
            for path in &gone {
                let lost = format!("rotated away before it could be read: {}", shown(path));
                self.feed.send(Delivery::Lost(lost)).await?;
            }
            if found.is_empty() {
                break;
            }
            for sibling in found {
                between += usize::from(self.read_sibling(sibling, held).await?);
            }
        }
        // Rotation has deleted the file that was read, and perhaps later ones.
        if between > 0 && held.comparison.is_deleted() {
            let lost = format!(
                "{}: rotated faster than it could be checked; files deleted in between may be missing",
                shown(&self.path)
            );
            self.feed.send(Delivery::Lost(lost)).await?;
        }
        Ok(())
    }

    /// Reads a sibling if it has unread content. Returns true if it had the name after the content read.
    async fn read_sibling(
        &mut self,
        sibling: Sibling,
        held: &mut Held,
    ) -> Result<bool, SourceError> {
        let Sibling {
            path,
            file,
            identity,
            len,
            changed,
        } = sibling;
        if archive::is_archive(identity.head()).unwrap_or(false) {
            self.packed.push((path, len, Instant::now()));
            return Ok(false);
        }
        held.comparison.restart();
        let verdict = held.comparison.look(&file).map_err(|e| self.failed(&e))?;
        let looked = held.comparison.looked();
        held.comparison.restart();
        let standing = self.claims.standing(&identity, identity.head(), len);
        let differs = matches!(verdict, Verdict::Differs(_));
        let mut tail = match (verdict, standing) {
            (_, Overlap::Read | Overlap::Left(_)) | (Verdict::Differs(_), Overlap::Copy) => {
                return Ok(false);
            }
            // A followed directory finds it as a file of its own.
            (Verdict::Begins | Verdict::Differs(_), _) if self.claims.is_listed(&path) => {
                return Ok(false);
            }
            (Verdict::Begins, _) => {
                // Nothing new so far; its writer may have it open.
                let fresh = self.tail.splitter.fresh();
                let mut tail = Tail::known(Arc::new(file), identity, 0, fresh);
                tail.skip(&self.feed, looked).await?;
                tail
            }
            (Verdict::Continues, _) => {
                let read = held.comparison.read();
                if len <= read {
                    return Ok(false);
                }
                if held.how == How::Renamed {
                    // Its use depends on the file that has the name now.
                    if held.longer.as_ref().is_none_or(|longer| longer.len < len) {
                        held.longer = Some(Sibling {
                            path,
                            file,
                            identity,
                            len,
                            changed,
                        });
                    }
                    return Ok(false);
                }
                // Copied before the log was truncated, with content that had not been read.
                let splitter = held.splitter.clone();
                held.splitter.forget();
                let note = format!("read the rest of the renamed file: {}", shown(&path));
                self.feed.send(Delivery::Note(note)).await?;
                Tail::known(Arc::new(file), identity, read, splitter)
            }
            (Verdict::Differs(same), _) => {
                let fresh = self.tail.splitter.fresh();
                let mut tail = Tail::known(Arc::new(file), identity, 0, fresh);
                tail.skip(&self.feed, same).await?;
                let mark = format!("rotated: {}", shown(&path));
                self.feed.send(Delivery::Mark(mark)).await?;
                tail
            }
        };
        self.claims.take(&tail.identity);
        tail.drain(&self.feed).await?;
        self.keep(tail).await?;
        Ok(differs)
    }

    /// Opens the compressed files at rest whose content was not read.
    pub(super) async fn unpack(&mut self) -> Result<(), SourceError> {
        for (path, len, since) in std::mem::take(&mut self.packed) {
            let Ok(file) = File::open(&path) else {
                continue;
            };
            let now = file.metadata().map_or(len, |meta| meta.len());
            if now != len || since.elapsed() < WHOLE {
                let since = if now == len { since } else { Instant::now() };
                self.packed.push((path, now, since));
                continue;
            }
            let identity = Identity::of(&file).map_err(|e| self.failed(&e))?;
            let standing = self.claims.standing(&identity, &unpacked_head(&file), now);
            match standing {
                _ if self.claims.is_listed(&path) => {}
                Overlap::New => self.feed.send(Delivery::Found(path)).await?,
                Overlap::Grown(_) => {
                    let lost = format!(
                        "skipped {}: it starts with content already read; new content in it may be missing",
                        shown(&path)
                    );
                    self.feed.send(Delivery::Lost(lost)).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Holds an earlier file open.
    pub(super) async fn keep(&mut self, tail: Tail) -> Result<(), SourceError> {
        self.old.push((tail, Instant::now()));
        if self.old.len() > OLD {
            let (mut first, _) = self.old.remove(0);
            first.drain(&self.feed).await?;
            self.leave(first).await?;
        }
        Ok(())
    }

    /// Reads new data in the earlier files until they are at rest.
    pub(super) async fn linger(&mut self) -> Result<(), SourceError> {
        for (mut old, mut last) in std::mem::take(&mut self.old) {
            // Overwritten, for example by the next copy of the log: then it is another file, for the next rotation to
            // find.
            let mut identity = old.identity.clone();
            let change = identity.compare(&old.file, old.offset);
            if change.map_err(|e| self.failed(&e))? != Change::None {
                old.finish(&self.feed).await?;
                continue;
            }
            if old.drain(&self.feed).await? {
                last = Instant::now();
            }
            if last.elapsed() >= LINGER {
                self.leave(old).await?;
            } else {
                if old.settle(&self.feed).await? {
                    self.align(&old);
                }
                self.old.push((old, last));
            }
        }
        Ok(())
    }

    /// Copies the splitter state of `old`, so that records sent from it are not sent again by a file that continues it.
    pub(super) fn align(&mut self, old: &Tail) {
        if let Some(held) = &mut self.held
            && held.how == How::Renamed
            && held.comparison.read() == old.offset
        {
            held.splitter.clone_from(&old.splitter);
        }
    }

    async fn leave(&mut self, mut tail: Tail) -> Result<(), SourceError> {
        tail.finish(&self.feed).await?;
        self.align(&tail);
        self.claims.leave(&tail.identity, tail.offset);
        Ok(())
    }
}
