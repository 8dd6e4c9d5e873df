//! What the writer publishes and everybody else reads.

use std::sync::{Arc, Mutex, PoisonError};

use crate::index::Snapshot;
use crate::model::Defect;

/// What the outside reads: the newest snapshot and the defects.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) snapshot: Mutex<Arc<Snapshot>>,
    pub(super) defects: Mutex<Arc<[Arc<Defect>]>>,
}

impl Shared {
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn defects(&self) -> Arc<[Arc<Defect>]> {
        self.defects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
