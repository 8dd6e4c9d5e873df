//! What is whole although more may come: for files that are followed.

use super::{Splitter, Then, is_json};
use crate::decode::detect::{self, Framing, Layout};
use crate::decode::{Framer, Piece};
use crate::source::feed::{Block, Records};

impl Splitter {
    /// What is whole in the rest although no line end says so, where nothing came for a while and more may: a record
    /// of JSON closes itself. The cell of a table does not: its last row is held until its line end comes.
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

    /// Goes into the list around records in which what was skipped ends, where the whole source is such a list: its
    /// first records are done with. Says whether there were any.
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

    /// The layout of JSON that has no line end so far, where there is a whole record in it.
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

/// Whether a line is a whole record; a number may go on.
fn is_record(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), Some(b'{' | b'[')) && is_json(line)
}
