//! Whether a file that takes the place of another goes on with what was read of that.
//!
//! A log is replaced as a whole by `rsync`, `mv`, `cp` and editors, and is then the same log; it is rotated, and is
//! then another one. The name, the inode and the time tell nothing; the content does. It is held byte by byte against
//! all that was read. After a rename the old file is still open, and nothing has to be remembered; of one that
//! was rewritten in place its [`Trace`] is left.
//!
//! The answer needs no clock. What begins with all that was read goes on where reading stopped. What is shorter and
//! the same so far holds nothing new yet, whether it is being copied or was cut. Where it differs, what comes before
//! is not read again; and where the last record that was read is found further on (a line in the middle was changed,
//! lines at the start were removed), neither is what comes between the change and there.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

use super::trace::{Trace, bytes_at, clamped};

/// Bytes compared at a time.
const CHUNK: usize = 256 << 10;

/// The last record is looked for where it is no longer than this, and no shorter.
const LONGEST: usize = 64 << 10;
const SHORTEST: usize = 16;

/// The content that was read.
#[derive(Debug)]
pub(super) enum Before {
    /// It still lies in the file that had the name.
    File(Arc<File>),
    Trace(Trace),
}

/// A file held against the first `read` bytes of another.
#[derive(Debug)]
pub(super) struct Comparison {
    before: Before,
    read: u64,
    /// Bytes from the start that were found to be the same.
    alike: u64,
    /// Bytes there were at the last look.
    looked: u64,
}

/// What can be said of a file so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It begins with everything that was read.
    Continues,
    /// It is shorter, and the same as far as it goes.
    Begins,
    /// It is the same up to here.
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

    /// Bytes of the old content that were read.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Whether the file that was read has no name any more.
    pub(super) fn is_deleted(&self) -> bool {
        match &self.before {
            Before::File(file) => file.metadata().is_ok_and(|meta| meta.nlink() == 0),
            Before::Trace(_) => false,
        }
    }

    /// How much of a file that is shorter was found to be the same at the last look.
    pub(super) fn looked(&self) -> u64 {
        self.looked
    }

    /// Another file is to be compared from its start.
    pub(super) fn restart(&mut self) {
        self.alike = 0;
    }

    /// Compares what has come to the file since the last look.
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
                        // Where one of them has just been cut off, the next look decides.
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
                        // After a gap of which nothing is known it may have begun to differ before.
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

    /// Where the end of what was read lies in a file that differs from `from` on: the bytes up to and with the last
    /// record that are the same as those that were read, but for lines that are the same at the start.
    pub(super) fn again(&self, now: &File, from: u64) -> io::Result<Option<Range<u64>>> {
        let last = match &self.before {
            Before::File(old) => {
                let start = self.read.saturating_sub(LONGEST as u64);
                bytes_at(old, start, clamped(self.read - start))?
            }
            Before::Trace(trace) => trace.last(),
        };
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
        // Neither side goes back to where both are known to be the same.
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
                    // What was in the middle is not known: it is not read a second time.
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

/// Where the line begins in which a byte is.
fn line_start(file: &File, at: u64) -> io::Result<u64> {
    let from = at.saturating_sub(LONGEST as u64);
    let bytes = bytes_at(file, from, clamped(at - from))?;
    Ok(match memchr::memrchr(b'\n', &bytes) {
        Some(newline) => from + newline as u64 + 1,
        None if from == 0 => 0,
        None => at,
    })
}

/// The last place at or after `from` where a line begins like this.
fn find_line(file: &File, line: &[u8], from: u64) -> io::Result<Option<u64>> {
    let finder = memchr::memmem::Finder::new(line);
    // One byte before it says whether a line begins there.
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

    /// Both kinds of what was read, for the same text.
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
                    // Nothing is decided by what there is not yet.
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
                // A line in the middle was changed, one removed, one put in, the first ones removed; more came after.
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
