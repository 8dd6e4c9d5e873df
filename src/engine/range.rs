//! The lines of a part of a file, read and decoded piece by piece.
//!
//! A line belongs to the part in which it starts. A hole, which is a long run of NUL bytes, ends the line before it,
//! and a line starts after it: so no line reaches across a hole, and a hole is never held in memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::message::Decoded;
use crate::decode::{Decoder, Flaw, MAX_RECORD, TOO_LONG};
use crate::model::{Defect, DefectKind};
use crate::source::{FileRange, unread};

/// Bytes read and decoded at a time: few enough to stay in the processor's cache in between.
pub(super) const READ: usize = 1 << 19;

/// Length of a run of NUL bytes that makes a hole.
const HOLE: usize = 1 << 12;

/// A part of a file being read.
struct Reading<'a> {
    range: &'a FileRange,
    buffer: &'a mut Vec<u8>,
    /// Bytes in the buffer; `position` is the place of the first of them in the file.
    filled: usize,
    position: u64,
    /// Bytes of the buffer already searched for holes.
    searched: usize,
    /// True if the buffer begins with the start of a line.
    aligned: bool,
    /// True if the buffer begins inside a hole.
    in_hole: bool,
    nuls: u64,
}

/// Decodes the lines of a range. Returns their number; rows and flaws not yet consumed wait in the decoder.
pub(super) fn read(
    decoder: &mut Decoder,
    range: &FileRange,
    buffer: &mut Vec<u8>,
    decoded: &mut Decoded,
) -> io::Result<u64> {
    // The bytes before the range decide if its first line starts there.
    let back = range.start.min(HOLE as u64);
    let mut reading = Reading {
        range,
        buffer,
        filled: 0,
        position: range.start - back,
        searched: 0,
        aligned: range.start == 0,
        in_hole: false,
        nuls: 0,
    };
    let mut lines = 0;
    while reading.position < range.end {
        let first = reading.filled == 0;
        // Bytes after a hole are searched before more is read.
        let more = reading.searched < reading.filled || reading.fill()? > 0;
        if first && reading.position + back == range.start && !reading.aligned {
            reading.look_back(back as usize);
        }
        if reading.in_hole {
            reading.leave_hole();
            if reading.filled == 0 && more || reading.position >= range.end {
                continue;
            }
        }
        let hole = reading.hole();
        let skip = match reading.first_line(back as usize, hole) {
            Some(skip) => skip,
            None if more => continue,
            None => break,
        };
        let end = hole.map_or(reading.filled, |(start, _)| start);
        let whole = reading.whole(skip, end, !more || hole.is_some());
        if whole == skip && end - skip > MAX_RECORD {
            let line = reading.give_up(skip, end);
            decoded.flaw(Some(lines), line);
            lines += 1;
            continue;
        }
        if whole > skip {
            let block = &reading.buffer[skip..whole];
            let start = reading.position + skip as u64;
            let counted = decoder.lines(block, start);
            let mut newlines = Newlines::of(block);
            for flaw in decoder.take_flaws() {
                let before = newlines.before((flaw.offset - start) as usize);
                decoded.flaw(Some(lines + before), flaw);
            }
            // For the line count, a line that a hole ends continues after the hole.
            lines += counted - u64::from(hole.is_some() && block.last() != Some(&b'\n'));
        }
        match hole {
            Some((start, end)) if whole == start => {
                reading.count(start, end);
                reading.in_hole = end == reading.filled;
                reading.drop(end);
            }
            _ => reading.drop(whole),
        }
        if !more && hole.is_none() {
            break;
        }
    }
    decoded.odd.nuls += reading.nuls;
    Ok(lines)
}

impl Reading<'_> {
    fn fill(&mut self) -> io::Result<usize> {
        let room = self.filled + READ;
        if self.buffer.len() < room {
            self.buffer.resize(room, 0);
        }
        let place = &mut self.buffer[self.filled..room];
        let at = self.position + self.filled as u64;
        let read = read_at(&self.range.file, place, at).map_err(|error| {
            let what = format!("{}: {}", self.range.name, unread(at, &error));
            io::Error::new(error.kind(), what)
        })?;
        self.filled += read;
        Ok(read)
    }

    /// Drops the beginning of a line that is too long; the rest of the line is skipped.
    fn give_up(&mut self, skip: usize, end: usize) -> Flaw {
        let flaw = Flaw {
            kind: DefectKind::Syntax,
            offset: self.position + skip as u64,
            reason: TOO_LONG.to_owned(),
            sample: Defect::sample_of(&self.buffer[skip..end]),
        };
        self.drop(end);
        self.aligned = false;
        flaw
    }

    fn drop(&mut self, bytes: usize) {
        self.buffer.copy_within(bytes..self.filled, 0);
        self.filled -= bytes;
        self.searched = self.searched.saturating_sub(bytes);
        self.position += bytes as u64;
    }

    /// Counts the NUL bytes of a part of a hole that are within the range.
    fn count(&mut self, start: usize, end: usize) {
        let clip = |at: usize| (self.position + at as u64).clamp(self.range.start, self.range.end);
        self.nuls += clip(end) - clip(start);
    }

    /// Detects a range that starts inside a hole.
    fn look_back(&mut self, back: usize) {
        if back == HOLE && self.filled >= back && self.buffer[..back].iter().all(|b| *b == 0) {
            self.drop(back);
            self.aligned = true;
            self.in_hole = true;
        }
    }

    fn leave_hole(&mut self) {
        let bytes = &self.buffer[..self.filled];
        let end = bytes.iter().position(|byte| *byte != 0);
        self.in_hole = end.is_none();
        let end = end.unwrap_or(self.filled);
        self.count(0, end);
        self.drop(end);
    }

    /// Finds the first hole in the unsearched part of the buffer.
    fn hole(&mut self) -> Option<(usize, usize)> {
        let bytes = &self.buffer[..self.filled];
        let from = self.searched.saturating_sub(HOLE);
        // Probes are half a hole apart, so a hole cannot fall between two of them.
        let hole = (from..bytes.len()).step_by(HOLE / 2).find_map(|at| {
            if bytes[at] != 0 {
                return None;
            }
            let zeros = |byte: &&u8| **byte == 0;
            let start = at - bytes[from..at].iter().rev().take_while(zeros).count();
            let end = at + bytes[at..].iter().take_while(zeros).count();
            (end - start >= HOLE).then_some((start, end))
        });
        self.searched = hole.map_or(self.filled, |(_, end)| end);
        hole
    }

    /// Finds the start of the first line of the range in the buffer. If it is not there yet, drops the bytes that
    /// cannot be part of it.
    fn first_line(&mut self, back: usize, hole: Option<(usize, usize)>) -> Option<usize> {
        if self.aligned {
            return Some(0);
        }
        let before = self.range.start - self.position.min(self.range.start);
        let from = (before as usize)
            .saturating_sub(1)
            .min(self.filled)
            .min(back);
        let newline = memchr::memchr(b'\n', &self.buffer[from..self.filled]).map(|at| from + at);
        match (newline, hole) {
            (Some(newline), hole) if hole.is_none_or(|(start, _)| newline < start) => {
                self.aligned = true;
                Some(newline + 1)
            }
            (_, Some((start, end))) => {
                self.count(start, end);
                self.aligned = true;
                self.in_hole = end == self.filled;
                self.drop(end);
                None
            }
            _ => {
                // Keep trailing NUL bytes: they may be the start of a hole.
                let bytes = &self.buffer[..self.filled];
                let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
                self.drop(self.filled - zeros);
                None
            }
        }
    }

    /// Returns the end of the last line that starts at or after `skip` and within the range. With `is_end`, the last
    /// line before `end` ends there.
    fn whole(&self, skip: usize, end: usize, is_end: bool) -> usize {
        let bytes = &self.buffer[..end];
        let inside = self.range.end.saturating_sub(self.position).min(end as u64) as usize;
        let last = |until: usize| memchr::memrchr(b'\n', &bytes[..until]).map_or(skip, |at| at + 1);
        let whole = if inside <= skip {
            skip
        } else if inside < end || self.position + end as u64 == self.range.end {
            match memchr::memchr(b'\n', &bytes[inside - 1..]) {
                Some(at) => inside + at,
                None if is_end => end,
                None => last(inside),
            }
        } else if is_end {
            end
        } else {
            last(end)
        };
        whole.max(skip)
    }
}

/// Counts newlines before positions. For ascending positions each byte is searched once.
pub(super) struct Newlines<'a> {
    bytes: &'a [u8],
    at: usize,
    count: u64,
}

impl<'a> Newlines<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            count: 0,
        }
    }

    pub(super) fn before(&mut self, place: usize) -> u64 {
        if place < self.at {
            (self.at, self.count) = (0, 0);
        }
        self.count += memchr::memchr_iter(b'\n', &self.bytes[self.at..place]).count() as u64;
        self.at = place;
        self.count
    }
}

fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, position) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;

    use super::*;
    use crate::engine::message::Decoded;
    use crate::index::Interner;
    use proptest::prelude::*;

    /// Events, NUL bytes, lines and flaws of a text that is read in parts with boundaries at `cuts`.
    fn read_in(text: &[u8], cuts: &[usize]) -> (usize, u64, u64, usize) {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text).expect("written");
        let file = Arc::new(file);
        let mut cuts: Vec<u64> = cuts
            .iter()
            .map(|cut| (*cut % text.len().max(1)) as u64)
            .collect();
        cuts.extend([0, text.len() as u64]);
        cuts.sort_unstable();
        cuts.dedup();
        let mut decoder = Decoder::new(Arc::new(Interner::default()));
        let mut decoded = Decoded::default();
        let mut buffer = Vec::new();
        let mut lines = 0;
        for pair in cuts.windows(2) {
            let range = FileRange {
                file: file.clone(),
                name: "log".into(),
                start: pair[0],
                end: pair[1],
            };
            lines += read(&mut decoder, &range, &mut buffer, &mut decoded).expect("read");
        }
        let nuls = decoded.odd.nuls + decoder.take_oddities().nuls;
        let (segments, _) = decoder.finish();
        let events = segments.iter().map(|segment| segment.rows).sum();
        (events, nuls, lines, decoded.flaws.len())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn runs_of_nul_bytes_between_records_change_nothing_wherever_parts_end(
            runs in proptest::collection::vec(
                prop_oneof![Just(0usize), 1usize..9, 4000usize..4200, 8000usize..20_000, Just(1 << 20)], 1..12),
            after_newline in proptest::collection::vec(any::<bool>(), 12),
            cuts in proptest::collection::vec(0usize..3_000_000, 0..6),
            near in proptest::collection::vec((0usize..12, -4200i64..4200), 0..4),
        ) {
            let mut text = Vec::new();
            let mut edges = Vec::new();
            let (mut zeros, mut newlines) = (0, 0);
            for (n, run) in runs.iter().enumerate() {
                let record = format!("{{\"time\":\"2024-04-12T16:58:{n:02}Z\",\"tag\":\"v{n}\"}}");
                text.extend(record.as_bytes());
                if after_newline[n] || *run == 0 {
                    text.push(b'\n');
                    newlines += 1;
                }
                edges.push(text.len());
                text.extend(std::iter::repeat_n(0, *run));
                edges.push(text.len());
                zeros += *run as u64;
            }
            let near = near.iter().map(|(edge, by)| {
                (edges[edge % edges.len()] as i64 + by).clamp(0, text.len() as i64) as usize
            });
            let cuts: Vec<usize> = cuts.iter().copied().chain(near).collect();
            let (events, nuls, lines, flaws) = read_in(&text, &cuts);
            prop_assert_eq!(events, runs.len());
            prop_assert_eq!(flaws, 0);
            prop_assert_eq!(nuls, zeros);
            prop_assert!(lines >= newlines && lines <= newlines + 1);
        }

        #[test]
        fn text_with_holes_anywhere_gives_the_same_wherever_parts_end(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just(b"{\"time\":\"2024-04-12T16:58:01Z\"}".to_vec()),
                    Just(b"{\"time\":\"2024-0".to_vec()),
                    Just(b"\n".to_vec()),
                    Just(vec![0; 4096]),
                    Just(vec![0; 5000]),
                    Just(vec![b'x'; 5000]),
                ], 1..20),
            cuts in proptest::collection::vec(0usize..90_000, 0..6),
        ) {
            let text = pieces.concat();
            let (events, .., flaws) = read_in(&text, &[]);
            let (again, .., flaws_again) = read_in(&text, &cuts);
            prop_assert_eq!((events, flaws), (again, flaws_again));
        }
    }
}
