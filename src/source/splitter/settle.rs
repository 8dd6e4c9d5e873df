//! Detection of whole records in files that are tailed, although more may follow.

use super::{Splitter, Then, is_json};
use crate::decode::detect::{self, Framing, Layout};
use crate::decode::{Framer, Piece};
use crate::source::feed::{Block, Records};

impl Splitter {
    /// Returns whole records of the rest that have no line end yet, after a pause of the source: a JSON record is
    /// self-delimiting. The cell of a table is not, so its last row is held until its line end arrives.
    pub(in crate::source) fn settle(&mut self) -> Vec<Block> {
        if self.problem.is_some() {
            return Vec::new();
        }
        if self.layout.is_none() {
            self.layout = self.settled_layout();
        }
        match self.layout {
            Some(Layout::Json(Framing::Lines)) if is_record(&self.rest) => {
                let block = self.take(self.rest.len(), Records::Lines, Vec::new());
                block.into_iter().collect()
            }
            Some(Layout::Json(Framing::Documents)) => self.documents(Then::More),
            _ => Vec::new(),
        }
    }

    /// Enters the list of records whose first records end in the skipped text, if the whole source is such a list.
    /// Returns true if there were any.
    pub(in crate::source) fn enter(&mut self) -> bool {
        if self.offset > 0 || self.is_table() || self.problem.is_some() {
            return false;
        }
        let mut framer = Framer::of_lists();
        let mut pieces = Vec::new();
        let end = framer.push(&self.rest, false, &mut pieces);
        let found = matches!(pieces.first(), Some(Piece::Record(_))) && framer.is_within();
        if found {
            self.layout = Some(Layout::Json(Framing::Documents));
            self.framer = framer;
            self.pass(end);
        }
        found
    }

    /// Layout of JSON without a line end so far that contains a whole record.
    fn settled_layout(&self) -> Option<Layout> {
        let has_record = |framing| match framing {
            Framing::Lines => is_record(&self.rest),
            Framing::Documents => {
                let mut pieces = Vec::new();
                Framer::default().push(&self.rest, false, &mut pieces);
                matches!(pieces.first(), Some(Piece::Record(_)))
            }
        };
        match detect::layout(self.head(), self.written.format, true) {
            Ok(Layout::Json(framing)) if has_record(framing) => Some(Layout::Json(framing)),
            _ => None,
        }
    }
}

/// Returns true if a line is a whole record; a number may continue.
fn is_record(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), Some(b'{' | b'[')) && is_json(line)
}
