//! Oddities of bytes that could be read all the same: reported once per source, never per record.

/// Number of bytes kept for a guess at their encoding.
const SAMPLE: usize = 1 << 13;

/// Oddities of the bytes of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Number of NUL bytes skipped.
    pub nuls: u64,
    /// Number of records with bytes that are not UTF-8, and a sample of them.
    pub foreign: u64,
    pub sample: Vec<u8>,
    /// Number of sequences that are invalid in the encoding of the source, and the name of that encoding.
    pub replaced: u64,
    pub encoding: Option<&'static str>,
    /// For an encoding set by the user: number of non-ASCII characters in text that is UTF-8 so far, and true once a
    /// sequence was not UTF-8.
    pub utf8: u64,
    pub not_utf8: bool,
}

impl Oddities {
    /// Counts a record with bytes that are not UTF-8.
    pub fn foreign(&mut self, record: &[u8]) {
        self.foreign += 1;
        self.keep(record);
    }

    fn keep(&mut self, sample: &[u8]) {
        let room = SAMPLE - self.sample.len();
        if sample.len() < room {
            self.sample.extend_from_slice(sample);
            self.sample.push(b'\n');
        } else if self.sample.is_empty() {
            self.sample.extend_from_slice(&sample[..room]);
        }
    }

    /// Adds the oddities of another part of the source.
    pub fn add(&mut self, other: &Self) {
        self.nuls += other.nuls;
        self.foreign += other.foreign;
        self.replaced += other.replaced;
        self.utf8 += other.utf8;
        self.not_utf8 |= other.not_utf8;
        self.encoding = other.encoding.or(self.encoding);
        if !other.sample.is_empty() {
            self.keep(&other.sample);
        }
    }

    pub fn is_none(&self) -> bool {
        (self.nuls, self.foreign, self.replaced, self.utf8) == (0, 0, 0, 0) && !self.not_utf8
    }
}
