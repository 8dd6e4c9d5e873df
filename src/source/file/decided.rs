//! Continues reading in a file that replaced the content read, after its relation to that content is decided.

use std::ops::Range;

use super::follow::Follower;
use super::identity::{HEAD, Identity};
use super::replaced::{Decision, Held, How};
use super::tail::Tail;
use crate::model::shown;
use crate::source::SourceError;
use crate::source::feed::Delivery;

impl Follower {
    /// Decides what to do with the file that now has the name, if its content is sufficient.
    pub(super) async fn judge(&mut self, force: bool) -> Result<(), SourceError> {
        let Some(mut held) = self.held.take() else {
            return Ok(());
        };
        let file = self.tail.file.clone();
        // All that was read is read again, which may take a while.
        let decided = tokio::task::spawn_blocking(move || {
            let decision = held.decide(&file, force);
            (held, decision)
        });
        let (mut held, decision) = decided
            .await
            .map_err(|error| SourceError::Failed(format!("reading stopped: {error}")))?;
        let name = shown(&self.path);
        match decision.map_err(|e| self.failed(&e))? {
            Decision::Wait { still } => {
                let is_empty = self.tail.file.metadata().is_ok_and(|meta| meta.len() == 0);
                if still && is_empty && !held.is_marked {
                    held.is_marked = true;
                    let mark = format!("{}: {name}", held.how.word());
                    self.feed.send(Delivery::Mark(mark)).await?;
                } else if still && !is_empty && !held.is_reported {
                    held.is_reported = true;
                    let note = format!(
                        "{name}: shorter than before, with the same content so far; reading continues where it differs"
                    );
                    self.feed.send(Delivery::Note(note)).await?;
                }
                self.held = Some(held);
                Ok(())
            }
            Decision::Continue => {
                let read = held.comparison.read();
                let note = format!(
                    "{name}: rewritten with the same start; reading continues after the part already read"
                );
                // A partial record at the end of the old file is complete in the new one.
                for (old, _) in &mut self.old {
                    if old.offset == read && held.how == How::Renamed {
                        old.splitter.forget();
                    }
                }
                self.tail.splitter = held.splitter;
                self.feed.send(Delivery::Note(note)).await?;
                self.go_on_at(read).await
            }
            Decision::Read { same, again } => self.read_changed(held, same, again).await,
        }
    }

    /// Reads a file except for the content already read: its first bytes, and a part further on.
    async fn read_changed(
        &mut self,
        mut held: Held,
        same: u64,
        again: Option<Range<u64>>,
    ) -> Result<(), SourceError> {
        let name = shown(&self.path);
        self.chain(&mut held).await?;
        let was_even = held.splitter.is_even();
        if held.how == How::InPlace {
            let mut gone = Tail::known(
                self.tail.file.clone(),
                self.tail.identity.clone(),
                0,
                held.splitter,
            );
            gone.finish(&self.feed).await?;
        }
        let first = again.as_ref().map_or(same, |again| same.min(again.start));
        self.tail.splitter = self.tail.splitter.fresh();
        self.tail.offset = 0;
        let mut kept = self.tail.skip(&self.feed, first).await?;
        kept |= was_even && self.tail.splitter.enter();
        if let Some(longer) = held.longer.take()
            && !kept
            && again.is_none()
        {
            self.read_ahead(longer).await?;
        }
        let Some(again) = again else {
            if kept {
                let mark = format!(
                    "rewritten: {name}: unchanged up to byte {same}; the rest is read as new"
                );
                self.feed.send(Delivery::Mark(mark)).await?;
            } else if self.is_read_elsewhere()? {
                let note = format!("{name}: now the file that was read under another name");
                self.feed.send(Delivery::Note(note)).await?;
                let len = self.tail.file.metadata().map_or(0, |meta| meta.len());
                self.tail.splitter = self.tail.splitter.fresh();
                return self.go_on_at(len).await;
            } else if !held.is_marked {
                let mark = format!("{}: {name}", held.how.word());
                self.feed.send(Delivery::Mark(mark)).await?;
            }
            let at = self.tail.offset;
            return self.go_on_at(at).await;
        };
        let changed = again.start.saturating_sub(self.tail.offset);
        let what = if changed == 0 {
            "removed records stay counted".to_owned()
        } else {
            format!("{changed} new bytes are read; the records they replace stay counted")
        };
        let mark = format!("rewritten: {name}: {what}");
        self.feed.send(Delivery::Mark(mark)).await?;
        self.tail
            .hand_on(&self.feed, again.start, again.end)
            .await?;
        self.tail.skip(&self.feed, again.end).await?;
        if was_even {
            // The last record had no newline and was counted already.
            self.tail.splitter.forget();
        }
        let at = self.tail.offset;
        self.go_on_at(at).await
    }

    /// Returns true if the content of the file was read under another name.
    fn is_read_elsewhere(&self) -> Result<bool, SourceError> {
        let identity = Identity::of(&self.tail.file).map_err(|e| self.failed(&e))?;
        // Short files may start alike by chance.
        Ok(identity.head().len() == HEAD && self.claims.is_copy(&identity))
    }

    /// Continues at an offset in the file that now has the name.
    pub(super) async fn go_on_at(&mut self, offset: u64) -> Result<(), SourceError> {
        self.held = None;
        self.tail.splitter.seek(offset);
        self.tail.offset = offset;
        let identity = Identity::of(&self.tail.file).map_err(|e| self.failed(&e))?;
        self.tail.identity = identity;
        self.claims.take(&self.tail.identity);
        self.tail.remember().map_err(|e| self.failed(&e))?;
        self.tail.drain(&self.feed).await?;
        Ok(())
    }
}
