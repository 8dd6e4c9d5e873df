//! Reader with lookahead that counts the bytes consumed.

use std::io::{self, BufRead, Read};

/// Number of bytes requested at a time.
const READ: usize = 1 << 16;

pub(in crate::source) struct Input<'a> {
    from: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    /// Consumed part of the buffer, and number of bytes consumed since the start.
    start: usize,
    consumed: u64,
    ended: bool,
    /// Error that is returned once everything before it is consumed.
    error: Option<io::Error>,
}

impl<'a> Input<'a> {
    pub(in crate::source) fn new(from: impl Read + 'a) -> Self {
        Self {
            from: Box::new(from),
            buffer: Vec::new(),
            start: 0,
            consumed: 0,
            ended: false,
            error: None,
        }
    }

    /// Number of bytes consumed so far.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Returns the next bytes without consuming them: at least `len`, or all that remain.
    pub(in crate::source) fn peek(&mut self, len: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.start < len && !self.ended {
            if let Err(error) = self.fill() {
                self.ended = true;
                self.error = Some(error);
            }
        }
        if self.start == self.buffer.len()
            && let Some(error) = self.error.take()
        {
            return Err(error);
        }
        Ok(&self.buffer[self.start..])
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + READ, 0);
        let read = loop {
            match self.from.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer
            .truncate(filled + read.as_ref().map_or(0, |read| *read));
        self.ended = matches!(read, Ok(0));
        read.map(|_| ())
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, len: usize) {
        self.start += len;
        self.consumed += len as u64;
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.buffer.len() && out.len() >= READ && !self.ended {
            // With an empty buffer, the copy through it can be skipped.
            let read = self.from.read(out)?;
            self.ended = read == 0;
            self.consumed += read as u64;
            return Ok(read);
        }
        let ready = self.fill_buf()?;
        let len = ready.len().min(out.len());
        out[..len].copy_from_slice(&ready[..len]);
        self.consume(len);
        Ok(len)
    }
}
