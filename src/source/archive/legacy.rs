//! Legacy formats: LZ4 blocks without a frame around them, LZMA and zlib streams without a magic number.

use std::io::{self, BufRead as _, Read};

use super::Input;

/// Maximum unpacked size of a legacy LZ4 block.
const BLOCK: usize = 8 << 20;

/// Maximum packed size of such a block.
const PACKED: usize = BLOCK + BLOCK / 255 + 16;

/// Legacy LZ4, as written by `lz4 -l` and the Linux kernel: blocks with their length in front. There is no end marker.
pub(super) struct Blocks<'a> {
    input: Input<'a>,
    begun: bool,
    ended: bool,
    block: Vec<u8>,
    /// Number of bytes of the block that were returned.
    given: usize,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            begun: false,
            ended: false,
            block: Vec::new(),
            given: 0,
        }
    }

    pub(super) fn get_ref(&self) -> &Input<'a> {
        &self.input
    }

    pub(super) fn into_inner(self) -> Input<'a> {
        self.input
    }

    /// Unpacks the next block; false if there is none.
    fn next(&mut self) -> io::Result<bool> {
        if !self.begun {
            self.input.consume(4);
            self.begun = true;
        }
        let head = self.input.peek(4)?;
        let Some(len) = head.first_chunk::<4>() else {
            return if head.iter().all(|byte| super::is_padding(*byte)) {
                Ok(false)
            } else {
                Err(self.cut())
            };
        };
        let len = u32::from_le_bytes(*len) as usize;
        if len == 0 || len > PACKED {
            return Ok(false); // Another archive, or padding.
        }
        let Some(packed) = self.input.peek(4 + len)?.get(4..4 + len) else {
            return Err(self.cut());
        };
        self.block.resize(BLOCK, 0);
        let unpacked = lz4_flex::block::decompress_into(packed, &mut self.block)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.block.truncate(unpacked);
        self.given = 0;
        self.input.consume(4 + len);
        Ok(true)
    }

    /// Error for an end of input inside a block.
    fn cut(&mut self) -> io::Error {
        match io::copy(&mut self.input, &mut io::sink()) {
            Ok(_) => io::ErrorKind::UnexpectedEof.into(),
            Err(error) => error,
        }
    }
}

impl Read for Blocks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.block.len() && !self.ended {
            self.ended = !self.next()?;
        }
        let ready = &self.block[self.given..];
        let len = ready.len().min(buffer.len());
        buffer[..len].copy_from_slice(&ready[..len]);
        self.given += len;
        Ok(len)
    }
}

/// Number of bytes that are enough to detect LZMA, and mostly zlib.
pub(super) const HEAD: usize = 64;

/// Returns true for the head of an LZMA stream: a dictionary size that common programs use, and a plausible or unknown
/// content length.
pub(super) fn is_lzma(head: &[u8]) -> bool {
    let Some((head, _)) = head.split_first_chunk::<13>() else {
        return false;
    };
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |all, byte| all << 8 | u64::from(*byte))
    };
    let (dictionary, content) = (number(&head[1..5]) as u32, number(&head[5..]));
    let high = dictionary.checked_ilog2().unwrap_or(0);
    let below = dictionary & !(1 << high);
    let is_usual =
        dictionary == u32::MAX || (high >= 12 && (below == 0 || below == 1 << (high - 1)));
    is_usual && (content == u64::MAX || content < 1 << 38)
}

/// Returns true for the head of a zlib stream: its check is valid, and the available part can be unpacked. Text may
/// begin with the same two bytes (`x^`).
pub(super) fn is_zlib(head: &[u8]) -> bool {
    let [method, flags @ (0x01 | 0x5e | 0x9c | 0xda), ..] = head else {
        return false;
    };
    let is_checked = (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31);
    let is_text = head
        .iter()
        .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
    let mut content = [0; 256];
    let mut inflate = flate2::Decompress::new(true);
    is_checked
        && !is_text
        && inflate
            .decompress(head, &mut content, flate2::FlushDecompress::None)
            .is_ok()
}
