//! Records over any number of lines, in blocks.

use super::{Splitter, Then};
use crate::decode::{Flaw, MAX_FLAWS, PART, Piece};
use crate::model::{Defect, DefectKind};
use crate::source::feed::{Block, Records};

/// Records of a block at most: their places must not take more memory than they do.
const MAX_RECORDS: usize = 1 << 18;

impl Splitter {
    pub(super) fn documents(&mut self, then: Then<'_>) -> Vec<Block> {
        let mut blocks = Vec::new();
        loop {
            let (block, is_all) = self.some_documents(then);
            blocks.extend(block);
            if is_all {
                return blocks;
            }
        }
    }

    /// A block of records, and whether these are all.
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
                    } if matches!(then, Then::Broken(_)) => done = range.start, // Told by the caller.
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
