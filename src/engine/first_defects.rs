//! The defects of a source that are kept with their text: the first ones by position, although a file is read from its
//! end.

use crate::decode::Flaw;

/// Most defects kept; further ones are only counted.
const MOST: usize = 10_000;

/// A defect with its line, counted from 0: within the source, or within the range that starts at `range`.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) range: Option<u64>,
    pub(super) line: Option<u64>,
    pub(super) flaw: Flaw,
}

#[derive(Debug, Default)]
pub(super) struct FirstDefects {
    /// Defects from the ranges of a file, in the order in which the ranges are read.
    loaded: Vec<Placed>,
    /// Defects from input read in order: streams, and files once they are followed.
    others: Vec<Placed>,
}

impl FirstDefects {
    pub(super) fn add(&mut self, range: Option<u64>, line: Option<u64>, flaw: Flaw) {
        let placed = Placed { range, line, flaw };
        if range.is_none() {
            if self.loaded.len() + self.others.len() < MOST {
                self.others.push(placed);
            }
            return;
        }
        self.loaded.push(placed);
        if self.loaded.len() >= 2 * MOST {
            self.loaded.sort_by_key(|placed| placed.flaw.offset);
            self.loaded.truncate(MOST);
        }
    }

    /// Returns the kept defects, ordered by position.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Placed> {
        let mut loaded: Vec<&Placed> = self.loaded.iter().collect();
        loaded.sort_by_key(|placed| placed.flaw.offset);
        loaded.into_iter().chain(&self.others).take(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DefectKind;

    #[test]
    fn the_first_defects_of_a_file_are_kept_although_its_end_is_read_first() {
        let mut kept = FirstDefects::default();
        let flaw = |offset: u64| Flaw {
            kind: DefectKind::Syntax,
            offset,
            reason: String::new(),
            sample: String::new(),
        };
        for range in (0..100).rev() {
            for at in 0..1_000 {
                kept.add(Some(range * 1_000), Some(at), flaw(range * 1_000 + at));
            }
        }
        // A defect from following the file comes after all of them.
        kept.add(None, None, flaw(5));
        let offsets: Vec<u64> = kept.iter().map(|placed| placed.flaw.offset).collect();
        assert_eq!(offsets, (0..MOST as u64).collect::<Vec<_>>());
        assert!(kept.loaded.len() < 2 * MOST);
    }
}
