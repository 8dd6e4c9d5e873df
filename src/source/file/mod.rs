//! Files: what is in them, then what is appended, through rotation and truncation; directories in which files
//! appear; pipes.

mod appear;
mod claims;
mod comparison;
mod decided;
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

pub use appear::appearing;
pub use claims::Claims;
pub use twins::Twins;

use std::path::PathBuf;

use tokio::sync::Semaphore;

use super::feed::{Delivery, Feed, Stopped};
use super::{SourceError, SourceState, Written};

/// What to read.
#[derive(Clone, Debug)]
pub struct Settings {
    pub path: PathBuf,
    /// Go on with what is appended.
    pub follow: bool,
    /// What it is written in, where the user says so.
    pub written: Written,
    /// What is known of the other files that are read.
    pub claims: Claims,
    /// The names of all of them.
    pub twins: Twins,
}

/// Reads a file to its end and, when following, for ever.
pub async fn run(feed: Feed, settings: Settings, turn: &Semaphore) -> Result<(), SourceError> {
    if pipe::is_pipe(&settings.path) {
        return pipe::run(feed, settings).await;
    }
    let siblings = (settings.follow).then(|| siblings::Siblings::of(&settings.path));
    // Many files take turns; following needs none.
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
            let beside = (settings.claims, siblings);
            // Large, too.
            Box::pin(follow::follow(feed, settings.path, tail, beside)).await
        }
        _ => Ok(feed.state(SourceState::Done).await?),
    }
}

impl Feed {
    pub(super) async fn state(&self, state: SourceState) -> Result<(), Stopped> {
        self.send(Delivery::State(state)).await
    }
}
