//! Sealing of columns of ordinals: codes in the order of the rows, and the number of rows per code.

use super::dictionary::{MISSING, Ordinal};
use super::segment::{Codes, Column};

/// Code of an ordinal that was not met.
const UNSEEN: u32 = u32::MAX;

/// Average number of rows per value from which the totals of a column are kept.
const RARE: usize = 4;

/// Seals a column with an ordinal per arrival, in the order of the rows. Returns `None` if no row has a value.
/// `scratch` is reused memory, indexed by ordinal.
pub(super) fn seal_column(
    ordinals: &[Ordinal],
    order: &[u32],
    scratch: &mut Vec<u32>,
) -> Option<Column> {
    let highest = ordinals.iter().copied().max().unwrap_or(MISSING);
    if highest == MISSING {
        return None;
    }
    let mut distinct = Distinct::up_to(highest, scratch);
    for &ordinal in ordinals {
        distinct.count(ordinal, 1);
    }
    distinct.give_codes(ordinals.len());
    let code = |at: &u32| distinct.code(ordinals[*at as usize]);
    let codes = match distinct.ordinals.len() {
        1 => Codes::Constant,
        2..=256 => Codes::Byte(order.iter().map(|at| code(at) as u8).collect()),
        _ => Codes::Short(order.iter().map(|at| code(at) as u16).collect()),
    };
    Some(distinct.column(codes))
}

/// Seals a sparse column. Costs one step per value, and a code per row. `places` are the rows of the segment by
/// arrival.
pub(super) fn seal_cells(
    cells: &[(u32, Ordinal)],
    places: &[u32],
    scratch: &mut Vec<u32>,
) -> Option<Column> {
    let highest = cells.iter().map(|(_, ordinal)| *ordinal).max()?;
    let rows = places.len();
    let mut distinct = Distinct::up_to(highest, scratch);
    if cells.len() < rows {
        // `MISSING` comes first and gets code 0, whether codes are assigned by arrival or by ordinal.
        distinct.count(MISSING, (rows - cells.len()) as u32);
    }
    for (_, ordinal) in cells {
        distinct.count(*ordinal, 1);
    }
    distinct.give_codes(rows);
    let coded = cells.iter().map(|(row, ordinal)| {
        let place = places[*row as usize] as usize;
        (place, distinct.code(*ordinal))
    });
    let codes = match distinct.ordinals.len() {
        1 => Codes::Constant,
        2..=256 => {
            let mut codes = vec![0u8; rows];
            coded.for_each(|(place, code)| codes[place] = code as u8);
            Codes::Byte(codes.into())
        }
        _ => {
            let mut codes = vec![0u16; rows];
            coded.for_each(|(place, code)| codes[place] = code as u16);
            Codes::Short(codes.into())
        }
    };
    Some(distinct.column(codes))
}

/// The distinct ordinals of a column, each with its count and code.
struct Distinct<'a> {
    ordinals: Vec<Ordinal>,
    totals: Vec<u32>,
    /// Codes by ordinal; [`UNSEEN`] for all others.
    codes: &'a mut [u32],
}

impl<'a> Distinct<'a> {
    fn up_to(highest: Ordinal, scratch: &'a mut Vec<u32>) -> Self {
        if scratch.len() <= highest as usize {
            scratch.resize(highest as usize + 1, UNSEEN);
        }
        Self {
            ordinals: Vec::new(),
            totals: Vec::new(),
            codes: scratch,
        }
    }

    fn count(&mut self, ordinal: Ordinal, rows: u32) {
        let code = &mut self.codes[ordinal as usize];
        if *code == UNSEEN {
            *code = self.ordinals.len() as u32;
            self.ordinals.push(ordinal);
            self.totals.push(0);
        }
        self.totals[*code as usize] += rows;
    }

    fn code(&self, ordinal: Ordinal) -> u32 {
        self.codes[ordinal as usize]
    }

    /// Finalises the codes after counting, and decides if the totals are kept.
    fn give_codes(&mut self, rows: usize) {
        // With two or more values, none has all the rows, so a total fits in two bytes.
        if self.ordinals.len() > 1 && self.ordinals.len() * RARE <= rows {
            in_order(&mut self.ordinals, &mut self.totals, self.codes);
        } else {
            self.totals.clear();
        }
    }

    fn column(self, codes: Codes) -> Column {
        for ordinal in &self.ordinals {
            self.codes[*ordinal as usize] = UNSEEN;
        }
        Column {
            ordinals: self.ordinals.into(),
            codes,
            totals: self.totals.iter().map(|total| *total as u16).collect(),
        }
    }
}

/// Assigns the codes in order of the ordinals. Passes over all of a column's ordinals then read and write memory from
/// front to back, segment by segment, instead of jumping around in memory that may not fit the processor's cache.
fn in_order(distinct: &mut [Ordinal], totals: &mut [u32], scratch: &mut [u32]) {
    if distinct.is_sorted() {
        return;
    }
    let both = distinct.iter().zip(&*totals);
    let mut words: Vec<u64> = both
        .map(|(ordinal, total)| u64::from(*ordinal) << 32 | u64::from(*total))
        .collect();
    words.sort_unstable();
    for (code, word) in (0..).zip(words) {
        let ordinal = (word >> 32) as Ordinal;
        scratch[ordinal as usize] = code;
        (distinct[code as usize], totals[code as usize]) = (ordinal, word as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sealed_column_gives_back_each_ordinal_and_counts_it_and_lists_them_in_order(
            ordinals in proptest::collection::vec(prop_oneof![0u32..3, 0u32..40, 0u32..5000], 1..600),
            reversed in any::<bool>(),
        ) {
            let rows = ordinals.len() as u32;
            let order: Vec<u32> = if reversed { (0..rows).rev().collect() } else { (0..rows).collect() };
            let mut scratch = Vec::new();
            let Some(column) = seal_column(&ordinals, &order, &mut scratch) else {
                prop_assert!(ordinals.iter().all(|ordinal| *ordinal == MISSING));
                return Ok(());
            };
            for (row, at) in order.iter().enumerate() {
                prop_assert_eq!(column.ordinal(row), ordinals[*at as usize]);
            }
            if let Some(totals) = column.totals() {
                prop_assert!(column.ordinals.is_sorted());
                for (ordinal, total) in column.ordinals.iter().zip(totals) {
                    let same = ordinals.iter().filter(|one| *one == ordinal);
                    prop_assert_eq!(usize::from(*total), same.count());
                }
            }
            prop_assert!(scratch.iter().all(|code| *code == UNSEEN));
        }

        #[test]
        fn a_column_by_its_cells_is_the_column_with_a_place_for_each_row(
            ordinals in proptest::collection::vec(prop_oneof![Just(MISSING), 1u32..3, 1u32..5000], 1..600),
            reversed in any::<bool>(),
        ) {
            let rows = ordinals.len() as u32;
            let order: Vec<u32> = if reversed { (0..rows).rev().collect() } else { (0..rows).collect() };
            let cells: Vec<(u32, Ordinal)> =
                (0..).zip(ordinals.iter().copied()).filter(|(_, ordinal)| *ordinal != MISSING).collect();
            let mut scratch = Vec::new();
            // Inverting the permutation twice returns the original.
            let by_cells = seal_cells(&cells, &order, &mut scratch);
            let whole = seal_column(&ordinals, &order, &mut scratch);
            prop_assert_eq!(by_cells.is_some(), whole.is_some());
            if let (Some(by_cells), Some(whole)) = (by_cells, whole) {
                for row in 0..ordinals.len() {
                    prop_assert_eq!(by_cells.ordinal(row), whole.ordinal(row));
                }
                prop_assert_eq!(by_cells.totals().is_some(), whole.totals().is_some());
                if by_cells.totals().is_some() {
                    prop_assert_eq!(&by_cells.ordinals, &whole.ordinals);
                    prop_assert_eq!(by_cells.totals(), whole.totals());
                }
            }
            prop_assert!(scratch.iter().all(|code| *code == UNSEEN));
        }
    }
}
