//! The first reading of a file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use super::Settings;
use super::appear::unpacked_head;

use super::identity::Identity;
use super::tail::Tail;
use crate::decode::detect::{self, Framing, Layout};
use crate::source::feed::{Delivery, Feed, FileRange};
use crate::source::splitter::Splitter;
use crate::source::stream;
use crate::source::{SourceError, archive, parquet};

/// The end of a file is read first, so that the newest events are on the screen at once.
const TAIL: u64 = 1 << 20;

/// Further parts, from the end to the start, grow from the first to the last of these.
const FIRST_PART: u64 = 4 << 20;
const LAST_PART: u64 = 32 << 20;

/// Reads a file or hands out its parts. Returns where a follower goes on; `None` where the file cannot be
/// followed (a compressed file).
pub(super) fn load(feed: &Feed, settings: &Settings) -> Result<Option<Tail>, SourceError> {
    let Settings {
        path,
        follow,
        format,
        claims,
    } = settings;
    let name = path.display().to_string();
    let failed = |error: io::Error| SourceError::io(path, &error);
    let file = File::open(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if meta.is_dir() {
        return Err(SourceError::Failed(format!("{name} is a directory")));
    }
    let size = meta.len();
    let head = read_head(&file).map_err(failed)?;
    let identity = Identity::of(&file).map_err(failed)?;
    if *follow {
        claims.take(&identity);
    }
    if archive::is_archive(&head).map_err(failed)? {
        if *follow {
            claims.content(&unpacked_head(&File::open(path).map_err(failed)?));
        }
        stream::read(feed, file, &|| true, &name, *format, Some(size))?;
        return Ok(None);
    }
    if *follow && claims.start(&identity).is_some() {
        return Ok(Some(Tail::known(
            Arc::new(file),
            identity,
            0,
            Splitter::of(*format),
        )));
    }
    feed.send_blocking(Delivery::Total(size))?;
    if head.trim_ascii().is_empty() && size <= head.len() as u64 {
        // Nothing yet: whatever comes is found by the follower.
        return Ok(Some(
            Tail::new(Arc::new(file), size, Splitter::of(*format)).map_err(failed)?,
        ));
    }
    match detect::layout(&head, *format, true) {
        Err(why) => Err(SourceError::unclear(&name, why)),
        Ok(Layout::Parquet) => {
            parquet::read(feed, file, &name)?;
            Ok(None)
        }
        Ok(Layout::Json(Framing::Lines)) => {
            let file = Arc::new(file);
            let end = if *follow {
                complete_end(&file, size).map_err(failed)?
            } else {
                size
            };
            ranges(feed, &file, end)?;
            let splitter = Splitter::lines(*format);
            Ok(Some(Tail::known(file, identity, end, splitter)))
        }
        Ok(Layout::Json(Framing::Documents) | Layout::Table(..)) => {
            let mut splitter = Splitter::of(*format);
            // Its size was told before.
            let known = |_| Ok(());
            let how = (&mut splitter, &known as &dyn Fn(u64) -> _);
            stream::read_with(feed, &mut &file, &|| true, &name, how)?;
            if !*follow {
                splitter.end(feed, &name)?;
                return Ok(None);
            }
            if let Some(block) = splitter.last_row() {
                feed.send_blocking(Delivery::Block(block))?;
            }
            let offset = splitter.position();
            Ok(Some(Tail::known(
                Arc::new(file),
                identity,
                offset,
                splitter,
            )))
        }
    }
}

pub(super) fn read_head(file: &File) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(detect::HEAD);
    let mut chunk = vec![0; detect::HEAD];
    while head.len() < detect::HEAD {
        match file.read_at(&mut chunk[..detect::HEAD - head.len()], head.len() as u64)? {
            0 => break,
            n => head.extend_from_slice(&chunk[..n]),
        }
    }
    Ok(head)
}

/// Hands out the lines of a file in parts: the end first, then backwards.
fn ranges(feed: &Feed, file: &Arc<File>, size: u64) -> Result<(), SourceError> {
    let mut end = size;
    let mut part = TAIL;
    while end > 0 {
        let start = end.saturating_sub(part);
        // A small rest is not worth a part of its own.
        let start = if start < part / 4 { 0 } else { start };
        let range = FileRange {
            file: file.clone(),
            start,
            end,
            last: end == size,
        };
        feed.send_blocking(Delivery::Range(range))?;
        end = start;
        part = if part == TAIL {
            FIRST_PART
        } else {
            (part * 2).min(LAST_PART)
        };
    }
    Ok(())
}

/// Where the last complete record ends. A last line without its line end counts when it is a whole record;
/// half a record is left to the follower.
fn complete_end(file: &File, size: u64) -> io::Result<u64> {
    let mut line = Vec::new();
    let mut start = size;
    let mut chunk = vec![0u8; 1 << 16];
    while start > 0 {
        let from = start.saturating_sub(chunk.len() as u64);
        let len = (start - from) as usize;
        file.read_exact_at(&mut chunk[..len], from)?;
        let newline = memchr::memrchr(b'\n', &chunk[..len]);
        let kept = newline.map_or(0, |at| at + 1);
        line.splice(0..0, chunk[kept..len].iter().copied());
        start = from + kept as u64;
        if newline.is_some() {
            break;
        }
    }
    let whole = serde_json::from_slice::<serde::de::IgnoredAny>(&line).is_ok();
    Ok(if whole { size } else { start })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn half_a_record_at_the_end_is_left_to_the_follower() {
        let mut file = tempfile::tempfile().expect("a file");
        let text = b"{\"a\":1}\n{\"a\":2}\n{\"a\":";
        file.write_all(text).expect("written");
        assert_eq!(complete_end(&file, text.len() as u64).expect("read"), 16);
        file.write_all(b"3}").expect("written");
        assert_eq!(
            complete_end(&file, text.len() as u64 + 2).expect("read"),
            text.len() as u64 + 2
        );
        assert_eq!(read_head(&file).expect("read").len(), text.len() + 2);
    }
}
