//! Files: their content, then appended data, through rotation and truncation; directories in which files appear; pipes.

mod ahead;
mod comparison;
mod decided;
mod discover;
mod fingerprints;
mod follow;
mod holes;
mod identity;
mod load;
mod pipe;
mod replaced;
mod rotated;
mod siblings;
mod tail;
mod trace;
mod twins;
mod watch;

pub use discover::appearing;
pub use fingerprints::Fingerprints;
pub use twins::Twins;

use std::fs::File;
use std::path::{Path, PathBuf};

use tokio::sync::Semaphore;

use self::identity::Identity;
use super::feed::{Delivery, Feed, Stopped};
use super::{SourceError, SourceState, Written, archive};

/// Settings of a file source.
#[derive(Clone, Debug)]
pub struct Settings {
    pub path: PathBuf,
    /// Continue with appended data.
    pub follow: bool,
    /// Format given by the user, if any.
    pub written: Written,
    /// Fingerprints of the files already read.
    pub claims: Fingerprints,
    /// Names of all files of the engine.
    pub twins: Twins,
}

/// Reads a file to its end or, when following, indefinitely.
pub async fn run(feed: Feed, settings: Settings, turn: &Semaphore) -> Result<(), SourceError> {
    if pipe::is_pipe(&settings.path) {
        return pipe::run(feed, settings).await;
    }
    let siblings = (settings.follow).then(|| siblings::Siblings::of(&settings.path));
    // Loading is limited to a few files at a time; following is not.
    let permit = turn.acquire().await.map_err(|_| SourceError::Stopped)?;
    feed.state(SourceState::Loading).await?;
    let loading = {
        let (feed, settings) = (feed.clone(), settings.clone());
        tokio::task::spawn_blocking(move || load::load(&feed, &settings))
    };
    let loaded = loading
        .await
        .map_err(|error| SourceError::Failed(format!("reading stopped: {error}")))??;
    drop(permit);
    match (loaded, siblings) {
        (Some(tail), Some(siblings)) => {
            let side = (settings.claims, siblings);
            // Boxed because it is large.
            Box::pin(follow::follow(feed, settings.path, tail, side)).await
        }
        (None, Some(_)) => {
            // In a followed directory, the files that replace it are read.
            if !settings.claims.is_listed(&settings.path) && is_packed(&settings.path) {
                let name = crate::model::shown(&settings.path);
                let note = format!("{name}: compressed file, read once, not followed");
                feed.send(Delivery::Note(note)).await?;
            }
            Ok(feed.state(SourceState::Done).await?)
        }
        _ => Ok(feed.state(SourceState::Done).await?),
    }
}

fn is_packed(path: &Path) -> bool {
    let head = File::open(path).and_then(|file| Identity::of(&file));
    let packed = head.and_then(|identity| archive::is_archive(identity.head()));
    packed.unwrap_or(false)
}

impl Feed {
    pub(super) async fn state(&self, state: SourceState) -> Result<(), Stopped> {
        self.send(Delivery::State(state)).await
    }
}
