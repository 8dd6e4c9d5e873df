//! Status events of the writer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Writer;
use crate::engine::source_stats::SourceStats;
use crate::engine::status::{EngineEvent, Status};

impl Writer {
    /// Time spent loading so far.
    fn loading(&mut self) -> Duration {
        let now = Instant::now();
        if self.books.values().any(SourceStats::is_busy) {
            let since = *self.busy_since.get_or_insert(now);
            return self.busy + (now - since);
        }
        if let Some(since) = self.busy_since.take() {
            self.busy += now - since;
        }
        self.busy
    }

    /// Emits the status of the engine.
    pub(super) fn tell(&mut self) {
        let status = Status {
            generation: self.generation,
            events: self.events,
            defects: self.books.values().map(|book| book.defect_count).sum(),
            skipped: self.books.values().map(SourceStats::skipped).sum(),
            span: self.shared.snapshot().span(),
            memory: self.index_bytes + self.dictionary_bytes(),
            loading: self.loading(),
            evicted: self.memory_limit.evicted,
            sources: self.books.values_mut().map(SourceStats::status).collect(),
        };
        (self.emit)(EngineEvent::Status(Arc::new(status)));
    }
}
