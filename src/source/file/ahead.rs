//! Copies of a log that hold more of it than was read, under a name of rotation: a mirror (`rsync`, `mv`) replaces both
//! names, and what was written between its two turns lies in no other file. Such a copy is read on where reading of
//! the log stopped, once the log is another one.

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

/// Least time between two looks for such a copy.
const LOOK: Duration = Duration::from_millis(200);

/// The copies that have been looked at.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    looked: Option<Instant>,
    /// Lengths, by place on the disk: what does not grow says no more.
    compared: HashMap<(u64, u64), u64>,
}

impl Follower {
    /// Looks for copies of what had the name before, as long as that is held open.
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
            // Whatever it is else, it is for the next rotation to find.
            let identity = sibling.identity.clone();
            if is_known || !self.read_ahead(sibling).await? {
                self.siblings.forget(&identity);
            }
        }
        Ok(())
    }

    /// Reads on in a file, if it holds more than was read of what had the name before. Says whether it does.
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
            // It is written to still, and copied meanwhile.
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

    /// Which of the files that had the name a file goes on with. None where it goes on with what has the name now, or
    /// all it holds was read.
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
