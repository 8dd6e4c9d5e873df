//! Raw snappy: one block, its length in front, without magic number or checksum.
//!
//! It is read as a stream with a window as large as the references of writers require, so that neither the stated
//! length nor the unpacked size determines the memory used.

use std::io::{self, BufRead as _, Read};

use super::super::encoding::is_wide;
use super::Input;
use crate::decode::detect::{self, Layout};

/// Maximum distance of references, in bytes. Writers work on 64 KiB at a time and cannot go further.
const WINDOW: usize = 16 << 20;

/// Number of content bytes that are inspected for detection.
const SAMPLE: usize = 1 << 12;

/// Minimum number of content bytes for detection.
const LEAST: usize = 16;

/// A block being unpacked.
pub(super) struct Block<'a> {
    input: Input<'a>,
    /// Number of content bytes that remain; `None` until the length in front is read.
    left: Option<u64>,
    /// Number of bytes still to be copied literally from the input.
    literal: u64,
    window: Vec<u8>,
    /// Number of bytes of the window that were returned.
    given: usize,
    /// Damage that is reported once everything before it is returned.
    damage: Option<io::Error>,
}

impl<'a> Block<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            left: None,
            literal: 0,
            window: Vec::new(),
            given: 0,
            damage: None,
        }
    }

    pub(super) fn get_ref(&self) -> &Input<'a> {
        &self.input
    }

    pub(super) fn into_inner(self) -> Input<'a> {
        self.input
    }

    fn byte(&mut self) -> io::Result<u8> {
        let byte = *self
            .input
            .peek(1)?
            .first()
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        self.input.consume(1);
        Ok(byte)
    }

    /// Reads a little-endian number of `bytes` bytes.
    fn number(&mut self, bytes: u32) -> io::Result<u64> {
        (0..bytes).try_fold(0, |all, n| Ok(all | u64::from(self.byte()?) << (8 * n)))
    }

    fn length(&mut self) -> io::Result<u64> {
        let mut length = 0u64;
        for n in 0..5 {
            let byte = self.byte()?;
            length |= u64::from(byte & 0x7f) << (7 * n);
            if byte < 0x80 {
                return match u32::try_from(length) {
                    Ok(length) => Ok(length.into()),
                    Err(_) => Err(invalid("its stated length is more than 4 GiB")),
                };
            }
        }
        Err(invalid("its length prefix is incomplete"))
    }

    /// Appends some content to the window.
    fn step(&mut self, left: u64) -> io::Result<()> {
        if self.literal == 0 {
            let tag = self.byte()?;
            let high = u64::from(tag >> 2);
            let (len, offset) = match tag & 3 {
                0 => {
                    let len = match high {
                        0..=59 => high,
                        more => self.number(more as u32 - 59)?,
                    };
                    (len + 1, None)
                }
                1 => (
                    4 + (high & 7),
                    Some(u64::from(tag >> 5) << 8 | u64::from(self.byte()?)),
                ),
                2 => (high + 1, Some(self.number(2)?)),
                _ => (high + 1, Some(self.number(4)?)),
            };
            if len > left {
                return Err(invalid("it holds more than its stated length"));
            }
            match offset {
                Some(offset) => return self.copy(offset, len as usize),
                None => self.literal = len,
            }
        }
        let ready = self.input.fill_buf()?;
        let len = ready.len().min(self.literal as usize);
        if len == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.window.extend_from_slice(&ready[..len]);
        self.input.consume(len);
        self.literal -= len as u64;
        self.left = Some(left - len as u64);
        Ok(())
    }

    fn copy(&mut self, offset: u64, len: usize) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        if offset == 0 || offset > self.window.len() {
            return Err(invalid("a reference before its start"));
        }
        let from = self.window.len() - offset;
        for at in from..from + len {
            self.window.push(self.window[at]);
        }
        self.left = self.left.map(|left| left - len as u64);
        Ok(())
    }
}

impl Read for Block<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.window.len()
            && let Some(damage) = self.damage.take()
        {
            return Err(damage);
        }
        if self.left.is_none() {
            self.left = Some(self.length()?);
        }
        let mut left = self.left.unwrap_or(0);
        while left > 0 && self.damage.is_none() && self.window.len() - self.given < buffer.len() {
            match self.step(left) {
                Ok(()) => left = self.left.unwrap_or(0),
                Err(error) if self.given < self.window.len() => {
                    self.damage = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        let ready = &self.window[self.given..];
        let len = ready.len().min(buffer.len());
        buffer[..len].copy_from_slice(&ready[..len]);
        self.given += len;
        if self.given > 2 * WINDOW {
            self.window.drain(..self.given - WINDOW);
            self.given = WINDOW;
        }
        Ok(len)
    }
}

/// Returns true if the input is probably a block that contains a log. Consumes nothing.
pub(super) fn is_likely(input: &mut Input<'_>) -> io::Result<bool> {
    let head = input.peek(6)?;
    if matches!(head, [b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n', ..]) {
        return Ok(false); // JSON, which must not wait for more bytes.
    }
    if is_text(head) || is_wide(head) {
        return Ok(false);
    }
    let Some(last) = head.iter().take(5).position(|byte| *byte < 0x80) else {
        return Ok(false);
    };
    // A block starts with a literal: there is nothing to refer to yet.
    if head.get(last + 1).is_none_or(|tag| tag & 3 != 0) {
        return Ok(false);
    }
    let length = head[..=last]
        .iter()
        .rev()
        .fold(0u64, |all, byte| all << 7 | u64::from(byte & 0x7f));
    let most = 32 + length + length / 6;
    let head = input.peek(SAMPLE.min(most as usize + 1))?;
    let whole = head.len() < SAMPLE;
    if head.len() as u64 > most || is_text(head) || is_wide(head) {
        return Ok(false);
    }
    let mut sample = Vec::new();
    let mut block = Block::new(Input::new(head));
    // An error means the end of the sample, or damage: the content before it decides.
    let error = block
        .by_ref()
        .take(SAMPLE as u64)
        .read_to_end(&mut sample)
        .err();
    let enough = match error.map(|error| error.kind()) {
        None => true,
        Some(io::ErrorKind::UnexpectedEof) => {
            (whole && length >= 128) || sample.len() >= SAMPLE / 4
        }
        Some(_) => sample.len() >= SAMPLE / 4,
    };
    Ok(enough && sample.len() >= LEAST && starts_like_a_log(&sample))
}

/// Returns true if the bytes are text: a block contains bytes that text does not.
fn is_text(head: &[u8]) -> bool {
    let printable = |text: &str| !text.chars().any(is_control);
    match std::str::from_utf8(head) {
        Ok(text) => printable(text),
        // A character cut by the end of the sample.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).is_ok_and(printable)
        }
        Err(_) => false,
    }
}

fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

/// Returns true if content is text that begins with a record or with column names.
fn starts_like_a_log(sample: &[u8]) -> bool {
    is_text(sample)
        && match detect::layout(sample, None, true) {
            Ok(Layout::Json(_)) => {
                let start = sample[detect::blank(sample)..].trim_ascii_start();
                start.starts_with(b"{") || start.starts_with(b"[")
            }
            Ok(Layout::Table(..)) => true,
            _ => false,
        }
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
