//! First pass over a file, before it is followed.

use std::fs::File;
use std::io::{self, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use super::Settings;
use super::discover::unpacked_head;
use super::holes;
use super::identity::Identity;
use super::tail::Tail;
use super::trace::readable_at;
use super::twins::Twin;
use crate::decode::Oddities;
use crate::decode::detect::{self, Framing, Layout};
use crate::model::shown;
use crate::source::encoding;
use crate::source::feed::{Block, Delivery, Feed, FileRange, Records};
use crate::source::splitter::Splitter;
use crate::source::stream;
use crate::source::{SourceError, archive, parquet};

/// Size of the end of a file, which is read first so that the newest events appear at once.
const TAIL: u64 = 1 << 20;

/// Further parts, from the end to the start, grow from the first to the last of these.
const FIRST_PART: u64 = 4 << 20;
const LAST_PART: u64 = 32 << 20;

/// Reads a file or sends its parts. Returns the state from which a follower continues; `None` if the file cannot be
/// followed (a compressed file).
pub(super) fn load(feed: &Feed, settings: &Settings) -> Result<Option<Tail>, SourceError> {
    let Settings {
        path,
        follow,
        written,
        claims,
        twins,
    } = settings;
    let name = shown(path);
    let failed = |error: io::Error| SourceError::io(path, &error);
    let file = File::open(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if meta.is_dir() {
        return Err(SourceError::Failed(format!("{name} is a directory")));
    }
    let size = meta.len();
    // Skip holes and blanks before the first record.
    let start = holes::first(&file, size).map_err(failed)?;
    (&file).rewind().map_err(failed)?;
    let start = if start < 16 { 0 } else { start & !3 };
    let head = readable_at(&file, start, detect::HEAD).map_err(failed)?;
    let identity = Identity::of(&file).map_err(failed)?;
    if *follow {
        claims.take(&identity);
    }
    if start == 0 && archive::is_archive(&head).map_err(failed)? {
        if *follow {
            claims.content(&unpacked_head(&File::open(path).map_err(failed)?));
        }
        if let Some(twin) = twins.find(path) {
            return read_once(feed, &name, twin);
        }
        stream::read(feed, file, &|| true, &name, *written, Some(size))?;
        return Ok(None);
    }
    if *follow && claims.start(&identity).is_some() {
        return Ok(Some(Tail::known(
            Arc::new(file),
            identity,
            0,
            Splitter::of(*written),
        )));
    }
    feed.send_blocking(Delivery::Total(size))?;
    if detect::blank(&head) == head.len() {
        if !*follow {
            // No follower will come upon them.
            let nuls = holes::nuls(&file, size).map_err(failed)?;
            skipped(feed, nuls)?;
        }
        // Nothing yet: the follower finds any data that arrives.
        return Ok(Some(
            Tail::new(Arc::new(file), 0, Splitter::of(*written)).map_err(failed)?,
        ));
    }
    let is_text = written.encoding.is_some() && !head.starts_with(detect::PARQUET);
    let layout = if is_text || encoding::is_wide(&head) {
        // Decided after the conversion to UTF-8.
        Ok(Layout::Json(Framing::Documents))
    } else {
        detect::layout(&head[detect::blank(&head)..], written.format, true)
    };
    match layout {
        Err(why) => Err(SourceError::unclear(&name, why).because_of(written.format)),
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
            ranges(feed, &file, &name, end)?;
            let splitter = Splitter::lines(*written);
            Ok(Some(Tail::known(file, identity, end, splitter)))
        }
        Ok(Layout::Json(Framing::Documents) | Layout::Table(..)) => {
            let mut splitter = Splitter::of(*written);
            // Its size was sent already.
            let known = |_| Ok(());
            let how = (&mut splitter, &known as &dyn Fn(u64) -> _);
            stream::read_with(feed, &mut &file, &|| true, &name, how)?;
            if !*follow {
                splitter.end(feed, &name)?;
                return Ok(None);
            }
            stream::deliver(feed, splitter.settle())?;
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

/// Reports an archive whose content is read as another file.
fn read_once(feed: &Feed, name: &str, twin: Twin) -> Result<Option<Tail>, SourceError> {
    match twin {
        Twin::Of(other) => {
            let note = format!("read once: same content as {}", shown(&other));
            feed.send_blocking(Delivery::Note(note))?;
            Ok(None)
        }
        Twin::Broken(other, error) => {
            let other = shown(&other);
            Err(SourceError::Failed(format!(
                "{name}: {error}; the part before it is also in {other} and was read once"
            )))
        }
    }
}

/// Sends the lines of a file in parts: the end first, then backwards.
fn ranges(feed: &Feed, file: &Arc<File>, name: &str, size: u64) -> Result<(), SourceError> {
    let mut end = size;
    let mut part = TAIL;
    let mut nuls = 0;
    let name: Arc<str> = name.into();
    while end > 0 {
        let start = end.saturating_sub(part);
        // A small remainder is not worth a part of its own.
        let start = if start < part / 4 { 0 } else { start };
        if start > 0 && holes::data(file, start, size) >= end {
            nuls += end - start;
            end = start;
            continue;
        }
        let range = FileRange {
            file: file.clone(),
            name: name.clone(),
            start,
            end,
        };
        feed.send_blocking(Delivery::Range(range))?;
        end = start;
        part = if part == TAIL {
            FIRST_PART
        } else {
            (part * 2).min(LAST_PART)
        };
    }
    if nuls > 0 {
        feed.send_blocking(Delivery::Total(size - nuls))?;
    }
    skipped(feed, nuls)
}

/// Counts NUL bytes that are not read otherwise.
fn skipped(feed: &Feed, nuls: u64) -> Result<(), SourceError> {
    if nuls == 0 {
        return Ok(());
    }
    let odd = Oddities {
        nuls,
        ..Oddities::default()
    };
    let block = Block {
        bytes: Vec::new().into(),
        records: Records::At(Vec::new()),
        offset: 0,
        line: None,
        flaws: Vec::new(),
        more_flaws: 0,
        odd,
    };
    Ok(feed.send_blocking(Delivery::Block(block))?)
}

/// Returns the end of the last complete record. A last line without a newline counts if it is a whole record; a partial
/// record is left to the follower.
fn complete_end(file: &File, size: u64) -> io::Result<u64> {
    let mut line = Vec::new();
    let mut start = size;
    let mut chunk = vec![0u8; 1 << 16];
    while start > 0 {
        let from = start.saturating_sub(chunk.len() as u64);
        let len = (start - from) as usize;
        file.read_exact_at(&mut chunk[..len], from)?;
        // A hole ends the line before it.
        let newline = memchr::memrchr2(b'\n', 0, &chunk[..len]);
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
        assert_eq!(
            readable_at(&file, 0, detect::HEAD).expect("read").len(),
            text.len() + 2
        );
    }
}
