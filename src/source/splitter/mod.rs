//! Splits bytes that arrive in pieces of any size into blocks of whole records. Does no I/O itself.

mod documents;
mod settle;

use std::io;
use std::sync::Arc;

use super::SourceError;
use super::buffer::Spare;
use super::encoding::Written;
use super::feed::{Block, Feed, Records};
use super::intake::Intake;
use super::stream::deliver;
use crate::decode::detect::{self, Framing, Layout, Unclear};
use crate::decode::table::{Cutter, Header};
use crate::decode::{Flaw, Framer, MAX_RECORD, TOO_LONG};
use crate::model::{Defect, DefectKind};

/// Maximum number of tables that are separated in the bytes of one call.
const MAX_TABLES: usize = 256;

/// Splits bytes into blocks of whole records; keeps the rest until more arrives.
#[derive(Clone, Debug)]
pub(super) struct Splitter {
    /// Format and encoding set by the user.
    written: Written,
    intake: Intake,
    /// `None` until there is enough to detect it.
    layout: Option<Layout>,
    /// Layout of the file that this one replaced; used if detection fails.
    before: Option<Layout>,
    framer: Framer,
    cutter: Cutter,
    /// Bytes that were not sent yet.
    rest: Vec<u8>,
    /// Buffers returned by blocks.
    spare: Spare,
    /// Position of the rest in the source, and its line number from 0.
    offset: u64,
    line: Option<u64>,
    /// Number of flaws that are only counted.
    more_flaws: u64,
    /// True if the first line of the rest is the end of one that was rejected.
    is_torn: bool,
    /// True if available records were not returned yet.
    is_behind: bool,
    /// Reason why the source cannot be read.
    problem: Option<Unclear>,
}

/// Number of bytes used for detection.
const LOOK: usize = detect::HEAD * 4;

/// State of the source after the current bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then<'a> {
    More,
    End,
    /// The source failed, for this reason.
    Broken(&'a str),
}

impl Splitter {
    pub(super) fn of(written: impl Into<Written>) -> Self {
        let written = written.into();
        Self {
            written,
            intake: Intake::of(written),
            layout: None,
            before: None,
            framer: Framer::default(),
            cutter: Cutter::default(),
            rest: Vec::new(),
            spare: Spare::default(),
            offset: 0,
            line: Some(0),
            more_flaws: 0,
            is_torn: false,
            is_behind: false,
            problem: None,
        }
    }

    /// Creates a splitter for lines of JSON that follow text read elsewhere.
    pub(super) fn lines(written: impl Into<Written>) -> Self {
        Self {
            layout: Some(Layout::Json(Framing::Lines)),
            intake: Intake::plain(),
            ..Self::of(written)
        }
    }

    /// Creates a splitter for a new file that replaces the old one.
    pub(super) fn fresh(&self) -> Self {
        Self {
            before: self.layout.clone().or_else(|| self.before.clone()),
            ..Self::of(self.written)
        }
    }

    /// Continues at a position; unless it is the current one, line numbers are unknown from there.
    pub(super) fn seek(&mut self, offset: u64) {
        if offset != self.position() {
            self.forget();
            self.intake.seek(offset);
            self.offset = offset;
        }
    }

    /// Returns true if everything received has been sent.
    pub(super) fn is_even(&self) -> bool {
        self.rest.is_empty()
    }

    /// Returns true for a table, whose rows need their header.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.layout, Some(Layout::Table(..)))
    }

    /// Drops the bytes that were not sent: another reader reads them.
    pub(super) fn forget(&mut self) {
        self.offset = self.position();
        self.line = None;
        self.rest.clear();
        self.intake.seek(self.offset);
        self.cutter = Cutter::default();
    }

    /// Number of bytes received so far.
    pub(super) fn position(&self) -> u64 {
        self.intake.taken
    }

    /// Accepts bytes and returns whole records.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Block> {
        self.take_in(bytes, false);
        self.cut(Then::More)
    }

    fn take_in(&mut self, bytes: &[u8], last: bool) {
        if let Err(refusal) = self.intake.push(bytes, last, &mut self.rest) {
            self.problem = Some(Unclear::Refused(refusal));
        }
    }

    /// Skips NUL bytes that are not even read, if possible; returns their number.
    pub(super) fn skip(&mut self, nuls: u64) -> u64 {
        self.intake.skip(nuls)
    }

    /// Reads up to `len` bytes with `read`, and returns their number. No records are returned before the next call of
    /// [`Self::push`].
    pub(super) fn fill(
        &mut self,
        len: usize,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let filled = self.intake.fill(len, &mut self.rest, read);
        filled.unwrap_or_else(|refusal| {
            self.problem = Some(Unclear::Refused(refusal));
            Ok(0)
        })
    }

    /// Returns the rest at the end of the source.
    pub(super) fn finish(&mut self) -> Vec<Block> {
        self.take_in(&[], true);
        let mut blocks = self.cut(Then::End);
        if !self.intake.oddities().is_none() {
            // An empty block carries the remaining oddities.
            blocks.push(self.block(0, Records::At(Vec::new()), Vec::new()));
        }
        blocks
    }

    /// Returns the rest of a source that failed, and a defect with the reason.
    pub(super) fn break_off(&mut self, why: &str) -> Vec<Block> {
        self.take_in(&[], true);
        let mut blocks = self.cut(Then::Broken(why));
        self.problem = None;
        let flaw = Flaw {
            kind: DefectKind::Truncated,
            offset: self.offset,
            reason: why.to_owned(),
            sample: Defect::sample_of(&self.rest),
        };
        let rest = self.rest.len();
        blocks.extend(self.take(rest, Records::At(Vec::new()), vec![flaw]));
        blocks
    }

    pub(super) fn end(&mut self, feed: &Feed, name: &str) -> Result<(), SourceError> {
        deliver(feed, self.finish())?;
        self.check(name)
    }

    /// Returns an error if the source had content but nothing in it looked like records.
    pub(super) fn check(&self, name: &str) -> Result<(), SourceError> {
        match &self.problem {
            Some(problem) => {
                Err(SourceError::unclear(name, problem.clone()).because_of(self.written.format))
            }
            None => Ok(()),
        }
    }

    fn cut(&mut self, then: Then<'_>) -> Vec<Block> {
        if self.problem.is_some() {
            return Vec::new();
        }
        if self.layout.is_none() && !self.tell(then != Then::More) {
            return Vec::new();
        }
        if self.is_torn {
            let end = memchr::memchr(b'\n', &self.rest);
            self.is_torn = end.is_none();
            self.pass(end.map_or(self.rest.len(), |at| at + 1));
        }
        match self.layout.clone() {
            Some(Layout::Json(Framing::Lines)) => {
                let end = memchr::memrchr(b'\n', &self.rest).map_or(0, |at| at + 1);
                let end = match then {
                    Then::End => self.rest.len(),
                    // The last line may lack only its line end.
                    Then::Broken(_) if is_json(&self.rest[end..]) => self.rest.len(),
                    Then::More | Then::Broken(_) => end,
                };
                let block = self.take(end, Records::Lines, Vec::new());
                let torn = self.give_up(TOO_LONG);
                block.into_iter().chain(torn).collect()
            }
            Some(Layout::Json(Framing::Documents)) => self.documents(then),
            Some(Layout::Table(header, _)) => self.tables(header, then),
            Some(Layout::Parquet) | None => Vec::new(),
        }
    }

    /// Detects the layout; false if it is unclear, or not clear yet.
    fn tell(&mut self, at_end: bool) -> bool {
        let blank = detect::blank(&self.rest);
        if let Some(nul) = memchr::memrchr(0, &self.rest[..blank]) {
            self.intake.oddities().nuls +=
                memchr::memchr_iter(0, &self.rest[..=nul]).count() as u64;
            self.pass(nul + 1);
            return self.tell(at_end);
        }
        if blank == self.rest.len() {
            self.pass(blank);
            return false;
        }
        let line = memchr::memchr(b'\n', &self.rest[blank..]).is_some();
        let complete = at_end || self.rest.len() >= detect::HEAD || (line && self.before.is_some());
        match detect::layout(self.head(), self.written.format, complete) {
            Ok(Layout::Parquet) => self.problem = Some(Unclear::Nonsense), // Parquet in the middle of a stream.
            Ok(layout) => {
                if let Layout::Table(header, end) = &layout {
                    header.normalise(&mut self.rest);
                    // The header is not a record.
                    let end = *end;
                    self.pass(end);
                }
                self.layout = Some(layout);
            }
            Err(Unclear::Incomplete) if !complete => {}
            Err(problem) => match self.before.take() {
                Some(layout) => self.layout = Some(layout),
                None => self.problem = Some(problem),
            },
        }
        self.layout.is_some()
    }

    /// Removes bytes that are not records.
    fn pass(&mut self, end: usize) {
        let block = self.block(end, Records::Lines, Vec::new());
        self.intake.oddities().add(&block.odd);
    }

    /// Start of the rest, for detection.
    fn head(&self) -> &[u8] {
        &self.rest[..self.rest.len().min(LOOK)]
    }

    /// Rejects the rest if it is the start of a line or row that is too long.
    fn give_up(&mut self, reason: &str) -> Option<Block> {
        if self.rest.len() <= MAX_RECORD {
            return None;
        }
        let flaw = Flaw {
            kind: DefectKind::Syntax,
            offset: self.offset,
            reason: reason.to_owned(),
            sample: Defect::sample_of(&self.rest),
        };
        let block = self.block(0, Records::At(Vec::new()), vec![flaw]);
        self.pass(self.rest.len());
        self.cutter = Cutter::default();
        self.is_torn = true;
        Some(block)
    }

    /// Blocks for the rows of a table, and of the tables that follow it under headers of their own.
    fn tables(&mut self, mut header: Arc<Header>, then: Then<'_>) -> Vec<Block> {
        header.normalise(&mut self.rest);
        let mut blocks = Vec::new();
        for tables in 1.. {
            let end = match then {
                Then::End => {
                    self.cutter = Cutter::default();
                    self.rest.len()
                }
                _ => self.cutter.look(&self.rest, header.dialect()),
            };
            // Each table copies the rest, so their number is limited. The decoder reports any further headers.
            let another = (tables < MAX_TABLES).then(|| header.another(&self.rest[..end]));
            let Some((start, other, after)) = another.flatten() else {
                blocks.extend(self.take(end, Records::Rows(header), Vec::new()));
                blocks.extend(self.give_up("no end of the row within 32 MiB"));
                break;
            };
            blocks.extend(self.take(start, Records::Rows(header), Vec::new()));
            self.pass(after - start);
            self.cutter = Cutter::default();
            header = Arc::new(other);
            self.layout = Some(Layout::Table(header.clone(), 0));
        }
        blocks
    }

    fn take(&mut self, end: usize, records: Records, flaws: Vec<Flaw>) -> Option<Block> {
        (end > 0 || !flaws.is_empty()).then(|| self.block(end, records, flaws))
    }

    fn block(&mut self, end: usize, records: Records, flaws: Vec<Flaw>) -> Block {
        let bytes = if end < self.rest.len() / 2 {
            let bytes = self.rest[..end].to_vec();
            self.rest.drain(..end);
            bytes.into()
        } else {
            // The rest is short, mostly less than a record.
            let mut rest = self.spare.take();
            rest.extend_from_slice(&self.rest[end..]);
            let mut bytes = std::mem::replace(&mut self.rest, rest);
            bytes.truncate(end);
            self.spare.lend(bytes)
        };
        let block = Block {
            offset: self.offset,
            line: self.line,
            flaws,
            records,
            bytes,
            more_flaws: std::mem::take(&mut self.more_flaws),
            odd: std::mem::take(self.intake.oddities()),
        };
        self.offset += end as u64 + std::mem::take(&mut self.intake.gap);
        self.line = self
            .line
            .map(|line| line + memchr::memchr_iter(b'\n', &block.bytes).count() as u64);
        block
    }
}

fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::PART;

    /// Records and their lines, for text that arrives in pieces of the given size.
    fn split(text: &str, piece: usize) -> Vec<(String, u64)> {
        let mut splitter = Splitter::of(None);
        let mut blocks: Vec<Block> = text
            .as_bytes()
            .chunks(piece)
            .flat_map(|bytes| splitter.push(bytes))
            .collect();
        blocks.extend(splitter.finish());
        let mut out = Vec::new();
        for block in blocks {
            assert_eq!(
                text.as_bytes()[block.offset as usize..][..block.bytes.len()],
                *block.bytes
            );
            let ranges = if let Records::At(ranges) = &block.records {
                ranges.clone()
            } else {
                let mut at = 0;
                block
                    .bytes
                    .split_inclusive(|b| *b == b'\n')
                    .map(|l| {
                        at += l.len();
                        at - l.len()..at
                    })
                    .collect()
            };
            for range in ranges {
                let before = memchr::memchr_iter(b'\n', &block.bytes[..range.start]).count() as u64;
                let record = String::from_utf8_lossy(&block.bytes[range])
                    .trim()
                    .to_owned();
                out.push((record, block.line.expect("known") + before + 1));
            }
        }
        out
    }

    #[test]
    fn pieces_do_not_matter_and_lines_are_right() {
        let lines = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}";
        let pretty = "[\n{\n\"a\":1},\n\n{\"a\":2}]\n{\"a\":3}";
        for piece in [1, 3, 8, 100] {
            assert_eq!(
                split(lines, piece)
                    .iter()
                    .map(|(_, line)| *line)
                    .collect::<Vec<_>>(),
                [1, 2, 3]
            );
            assert_eq!(
                split(pretty, piece)
                    .iter()
                    .map(|(_, line)| *line)
                    .collect::<Vec<_>>(),
                [2, 5, 6]
            );
        }
    }

    #[test]
    fn text_that_is_no_log_is_said_to_be_none() {
        let mut splitter = Splitter::of(None);
        assert!(splitter.push(b"once upon a time\nthere was\n").is_empty());
        assert!(splitter.finish().is_empty());
        assert_eq!(splitter.problem, Some(Unclear::Nonsense));
        let mut blank = Splitter::of(None);
        blank.push(b"\n\n");
        blank.finish();
        assert_eq!(blank.problem, None);
    }

    #[test]
    fn rows_of_a_table_do_not_depend_on_the_pieces() {
        let table = "time,tag\r\n1,\"a\nb\"\r\n2,c\r\n\"3\",d";
        for piece in [1, 3, 8, 100] {
            let rows = split(table, piece);
            let text: String = rows.iter().map(|(row, _)| row.as_str()).collect();
            assert_eq!(text, "1,\"ab\"2,c\"3\",d");
            assert_eq!(rows.last().map(|(_, line)| *line), Some(5));
        }
    }

    #[test]
    fn rows_of_tables_strung_together_are_read_under_their_own_headers() {
        let text = "time,tag\n1,a\ntime,tag\n2,b\ntag,time,action\nc,3,x\ntag;time\n\"d\ne\";4\n";
        for piece in [1, 3, 8, 100] {
            let mut splitter = Splitter::of(None);
            let mut blocks: Vec<Block> = text
                .as_bytes()
                .chunks(piece)
                .flat_map(|bytes| splitter.push(bytes))
                .collect();
            blocks.extend(splitter.finish());
            let found: Vec<_> = blocks
                .iter()
                .flat_map(|block| {
                    let Records::Rows(header) = &block.records else {
                        panic!("no rows");
                    };
                    let place = text[..block.offset as usize].matches('\n').count() as u64;
                    assert_eq!(block.line, Some(place));
                    let width = (header.width(), header.dialect().delimiter);
                    let lines = block.bytes.split_inclusive(|byte| *byte == b'\n');
                    lines.map(move |line| (width, String::from_utf8_lossy(line).into_owned()))
                })
                .collect();
            let rows: Vec<_> = found
                .iter()
                .map(|(width, row)| (*width, row.trim_end()))
                .collect();
            assert_eq!(
                rows,
                [
                    ((2, b','), "1,a"),
                    ((2, b','), "time,tag"),
                    ((2, b','), "2,b"),
                    ((3, b','), "c,3,x"),
                    ((2, b';'), "\"d"),
                    ((2, b';'), "e\";4"),
                ],
                "{piece}"
            );
        }
    }

    #[test]
    fn a_last_row_without_line_end_is_held_while_more_is_awaited() {
        let wide =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let plain = |text: &str| text.as_bytes().to_vec();
        for (start, bytes) in [("", plain as fn(&str) -> Vec<u8>), ("\u{feff}", wide)] {
            for text in ["3,20", "3", "3,\"4", ""] {
                let rows = |blocks: Vec<Block>| -> String {
                    let text = blocks
                        .iter()
                        .map(|block| String::from_utf8_lossy(&block.bytes));
                    text.collect()
                };
                let mut splitter = Splitter::of(None);
                splitter.push(&bytes(&format!("{start}time,tag\n1,2\n{text}")));
                assert!(splitter.settle().is_empty(), "{text}");
                let mut more = splitter.clone();
                let quote = if text.contains('"') { "\"" } else { "" };
                let after = rows(more.push(&bytes(&format!("0{quote}\n5,6\n"))));
                assert_eq!(after, format!("{text}0{quote}\n5,6\n"));
                assert_eq!(rows(splitter.finish()), text);
            }
        }
    }

    #[test]
    fn a_record_of_many_parts_is_one_whatever_the_pieces_are() {
        // Its brackets are counted once.
        let record = format!("{{\"a\":\n[{}0]}}", "[1],\n".repeat(PART / 2));
        for piece in [PART / 3, PART, PART * 2 + 1] {
            let found = split(&format!("{record}\n{record}"), piece);
            assert!(found.iter().all(|(text, _)| *text == record));
            assert_eq!(found.len(), 2);
        }
    }

    #[test]
    fn a_line_or_a_row_without_end_is_told_once_and_costs_no_other() {
        let long = "x".repeat(MAX_RECORD / 2);
        for (first, last, reason) in [
            ("{\"a\":1}\n", "{\"a\":2}\n", TOO_LONG),
            (
                "time,tag\n1,2\n",
                "3,4\n",
                "no end of the row within 32 MiB",
            ),
        ] {
            let mut splitter = Splitter::of(None);
            let mut blocks = splitter.push(first.as_bytes());
            for _ in 0..5 {
                blocks.extend(splitter.push(long.as_bytes()));
                assert!(splitter.rest.len() <= MAX_RECORD);
            }
            blocks.extend(splitter.push(b"\n"));
            blocks.extend(splitter.push(last.as_bytes()));
            blocks.extend(splitter.finish());
            let flaws: Vec<&str> = (blocks.iter().flat_map(|block| &block.flaws))
                .map(|flaw| &*flaw.reason)
                .collect();
            assert_eq!(flaws, [reason]);
            let text: Vec<u8> = blocks
                .iter()
                .flat_map(|block| block.bytes.to_vec())
                .collect();
            assert!(text.ends_with(last.as_bytes()) && text.len() < 100);
        }
    }

    #[test]
    fn many_headers_cost_no_more_than_rows() {
        let text = "time,tag\n1,a\ntag,time\n".repeat(20_000);
        let mut splitter = Splitter::of(None);
        let mut blocks = splitter.push(text.as_bytes());
        blocks.extend(splitter.finish());
        let lines = |block: &Block| memchr::memchr_iter(b'\n', &block.bytes).count();
        assert!(blocks.len() <= 2 * MAX_TABLES);
        assert!(blocks.iter().map(lines).sum::<usize>() >= 60_000 - 3 * MAX_TABLES);
    }

    #[test]
    fn a_record_without_line_end_is_whole_once_it_closes() {
        for (text, records) in [
            ("{\"a\":1}", 1),
            ("{\"a\":1}\n{\"a\":2}", 1),
            ("{\"a\":1}\n{\"a\":", 0),
            ("{\"a\":1}\n12", 0),
            ("{\"a\":", 0),
            ("[{\"a\":1},{\"a\":2}]", 2),
            ("[{\"a\":1},{\"a\"", 1),
            ("{\"data\":[{\"a\":1},{\"a\":2}]}", 2),
            // One record, in which the decoder finds others.
            ("{\"value\":[{\"a\":1},{\"a\":2}]}", 1),
            ("{\"a\":1}{\"a\":2}", 2),
            ("time,tag", 0),
            ("time,t\n1,2", 0),
        ] {
            let mut splitter = Splitter::of(None);
            splitter.push(text.as_bytes());
            let blocks = splitter.settle();
            let count = |block: &Block| match &block.records {
                Records::At(ranges) => ranges.len(),
                _ => 1,
            };
            let found: usize = blocks.iter().map(count).sum();
            assert_eq!(found, records, "{text}");
            assert_eq!(splitter.problem, None, "{text}");
            assert!(splitter.settle().is_empty(), "{text}: once");
        }
    }

    #[test]
    fn a_source_that_breaks_leaves_whole_records_and_one_defect() {
        for (text, records, left) in [
            ("{\"a\":1}\n{\"a\":2}", 2, ""),
            ("{\"a\":1}\n{\"a\":", 1, "{\"a\":"),
            ("[{\"a\":1},{\"a\":2}", 2, ""),
            ("[{\"a\":1},{\"a", 1, "{\"a"),
            ("time,tag\n1,2\n3,", 1, "3,"),
            ("time,tag\n1,2\n3,\"a\n", 1, "3,\"a\\u{a}"),
            ("", 0, ""),
        ] {
            let mut splitter = Splitter::of(None);
            let mut blocks = splitter.push(text.as_bytes());
            blocks.extend(splitter.break_off("why"));
            let mut found = 0;
            let mut flaws = Vec::new();
            for block in blocks {
                found += match block.records {
                    Records::At(ranges) => ranges.len(),
                    _ => String::from_utf8_lossy(&block.bytes).lines().count(),
                };
                flaws.extend(
                    block
                        .flaws
                        .into_iter()
                        .map(|f| (f.kind, f.reason, f.sample)),
                );
            }
            assert_eq!(found, records, "{text}");
            let flaw = (DefectKind::Truncated, "why".to_owned(), left.to_owned());
            assert_eq!(flaws, [flaw], "{text}");
        }
    }
}
