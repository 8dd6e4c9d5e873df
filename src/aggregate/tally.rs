//! Counts of the codes of columns among some rows of one segment.
//!
//! The rows are listed once for all columns: those that match, or those that do not where they are fewer, to be
//! taken off the totals. Where they are few against the distinct values of a column, they are counted straight
//! into the sums, as long as the dictionary, without a table of the segment's own.

use super::rows::Rows;
use crate::index::{Codes, Column, Ordinal};

/// Memory that is used from segment to segment.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    rows: Vec<u16>,
    counts: Vec<u32>,
}

/// Some rows of a segment, to be counted by the codes of columns.
pub(super) struct Tally<'a> {
    rows: &'a Rows,
    /// Number of the rows, and of all rows of the segment.
    number: usize,
    of: usize,
    /// They are listed in `scratch`.
    listed: bool,
    scratch: &'a mut Scratch,
}

impl<'a> Tally<'a> {
    pub(super) fn new(rows: &'a Rows, of: usize, scratch: &'a mut Scratch) -> Self {
        Self {
            number: rows.count(of),
            rows,
            of,
            listed: false,
            scratch,
        }
    }

    /// Adds all rows to one ordinal.
    pub(super) fn whole(&self, ordinal: Ordinal, mut add: impl FnMut(Ordinal, u32)) {
        if self.number > 0 {
            add(ordinal, self.number as u32);
        }
    }

    /// Adds the rows by their ordinals in a column.
    pub(super) fn column(&mut self, column: &Column, add: impl FnMut(Ordinal, u32)) {
        match &column.codes {
            _ if self.number == 0 => {}
            Codes::Constant => self.whole(column.ordinals[0], add),
            Codes::Byte(codes) => self.codes(column, codes, add),
            Codes::Short(codes) => self.codes(column, codes, add),
        }
    }

    fn codes<C: Copy + Into<usize>>(
        &mut self,
        column: &Column,
        codes: &[C],
        mut add: impl FnMut(Ordinal, u32),
    ) {
        let left_out = self.number * 2 > self.of;
        self.list(left_out);
        let Scratch { rows, counts } = &mut *self.scratch;
        if !left_out && rows.len() < column.ordinals.len() {
            for row in &*rows {
                add(column.ordinals[codes[usize::from(*row)].into()], 1);
            }
            return;
        }
        counts.clear();
        match column.totals().filter(|_| left_out) {
            Some(totals) => counts.extend(totals.iter().map(|total| u32::from(*total))),
            None => counts.resize(column.ordinals.len(), 0),
        }
        if left_out && column.totals().is_none() {
            codes.iter().for_each(|code| counts[(*code).into()] += 1);
        }
        if left_out {
            let codes = rows.iter().map(|row| codes[usize::from(*row)].into());
            codes.for_each(|code: usize| counts[code] -= 1);
        } else {
            let codes = rows.iter().map(|row| codes[usize::from(*row)].into());
            codes.for_each(|code: usize| counts[code] += 1);
        }
        for (ordinal, count) in column.ordinals.iter().zip(&*counts) {
            if *count > 0 {
                add(*ordinal, *count);
            }
        }
    }

    /// Lists the rows, or those that are left out.
    fn list(&mut self, left_out: bool) {
        if std::mem::replace(&mut self.listed, true) {
            return;
        }
        let list = &mut self.scratch.rows;
        list.clear();
        let Rows::Some(set) = self.rows else {
            return; // All rows, of which none is left out.
        };
        let (number, flip) = if left_out {
            (self.of - self.number, u64::MAX)
        } else {
            (self.number, 0)
        };
        // Past the last row there is nothing in the set, and everything outside of it.
        list.resize(number + 64, 0);
        let mut at = 0;
        for (w, word) in set.words().iter().enumerate() {
            let mut bits = word ^ flip;
            while bits != 0 {
                list[at] = (w * 64) as u16 + bits.trailing_zeros() as u16;
                at += 1;
                bits &= bits - 1;
            }
        }
        list.truncate(number);
    }
}
