//! Lines of records. Where one ends is not sought but found by walking through it: most lines are records of known
//! templates, which say where they end.

use std::ops::Range;

use super::decoder::Decoder;
use super::fast::{BATCH, Batch};

/// Bytes of lines whose quotes are marked together: still in the processor's cache when the lines are walked through.
const WINDOW: usize = 1 << 15;

const BOM: &[u8] = b"\xef\xbb\xbf";

impl Decoder {
    /// Decodes lines, each a record or JSON text with records in it; the last may lack its end.
    /// `position` is that of the first byte in the source. Returns the number of lines.
    pub fn lines(&mut self, block: &[u8], position: u64) -> u64 {
        let mut batch = std::mem::take(&mut self.batch);
        let (mut lines, mut at) = (0, 0);
        while at < block.len() {
            let window = at..at + whole_lines(&block[at..]).len();
            self.quotes.quotes(&block[window.clone()]);
            while at < window.end {
                let line = Line {
                    block,
                    window: &window,
                    at,
                    position,
                };
                lines += 1;
                if let Some(next) = self.known(&mut batch, &line) {
                    at = next;
                    continue;
                }
                let rest = &block[at..window.end];
                let end = at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                at = end + 1;
                if !self.other(&mut batch, &line, end) {
                    break;
                }
            }
        }
        self.complete(&mut batch, block, Self::generally);
        self.batch = batch;
        lines
    }

    /// Takes a line that is a record of a known template. Returns where the next one starts.
    #[inline]
    fn known(&mut self, batch: &mut Batch, line: &Line<'_>) -> Option<usize> {
        let rest = &line.block[line.at..line.window.end];
        let start = line.at + rest.iter().take_while(|byte| is_blank(**byte)).count();
        let rest = &line.block[start..line.window.end];
        let mut found = None;
        batch.draft(batch.records.len(), rest, |scan| {
            let (shapes, end) = scan.record(self, start - line.window.start)?;
            let blanks = rest[end..].iter().take_while(|byte| is_blank(**byte));
            let newline = end + blanks.count();
            found = matches!(rest.get(newline), None | Some(b'\n')).then_some((end, newline));
            found.map(|_| shapes)
        });
        let (end, newline) = found?;
        self.queue(batch, line, start..start + end);
        Some(start + newline + 1)
    }

    /// Takes any line; it ends at `end`. False where the marks of the quotes are no longer those of the window.
    #[cold]
    fn other(&mut self, batch: &mut Batch, line: &Line<'_>, end: usize) -> bool {
        let text = line.block[line.at..end].trim_ascii_start();
        let text = text
            .strip_prefix(BOM)
            .map_or(text, <[u8]>::trim_ascii_start);
        let start = end - text.len();
        let text = text.trim_ascii_end();
        match text.first() {
            None => true,
            Some(b'{') => {
                batch.draft(batch.records.len(), text, |_| None);
                self.queue(batch, line, start..start + text.len());
                true
            }
            Some(_) => {
                self.complete(batch, line.block, Self::generally);
                self.framed(text, line.position + start as u64);
                false
            }
        }
    }

    /// Puts a record off whose draft has been made.
    #[inline]
    fn queue(&mut self, batch: &mut Batch, line: &Line<'_>, record: Range<usize>) {
        let position = line.position + record.start as u64;
        batch.records.push((record, position));
        if batch.records.len() == BATCH {
            self.complete(batch, line.block, Self::generally);
        }
    }
}

/// A line that starts at a place of a block, in a window that ends with a line.
struct Line<'a> {
    block: &'a [u8],
    window: &'a Range<usize>,
    at: usize,
    /// That of the block in its source.
    position: u64,
}

/// What may stand around the record of a line.
fn is_blank(byte: u8) -> bool {
    byte != b'\n' && byte.is_ascii_whitespace()
}

/// The beginning of a text that holds whole lines, or all of it.
fn whole_lines(text: &[u8]) -> &[u8] {
    let mut size = WINDOW;
    while size < text.len() {
        if let Some(newline) = memchr::memrchr(b'\n', &text[..size]) {
            return &text[..=newline];
        }
        size *= 2;
    }
    text
}
