//! Counts of the codes of columns for a set of rows of one segment.
//!
//! Rows are listed once for all columns: the matching rows, or, if fewer, the others, which are then subtracted from
//! the totals. If there are fewer rows than distinct values in a column, they are counted straight into the sums (as
//! long as the dictionary) without a per-segment table.

use super::row_set::RowSet;
use crate::index::{Codes, Column, Ordinal};

/// Memory reused from segment to segment.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    rows: Vec<u16>,
    /// Counts by code. Two tables take alternate rows, so that a run of equal codes does not wait for its own
    /// additions. In a column of two or more values, no code occurs in all of the 2^16 rows a segment has at most, so
    /// the counts do not overflow.
    counts: [Vec<u16>; 2],
}

/// Rows of a segment to count by the codes of columns.
pub(super) struct CodeCounts<'a> {
    rows: &'a RowSet,
    /// Number of the rows to count, and of all rows of the segment.
    number: usize,
    of: usize,
    /// True once the rows are listed in `scratch`.
    listed: bool,
    scratch: &'a mut Scratch,
}

impl<'a> CodeCounts<'a> {
    pub(super) fn new(rows: &'a RowSet, of: usize, scratch: &'a mut Scratch) -> Self {
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
        let [even, odd] = counts;
        for counts in [&mut *even, odd] {
            counts.clear();
            counts.resize(column.ordinals.len(), 0);
        }
        match column.totals() {
            _ if !left_out => tally(codes, rows, 1, even, odd),
            Some(totals) => {
                even.copy_from_slice(totals);
                tally(codes, rows, u16::MAX, even, odd);
            }
            None => {
                for code in codes {
                    even[(*code).into()] += 1;
                }
                tally(codes, rows, u16::MAX, even, odd);
            }
        }
        for (ordinal, (even, odd)) in column.ordinals.iter().zip(even.iter().zip(odd)) {
            let count = even.wrapping_add(*odd);
            if count > 0 {
                add(*ordinal, u32::from(count));
            }
        }
    }

    /// Lists the rows to count, or the others.
    fn list(&mut self, left_out: bool) {
        if std::mem::replace(&mut self.listed, true) {
            return;
        }
        let list = &mut self.scratch.rows;
        list.clear();
        let RowSet::Some(set) = self.rows else {
            return; // All rows; the list of the others is empty.
        };
        let (number, flip) = if left_out {
            (self.of - self.number, u64::MAX)
        } else {
            (self.number, 0)
        };
        // Bits past the last row are clear in the set, and set in its complement.
        list.resize(number + 64, 0);
        let mut at = 0;
        for (w, word) in set.words().iter().enumerate() {
            let (mut bits, mut first) = (word ^ flip, (w * 64) as u16);
            if number * DENSE < self.of {
                while bits != 0 {
                    list[at] = first + bits.trailing_zeros() as u16;
                    at += 1;
                    bits &= bits - 1;
                }
                continue;
            }
            for byte in bits.to_le_bytes() {
                let (places, count) = &PLACES[usize::from(byte)];
                let eight: &mut [u16] = &mut list[at..at + 8];
                // Indexing instead of `zip`: a zip of the two is not always inlined, which costs several times the work
                // itself.
                for place in 0..8 {
                    eight[place] = first + u16::from(places[place]);
                }
                at += usize::from(*count);
                first = first.wrapping_add(8);
            }
        }
        list.truncate(number);
    }
}

/// Counts rows by their codes. `one` is 1, or -1 modulo 2^16.
fn tally<C: Copy + Into<usize>>(
    codes: &[C],
    rows: &[u16],
    one: u16,
    even: &mut [u16],
    odd: &mut [u16],
) {
    let count = |row: u16, counts: &mut [u16]| {
        let sum = &mut counts[codes[usize::from(row)].into()];
        *sum = sum.wrapping_add(one);
    };
    let (pairs, rest) = rows.as_chunks::<2>();
    for [a, b] in pairs {
        count(*a, even);
        count(*b, odd);
    }
    for row in rest {
        count(*row, even);
    }
}

/// Density (one row in 16) from which rows are listed eight at a time.
const DENSE: usize = 16;

/// Positions of the set bits of each byte, and their number.
const PLACES: [([u8; 8], u8); 256] = {
    let mut all = [([0; 8], 0); 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                let count = all[byte].1 as usize;
                all[byte].0[count] = bit;
                all[byte].1 += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    all
};
