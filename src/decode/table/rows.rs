//! Decoding of rows into records.

use super::cut::{Odd, first_row};
use super::dialect::Rows;
use super::header::Header;
use super::norecord::NoRecord;
use super::plan::{Found, Plan};
use crate::decode::Decoder;
use crate::decode::batch::{BATCH, Batch};
use crate::model::time::SECOND;
use crate::model::{DefectKind, Remark, loose};

/// Number of bytes of a table that are scanned together.
const WINDOW: usize = 1 << 15;

/// Maximum length of a row, in bytes. A longer one is rejected: its cells would take many times its memory.
const MAX_ROW: usize = 4 << 20;

impl Header {
    /// Decodes whole rows; `position` is that of the first byte in the source.
    pub fn decode(&self, rows: &[u8], position: u64, decoder: &mut Decoder) {
        let mut plan = Plan::of(self, decoder.table.take(), &mut decoder.memories);
        let mut batch = std::mem::take(&mut decoder.batch);
        let complete = |batch: &mut Batch, decoder: &mut Decoder| {
            decoder.complete(batch, rows, |decoder, row, at| {
                self.generally(row, &Odd::default(), at, decoder);
            });
        };
        // Ends of cells are marked one window ahead, so that the text is still in the processor's cache at lookup.
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
                            plan.read(scan, &mut decoder.memories)
                        });
                        if n + 1 == BATCH {
                            complete(&mut batch, decoder);
                        }
                        start = next;
                    }
                    Found::Blank { next } => start = next,
                    // A row without end is not split.
                    Found::More if start > 0 || size < MAX_ROW => break,
                    Found::Odd | Found::More => {
                        complete(&mut batch, decoder);
                        let odd = &rows[at + start..];
                        let (end, quotes) = first_row(odd, &self.dialect);
                        let place = position + (at + start) as u64;
                        self.generally(&odd[..end], &quotes, place, decoder);
                        start += end;
                    }
                }
            }
            // A row longer than the window needs a larger one.
            size = if start == 0 { size * 2 } else { WINDOW };
            at += start;
        }
        complete(&mut batch, decoder);
        decoder.batch = batch;
        decoder.table = Some(plan);
    }

    /// Decodes a row on the general path, through JSON objects with the cells as members. Single carriage returns may
    /// split it into several.
    fn generally(&self, row: &[u8], odd: &Odd, position: u64, decoder: &mut Decoder) {
        if row.len() > MAX_ROW {
            let reason = "row longer than 4 MiB";
            decoder.flaw(DefectKind::Syntax, position, reason.to_owned(), row);
        } else if row.contains(&0) {
            self.torn(row, position, decoder);
        } else {
            self.whole(row, odd, position, decoder);
        }
    }

    /// Decodes rows one by one.
    pub(super) fn each(&self, mut rows: &[u8], mut position: u64, decoder: &mut Decoder) {
        while !rows.is_empty() {
            let (end, odd) = first_row(rows, &self.dialect);
            self.whole(&rows[..end], &odd, position, decoder);
            rows = &rows[end..];
            position += end as u64;
        }
    }

    fn whole(&self, row: &[u8], odd: &Odd, position: u64, decoder: &mut Decoder) {
        let mut rows = Rows::of(row, self.dialect, Some(odd));
        let mut cells = csv::ByteRecord::new();
        let mut record = Vec::new();
        let mut stray = !odd.stray.is_empty();
        while let Some(start) = rows.next(&mut cells) {
            if self.is_header(&cells) || is_separator_line(&cells) {
                continue;
            }
            if let Some(instead) = self.no_record(&cells) {
                stray = false;
                self.pass_over(instead, position + start as u64, &row[start..], decoder);
                continue;
            }
            record.clear();
            decoder.assumes_zone |= self.record(&cells, &mut record);
            let at = position + start as u64;
            decoder.row(&record, at);
            let whole = row[start..].trim_ascii_end();
            let lines = memchr::memchr_iter(b'\n', whole).count();
            let (found, width) = (cells.len(), self.width());
            let mut kind = DefectKind::Shape;
            let reason = if std::mem::take(&mut stray) {
                kind = DefectKind::Syntax;
                "unclosed quote in the row; kept as part of its cell".to_owned()
            } else if found > width {
                format!("{found} cells for {width} columns; extra cells dropped")
            } else if found < width && lines > 0 {
                let lines = lines + 1;
                format!(
                    "{found} cells for {width} columns in a row of {lines} lines; a quote may be missing"
                )
            } else {
                continue;
            };
            decoder.flaw(kind, at, reason, first_line(&row[start..]));
        }
    }

    /// Counts a skipped row or reports a flaw.
    fn pass_over(&self, what: NoRecord, at: u64, row: &[u8], decoder: &mut Decoder) {
        let reason = match what {
            NoRecord::Skipped(skip) => return decoder.remarks.add(Remark::Skipped(skip)),
            NoRecord::Lone => format!("1 cell for {} columns; not an event", self.width()),
            NoRecord::OtherHeader => "another header; the rows below it are read with the first header: split the file here".to_owned(),
        };
        decoder.flaw(DefectKind::Shape, at, reason, first_line(row));
    }

    /// End of the first row of a text, including its line end.
    pub fn row_end(&self, rows: &[u8]) -> usize {
        first_row(rows, &self.dialect).0
    }

    /// Returns true for a repetition of the header, as in concatenated tables.
    pub(super) fn is_header(&self, row: &csv::ByteRecord) -> bool {
        row.len() == self.columns.len()
            && (row.len() > 1 || !row[0].is_empty())
            && row
                .iter()
                .zip(&self.columns)
                .all(|(cell, column)| cell.eq_ignore_ascii_case(&column.written))
    }

    /// Appends the JSON object of a row. Missing cells are missing members. Returns true if a date had no zone.
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

/// Returns true for `sep=;`, which spreadsheets write before a header.
fn is_separator_line(row: &csv::ByteRecord) -> bool {
    row.len() <= 2 && row[0].len() <= 5 && row[0].starts_with(b"sep=")
}

fn first_line(row: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', row);
    &row[..end.unwrap_or(row.len())]
}

fn needs_escape(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Appends bytes escaped for a JSON string. Bytes that are not UTF-8 stay as they are.
pub fn escape(cell: &[u8], out: &mut Vec<u8>) {
    for chunk in cell.chunk_by(|a, b| !needs_escape(*a) && !needs_escape(*b)) {
        match chunk {
            &[byte] if needs_escape(byte) => {
                let text = (byte as char).encode_utf8(&mut [0; 1]).to_owned();
                crate::index::template::escape(&text, false, out);
            }
            plain => out.extend_from_slice(plain),
        }
    }
}

/// Unix seconds of a date, as Simple Log Service stores them, and true if its zone was assumed. `None` for anything
/// else, in particular a number, or a date with a fraction that seconds would lose.
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
    use crate::decode::table::{Cutter, Dialect};
    use crate::index::{Interner, Place, Publisher, Snapshot};
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
        let mut out = Vec::new();
        for row in rows(&text.as_bytes()[start..], &header.dialect) {
            let mut record = Vec::new();
            header.record(&row, &mut record);
            out.push(String::from_utf8(record).expect("UTF-8"));
        }
        out
    }

    /// Rows on the general path.
    fn rows(text: &[u8], dialect: &Dialect) -> Vec<csv::ByteRecord> {
        let (mut at, mut out) = (0, Vec::new());
        while at < text.len() {
            let (end, odd) = first_row(&text[at..], dialect);
            let mut rows = Rows::of(&text[at..at + end], *dialect, Some(&odd));
            let mut row = csv::ByteRecord::new();
            while rows.next(&mut row).is_some() {
                out.push(row.clone());
            }
            at += end;
        }
        out
    }

    /// Rows as the csv library reads them.
    fn by_library(text: &[u8]) -> Vec<csv::ByteRecord> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true).from_reader(text);
        reader
            .into_byte_records()
            .map(|row| row.expect("memory"))
            .collect()
    }

    /// Events of a table whose rows arrive in pieces, as text, and the flaws.
    fn events(text: &[u8], piece: usize) -> (Vec<String>, Vec<Flaw>) {
        let (header, start) = Header::read(text, None, true).expect("a header");
        let interner = Arc::new(Interner::default());
        let mut decoder = Decoder::new(interner.clone());
        let (mut cutter, mut taken) = (Cutter::default(), start);
        for given in (start..text.len()).step_by(piece) {
            let given = text.len().min(given + piece);
            let end = cutter.look(&text[taken..given], &header.dialect);
            header.decode(&text[taken..taken + end], taken as u64, &mut decoder);
            taken += end;
        }
        header.decode(&text[taken..], taken as u64, &mut decoder);
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
                records.push(String::from_utf8_lossy(&record).into_owned());
            }
        }
        (records, flaws)
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

    const DIALECT: Dialect = Dialect {
        delimiter: b',',
        quote: b'"',
        blanks: false,
        width: 0,
        time: None,
    };

    /// Ten rows, the last cell quoted or not.
    fn table(quoted: bool) -> Vec<String> {
        let row = |n: usize| {
            let cell = if quoted {
                "\"Mozilla/5.0, x\""
            } else {
                "docker/24"
            };
            format!("GetBlob,2024-04-12T16:58:3{n}+08:00,v{n},\"ann\",{cell}")
        };
        (0..10).map(row).collect()
    }

    #[test]
    fn one_stray_quote_costs_no_row() {
        let mut lines = table(false);
        lines[3] = "GetBlob,2024-04-12T16:58:33+08:00,v3,ann,\"Mozilla/5.0 (x".into();
        let text = format!("action,time,tag,user_name,agent\n{}\n", lines.join("\n"));
        for piece in [1, 50, 1000] {
            let (records, flaws) = events(text.as_bytes(), piece);
            assert_eq!(records.len(), 10);
            assert!(
                records[3].contains(r#""agent":"\"Mozilla/5.0 (x""#),
                "{}",
                records[3]
            );
            assert_eq!(flaws.len(), 1, "{flaws:?}");
            assert!(text[flaws[0].offset as usize..].starts_with(&lines[3]));
        }
    }

    #[test]
    fn cells_escaped_by_backslashes_are_read() {
        let found =
            records("time,tag,x\n1,\"say \\\"hi\\\", then \\\\\",a\n2,\"x\\\"\",\"C:\\\"\n");
        assert_eq!(
            found,
            [
                r#"{"time":"1","tag":"say \"hi\", then \\","x":"a"}"#,
                r#"{"time":"2","tag":"x\"","x":"C:\\"}"#,
            ]
        );
    }

    #[test]
    fn blanks_behind_delimiters_are_left_away_where_the_header_has_them() {
        let found = records("time, tag, x\n1, \"a, b\",  c\n");
        assert_eq!(found, [r#"{"time":"1","tag":"a, b","x":"c"}"#]);
        let (records, _) = events(
            b"time, tag, x\n1712912310, \"a, b\",  c\n1712912310, d,e\n",
            100,
        );
        assert_eq!(records[0], r#"{"time":"1712912310","tag":"a, b","x":"c"}"#);
        assert_eq!(records[1], r#"{"time":"1712912310","tag":"d","x":"e"}"#);
    }

    #[test]
    fn blanks_before_delimiters_are_no_part_of_values() {
        let text = b"action , time , tag\nGetBlob , 2024-04-12T16:58:30+08:00 , v1  \n \"Get, it\"  , 2024-04-12T16:58:30+08:00,a b \r\n";
        for piece in [1, 7, 1000] {
            let (records, flaws) = events(text, piece);
            assert!(flaws.is_empty(), "{flaws:?}");
            assert_eq!(
                records,
                [
                    r#"{"action":"GetBlob","time":"2024-04-12T16:58:30+08:00","tag":"v1"}"#,
                    r#"{"action":"Get, it","time":"2024-04-12T16:58:30+08:00","tag":"a b"}"#,
                ]
            );
        }
        // If no cell of the header has blanks, blanks are part of the values.
        let (records, _) = events(
            b"action,time,tag\nGetBlob,2024-04-12T16:58:30+08:00, v1 \n",
            100,
        );
        assert!(records[0].contains(r#""tag":" v1 ""#), "{}", records[0]);
    }

    #[test]
    fn a_row_of_several_lines_that_lacks_cells_is_said() {
        let (_, flaws) = events(b"time,tag,x\n1712912310,\"a\nb\nc\"\n", 100);
        assert!(
            flaws[0]
                .reason
                .contains("2 cells for 3 columns in a row of 3 lines"),
            "{flaws:?}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Output of the csv library is read as that library reads it, with any cells: line ends, quotes, backslashes.
        #[test]
        fn what_keeps_to_the_rules_is_read_by_them(
            cells in proptest::collection::vec(proptest::collection::vec("[,\"\n\ra \\\\é0-9]{0,9}", 3), 1..9),
            always in any::<bool>(), column in 0usize..4, piece in 1usize..40,
        ) {
            let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let mut writer = csv::WriterBuilder::new().quote_style(style).from_writer(Vec::new());
            let mut names = vec!["tag", "x", "y"];
            names.insert(column, "time");
            writer.write_record(names).expect("memory");
            for (n, cells) in cells.iter().enumerate() {
                let mut cells = cells.clone();
                cells.insert(column, format!("2024-04-12T16:58:30.{n}Z"));
                writer.write_record(cells).expect("memory");
            }
            let text = writer.into_inner().expect("memory");
            let (header, start) = Header::read(&text, None, true).expect("a header");
            let expected = by_library(&text[start..]);
            prop_assert_eq!(&rows(&text[start..], &header.dialect), &expected);
            let (records, flaws) = events(&text, piece);
            prop_assert!(flaws.is_empty(), "{flaws:?}");
            prop_assert_eq!(records.len(), cells.len());
            for (record, row) in records.iter().zip(&expected) {
                let mut as_expected = Vec::new();
                header.record(row, &mut as_expected);
                prop_assert_eq!(record.as_bytes(), as_expected);
            }
        }

        /// Stray quotes cost nothing but cells of their own rows.
        #[test]
        fn no_row_is_swallowed(
            quoted in any::<bool>(), strays in proptest::collection::vec((0usize..10, 0usize..80), 1..4), piece in 1usize..300,
        ) {
            let lines = table(quoted);
            let mut damaged = lines.clone();
            for (row, at) in &strays {
                let line = &mut damaged[*row];
                line.insert((*at).min(line.len()), '"');
            }
            let text = format!("action,time,tag,user_name,agent\n{}\n", damaged.join("\n"));
            let (records, flaws) = events(text.as_bytes(), piece);
            prop_assert_eq!(&(records, flaws.clone()), &events(text.as_bytes(), 10_000));
            let (records, _) = events(text.as_bytes(), piece);
            let whole = format!("action,time,tag,user_name,agent\n{}\n", lines.join("\n"));
            let (expected, _) = events(whole.as_bytes(), 10_000);
            for (row, record) in expected.iter().enumerate() {
                let is_damaged = strays.iter().any(|(at, _)| *at == row);
                prop_assert!(is_damaged || records.contains(record), "row {row} is lost: {text}");
            }
            // Two rows may merge only if nothing separates them, and then a flaw reports it.
            prop_assert!(records.len() == lines.len() || !flaws.is_empty(), "{text}");
        }

        #[test]
        fn rows_of_one_line_are_those_of_the_library(text in "[,\"\ra ]{0,40}") {
            prop_assume!(!text.trim_matches('\r').is_empty());
            let (end, odd) = first_row(text.as_bytes(), &DIALECT);
            prop_assert_eq!(end, text.len());
            if odd.stray.is_empty() {
                prop_assert_eq!(rows(text.as_bytes(), &DIALECT), by_library(text.as_bytes()));
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
