//! Lines of records. The end of a line is not searched for but reached by walking: most lines are records of known
//! templates, which end at a known place.

use std::ops::Range;

use super::batch::{BATCH, Batch};
use super::decoder::Decoder;
use super::nuls;
use super::scan::BOM;

/// Number of bytes of lines whose quotes are marked together: the text is still in the processor's cache for the walk.
const WINDOW: usize = 1 << 15;

impl Decoder {
    /// Decodes lines, each of which is a record or JSON text with records in it; the last may lack its end. `position`
    /// is that of the first byte in the source. Returns the number of lines.
    pub fn lines(&mut self, block: &[u8], position: u64) -> u64 {
        let mut batch = std::mem::take(&mut self.batch);
        let (mut lines, mut at) = (0, 0);
        let mut further = 0;
        let mut general = |decoder: &mut Self, record: &[u8], position: u64| {
            further += decoder.no_template(record, position);
        };
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
                at = match self.known(&mut batch, &line, &mut general) {
                    Some(next) => next,
                    None => self.other(&mut batch, &line, &mut general),
                };
                lines += 1;
            }
        }
        self.complete(&mut batch, block, general);
        self.batch = batch;
        lines + further
    }

    /// Queues a line that is a record of a known template. Returns the start of the next line.
    #[inline]
    fn known(
        &mut self,
        batch: &mut Batch,
        line: &Line<'_>,
        general: impl FnMut(&mut Self, &[u8], u64),
    ) -> Option<usize> {
        let start = line.at + line.rest().iter().take_while(|b| is_blank(**b)).count();
        let rest = &line.block[start..line.window.end];
        let mut found = None;
        batch.draft(batch.records.len(), rest, |scan| {
            let (shapes, end) = scan.record(
                &mut self.memories,
                &mut self.quotes,
                start - line.window.start,
            )?;
            let blanks = rest[end..].iter().take_while(|byte| is_blank(**byte));
            let newline = end + blanks.count();
            found = matches!(rest.get(newline), None | Some(b'\n')).then_some((end, newline));
            found.map(|_| shapes)
        });
        let (end, newline) = found?;
        self.queue(batch, line, start..start + end, general);
        Some(start + newline + 1)
    }

    /// Queues any line, to be read without a template. Returns the start of the next line.
    #[cold]
    fn other(
        &mut self,
        batch: &mut Batch,
        line: &Line<'_>,
        general: impl FnMut(&mut Self, &[u8], u64),
    ) -> usize {
        let rest = line.rest();
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let end = line.at + len;
        batch.draft(batch.records.len(), &rest[..len], |_| None);
        self.queue(batch, line, line.at..end, general);
        end + 1
    }

    /// Adds a drafted record to the batch, and completes a full batch.
    #[inline]
    fn queue(
        &mut self,
        batch: &mut Batch,
        line: &Line<'_>,
        record: Range<usize>,
        general: impl FnMut(&mut Self, &[u8], u64),
    ) {
        let position = line.position + record.start as u64;
        batch.records.push((record, position));
        if batch.records.len() == BATCH {
            self.complete(batch, line.block, general);
        }
    }

    /// Reads text that fits no template: a record, or text with records in it. An unclosed string was followed to the
    /// next quote, which may be lines away; returns the number of lines beyond the first.
    fn no_template(&mut self, record: &[u8], position: u64) -> u64 {
        let (mut start, mut further) = (0, 0);
        // Reading may set other marks, but those of the window are still needed.
        let marks = std::mem::take(&mut self.quotes);
        for line in record.split_inclusive(|byte| *byte == b'\n') {
            let text = trimmed(line);
            let holes = nuls::count(line);
            let inside = holes - nuls::count(&line[..text.start]) - nuls::count(&line[text.end..]);
            self.odd.nuls += holes - inside;
            let at = position + (start + text.start) as u64;
            match line.get(text.start) {
                _ if text.is_empty() => {}
                Some(_) if inside > 0 => {
                    self.torn(&line[text], at);
                }
                Some(b'{') => self.generally(&line[text], at),
                _ => self.loose(&line[text], at),
            }
            further += u64::from(line.ends_with(b"\n"));
            start += line.len();
        }
        self.quotes = marks;
        further
    }
}

/// A line by its start in a block. The window around it ends at a line end.
struct Line<'a> {
    block: &'a [u8],
    window: &'a Range<usize>,
    at: usize,
    /// Position of the block in its source.
    position: u64,
}

impl Line<'_> {
    /// Text from the start of the line to the end of the window.
    fn rest(&self) -> &[u8] {
        &self.block[self.at..self.window.end]
    }
}

/// Range of a line without blanks, NUL bytes and byte order marks around it.
fn trimmed(line: &[u8]) -> Range<usize> {
    let says = |byte: &u8| *byte != 0 && !byte.is_ascii_whitespace();
    let blank = |text: &[u8]| text.iter().position(says).unwrap_or(text.len());
    let mut start = blank(line);
    while line[start..].starts_with(BOM) {
        start += BOM.len();
        start += blank(&line[start..]);
    }
    let end = line[start..]
        .iter()
        .rposition(says)
        .map_or(start, |at| start + at + 1);
    start..end
}

/// Returns true for blanks that may surround the record of a line.
fn is_blank(byte: u8) -> bool {
    byte != b'\n' && byte.is_ascii_whitespace()
}

/// Start of a text that consists of whole lines and is about a window long; all of a shorter text.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::decode::Flaw;
    use crate::index::{Interner, Place, Publisher, Snapshot};
    use proptest::prelude::*;

    /// Decodes consecutive blocks; returns the records in order of arrival, the flaws, and the number of lines.
    fn read(blocks: &[&str]) -> (Vec<String>, Vec<Flaw>, u64) {
        let interner = Arc::new(Interner::default());
        let mut decoder = Decoder::new(interner.clone());
        let (mut position, mut lines) = (0, 0);
        for block in blocks {
            lines += decoder.lines(block.as_bytes(), position);
            position += block.len() as u64;
        }
        let (segments, flaws) = decoder.finish();
        let snapshot = Snapshot {
            segments: segments.into_iter().map(Arc::new).collect(),
            vocabulary: interner.publish(&mut Publisher::default()),
            ..Snapshot::default()
        };
        let mut records = Vec::new();
        for (segment, rows) in snapshot.segments.iter().enumerate() {
            for arrival in 0..rows.rows {
                let mut record = Vec::new();
                let row = rows.row_of(arrival);
                snapshot.record(Place { segment, row }, &mut record);
                records.push(String::from_utf8(record).expect("UTF-8"));
            }
        }
        (records, flaws, lines)
    }

    fn event(n: usize, tag: &str) -> String {
        format!(
            r#"{{"time":"2024-04-12T16:58:{:02}Z","tag":"{tag}"}}"#,
            n % 60
        )
    }

    #[test]
    fn what_stands_around_a_record_of_a_line_is_no_part_of_it() {
        let one = event(1, "a");
        let text = format!(
            "{one}\n\u{feff}{one}\r\n  {one} \t\n\n \n{one}{one}\n{one} x\n[{one},{one}]\n{one}"
        );
        let (records, flaws, lines) = read(&[&text]);
        assert_eq!(lines, 9);
        assert_eq!(records, vec![one; 9]);
        assert_eq!(flaws.len(), 1, "the x: {flaws:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn lines_read_together_are_those_read_one_by_one(
            tags in proptest::collection::vec("[a\"\\\\\n\r }{é]{0,6}|[a-z]{0,90}", 0..300),
            long in proptest::option::of((0usize..300, 1usize..80_000)),
            ends in proptest::collection::vec(prop_oneof![Just("\n"), Just("\r\n"), Just(" \n\n")], 1..5),
        ) {
            let mut text = event(0, "first");
            text.push('\n');
            for (n, tag) in tags.iter().enumerate() {
                let tag = match long {
                    Some((at, len)) if at == n => "x".repeat(len),
                    _ => tag.clone(),
                };
                text += &event(n, &tag);
                text += ends[n % ends.len()];
            }
            let together = read(&[&text]);
            let one_by_one: Vec<&str> = text.split_inclusive('\n').collect();
            prop_assert_eq!(together, read(&one_by_one));
        }
    }
}
