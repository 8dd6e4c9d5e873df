//! From rows to records.

use super::cut::row_end;
use super::header::{Column, Header};
use super::plan::{Found, Plan};
use crate::decode::Decoder;
use crate::decode::fast::{BATCH, Batch};
use crate::model::DefectKind;
use crate::model::loose;
use crate::model::time::SECOND;

/// Bytes of a table looked at together.
const WINDOW: usize = 1 << 15;

impl Header {
    /// Decodes whole rows; `position` is that of the first byte in the source.
    pub fn decode(&self, rows: &[u8], position: u64, decoder: &mut Decoder) {
        let mut plan = Plan::of(self, decoder);
        let mut batch = std::mem::take(&mut decoder.batch);
        let complete = |batch: &mut Batch, decoder: &mut Decoder| {
            decoder.complete(batch, rows, |decoder, row, at| {
                self.generally(row, at, decoder);
            });
        };
        // Ends of cells are marked ahead for a window, so that the text is still at hand when they are looked up.
        let mut at = 0;
        let mut size = WINDOW;
        while at < rows.len() {
            let window = &rows[at..rows.len().min(at + size)];
            let last = at + window.len() == rows.len();
            plan.begin(window);
            let mut start = 0;
            while start < window.len() {
                match plan.split(window, start, last) {
                    Found::Row { end, next } => {
                        let n = batch.records.len();
                        let place = position + (at + start) as u64;
                        let row = &window[start..end];
                        batch.records.push((at + start..at + end, place));
                        let is_torn = row[0] == 0 || row[row.len() - 1] == 0;
                        batch.draft(n, row, |scan| {
                            (!is_torn).then_some(())?;
                            plan.read(scan, decoder)
                        });
                        if n + 1 == BATCH {
                            complete(&mut batch, decoder);
                        }
                        start = next;
                    }
                    Found::Blank { next } => start = next,
                    Found::Odd => {
                        complete(&mut batch, decoder);
                        let odd = &rows[at + start..];
                        let end = row_end(odd, self.delimiter, self.quote);
                        self.generally(&odd[..end], position + (at + start) as u64, decoder);
                        start += end;
                    }
                    Found::More => break,
                }
            }
            // A row that is longer than the window wants a larger one.
            size = if start == 0 { size * 2 } else { WINDOW };
            at += start;
        }
        complete(&mut batch, decoder);
        decoder.batch = batch;
        decoder.table = Some(plan);
    }

    /// Decodes rows as the JSON objects that have their cells as members.
    fn generally(&self, rows: &[u8], position: u64, decoder: &mut Decoder) {
        if rows.contains(&0) {
            self.torn(rows, position, decoder);
        } else {
            self.whole(rows, position, decoder);
        }
    }

    pub(super) fn whole(&self, rows: &[u8], position: u64, decoder: &mut Decoder) {
        let mut reader = self.reader(rows);
        let mut row = csv::ByteRecord::new();
        let mut record = Vec::new();
        // Reading from memory, of rows of any width, cannot fail.
        while let Ok(true) = reader.read_byte_record(&mut row) {
            if self.is_header(&row) {
                continue;
            }
            let start = row
                .position()
                .map_or(0, |at| (at.byte() as usize).min(rows.len()));
            // The reader's position may be that of the line end before.
            let blank = rows[start..]
                .iter()
                .take_while(|b| matches!(b, b'\r' | b'\n'))
                .count();
            let start = start + blank;
            record.clear();
            decoder.assumes_zone |= self.record(&row, &mut record);
            let at = position + start as u64;
            decoder.row(&record, at);
            if row.len() > self.columns.len() {
                let end = memchr::memchr(b'\n', &rows[start..])
                    .map_or(rows.len(), |newline| start + newline);
                let reason = format!(
                    "{} cells under a header of {}; the last are left out",
                    row.len(),
                    self.columns.len()
                );
                decoder.flaw(DefectKind::Shape, at, reason, &rows[start..end]);
            }
        }
    }

    /// Whether a row without a line end has all its cells.
    pub fn is_whole(&self, row: &[u8]) -> bool {
        let mut cells = csv::ByteRecord::new();
        matches!(self.reader(row).read_byte_record(&mut cells), Ok(true))
            && cells.len() == self.columns.len()
    }

    /// Tables that were strung together repeat their header.
    fn is_header(&self, row: &csv::ByteRecord) -> bool {
        let first = row.get(0).unwrap_or_default();
        row.len() == self.columns.len()
            && *first == *self.first
            && row
                .iter()
                .zip(&self.columns)
                .skip(1)
                .all(|(cell, column)| column.is_named(cell))
            && (row.len() > 1 || !first.is_empty())
    }

    /// Appends the JSON object of a row. Missing cells are missing members. Returns whether a date had no zone.
    fn record(&self, row: &csv::ByteRecord, out: &mut Vec<u8>) -> bool {
        let mut assumes_zone = false;
        let plain = !row.as_slice().iter().any(|b| needs_escape(*b));
        for (cell, column) in row.iter().zip(&self.columns) {
            out.extend_from_slice(&column.literal);
            let date = if column.is_log_time {
                seconds(cell)
            } else {
                None
            };
            match date {
                Some((seconds, assumed)) => {
                    assumes_zone |= assumed;
                    out.extend_from_slice(seconds.to_string().as_bytes());
                }
                None if plain => out.extend_from_slice(cell),
                None => escape(cell, out),
            }
        }
        out.extend_from_slice(b"\"}");
        assumes_zone
    }
}

impl Column {
    fn is_named(&self, name: &[u8]) -> bool {
        let literal = &self.literal[..self.literal.len() - 3];
        let at = literal.len().saturating_sub(name.len());
        &literal[at..] == name && literal[..at].ends_with(b"\"")
    }
}

fn needs_escape(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Appends bytes as the inside of a JSON string. What is not UTF-8 stays as it is.
pub fn escape(cell: &[u8], out: &mut Vec<u8>) {
    for chunk in cell.chunk_by(|a, b| !needs_escape(*a) && !needs_escape(*b)) {
        match chunk {
            &[byte] if needs_escape(byte) => {
                let text = (byte as char).encode_utf8(&mut [0; 1]).to_owned();
                crate::index::shape::escape(&text, false, out);
            }
            plain => out.extend_from_slice(plain),
        }
    }
}

/// Unix seconds of a date, as Simple Log Service keeps them. `None` where it is anything else, a number in particular, or
/// has a fraction that seconds would lose.
fn seconds(cell: &[u8]) -> Option<(i64, bool)> {
    let is_number = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b',');
    if cell.iter().all(is_number) {
        return None;
    }
    let time = loose::read(cell).ok()?;
    (time.nanos % SECOND == 0).then_some((time.nanos / SECOND, time.assumed))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::decode::Flaw;
    use crate::decode::table::{Cut, Cutter};
    use crate::index::Interner;
    use proptest::prelude::*;

    fn read(text: &str) -> (usize, Vec<Flaw>) {
        let Ok((header, start)) = Header::read(text.as_bytes(), None, true) else {
            return (0, Vec::new());
        };
        let mut decoder = Decoder::new(Arc::new(Interner::default()));
        header.decode(&text.as_bytes()[start..], start as u64, &mut decoder);
        let (segments, flaws) = decoder.finish();
        (segments.iter().map(|s| s.rows).sum(), flaws)
    }

    fn records(text: &str) -> Vec<String> {
        let (header, start) = Header::read(text.as_bytes(), None, true).expect("a header");
        let mut reader = header.reader(&text.as_bytes()[start..]);
        let mut row = csv::ByteRecord::new();
        let mut out = Vec::new();
        while reader.read_byte_record(&mut row).expect("memory") {
            let mut record = Vec::new();
            header.record(&row, &mut record);
            out.push(String::from_utf8(record).expect("UTF-8"));
        }
        out
    }

    #[test]
    fn a_row_is_the_object_of_its_cells() {
        let text = "time,tag,x\r\n1,\"a\nb\"\"\\\",\r\n2\r\n3,,é\t,9\r\n";
        assert_eq!(
            records(text),
            [
                r#"{"time":"1","tag":"a\nb\"\\","x":""}"#,
                r#"{"time":"2"}"#,
                r#"{"time":"3","tag":"","x":"é\t"}"#,
            ]
        );
    }

    #[test]
    fn log_time_may_be_a_date() {
        let text = "__time__,tag\n1712912310,1712912310\n2024-04-12 08:58:30,2024-04-12 08:58:30\n2024/04/12T16:58:30.9+08:00,\nsoon,\n";
        let found = records(text);
        assert_eq!(found[0], r#"{"__time__":"1712912310","tag":"1712912310"}"#);
        assert_eq!(
            found[1],
            r#"{"__time__":"1712912310","tag":"2024-04-12 08:58:30"}"#
        );
        assert_eq!(
            found[2],
            r#"{"__time__":"2024/04/12T16:58:30.9+08:00","tag":""}"#
        );
        assert_eq!(found[3], r#"{"__time__":"soon","tag":""}"#);
    }

    #[test]
    fn defects_stand_where_their_rows_do() {
        let text = "__time__,tag\r\n1,a\r\n\r\n2,\"b\r\nc\",more\r\nx,d\r\n__time__,tag\r\n3,e\r\n";
        let (events, flaws) = read(text);
        assert_eq!(events, 4);
        let found: Vec<_> = flaws
            .iter()
            .map(|flaw| (flaw.kind, &text[flaw.offset as usize..][..3]))
            .collect();
        assert_eq!(
            found,
            [(DefectKind::Shape, "2,\""), (DefectKind::Time, "x,d")]
        );
    }

    #[test]
    fn a_byte_order_mark_where_a_line_begins_says_nothing() {
        let table = "\u{feff}\"__time__\",tag\n1,\"a\nb\"\n";
        let text = [
            table,
            table,
            "\u{feff}\"2\nx\",c\n3\n\u{feff}4\n5,\u{feff}d\n",
        ]
        .concat();
        let (events, flaws) = read(&text);
        let found: Vec<_> = flaws
            .iter()
            .map(|flaw| (flaw.kind, &text[flaw.offset as usize..][..4]))
            .collect();
        assert_eq!(events, 6);
        assert_eq!(found, [(DefectKind::Time, "\u{feff}\"")]);
    }

    fn cells(reader: &mut csv::Reader<&[u8]>) -> Vec<Vec<Vec<u8>>> {
        reader
            .byte_records()
            .map(|row| {
                let row = row.expect("memory");
                row.iter().map(<[u8]>::to_vec).collect()
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn rows_cut_in_pieces_are_those_of_the_whole(text in "[,\"\n\ra ]{0,40}", piece in 1usize..12) {
            let (header, _) = Header::read(b"time,tag\n", None, true).expect("a header");
            let whole = cells(&mut header.reader(text.as_bytes()));
            let mut cutter = Cutter::default();
            let mut buffer = Vec::new();
            let mut found = Vec::new();
            for chunk in text.as_bytes().chunks(piece) {
                buffer.extend_from_slice(chunk);
                let Cut::Rows(end) = cutter.look(&buffer, b',', b'"') else { panic!("stray") };
                found.extend(cells(&mut header.reader(&buffer[..end])));
                buffer.drain(..end);
            }
            let quoted = cutter.is_quoted(&buffer, b'"');
            found.extend(cells(&mut header.reader(&buffer)));
            prop_assert_eq!(&found, &whole);
            // Closing the quote changes nothing but that it is closed.
            if quoted {
                let mut closed = text.clone().into_bytes();
                closed.extend(b"\"\n");
                prop_assert_eq!(cells(&mut header.reader(&closed)).len(), whole.len());
            }
        }

        #[test]
        fn any_text_under_a_header_decodes(text in "[,\"\n\r|;\ta0-9\\\\ é\u{0}]{0,60}") {
            read(&format!("__time__,tag,tag\n{text}"));
            read(&format!("{text}\ntime\n"));
        }

        #[test]
        fn any_row_is_a_whole_record(cells in proptest::collection::vec("\\PC{0,8}|[\"\\\\\n\r\t,]{0,4}", 1..5)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            writer.write_record(["time", "tag", "repo", "x"]).expect("memory");
            writer.write_record(&cells).expect("memory");
            let text = String::from_utf8(writer.into_inner().expect("memory")).expect("UTF-8");
            let records = records(&text);
            prop_assert_eq!(records.len(), 1);
            let value: serde_json::Value = serde_json::from_str(&records[0]).expect("JSON");
            let values: Vec<&str> = value.as_object().expect("an object").values().filter_map(|v| v.as_str()).collect();
            prop_assert_eq!(values, cells.iter().take(4).map(String::as_str).collect::<Vec<_>>());
        }
    }
}
