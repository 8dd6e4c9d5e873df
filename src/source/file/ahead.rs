//! Rotated copies of a log that contain more than was read of it: a mirror (`rsync`, `mv`) replaces both names, so
//! events written between its two runs are in no other file. Once the log's name belongs to another log, such a copy is
//! read from the position at which reading of the log stopped.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::comparison::{Before, Comparison, Verdict};
use super::fingerprints::Overlap;
use super::follow::Follower;
use super::identity::Identity;
use super::siblings::Sibling;
use super::tail::Tail;
use crate::source::feed::Delivery;
use crate::source::{SourceError, archive};

/// Minimum time between two searches for such a copy.
const LOOK: Duration = Duration::from_millis(200);

/// The copies already checked.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    looked: Option<Instant>,
    /// Lengths by device and inode: a file that has not grown is not compared again.
    compared: HashMap<(u64, u64), u64>,
}

impl Follower {
    /// Searches for copies of the log's earlier files, as long as these are held open.
    pub(super) async fn look_ahead(&mut self) -> Result<(), SourceError> {
        if self.old.is_empty() || self.held.is_some() {
            self.ahead.compared.clear();
            return Ok(());
        }
        if self.ahead.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return Ok(());
        }
        self.ahead.looked = Some(Instant::now());
        let open: Vec<&Identity> = self.old.iter().map(|(old, _)| &old.identity).collect();
        let is_open = |identity: &Identity| {
            self.tail.identity.is_same_file(identity)
                || open.iter().any(|open| open.is_same_file(identity))
        };
        let (found, _) = self.siblings.appeared(&is_open);
        for sibling in found {
            let place = sibling.identity.place();
            let is_known = self.ahead.compared.get(&place) == Some(&sibling.len);
            self.ahead.compared.insert(place, sibling.len);
            // If it is anything else, it is left for the next rotation to find.
            let identity = sibling.identity.clone();
            if is_known || !self.read_ahead(sibling).await? {
                self.siblings.forget(&identity);
            }
        }
        Ok(())
    }

    /// Continues reading in `sibling` if it contains more than was read of an earlier file of the log. Returns true if
    /// it does.
    pub(super) async fn read_ahead(&mut self, sibling: Sibling) -> Result<bool, SourceError> {
        let Some(at) = self.ahead_of(&sibling).map_err(|e| self.failed(&e))? else {
            return Ok(false);
        };
        let (old, _) = &mut self.old[at];
        if old
            .file
            .metadata()
            .is_ok_and(|meta| meta.len() > old.offset)
        {
            // The earlier file is still written to and copied at the same time.
            self.ahead.compared.remove(&sibling.identity.place());
            return Ok(false);
        }
        let splitter = old.splitter.clone();
        old.splitter.forget();
        let offset = old.offset;
        let note = format!(
            "read the rest of the renamed file: {}",
            sibling.path.display()
        );
        self.feed.send(Delivery::Note(note)).await?;
        let file = Arc::new(sibling.file);
        let mut tail = Tail::known(file, sibling.identity, offset, splitter);
        self.claims.take(&tail.identity);
        tail.drain(&self.feed).await?;
        self.keep(tail).await?;
        Ok(true)
    }

    /// Returns the index of the earlier file that `sibling` continues. `None` if it continues the log's current file,
    /// or if all of it was read.
    fn ahead_of(&self, sibling: &Sibling) -> io::Result<Option<usize>> {
        let identity = &sibling.identity;
        let standing = self.claims.standing(identity, identity.head(), sibling.len);
        if matches!(standing, Overlap::Read | Overlap::Left(_))
            || archive::is_archive(identity.head()).unwrap_or(false)
        {
            return Ok(None);
        }
        let old = self.old.iter().map(|(old, _)| old).enumerate();
        let old = old.map(|(at, old)| (Some(at), old));
        let mut best: Option<(u64, Option<usize>)> = None;
        for (at, tail) in old.chain([(None, &self.tail)]) {
            if tail.offset == 0 {
                continue;
            }
            let mut held = Comparison::new(Before::File(tail.file.clone()), tail.offset);
            match held.look(&sibling.file)? {
                Verdict::Begins => return Ok(None),
                Verdict::Continues if sibling.len <= tail.offset => return Ok(None),
                Verdict::Continues => best = best.max(Some((tail.offset, at))),
                Verdict::Differs(_) => {}
            }
        }
        Ok(best.and_then(|(_, at)| at))
    }
}
