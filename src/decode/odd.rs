//! What is odd about bytes that could be read all the same: said once per source, never once per record.

/// Bytes kept for a guess at their encoding.
const SAMPLE: usize = 1 << 13;

/// Oddities of the bytes of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// NUL bytes that were skipped.
    pub nuls: u64,
    /// Records with bytes that are not UTF-8, and some of these records.
    pub foreign: u64,
    pub sample: Vec<u8>,
    /// Sequences that mean nothing in the encoding in which the source is read, and the name of that.
    pub replaced: u64,
    pub encoding: Option<&'static str>,
    /// Characters beyond ASCII of text that is UTF-8 so far and read in that encoding, since the user named it; and
    /// whether something came that is no UTF-8.
    pub utf8: u64,
    pub not_utf8: bool,
}

impl Oddities {
    /// Takes in a record with bytes that are not UTF-8.
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

    /// Adds what was found elsewhere in the same source.
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
