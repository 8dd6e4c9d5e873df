//! Blocks of records that may span any number of lines.

use super::{Splitter, Then};
use crate::decode::{Flaw, MAX_FLAWS, PART, Piece};
use crate::model::{Defect, DefectKind};
use crate::source::feed::{Block, Records};

/// Maximum number of records in a block: their ranges must not take more memory than the records.
const MAX_RECORDS: usize = 1 << 18;

/// Maximum number of blocks returned at a time.
const MAX_BLOCKS: usize = 4;

impl Splitter {
    /// Blocks of the available records; for a large number only some of them ([`Self::is_behind`]).
    pub(super) fn documents(&mut self, then: Then<'_>) -> Vec<Block> {
        let mut blocks = Vec::new();
        loop {
            let (block, is_all) = self.some_documents(then);
            blocks.extend(block);
            self.is_behind = !is_all;
            if is_all || (then == Then::More && blocks.len() >= MAX_BLOCKS) {
                return blocks;
            }
        }
    }

    /// Returns true if available records were not returned yet.
    pub(in crate::source) fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// One block of records, and true if it contains all that are available.
    fn some_documents(&mut self, then: Then<'_>) -> (Option<Block>, bool) {
        let (mut records, mut flaws) = (Vec::new(), Vec::new());
        let (mut end, mut ahead) = (0, 0);
        let mut is_all = false;
        while !is_all && records.len() < MAX_RECORDS {
            ahead = self.rest.len().min(ahead + PART);
            is_all = ahead == self.rest.len();
            let mut pieces = Vec::new();
            let text = &self.rest[end..ahead];
            let mut done = (self.framer).push(text, then != Then::More && is_all, &mut pieces);
            for piece in pieces {
                match piece {
                    Piece::Record(range) => records.push(end + range.start..end + range.end),
                    Piece::Bad {
                        range,
                        kind: DefectKind::Truncated,
                        ..
                    } if matches!(then, Then::Broken(_)) => done = range.start, // The caller reports it.
                    Piece::Bad { .. } if flaws.len() == MAX_FLAWS => self.more_flaws += 1,
                    Piece::Bad {
                        range,
                        kind,
                        reason,
                    } => flaws.push(Flaw {
                        kind,
                        offset: self.offset + (end + range.start) as u64,
                        reason: reason.to_owned(),
                        sample: Defect::sample_of(&text[range]),
                    }),
                }
            }
            end += done;
        }
        self.intake.count_between(&self.rest[..end], &records);
        (self.take(end, Records::At(records), flaws), is_all)
    }
}
