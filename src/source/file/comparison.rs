//! Compares a replacement file with the content already read, to find the new part.
//!
//! A log replaced as a whole by `rsync`, `mv`, `cp` or an editor is still the same log; a rotated log is another one.
//! The name, the inode and the time do not distinguish these cases; the content does. It is compared byte by byte with
//! all that was read. After a rename the old file is still open, and nothing has to be remembered; of a file rewritten
//! in place its [`Trace`] remains.
//!
//! The result needs no clock. A file that begins with all that was read continues at the position at which reading
//! stopped. A file that is shorter and equal so far has nothing new yet, both while it is being copied and after it was
//! truncated. If it differs, the part before the difference is not read again. If the last record read is found further
//! on (a line in the middle was changed, lines at the start were removed), the part between the change and that record
//! is not read again either.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

use super::trace::{Trace, bytes_at, clamped};

/// Bytes compared at a time.
const CHUNK: usize = 256 << 10;

/// The last record is searched for only if its length is between these.
const LONGEST: usize = 64 << 10;
const SHORTEST: usize = 16;

/// The content already read.
#[derive(Debug)]
pub(super) enum Before {
    /// Still available in the file that had the name.
    File(Arc<File>),
    Trace(Trace),
}

/// Comparison of a file with the first `read` bytes of another.
#[derive(Debug)]
pub(super) struct Comparison {
    before: Before,
    read: u64,
    /// Number of equal bytes from the start.
    alike: u64,
    /// Bytes compared in the last look.
    looked: u64,
}

/// Result of a comparison so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Begins with everything that was read.
    Continues,
    /// Is shorter, and equal as far as it goes.
    Begins,
    /// Is equal up to this offset.
    Differs(u64),
}

impl Comparison {
    pub(super) fn new(before: Before, read: u64) -> Self {
        Self {
            before,
            read,
            alike: 0,
            looked: 0,
        }
    }

    /// Number of bytes of the old content that were read.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Returns true if the file that was read has been deleted.
    pub(super) fn is_deleted(&self) -> bool {
        match &self.before {
            Before::File(file) => file.metadata().is_ok_and(|meta| meta.nlink() == 0),
            Before::Trace(_) => false,
        }
    }

    /// Number of bytes of a shorter file found equal in the last look.
    pub(super) fn looked(&self) -> u64 {
        self.looked
    }

    /// Prepares to compare another file from its start.
    pub(super) fn restart(&mut self) {
        self.alike = 0;
    }

    /// Compares the bytes added to the file since the last look.
    pub(super) fn look(&mut self, now: &File) -> io::Result<Verdict> {
        let len = now.metadata()?.len();
        if len < self.alike {
            self.alike = 0;
        }
        let end = len.min(self.read);
        self.looked = end;
        match &self.before {
            Before::File(old) => {
                while self.alike < end {
                    let want = CHUNK.min(clamped(end - self.alike));
                    let (a, b) = (
                        bytes_at(old, self.alike, want)?,
                        bytes_at(now, self.alike, want)?,
                    );
                    let same = shared(&a, &b);
                    self.alike += same as u64;
                    if same < want {
                        // One of them has just been truncated: the next look decides.
                        let cut = same == b.len();
                        self.looked = self.alike;
                        return Ok(if cut {
                            Verdict::Begins
                        } else {
                            Verdict::Differs(self.alike)
                        });
                    }
                }
            }
            Before::Trace(trace) => {
                let mut known = 0;
                for (at, bytes) in trace.pieces() {
                    let want = bytes.len().min(clamped(end.saturating_sub(at)));
                    let found = bytes_at(now, at, want)?;
                    let same = shared(bytes, &found);
                    if same < found.len() {
                        // After an unsampled gap the difference may have begun earlier.
                        let gap = at > known;
                        return Ok(Verdict::Differs(if gap { known } else { at + same as u64 }));
                    }
                    known = at + same as u64;
                    if same < bytes.len() {
                        self.looked = known.min(end);
                        return Ok(Verdict::Begins);
                    }
                }
                self.alike = end;
            }
        }
        Ok(if len >= self.read {
            Verdict::Continues
        } else {
            Verdict::Begins
        })
    }

    /// Last bytes of the content already read.
    fn last(&self) -> io::Result<Vec<u8>> {
        match &self.before {
            Before::File(old) => {
                let start = self.read.saturating_sub(LONGEST as u64);
                bytes_at(old, start, clamped(self.read - start))
            }
            Before::Trace(trace) => Ok(trace.last()),
        }
    }

    /// Returns true if the first line of a file that differs, as far as it is written, is among the last bytes already
    /// read: lines at the start were removed, and the rest may still be on its way.
    pub(super) fn resumes(&self, now: &File, from: u64) -> io::Result<bool> {
        let line = bytes_at(now, line_start(now, from)?, LONGEST)?;
        let end = memchr::memchr(b'\n', &line).map_or(line.len(), |at| at + 1);
        Ok(memchr::memmem::find(&self.last()?, &line[..end]).is_some())
    }

    /// Finds the end of the content already read in a file that differs from `from` on: the bytes up to and including
    /// the last record that equal the end of the content read, without lines that are equal at the start.
    pub(super) fn again(&self, now: &File, from: u64) -> io::Result<Option<Range<u64>>> {
        let last = self.last()?;
        let is_whole = last.len() as u64 >= self.read;
        let text = last.strip_suffix(b"\n").unwrap_or(&last);
        let start = match memchr::memrchr(b'\n', text) {
            Some(at) => at + 1,
            None if is_whole => 0,
            None => return Ok(None),
        };
        let record = &last[start..];
        if record.trim_ascii().len() < SHORTEST {
            return Ok(None);
        }
        let Some(at) = find_line(now, record, from)? else {
            return Ok(None);
        };
        let end = at + record.len() as u64;
        let from = line_start(now, from)?;
        // Neither side re-reads the part at the start that is known to be equal.
        let most = (end - from).min(self.read.saturating_sub(from));
        let same = match &self.before {
            Before::File(old) => {
                let mut same = 0;
                while same < most {
                    let want = CHUNK.min(clamped(most - same));
                    let back = same + want as u64;
                    let (a, b) = (
                        bytes_at(old, self.read - back, want)?,
                        bytes_at(now, end - back, want)?,
                    );
                    let shared = shared_at_end(&a, &b);
                    same += shared as u64;
                    if shared < want {
                        break;
                    }
                }
                same
            }
            Before::Trace(_) => {
                let want = last.len().min(clamped(most));
                let found = bytes_at(now, end - want as u64, want)?;
                let shared = shared_at_end(&last, &found);
                if shared == last.len() && !is_whole {
                    // The middle is unknown: it is not read a second time.
                    end - from
                } else {
                    shared as u64
                }
            }
        };
        Ok(Some(end - same.min(end - from)..end))
    }
}

fn shared(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn shared_at_end(a: &[u8], b: &[u8]) -> usize {
    (a.iter().rev().zip(b.iter().rev()))
        .take_while(|(a, b)| a == b)
        .count()
}

/// Returns the start of the line that contains a byte.
fn line_start(file: &File, at: u64) -> io::Result<u64> {
    let from = at.saturating_sub(LONGEST as u64);
    let bytes = bytes_at(file, from, clamped(at - from))?;
    Ok(match memchr::memrchr(b'\n', &bytes) {
        Some(newline) => from + newline as u64 + 1,
        None if from == 0 => 0,
        None => at,
    })
}

/// Returns the last position at or after `from` at which a line starts with `line`.
fn find_line(file: &File, line: &[u8], from: u64) -> io::Result<Option<u64>> {
    let finder = memchr::memmem::Finder::new(line);
    // The byte before a match shows if a line starts there.
    let mut at = from.saturating_sub(line.len() as u64 + 1);
    let mut found = None;
    loop {
        let bytes = bytes_at(file, at, CHUNK + line.len())?;
        for place in finder.find_iter(&bytes) {
            let begins = match place.checked_sub(1) {
                Some(before) => bytes[before] == b'\n',
                None => at == 0,
            };
            if begins && at + (place + line.len()) as u64 > from {
                found = Some(at + place as u64);
            }
        }
        if bytes.len() < CHUNK + line.len() {
            return Ok(found);
        }
        at += (CHUNK - 1) as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text).expect("written");
        file
    }

    fn lines(numbers: impl IntoIterator<Item = usize>) -> Vec<u8> {
        let line = |n| format!("{{\"n\":\"{n:08}\"}}\n").into_bytes();
        numbers.into_iter().flat_map(line).collect()
    }

    /// Comparisons with the same text as a file and as a trace.
    fn of(text: &[u8]) -> [Comparison; 2] {
        let read = text.len() as u64;
        let old = file(text);
        let trace = Trace::of(&old, read).expect("read");
        [Before::File(Arc::new(old)), Before::Trace(trace)]
            .map(|before| Comparison::new(before, read))
    }

    #[test]
    fn a_file_that_begins_with_what_was_read_goes_on_with_it_and_a_shorter_one_decides_nothing() {
        for len in [0, 3, 10_000, 300_000] {
            let old = lines(0..len);
            let longer = [&old[..], &lines(len..len + 3)[..]].concat();
            for mut held in of(&old) {
                for (now, verdict) in [
                    (&old, Verdict::Continues),
                    (&longer, Verdict::Continues),
                    (&longer[..old.len() / 2].to_vec(), Verdict::Begins),
                ] {
                    // An empty file decides nothing.
                    let verdict = if len == 0 {
                        Verdict::Continues
                    } else {
                        verdict
                    };
                    held.restart();
                    assert_eq!(held.look(&file(now)).expect("read"), verdict, "{len}");
                }
            }
        }
    }

    #[test]
    fn a_file_that_is_being_copied_is_compared_as_it_grows() {
        let old = lines(0..50_000);
        for mut held in of(&old) {
            let mut now = file(b"");
            for piece in old.chunks(70_001) {
                assert_eq!(held.look(&now).expect("read"), Verdict::Begins);
                now.write_all(piece).expect("written");
            }
            assert_eq!(held.look(&now).expect("read"), Verdict::Continues);
            now.set_len(10).expect("cut");
            assert_eq!(held.look(&now).expect("read"), Verdict::Begins);
        }
    }

    #[test]
    fn where_it_differs_is_found_to_the_byte_and_where_the_end_of_the_old_lies() {
        let line = lines([0]).len() as u64;
        let old = lines(0..20);
        for mut held in of(&old) {
            for (now, at, again) in [
                // Another log.
                (lines(50..60), "50", None),
                // A line in the middle was changed, one removed, one inserted, the first ones removed; more were
                // appended.
                (lines((0..5).chain([99]).chain(6..22)), "5", Some((6, 20))),
                (lines((0..5).chain(6..22)), "5", Some((5, 19))),
                (lines((0..5).chain([99]).chain(5..20)), "5", Some((6, 21))),
                (lines(7..20), "7", Some((0, 13))),
                // The end was changed.
                (lines((0..19).chain([77, 78])), "19", None),
            ] {
                held.restart();
                let now_file = file(&now);
                let Verdict::Differs(from) = held.look(&now_file).expect("read") else {
                    panic!("{at} differs");
                };
                let first = now
                    .iter()
                    .zip(&old)
                    .position(|(a, b)| a != b)
                    .unwrap_or(old.len().min(now.len()));
                assert_eq!(from, first as u64, "{at}");
                let found = held.again(&now_file, from).expect("read");
                let lines_of = |range: Range<u64>| (range.start.div_ceil(line), range.end / line);
                assert_eq!(found.map(lines_of), again, "{at}");
            }
        }
    }

    #[test]
    fn a_log_whose_first_lines_are_removed_resumes_before_its_last_record_is_written() {
        let old = lines(0..20);
        for mut held in of(&old) {
            for (now, resumes) in [
                (lines([15]), true),
                (lines(15..18), true),
                (lines([15])[..14].to_vec(), true),
                (lines([15, 99]), true),
                (lines([50]), false),
                (lines([50, 15]), false),
                (lines([50])[..14].to_vec(), false),
            ] {
                held.restart();
                let now_file = file(&now);
                let Verdict::Differs(from) = held.look(&now_file).expect("read") else {
                    panic!("another first line");
                };
                let found = held.resumes(&now_file, from).expect("read");
                assert_eq!(found, resumes, "{}", String::from_utf8_lossy(&now));
            }
        }
    }

    #[test]
    fn of_a_large_file_that_was_rewritten_in_place_the_unknown_middle_is_not_read_again() {
        let old = lines(0..100_000);
        let trace = Trace::of(&file(&old), old.len() as u64).expect("read");
        let mut held = Comparison::new(Before::Trace(trace), old.len() as u64);
        let now = file(&lines((0..40_000).chain(40_001..100_002)));
        let Verdict::Differs(from) = held.look(&now).expect("read") else {
            panic!("a line is missing");
        };
        let line = lines([0]).len() as u64;
        assert!(from <= 40_001 * line && from > 30_000 * line, "{from}");
        let again = held.again(&now, from).expect("read");
        let start = from - from % line;
        assert_eq!(again, Some(start..99_999 * line));
    }

    #[test]
    fn a_line_is_found_wherever_the_pieces_end() {
        let needle = lines([7]);
        for before in [0, 1, CHUNK - 5, CHUNK - 1, CHUNK, CHUNK + 3, 3 * CHUNK] {
            let mut text = vec![b'x'; before.saturating_sub(1)];
            if before > 0 {
                text.push(b'\n');
            }
            text.extend_from_slice(&needle);
            let found = find_line(&file(&text), &needle, 0).expect("read");
            assert_eq!(found, Some(before as u64));
        }
        assert_eq!(
            find_line(&file(b"x{\"n\":1}"), b"{\"n\":1}", 0).expect("read"),
            None
        );
    }
}
