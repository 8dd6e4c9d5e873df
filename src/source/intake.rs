//! Converts the bytes of a source to the text that is searched for records: UTF-8, without long runs of NUL bytes, with
//! a count of the bytes left out.

use std::io;
use std::ops::Range;

use super::encoding::{Text, Written};
use crate::decode::Oddities;
use crate::decode::refused::Refusal;

/// Minimum length of a run of NUL bytes that is left out as a hole.
const HOLE: usize = 1 << 12;

/// Returns the number of zeros at the end, compared many at a time.
fn zeros_at_end(bytes: &[u8]) -> usize {
    let zeros = |some: &&[u8]| some.iter().fold(0, |all, byte| all | byte) == 0;
    let many = bytes.rchunks_exact(64).take_while(zeros).count() * 64;
    let rest = bytes[..bytes.len() - many].iter().rev();
    many + rest.take_while(|byte| **byte == 0).count()
}

/// Converter of a source's bytes.
#[derive(Clone, Debug)]
pub(super) struct Intake {
    text: Text,
    /// Bytes of the source consumed.
    pub(super) taken: u64,
    /// Bytes left out of the text since this was last reset to zero.
    pub(super) gap: u64,
    odd: Oddities,
    /// Buffer for bytes before their conversion.
    raw: Vec<u8>,
}

impl Intake {
    pub(super) fn of(written: Written) -> Self {
        Self::new(Text::new(written.encoding))
    }

    /// Converter for bytes that are the text already.
    pub(super) fn plain() -> Self {
        Self::new(Text::plain())
    }

    fn new(text: Text) -> Self {
        Self {
            text,
            taken: 0,
            gap: 0,
            odd: Oddities::default(),
            raw: Vec::new(),
        }
    }

    /// Continues at a position of the source.
    pub(super) fn seek(&mut self, position: u64) {
        self.text.seek();
        self.taken = position;
        self.gap = 0;
    }

    /// Appends the text of some bytes. `last`: nothing follows.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        last: bool,
        rest: &mut Vec<u8>,
    ) -> Result<(), &'static Refusal> {
        let before = rest.len();
        self.taken += bytes.len() as u64;
        self.gap += self.text.push(bytes, last, rest)?;
        self.squeeze(before, rest);
        Ok(())
    }

    /// Appends the text of up to `len` bytes from `read`, and returns the number of bytes read.
    pub(super) fn fill(
        &mut self,
        len: usize,
        rest: &mut Vec<u8>,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> Result<io::Result<usize>, &'static Refusal> {
        let taken = |read: &io::Result<usize>| read.as_ref().map_or(0, |read| *read);
        if !self.text.is_plain() {
            let mut raw = std::mem::take(&mut self.raw);
            raw.resize(len, 0);
            let read = read(&mut raw);
            let pushed = self.push(&raw[..taken(&read)], false, rest);
            self.raw = raw;
            return pushed.map(|()| read);
        }
        let before = rest.len();
        rest.resize(before + len, 0);
        let read = read(&mut rest[before..]);
        rest.truncate(before + taken(&read));
        self.taken += taken(&read) as u64;
        self.squeeze(before, rest);
        Ok(read)
    }

    /// Drops a long run of NUL bytes at the end of the new text, so that a hole takes no memory. One of them stays, to
    /// separate the text before it from the text after it.
    fn squeeze(&mut self, before: usize, rest: &mut Vec<u8>) {
        if rest.last() != Some(&0) {
            return;
        }
        let new = &rest[before.min(rest.len())..];
        let run = zeros_at_end(new);
        if run < HOLE {
            return;
        }
        let parted = run == new.len() && before > 0 && rest[before - 1] == 0;
        let left_out = run - usize::from(!parted);
        rest.truncate(rest.len() - left_out);
        self.gap += left_out as u64;
        self.odd.nuls += left_out as u64;
    }

    /// Skips NUL bytes without reading them, if possible; returns their number.
    pub(super) fn skip(&mut self, nuls: u64) -> u64 {
        if !self.text.is_plain() {
            return 0;
        }
        self.taken += nuls;
        self.gap += nuls;
        self.odd.nuls += nuls;
        nuls
    }

    /// Returns the oddities, so that the caller can add to them.
    pub(super) fn oddities(&mut self) -> &mut Oddities {
        let odd = self.text.take_oddities();
        self.odd.add(&odd);
        &mut self.odd
    }

    /// Counts the NUL bytes outside of records: the decoder counts those within.
    pub(super) fn count_between(&mut self, text: &[u8], records: &[Range<usize>]) {
        if memchr::memchr(0, text).is_none() {
            return;
        }
        let nuls = |text: &[u8]| memchr::memchr_iter(0, text).count() as u64;
        let records = records.iter().map(|range| nuls(&text[range.clone()]));
        self.odd.nuls += nuls(text) - records.sum::<u64>();
    }
}
