//! Standard input, read until it closes.

use super::feed::Feed;
use super::{Delivery, SourceError, SourceState, Written, stream};

/// Reads standard input to its end. Compressed input is found by its first bytes.
pub async fn run(feed: Feed, written: Written) -> Result<(), SourceError> {
    // A file has an end, and what is in it is there already; a pipe is live from the start.
    let is_file = rustix::fs::fstat(std::io::stdin()).is_ok_and(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile
    });
    let state = if is_file {
        SourceState::Loading
    } else {
        SourceState::Live
    };
    feed.send(Delivery::State(state)).await?;
    let reading = {
        let feed = feed.clone();
        // A thread of its own: reading waits for as long as the other end likes, and nothing may wait for it.
        let (done, ended) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("stdin".into())
            .spawn(move || {
                let stdin = std::io::stdin();
                let result = stream::read(
                    &feed,
                    stdin.lock(),
                    &stream::readable(&stdin),
                    "standard input",
                    written,
                    None,
                );
                // The engine may be gone by now.
                let _ = done.send(result);
            })
            .map_err(|error| SourceError::Failed(format!("standard input: {error}")))?;
        ended
    };
    tokio::select! {
        () = feed.stopped() => Err(SourceError::Stopped),
        result = reading => {
            result.unwrap_or(Err(SourceError::Failed("standard input: reading broke off".into())))?;
            Ok(feed.send(Delivery::State(SourceState::Done)).await?)
        }
    }
}
