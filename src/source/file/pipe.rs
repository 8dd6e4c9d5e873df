//! Named pipes and anything else that is not a plain file: read as data arrives, on a thread of its own.

use std::fs::File;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use super::Settings;
use crate::model::shown;
use crate::source::feed::{Delivery, Feed};
use crate::source::interruptible::{self, InterruptibleReader};
use crate::source::{SourceError, SourceState, stream};

/// Time to wait for a writer before the wait is reported.
const UNSAID: Duration = Duration::from_secs(1);

/// Returns true if a path is neither a plain file nor a directory.
pub(super) fn is_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// Reads a pipe to its end. A followed named pipe is then opened again, for the next writer.
pub(super) async fn run(feed: Feed, settings: Settings) -> Result<(), SourceError> {
    let reading = {
        let feed = feed.clone();
        // A thread of its own: opening and reading block until the other end acts.
        let (done, ended) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("pipe".into())
            .spawn(move || {
                // The engine may have ended by now.
                let _ = done.send(read(&feed, &settings));
            })
            .map_err(|error| SourceError::Failed(format!("pipe: {error}")))?;
        ended
    };
    interruptible::ended(&feed, reading, "pipe").await?;
    Ok(feed.state(SourceState::Done).await?)
}

/// Returns true for devices that produce bytes without end.
fn is_endless(path: &Path) -> bool {
    let number = |path: &str| std::fs::metadata(path).ok().map(|meta| meta.rdev());
    let meta = std::fs::metadata(path).ok();
    let device = meta.filter(|meta| meta.file_type().is_char_device());
    let endless = [
        "/dev/zero",
        "/dev/full",
        "/dev/random",
        "/dev/urandom",
        "/dev/kmsg",
    ];
    device.is_some_and(|meta| endless.iter().any(|path| number(path) == Some(meta.rdev())))
}

fn read(feed: &Feed, settings: &Settings) -> Result<(), SourceError> {
    let path = &settings.path;
    let name = shown(path);
    // Links such as /dev/fd/63 lead to unnamed pipes, which get no second writer.
    let named = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_fifo());
    if is_endless(path) {
        return Err(SourceError::Failed(format!(
            "{name}: an endless device, not a log"
        )));
    }
    let mut file = open(feed, path, &name)?;
    loop {
        feed.send_blocking(Delivery::State(SourceState::Live))?;
        let patient = InterruptibleReader::new(&file, feed);
        stream::read(
            &feed.last(),
            patient,
            &stream::readable(&file),
            &name,
            settings.written,
            None,
        )?;
        if !named || !settings.follow {
            return Ok(());
        }
        let note = "writer closed the pipe; waiting for a new one";
        feed.send_blocking(Delivery::Note(note.into()))?;
        file = File::open(path).map_err(|error| SourceError::io(path, &error))?;
    }
}

/// Opens a pipe, which blocks until the other end is opened, and reports a long wait.
fn open(feed: &Feed, path: &Path, name: &str) -> Result<File, SourceError> {
    let (to, opened) = mpsc::channel();
    let of = path.to_owned();
    std::thread::Builder::new()
        .name("open".into())
        .spawn(move || {
            // The source may have been stopped by now.
            let _ = to.send(File::open(of));
        })
        .map_err(|error| SourceError::Failed(format!("{name}: {error}")))?;
    let file = match opened.recv_timeout(UNSAID) {
        Ok(file) => file,
        Err(_) => {
            feed.send_blocking(Delivery::State(SourceState::Awaiting))?;
            let broke_off = |_| SourceError::Failed(format!("{name}: opening was interrupted"));
            opened.recv().map_err(broke_off)?
        }
    };
    file.map_err(|error| SourceError::io(path, &error))
}
