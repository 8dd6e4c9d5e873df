//! Snapshots out of record texts, without files and threads: for tests of the core.

use std::sync::Arc;

use regtrail::decode::table::Header;
use regtrail::decode::{Decoder, Flaw};
use regtrail::index::{Compactor, Interner, Publisher, Segment, Snapshot};
use regtrail::model::Remarks;

/// Grows a snapshot block by block.
pub(crate) struct World {
    interner: Arc<Interner>,
    publisher: Publisher,
    decoder: Decoder,
    segments: Vec<Arc<Segment>>,
    next_id: u64,
    pub(crate) flaws: Vec<Flaw>,
    pub(crate) remarks: Remarks,
}

impl World {
    pub(crate) fn new() -> Self {
        let interner = Arc::new(Interner::default());
        let decoder = Decoder::new(interner.clone());
        Self {
            interner,
            publisher: Publisher::default(),
            decoder,
            segments: Vec::new(),
            next_id: 0,
            flaws: Vec::new(),
            remarks: Remarks::default(),
        }
    }

    /// Decodes lines that lie at a position of a source into segments of their own.
    pub(crate) fn add(&mut self, source: u32, position: u64, lines: &[u8]) {
        self.decoder.begin(source);
        self.decoder.lines(lines, position);
        self.keep();
    }

    /// Decodes rows of a table into segments of their own.
    pub(crate) fn add_rows(&mut self, header: &Header, position: u64, rows: &[u8]) {
        header.decode(rows, position, &mut self.decoder);
        self.keep();
    }

    /// Rows of each segment so far.
    pub(crate) fn rows(&self) -> Vec<usize> {
        self.segments.iter().map(|segment| segment.rows).collect()
    }

    fn keep(&mut self) {
        let (segments, flaws) = self.decoder.finish();
        self.flaws.extend(flaws);
        self.remarks.append(&self.decoder.take_remarks());
        for mut segment in segments {
            segment.number = self.segments.len() as u64;
            segment.first_id = self.next_id;
            self.next_id += segment.rows as u64;
            self.segments.push(Arc::new(segment));
        }
    }

    /// Carries everything over to new dictionaries, as happens when old events were let go.
    pub(crate) fn carry(&mut self) {
        let mut carrier = Compactor::new(self.interner.clone());
        for segment in &mut self.segments {
            *segment = Arc::new(carrier.segment(segment));
        }
        self.interner = carrier.to().clone();
        self.publisher = Publisher::default();
        self.decoder = Decoder::new(self.interner.clone());
    }

    pub(crate) fn snapshot(&mut self) -> Arc<Snapshot> {
        Arc::new(Snapshot {
            generation: 1,
            events: self.segments.iter().map(|s| s.rows as u64).sum(),
            segments: self.segments.clone(),
            vocabulary: self.interner.publish(&mut self.publisher),
            sources: ["a", "b", "c"].map(Arc::from).into(),
            ..Snapshot::default()
        })
    }
}
