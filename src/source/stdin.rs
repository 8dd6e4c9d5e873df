//! Standard input, read until it closes.

use std::fs::File;
use std::os::fd::AsFd as _;

use super::feed::Feed;
use super::interruptible::{self, InterruptibleReader};
use super::{Delivery, SourceError, SourceState, Written, stream};

/// Reads standard input to its end. Compressed input is detected by its first bytes.
pub async fn run(feed: Feed, written: Written) -> Result<(), SourceError> {
    // A file has an end, and its content already exists; a pipe is live from the start.
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
        // A thread of its own: a read blocks until the other end acts, and must block nothing else.
        let (done, ended) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("stdin".into())
            .spawn(move || {
                // The engine may have ended by now.
                let _ = done.send(read(&feed, written));
            })
            .map_err(|error| SourceError::Failed(format!("standard input: {error}")))?;
        ended
    };
    interruptible::ended(&feed, reading, "standard input").await?;
    Ok(feed.send(Delivery::State(SourceState::Done)).await?)
}

fn read(feed: &Feed, written: Written) -> Result<(), SourceError> {
    // Bypasses the process's buffer for standard input, since its fill state is not accessible.
    let file = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map(File::from)
        .map_err(|error| SourceError::Failed(format!("standard input: {error}")))?;
    let patient = InterruptibleReader::new(&file, feed);
    let more = stream::readable(&file);
    stream::read(
        &feed.last(),
        patient,
        &more,
        "standard input",
        written,
        None,
    )
}
