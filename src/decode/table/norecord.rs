//! Rows under a header that are not records: blank rows, comments, rules of printed tables, the row count that a
//! database client prints below them, and the header of another table.

use super::header::Header;
use crate::model::{Skip, loose};

/// Kind of a row that is not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRecord {
    /// A row that is skipped silently.
    Skipped(Skip),
    /// One cell instead of several, and no time.
    Lone,
    /// Column names other than those of the header.
    OtherHeader,
}

impl Header {
    /// Classifies a row that is not a record. None of these has a time, so the fast path leaves them all to the general
    /// one.
    pub(super) fn no_record(&self, row: &csv::ByteRecord) -> Option<NoRecord> {
        if row.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return Some(NoRecord::Skipped(Skip::BlankRow));
        }
        if is_rule(row) {
            return Some(NoRecord::Skipped(Skip::RuleRow));
        }
        if self.is_other_header(row) {
            return Some(NoRecord::OtherHeader);
        }
        if row.len() >= self.width() || self.has_time(row) {
            return None;
        }
        if row[0].trim_ascii_start().starts_with(b"#") {
            return Some(NoRecord::Skipped(Skip::CommentRow));
        }
        (row.len() == 1).then_some(NoRecord::Lone)
    }

    /// Returns true if the time column contains a time; for `__time__` a plain number counts.
    fn has_time(&self, row: &csv::ByteRecord) -> bool {
        let Some((cell, column)) = self
            .dialect
            .time
            .and_then(|at| Some((row.get(at)?, self.columns.get(at)?)))
        else {
            return false;
        };
        let is_number = || !cell.is_empty() && cell.iter().all(u8::is_ascii_digit);
        (column.is_log_time && is_number()) || loose::read(cell).is_ok()
    }
}

/// Returns true for `-----+-----`, as printed tables have below their header. A row of single dashes in place of values
/// is not a rule.
fn is_rule(row: &csv::ByteRecord) -> bool {
    let signs = |cell: &[u8]| cell.iter().filter(|byte| b"-+=|:".contains(byte)).count();
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    row.iter()
        .all(|cell| signs(cell) + cell.iter().filter(is_blank).count() == cell.len())
        && row.iter().any(|cell| signs(cell) > 1)
        && row.iter().map(signs).sum::<usize>() >= 3
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::decode::Decoder;
    use crate::index::Interner;
    use crate::model::Remark;

    /// Number of events, remarks and reasons of a table.
    fn read(text: &str) -> (usize, Vec<String>, Vec<String>) {
        let (header, start) = Header::read(text.as_bytes(), None, true).expect("a header");
        let mut decoder = Decoder::new(Arc::new(Interner::default()));
        header.decode(&text.as_bytes()[start..], start as u64, &mut decoder);
        let remarks = decoder.take_remarks().sentences().collect();
        let (segments, flaws) = decoder.finish();
        (
            segments.iter().map(|s| s.rows).sum(),
            remarks,
            flaws.into_iter().map(|flaw| flaw.reason).collect(),
        )
    }

    const ROW: &str = "GetBlob,2024-04-12T16:58:30+08:00,v1";

    #[test]
    fn rows_that_say_nothing_are_no_events() {
        for (row, skip) in [
            (",,", Skip::BlankRow),
            (" , ,", Skip::BlankRow),
            (",,,,,", Skip::BlankRow),
            ("   ", Skip::BlankRow),
            ("# page 2", Skip::CommentRow),
            ("# page 2, of 3", Skip::CommentRow),
            ("-----+-----+----", Skip::RuleRow),
            ("---,:-:,---", Skip::RuleRow),
            ("+=====+=====+", Skip::RuleRow),
        ] {
            let text = format!("action,time,tag\n{ROW}\n{row}\n{ROW}\n{row}");
            let said = Remark::Skipped(skip).sentence(2);
            assert_eq!(read(&text), (2, vec![said], vec![]), "{row}");
        }
    }

    #[test]
    fn rows_that_may_be_records_are_kept() {
        for row in ["-,-,-", "#1,,", "GetBlob,", "a,b"] {
            let (events, remarks, flaws) = read(&format!("action,time,tag\n{ROW}\n{row}\n"));
            assert_eq!((events, remarks, flaws.len()), (2, vec![], 1), "{row}");
        }
        let alone = read("time,tag\n2024-04-12T16:58:30+08:00\n");
        assert_eq!(alone, (1, vec![], vec![]));
        assert_eq!(read("__time__,tag\n3\n").0, 1);
        assert_eq!(read("time\nsoon\n").0, 1);
    }

    #[test]
    fn counts_below_a_table_are_no_events() {
        for row in ["(5 rows)", "1 rows selected.", "Query OK", "\"(5 rows)\""] {
            let (events, remarks, flaws) = read(&format!("action,time,tag\n{ROW}\n{row}\n"));
            assert_eq!((events, remarks), (1, vec![]), "{row}");
            assert_eq!(flaws, ["1 cell for 3 columns; not an event"], "{row}");
        }
    }

    #[test]
    fn another_header_within_rows_is_no_event() {
        for row in [
            "time,action,tag",
            "Tag,TIME",
            "action,time,tag,user_name",
            "time,region,tag",
        ] {
            let (events, _, flaws) = read(&format!("action,time,tag\n{ROW}\n{row}\n{ROW}\n"));
            assert_eq!(events, 2, "{row}");
            assert!(flaws[0].starts_with("another header"), "{flaws:?}");
        }
        let again = read(&format!("action,time,tag\n{ROW}\nAction,Time,Tag\n"));
        assert_eq!(again, (1, vec![], vec![]));
    }
}
