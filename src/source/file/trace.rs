//! Memory of a file's content while it is read, for the case that it is rewritten in place and the content is gone: its
//! beginning, its end, and small samples in between, as bytes. A file of up to twice [`EDGE`] is kept whole.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Bytes kept of the beginning, and at least as many of the end.
pub(super) const EDGE: usize = 32 << 10;

/// Bytes of a sample, and most samples kept.
const SAMPLE: usize = 256;
const SAMPLES: usize = 128;

/// Minimum distance between two samples.
const SPACING: u64 = 64 << 10;

/// Pieces of the content read from a file, in order.
#[derive(Debug, Default)]
pub(super) struct Trace {
    head: Vec<u8>,
    samples: Vec<(u64, Vec<u8>)>,
    /// Distance between two samples.
    spacing: u64,
    tail: Vec<u8>,
    /// Number of bytes read from the file.
    read: u64,
}

impl Trace {
    /// Creates a trace of the current first `read` bytes of a file.
    pub(super) fn of(file: &File, read: u64) -> io::Result<Self> {
        let head = bytes_at(file, 0, EDGE.min(clamped(read)))?;
        let end = head.len() as u64;
        let tail_at = read.saturating_sub(EDGE as u64).max(end);
        let spacing = ((tail_at - end) / (SAMPLES as u64 / 2)).max(SPACING);
        let mut samples = Vec::new();
        let mut at = end;
        while at + SAMPLE as u64 <= tail_at {
            samples.push((at, bytes_at(file, at, SAMPLE)?));
            at += spacing;
        }
        let tail = bytes_at(file, tail_at, clamped(read - tail_at))?;
        Ok(Self {
            head,
            samples,
            spacing,
            tail,
            read,
        })
    }

    /// Adds the bytes read next.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.read += bytes.len() as u64;
        let room = if self.tail.is_empty() {
            (EDGE - self.head.len().min(EDGE)).min(bytes.len())
        } else {
            0
        };
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(&bytes[room..]);
        if self.tail.len() > 2 * EDGE {
            self.shorten();
        }
    }

    /// Keeps the last bytes of the tail, and samples of the rest.
    fn shorten(&mut self) {
        let start = self.tail_at();
        let gone = self.tail.len() - EDGE;
        self.spacing = self.spacing.max(SPACING);
        let mut at = match self.samples.last() {
            Some((last, _)) => (last + self.spacing).max(start),
            None => start,
        };
        while at + SAMPLE as u64 <= start + gone as u64 {
            let from = (at - start) as usize;
            self.samples
                .push((at, self.tail[from..from + SAMPLE].to_vec()));
            at += self.spacing;
        }
        self.tail.drain(..gone);
        while self.samples.len() > SAMPLES {
            let mut keep = false;
            self.samples.retain(|_| {
                keep = !keep;
                keep
            });
            self.spacing *= 2;
        }
    }

    fn tail_at(&self) -> u64 {
        self.read - self.tail.len() as u64
    }

    /// Returns the pieces with their offsets, in order.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let samples = self.samples.iter().map(|(at, bytes)| (*at, &bytes[..]));
        std::iter::once((0, &self.head[..]))
            .chain(samples)
            .chain(std::iter::once((self.tail_at(), &self.tail[..])))
            .filter(|(_, bytes)| !bytes.is_empty())
    }

    /// Returns the last bytes read, at most `most`, with their offset.
    pub(super) fn end(&self, most: usize) -> (u64, &[u8]) {
        let (end, known) = if self.tail.is_empty() {
            (self.head.len() as u64, &self.head)
        } else {
            (self.read, &self.tail)
        };
        let bytes = &known[known.len().saturating_sub(most)..];
        (end - bytes.len() as u64, bytes)
    }

    /// Returns the known bytes before the end, as far back as there is no gap.
    pub(super) fn last(&self) -> Vec<u8> {
        if self.head.len() as u64 == self.tail_at() {
            [&self.head[..], &self.tail[..]].concat()
        } else {
            self.tail.clone()
        }
    }
}

/// Reads up to `len` bytes of a file; fewer at its end.
pub(super) fn bytes_at(file: &File, offset: u64, len: usize) -> io::Result<Vec<u8>> {
    match until_error(file, offset, len) {
        (bytes, None) => Ok(bytes),
        (_, Some(error)) => Err(error),
    }
}

/// Like [`bytes_at`], but returns the bytes before a read error, which then recurs at the next read.
pub(super) fn readable_at(file: &File, offset: u64, len: usize) -> io::Result<Vec<u8>> {
    match until_error(file, offset, len) {
        (bytes, Some(error)) if bytes.is_empty() => Err(error),
        (bytes, _) => Ok(bytes),
    }
}

fn until_error(file: &File, offset: u64, len: usize) -> (Vec<u8>, Option<io::Error>) {
    let mut bytes = vec![0; len];
    let mut filled = 0;
    let mut broken = None;
    while filled < len {
        match file.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    bytes.truncate(filled);
    (bytes, broken)
}

pub(super) fn clamped(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn text(len: usize) -> Vec<u8> {
        (0..len).map(|n| (n * 7 + n / 251) as u8).collect()
    }

    /// Built from a file or grown piece by piece, a trace has the right bytes in every piece, includes the first and
    /// the last bytes, and stays small.
    #[test]
    fn a_trace_is_true_bounded_and_reaches_from_start_to_end() {
        for len in [0, 1, 300, EDGE, 2 * EDGE, 3 * EDGE + 5, 40 << 20] {
            let text = text(len);
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(&text).expect("written");
            let mut grown = Trace::default();
            text.chunks(100_003).for_each(|piece| grown.push(piece));
            for trace in [Trace::of(&file, len as u64).expect("read"), grown] {
                let mut end = 0;
                let mut kept = 0;
                for (at, bytes) in trace.pieces() {
                    assert!(at >= end, "in order and apart");
                    assert_eq!(bytes, &text[at as usize..][..bytes.len()], "{len} at {at}");
                    end = at + bytes.len() as u64;
                    kept += bytes.len();
                }
                assert_eq!(end, len as u64);
                assert!(kept <= 3 * EDGE + SAMPLES * SAMPLE, "{len}: {kept}");
                assert!(text.ends_with(&trace.last()));
                assert!(len > 2 * EDGE || trace.last() == text);
                assert!(len < 10 << 20 || trace.samples.len() > SAMPLES / 4);
            }
        }
    }
}
