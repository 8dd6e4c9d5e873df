//! Rows with NUL bytes around or in them, as left by a crash or a hole in the file.

use super::cut::first_row;
use super::dialect::Rows;
use super::header::Header;
use crate::decode::{Decoder, nuls};
use crate::model::DefectKind;

/// Maximum number of holes inspected in one row.
const TRIED: usize = 16;

/// Minimum number of NUL bytes in a cell that counts as a hole; fewer are part of the value.
const HOLE: usize = 16;

impl Header {
    /// Reads a row with NUL bytes: without those around it, and as two rows if a whole one follows a hole.
    #[cold]
    pub(super) fn torn(&self, row: &[u8], position: u64, decoder: &mut Decoder) {
        let says = |byte: &u8| !matches!(byte, 0 | b'\r' | b'\n');
        let start = row.iter().position(says).unwrap_or(row.len());
        let end = row.iter().rposition(says).map_or(start, |at| at + 1);
        decoder.odd.nuls += nuls::count(&row[..start]) + nuls::count(&row[end..]);
        let position = position + start as u64;
        let row = &row[start..end];
        if row.is_empty() {
            return;
        }
        let width = self.cells(row);
        let mut at = 0;
        for _ in 0..TRIED {
            let Some(nul) = memchr::memchr(0, &row[at..]).map(|nul| at + nul) else {
                break;
            };
            let (before, run) = (
                &row[..nul],
                row[nul..].iter().take_while(|b| **b == 0).count(),
            );
            at = nul + run;
            // After a hole in the first cell, the rest of a row looks like a whole row, too.
            let parts = width != self.width() || (run > 1 && self.cells(before) == 1);
            if parts && self.cells(&row[at..]) == self.width() {
                decoder.odd.nuls += run as u64;
                if self.cells(before) == self.width() {
                    self.each(before, position, decoder);
                } else {
                    let reason = "row cut off by NUL bytes".to_owned();
                    decoder.flaw(DefectKind::Truncated, position, reason, before);
                }
                self.torn(&row[at..], position + at as u64, decoder);
                return;
            }
        }
        let mut clean = Vec::new();
        for run in row.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
            if run[0] == 0 && run.len() >= HOLE {
                decoder.odd.nuls += run.len() as u64;
                clean.extend_from_slice("\u{fffd}".as_bytes());
            } else {
                clean.extend_from_slice(run);
            }
        }
        self.each(&clean, position, decoder);
    }

    /// Counts the cells of one row.
    fn cells(&self, row: &[u8]) -> usize {
        let mut cells = csv::ByteRecord::new();
        let (_, odd) = first_row(row, &self.dialect);
        let found = Rows::of(row, self.dialect, Some(&odd)).next(&mut cells);
        found.map_or(0, |_| cells.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::index::Interner;

    /// Decodes rows under a header; returns the number of rows, the kinds of flaws and the number of skipped bytes.
    fn read(rows: &[u8]) -> (usize, Vec<DefectKind>, u64) {
        let (header, _) = Header::read(b"time,action,tag\n", None, true).expect("a header");
        let mut decoder = Decoder::new(Arc::new(Interner::default()));
        header.decode(rows, 0, &mut decoder);
        let nuls = decoder.take_oddities().nuls;
        let (segments, flaws) = decoder.finish();
        let rows = segments.iter().map(|segment| segment.rows).sum();
        (
            rows,
            flaws.into_iter().map(|flaw| flaw.kind).collect(),
            nuls,
        )
    }

    #[test]
    fn holes_around_rows_cost_nothing_and_holes_in_them_one_row() {
        let row = b"2024-04-12T16:58:01Z,GetBlob,a".as_slice();
        let hole = [0; 40].as_slice();
        let end = b"\r\n".as_slice();
        let torn = DefectKind::Truncated;
        for (parts, rows, flaws, nuls) in [
            (
                vec![hole, row, end, hole, row, hole, end, hole],
                2,
                vec![],
                160,
            ),
            (vec![row, hole, row, end], 2, vec![], 40),
            (vec![&row[..25], hole, row, end, row], 2, vec![torn], 40),
            (vec![&row[..7], hole, row, end], 1, vec![torn], 40),
            (vec![row, hole, b"x", end], 1, vec![], 40),
            (vec![row, &hole[..3], b"x", end], 1, vec![], 0),
            (vec![hole], 0, vec![], 40),
        ] {
            assert_eq!(read(&parts.concat()), (rows, flaws, nuls), "{parts:x?}");
        }
    }
}
