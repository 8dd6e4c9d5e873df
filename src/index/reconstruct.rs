//! Reconstruction of the original records of events.

use super::layout::ColumnId;
use super::segment::Segment;
use super::snapshot::{Place, Snapshot};
use super::template::{Slot, escape};

impl Snapshot {
    /// Appends the record of an event, byte for byte as it was read (without a line end).
    pub fn record(&self, place: Place, out: &mut Vec<u8>) {
        self.segments[place.segment].record(self, place.row, out);
    }

    /// Returns the stored record of an event that no template can reproduce. It is not necessarily JSON.
    pub fn kept(&self, place: Place) -> Option<&[u8]> {
        self.segments[place.segment].kept(place.row)
    }
}

impl Segment {
    fn record(&self, snapshot: &Snapshot, row: usize, out: &mut Vec<u8>) {
        if let Some(kept) = self.kept(row) {
            out.extend_from_slice(kept);
            return;
        }
        let vocabulary = &snapshot.vocabulary;
        let Some(shape) = vocabulary.shape(self.ordinal(ColumnId::SHAPE, row)) else {
            return;
        };
        for part in &shape.parts {
            out.extend_from_slice(&part.literal);
            let value = self.value(vocabulary, row, part.field);
            match (part.slot, &value) {
                (Slot::Text, Some(value)) => escape(value, shape.ascii, out),
                (Slot::Literal, Some(value)) => out.extend_from_slice(value.as_bytes()),
                // A slot without a value is a null; text always has one.
                (_, None) => out.extend_from_slice(b"null"),
            }
        }
        out.extend_from_slice(&shape.tail);
    }
}
