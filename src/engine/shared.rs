//! State that the writer publishes and everybody else reads.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::index::{Interner, Snapshot};
use crate::model::Defect;

/// The newest snapshot and the defects, and requests of the engine's user to the writer.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) snapshot: Mutex<Arc<Snapshot>>,
    pub(super) defects: Mutex<Arc<[Arc<Defect>]>>,
    /// Snapshot the newest request was executed on.
    answered: Mutex<Option<Arc<Snapshot>>>,
    /// The dictionaries that decoders write to, starting with their next task.
    interner: Mutex<Arc<Interner>>,
    /// Numbers of segments that are no longer needed, since all of their events have been printed.
    printed: Mutex<HashSet<u64>>,
    /// True while events are being printed, which takes as long as the reader of the output needs.
    printing: AtomicBool,
}

impl Shared {
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the snapshot the newest request was executed on, or the current one before the first request.
    pub(super) fn answered(&self) -> Arc<Snapshot> {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.clone().unwrap_or_else(|| self.snapshot())
    }

    pub(super) fn set_answered(&self, snapshot: Arc<Snapshot>) {
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
    }

    pub(super) fn interner(&self) -> Arc<Interner> {
        self.interner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set_interner(&self, interner: Arc<Interner>) {
        *self.interner.lock().unwrap_or_else(PoisonError::into_inner) = interner;
    }

    pub(super) fn add_printed(&self, segments: impl IntoIterator<Item = u64>) {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.extend(segments);
    }

    /// Takes the segments printed since the last call.
    pub(super) fn take_printed(&self) -> HashSet<u64> {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *printed)
    }

    pub(super) fn set_printing(&self, printing: bool) {
        self.printing.store(printing, Ordering::Release);
    }

    pub(super) fn is_printing(&self) -> bool {
        self.printing.load(Ordering::Acquire)
    }

    pub(super) fn defects(&self) -> Arc<[Arc<Defect>]> {
        self.defects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
