//! The memory limit: segments to evict when the index outgrows it, and the time to rebuild dictionaries without the
//! entries that only evicted events needed.

use std::sync::Arc;

use crate::index::{Evicted, Segment};

/// Keeps the index below a number of bytes.
#[derive(Debug, Default)]
pub(super) struct MemoryLimit {
    /// Most bytes the index may take; `None`: unlimited.
    limit: Option<u64>,
    pub(super) evicted: Evicted,
    /// Events evicted since the dictionaries were last rebuilt.
    gone: u64,
}

/// Without a memory limit, dictionaries are rebuilt after printed events were evicted as if this were the limit.
const UNLIMITED: u64 = 256 << 20;

/// Most bytes of a block under a memory limit. The reader, the queue and the decoders hold about six blocks at a time,
/// which must fit into the memory that loading may take in addition to the index.
pub(super) fn block_below(limit: Option<u64>) -> u64 {
    limit.map_or(u64::MAX, |limit| (limit / 8).clamp(1 << 20, 8 << 20))
}

/// Below the memory limit divided by this, dictionaries are not worth rebuilding.
const SHARE: u64 = 8;

impl MemoryLimit {
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    pub(super) fn limit(&self) -> Option<u64> {
        self.limit
    }

    pub(super) fn is_broken(&self, bytes: u64) -> bool {
        self.limit.is_some_and(|limit| bytes > limit)
    }

    /// Returns the segment to evict next: the one whose newest event is the oldest; segments without times first. The
    /// last one stays, so that the smallest limit still leaves something to show.
    pub(super) fn next(segments: &[Arc<Segment>]) -> Option<usize> {
        let newest = |at: &usize| segments[*at].span().map(|(_, newest)| newest);
        (0..segments.len())
            .min_by_key(newest)
            .filter(|_| segments.len() > 1)
    }

    pub(super) fn account(&mut self, segment: &Segment) {
        let rows = segment.rows as u64;
        self.gone += rows;
        self.evicted.events += rows;
        let newest = segment.span().map(|(_, newest)| newest);
        self.evicted.newest = self.evicted.newest.max(newest);
    }

    /// Accounts for events evicted because they were printed.
    pub(super) fn account_printed(&mut self, rows: u64) {
        self.gone += rows;
        self.evicted.printed += rows;
    }

    /// Returns true if it can pay to measure the dictionaries.
    pub(super) fn may_need_restart(&self, events: u64) -> bool {
        self.gone > events && (self.limit.is_some() || self.evicted.printed > 0)
    }

    /// Returns true if the dictionaries hold enough unused entries to pay for a rebuild: at least as many events are
    /// evicted as are loaded, so that each event is carried over about once.
    pub(super) fn needs_restart(&self, events: u64, dictionaries: u64) -> bool {
        let limit = self.limit.unwrap_or(UNLIMITED);
        self.may_need_restart(events) && dictionaries > limit / SHARE
    }

    pub(super) fn restarted(&mut self) {
        self.gone = 0;
    }
}
